#include "support/crafted.h"

#include "base/clock.h"

enum { SLOW_MS = 1000, TRIES = 3, STATE_MAX = 64 * 1024 };

/* Counters, records of what was tried, clocks of sessions, who looked when: all made to change by bad input. */
static const char own_business[] =
	"'throttle', 'session', 'audit_event', 'audit_head', 'worker_heartbeat', 'client_look'";

static const char *query_of_state(void)
{
	return sql_text(
		"SELECT string_agg(format('SELECT ''%%s '' || md5(coalesce("
		"string_agg(t::text, ''|'' ORDER BY t::text), '''')) AS x FROM gap.%%I t',"
		" relname, relname), ' UNION ALL ') FROM pg_class WHERE relnamespace ="
		" 'gap'::regnamespace AND relkind = 'r' AND relname NOT IN (%s)",
		own_business);
}

const char *crafted_state(void)
{
	return sql_text("SELECT string_agg(x, E'\n' ORDER BY x) FROM (%s) s", query_of_state());
}

void crafted_same(const char *before, const char *after_what)
{
	struct str was = str_of(before), is = str_of(crafted_state()), a, b;
	size_t changed = 0;
	while (str_next(&was, '\n', &a) && str_next(&is, '\n', &b)) {
		if (str_eq(a, b))
			continue;
		print_error("%s changed %.*s\n", after_what, (int)strcspn(a.p, " "), a.p);
		changed++;
	}
	/* A log-in that should not have been. */
	if (sql_int("SELECT count(*) FROM session WHERE user_agent = 'crafted'") != 0)
		fail_msg("%s opened a session", after_what);
	if (changed > 0)
		fail_msg("%s changed %zu tables", after_what, changed);
}

/* The pids of the site's processes. */
static const char *children_now(void)
{
	char text[4096] = "";
	FILE *f = fopen(arena_printf(site.arena, "/proc/%d/task/%d/children", (int)site.parent,
				(int)site.parent),
		"re");
	if (f == NULL || fgets(text, sizeof text, f) == NULL)
		die("the children of gap-web cannot be listed");
	(void)fclose(f);
	return arena_strdup(site.arena, text);
}

void crafted_sign_in(struct crafted_world *w)
{
	sql_do("DELETE FROM throttle");
	sql_do("DELETE FROM session");
	browser_enter(&w->browsers[CRAFTED_MEMBER], &w->home.member, 2);
	browser_enter(&w->browsers[CRAFTED_ADMIN], &w->home.admin, 2);
}

void crafted_begin(struct crafted_world *w)
{
	*w = (struct crafted_world){0};
	firm_make(&w->home);
	firm_make(&w->away);
	person_enrol(&w->home.admin);
	person_enrol(&w->home.member);
	firm_connect(&w->home, "live", NULL);
	(void)firm_client(&w->home, "Synced Ltd", true);
	w->client = firm_client(&w->home, "Made by hand", false);
	(void)firm_client(&w->away, "Not to be touched", false);
	w->run = firm_run(&w->home, "complete");
	w->children = children_now();
	crafted_sign_in(w);
}

void crafted_end(struct crafted_world *w, const char *what)
{
	print_message("%zu crafted requests: %s\n", w->asked, what);
	assert_string_equal(children_now(), w->children);
	assert_null(strstr(site_log(), "prefork.child_ended"));
}

/* A machine at its limit is not a page that hangs: only what is slow every time is. */
static struct fcgi_answer ask_in_time(struct crafted_world *w, enum crafted_who who,
	const char *method, const char *uri, const char *const *params, const char *body)
{
	for (int i = 1;; i++) {
		int64_t began_ms = clock_mono_ms();
		struct fcgi_answer r =
			browser_ask(&w->browsers[who], method, uri, params, str_of(body));
		int64_t took_ms = clock_mono_ms() - began_ms;
		w->asked++;
		if (took_ms <= SLOW_MS)
			return r;
		if (i == TRIES)
			fail_msg("%s %s took %lld ms", method, uri, (long long)took_ms);
	}
}

