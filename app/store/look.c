#include "store/look.h"

#include "codec/json.h"
#include "store/scope.h"

/* Indices into the array that look_news makes. */
enum { MARK, ADDED, CHANGED, ARCHIVED, RESTORED, PEOPLE, MORE, TO_FIX, TOP };

static int64_t number(const struct json *news, size_t i)
{
	int64_t n = 0;
	return json_int(json_at(news, i), &n) ? n : 0;
}

static bool read_news(struct arena *a, const char *text, struct look_news *n_r, struct err *e)
{
	const struct json *news;
	if (!json_parse(a, str_of(text), &news, e))
		return err_set(e, ERR_INTERNAL, "What has changed cannot be read.");
	*n_r = (struct look_news){.mark = number(news, MARK),
		.added = number(news, ADDED),
		.changed = number(news, CHANGED),
		.archived = number(news, ARCHIVED),
		.restored = number(news, RESTORED),
		.people = number(news, PEOPLE),
		.to_fix = number(news, TO_FIX)};
	(void)json_bool(json_at(news, MORE), &n_r->more);
	for (size_t i = 0; i < LOOK_NAMES; i++) {
		n_r->top[i].name = json_text(json_at(news, TOP + 2 * i));
		n_r->top[i].client_id = number(news, TOP + 2 * i + 1);
	}
	return true;
}

bool look_news(struct pg *db, struct arena *a, const struct who *who, struct look_news *n_r,
	struct err *e)
{
	struct pg_rows r;
	if (who->news != NULL)
		return read_news(a, who->news, n_r, e);
	/*
	 * Stored for the data version the request began with: later changes are read by the
	 * next request.
	 */
	return scope_once(db, who->org_id, STMT_LOOK_NEWS, &r, e, PG_INT(who->org_id),
		       PG_INT(who->user_id), PG_TEXT(who->name), PG_INT(LOOK_CHANGES_MAX),
		       PG_INT(LOOK_FIX_MAX), PG_INT(who->data_version)) &&
	       read_news(a, pg_text(&r, 0, 0), n_r, e);
}

bool look_seen(struct pg *db, int64_t org_id, int64_t user_id, struct err *e)
{
	struct pg_rows r;
	return scope_once(db, org_id, STMT_LOOK_SEEN, &r, e, PG_INT(org_id), PG_INT(user_id));
}
