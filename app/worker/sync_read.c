#include "base/log.h"
#include "codec/json.h"
#include "worker/calls.h"
#include "worker/sync.h"

enum {
	SKIPS_BYTES_MAX = 2 * 1024 * 1024,
	SKIP_ID_MAX = 64,
	SKIP_NAME_MAX = 200,
	SKIP_DETAIL_MAX = 300,
	CONTACTS_PROVED_BY = 10
};

static void add_cut(struct sync *s, const char *text, size_t max)
{
	json_add_string(&s->skips,
		text == NULL ? NULL : str_dup(s->arena, str_sub(str_of(text), 0, max)));
}

void sync_skip(struct sync *s, const char *uuid, const char *name, enum client_rule rule,
	const char *detail)
{
	if (s->n_skips++ >= SYNC_SKIPS_MAX)
		return;
	struct buf *b = &s->skips;
	buf_addc(b, b->len == 0 ? '[' : ',');
	buf_adds(b, "{\"xpm_id\":");
	add_cut(s, uuid, SKIP_ID_MAX);
	buf_adds(b, ",\"name\":");
	add_cut(s, name, SKIP_NAME_MAX);
	buf_adds(b, ",\"rule\":");
	json_add_string(b, client_rule_name(rule));
	buf_adds(b, ",\"detail\":");
	add_cut(s, detail, SKIP_DETAIL_MAX);
	buf_addc(b, '}');
}

static bool stored_and_live(struct sync *s, const char *uuid)
{
	unsigned char id[DIFF_ID_BYTES];
	return uuid != NULL && diff_id(uuid, id) && diff_present(s->diff, id);
}

/* What to look for in XPM, when the rule's text alone does not say it. */
static const char *detail_of(struct sync *s, const struct xpm_client *c, enum client_rule rule)
{
	char uuid[37];
	if (rule == CLIENT_TOO_MANY_CONTACTS)
		return str_count(s->arena, (int64_t)c->n_contacts, "contact", "contacts");
	if (rule != CLIENT_BAD_CONTACT)
		return NULL;
	for (size_t i = 0; i < c->n_contacts; i++) {
		const struct xpm_contact *k = &c->contacts[i];
		if (!k->is_deleted && !str_uuid(str_trim(str_of(k->uuid)), uuid))
			return k->name == NULL ? k->email : k->name;
	}
	return NULL;
}

/* Skips a record. If the client is stored, it still counts as present, so it is not missing. */
static bool leave_out(
	struct sync *s, const struct xpm_client *c, enum client_rule rule, struct err *e)
{
	char uuid[37];
	bool known = str_uuid(str_trim(str_of(c->uuid)), uuid);
	bool live = stored_and_live(s, known ? uuid : NULL);
	if (rule != CLIENT_PROSPECT) {
		s->counts.skipped++;
		sync_skip(s, c->uuid, c->name, rule, detail_of(s, c, rule));
		return true;
	}
	s->counts.prospects++;
	return !live ||
	       sync_stage_gone(s->w->db, &s->key, &s->stage, uuid, "prospect_in_xpm", e);
}

static bool compare(
	struct sync *s, struct arena *scratch, const struct client_record *r, struct err *e)
{
	unsigned char id[DIFF_ID_BYTES];
	bool fresh = false;
	if (!diff_id(r->uuid, id))
		bug("a judged record without id");
	switch (diff_judge(s->diff, id, r->fingerprint)) {
	case DIFF_SAME:
		s->fine++;
		return true;
	case DIFF_AGAIN_SAME:
	case DIFF_HELD:
		return true;
	case DIFF_AGAIN:
		s->counts.skipped++;
		sync_skip(s, r->uuid, r->name, CLIENT_DOUBLE, NULL);
		s->fold = true;
		break;
	case DIFF_CHANGED:
		s->fine++;
		break;
	case DIFF_MAYBE_NEW:
		s->fold = true;
		fresh = true;
		break;
	case DIFF_NEW:
		s->fine++;
		fresh = true;
		break;
	}
	return sync_stage_client(s->w->db, &s->key, &s->stage, scratch, r, fresh, e);
}