int crafted_ask(struct crafted_world *w, enum crafted_who who, const struct route *r,
	const char *uri, const char *const *params, const char *form, bool token)
{
	enum { PARAMS_MAX = 16 };
	const char *all[PARAMS_MAX] = {"HTTP_USER_AGENT", "crafted"};
	struct arena *kept = site.arena;
	size_t n = params != NULL && strcmp(params[0], all[0]) == 0 ? 0 : 2;
	for (; params != NULL && *params != NULL && n < PARAMS_MAX - 1; params++)
		all[n++] = *params;
	all[n] = NULL;
	site.arena = arena_new();
	bool post = r->method == METHOD_POST;
	const char *csrf = w->browsers[who].csrf;
	if (post && token && csrf[0] != '\0')
		form = arena_printf(site.arena, "csrf=%s&%s", csrf, form);
	struct fcgi_answer answer =
		ask_in_time(w, who, post ? "POST" : "GET", uri, all, post ? form : "");
	arena_free(&site.arena);
	site.arena = kept;
	return answer.status;
}

static int64_t id_of(const struct crafted_world *w, const struct route *r)
{
	struct str pattern = str_of(r->pattern);
	return str_starts(pattern, "/syncs")	       ? w->run
	       : str_starts(pattern, "/settings/team") ? w->home.member.user_id
						       : w->client;
}

const char *crafted_address(const struct crafted_world *w, const struct route *r)
{
	struct str before, after, name;
	if (!str_cut(str_of(r->pattern), '{', &before, &after) ||
		!str_cut(after, '}', &name, &after))
		return r->pattern;
	return arena_printf(site.arena, "%.*s%lld%.*s", (int)before.n, before.p,
		(long long)id_of(w, r), (int)after.n, after.p);
}

static const char *good_value(const struct field *f)
{
	switch (f->type) {
	case FIELD_EMAIL:
		return "good@firm.example";
	case FIELD_CODE:
		return "000000";
	case FIELD_INT:
		return arena_printf(site.arena, "%d", f->min);
	case FIELD_ID:
	case FIELD_FLAG:
		return "1";
	case FIELD_CHOICE:
		return f->choices[0];
	case FIELD_TEXT:
	case FIELD_LINES:
	case FIELD_PASSWORD:
	case FIELD_KEY:
		break;
	}
	return strcmp(f->name, "zone") == 0 ? "UTC" : "Good+enough+words";
}

const char *crafted_form(const struct route *r, size_t field, const char *raw)
{
	enum { FORM_MAX = 1024 * 1024 };
	struct buf b;
	buf_init(&b, site.arena, FORM_MAX);
	for (size_t i = 0; i < r->n_fields; i++)
		buf_printf(&b, "%s%s=%s", i == 0 ? "" : "&", r->fields[i].name,
			i == field ? raw : good_value(&r->fields[i]));
	return b.data;
}

const char *crafted_too_long(const struct field *f, const char *piece)
{
	static const int own_max[] = {[FIELD_TEXT] = 200,
		[FIELD_LINES] = 2000,
		[FIELD_EMAIL] = 254,
		[FIELD_PASSWORD] = 1024,
		[FIELD_CODE] = 64,
		[FIELD_KEY] = 1024,
		[FIELD_CHOICE] = 0};
	enum { LONG_MAX_BYTES = 64 * 1024 };
	struct buf b;
	int max = f->max > 0 ? f->max : own_max[f->type];
	if (own_max[f->type] == 0)
		return NULL;
	buf_init(&b, site.arena, LONG_MAX_BYTES);
	for (int i = 0; i <= max; i++)
		buf_adds(&b, piece);
	return b.data;
}

bool crafted_is_bad(const struct crafted_value *v, const struct field *f)
{
	return (v->breaks >> f->type & 1U) != 0;
}

unsigned crafted_chance(unsigned below)
{
	static uint64_t seed;
	if (seed == 0) {
		const char *given = getenv("GAP_SEED");
		int64_t n = 0;
		if (given == NULL || !str_to_i64(str_of(given), &n))
			n = clock_now();
		seed = (uint64_t)n | 1;
		print_message("GAP_SEED=%lld\n", (long long)n);
	}
	/* Knuth's multiplier for 64 bits; the high half is the good one. */
	seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (unsigned)(seed >> 33) % below;
}