/* Deleted here for good (privacy): it is not even named as a skipped record. */
static bool is_buried(struct sync *s, const struct xpm_client *c)
{
	unsigned char id[DIFF_ID_BYTES];
	char uuid[37];
	return c->uuid != NULL && str_uuid(str_trim(str_of(c->uuid)), uuid) &&
	       diff_id(uuid, id) && diff_is_buried(s->diff, id);
}

bool sync_take(struct sync *s, struct arena *scratch, const struct xpm_client *c, struct err *e)
{
	struct client_record record;
	if (is_buried(s, c)) {
		s->counts.excluded++;
		return true;
	}
	enum client_rule rule = client_judge(scratch, c, &record);
	if (rule != CLIENT_FINE)
		return leave_out(s, c, rule, e);
	return compare(s, scratch, &record, e);
}

static bool on_client(
	void *user, struct arena *scratch, const struct xpm_client *c, struct err *e)
{
	struct sync *s = user;
	s->counts.seen++;
	s->w->run.progress = s->counts.seen;
	return sync_take(s, scratch, c, e);
}

static bool on_start(void *user, const char *media_type, const char *charset, struct err *e)
{
	struct sync *s = user;
	return xpm_parse_new(
		s->arena, XPM_LIST, media_type, charset, on_client, s, &s->parse, e);
}

static bool on_piece(void *user, struct str bytes, struct err *e)
{
	struct sync *s = user;
	return worker_tick(s->w, e) && xpm_parse_feed(s->parse, bytes, e);
}

static bool on_tick(void *user, struct err *e)
{
	struct sync *s = user;
	return worker_tick(s->w, e);
}

/*
 * An attempt leaves nothing to the next one: no staging, marks or counts, except calls and
 * bytes.
 */
static void begin_try(struct sync *s)
{
	pg_rollback(s->w->db);
	arena_reset(s->arena);
	s->counts = (struct run_counts){.calls = s->counts.calls, .bytes = s->counts.bytes};
	s->stage = (struct sync_stage){.made = false};
	s->fine = 0;
	s->fold = false;
	s->parse = NULL;
	s->whole = NULL;
	s->n_skips = 0;
	buf_init(&s->skips, s->arena, SKIPS_BYTES_MAX);
	s->answer = (struct xero_answer){.retry_after_s = -1, .day_left = -1};
	s->w->run.progress = 0;
}

/*
 * The full list has a `Contacts` element for every client, empty where there is none. If none
 * of CONTACTS_PROVED_BY clients or more has it, this is another list (a wrong XERO_FIELDS,
 * say), and applying it would remove everybody's contacts.
 */
static bool carries_contacts(const struct sync *s, struct err *e)
{
	if (s->counts.seen < CONTACTS_PROVED_BY || xpm_parse_with_contacts(s->parse) > 0)
		return true;
	return err_set(e, ERR_MALFORMED, "The list came without the clients' contacts.");
}

/*
 * client.api/list is one document without pages. If it ever comes in pages, one page proves
 * nobody missing.
 */
static bool is_whole(const struct sync *s, struct err *e)
{
	return !xpm_parse_more(s->parse) ||
	       err_set(e, ERR_MALFORMED, "Xero sent a page of the client list, not all of it.");
}

bool sync_read(struct sync *s, struct err *e)
{
	struct worker *w = s->w;
	const struct xero_sink sink = {on_start, on_piece, on_tick, s};
	begin_try(s);
	if (!sync_stored(w->db, s->arena, &s->key, &s->diff, e))
		return false;
	s->counts.live_before = diff_live(s->diff);
	s->stage.empty = diff_count(s->diff) == 0;
	s->counts.calls++;
	const struct call list = {
		.access = s->token.access, .tenant = s->key.tenant, .since = s->ask->since};
	bool came = call_practice(w, s->arena, &list, &sink, &s->answer, e);
	s->counts.bytes += s->answer.bytes;
	if (!came)
		return false;
	if (s->parse == NULL)
		return err_set(e, ERR_MALFORMED, "Xero answered without a document.");
	if (!xpm_parse_end(s->parse, e) || !is_whole(s, e) || !carries_contacts(s, e))
		return false;
	log_info("sync.read", log_int("seen", s->counts.seen), log_int("fresh", s->stage.fresh),
		log_int("changed", s->stage.changed), log_int("bytes", s->answer.bytes));
	if (s->ask->since == 0)
		s->whole = diff_whole(s->diff);
	return sync_stage_flush(w->db, &s->stage, e);
}
