#include "sandbox/panel.h"

#include "base/log.h"
#include "codec/json.h"
#include "sandbox/claims.h"
#include "sandbox/edits.h"
#include "sandbox/fill.h"
#include "sandbox/reply.h"
#include "sandbox/stmt.h"

enum { SIZE_MAX_CLIENTS = 1000000, TIMES_MAX = 1000000 };

static const char *const resets[] = {"all", "faults", "tokens", "counts", "practice", NULL};
enum reset { RESET_ALL, RESET_FAULTS, RESET_TOKENS, RESET_COUNTS, RESET_PRACTICE };
static const char *const tenant_names[] = {"shown", "null", "empty", NULL};
static const char *const switches[] = {"off", "on", NULL};
static const char *const second_consents[] = {"keeps", "ends", NULL};
static const char *const unknown_clients[] = {"error", "404", "500", NULL};
static const char *const acts[] = {"expire-access", "expire-grace", "kill-refresh",
	"disconnect", "switch-off", "switch-on", "new-tenant", "rotate-key", NULL};
enum act {
	ACT_EXPIRE_ACCESS,
	ACT_EXPIRE_GRACE,
	ACT_KILL_REFRESH,
	ACT_DISCONNECT,
	ACT_SWITCH_OFF,
	ACT_SWITCH_ON,
	ACT_NEW_TENANT,
	ACT_ROTATE_KEY
};

const struct field sandbox_controls[CTL__MAX] = {
	[CTL_RESET] = {.name = "reset", .type = FIELD_CHOICE, .choices = resets},
	[CTL_SIZE] = {.name = "size", .type = FIELD_INT, .max = SIZE_MAX_CLIENTS},
	[CTL_SEED] = {.name = "seed", .type = FIELD_INT, .max = SIZE_MAX_CLIENTS},
	[CTL_PRACTICES] = {.name = "practices", .type = FIELD_INT, .max = 2},
	[CTL_LATENCY_MS] = {.name = "latency_ms", .type = FIELD_INT, .max = 600000},
	[CTL_EXPIRES_IN] = {.name = "expires_in", .type = FIELD_INT, .min = 1, .max = 86400},
	[CTL_TENANT_NAME] = {.name = "tenant_name",
		.type = FIELD_CHOICE,
		.choices = tenant_names},
	[CTL_LIMITS] = {.name = "limits", .type = FIELD_CHOICE, .choices = switches},
	[CTL_STRICT_REFRESH] = {.name = "strict_refresh",
		.type = FIELD_CHOICE,
		.choices = switches},
	[CTL_SECOND_CONSENT] = {.name = "second_consent",
		.type = FIELD_CHOICE,
		.choices = second_consents},
	[CTL_UNKNOWN_CLIENT] = {.name = "unknown_client",
		.type = FIELD_CHOICE,
		.choices = unknown_clients},
	[CTL_CLEAR] = {.name = "clear", .type = FIELD_TEXT},
	[CTL_FAULT] = {.name = "fault", .type = FIELD_TEXT},
	[CTL_FOR] = {.name = "for", .type = FIELD_TEXT},
	[CTL_TIMES] = {.name = "times", .type = FIELD_TEXT},
	[CTL_AFTER] = {.name = "after", .type = FIELD_INT, .max = TIMES_MAX},
	[CTL_ARG] = {.name = "arg", .type = FIELD_TEXT},
	[CTL_ACT] = {.name = "act", .type = FIELD_CHOICE, .choices = acts},
	[CTL_WHO] = {.name = "who", .type = FIELD_CHOICE, .choices = person_names},
	[CTL_EDIT] = {.name = "edit", .type = FIELD_TEXT},
	[CTL_CLIENT] = {.name = "client", .type = FIELD_TEXT},
	[CTL_INTO] = {.name = "into", .type = FIELD_TEXT},
	[CTL_VALUE] = {.name = "value", .type = FIELD_TEXT, .max = 2000},
	[CTL_COUNT] = {.name = "count", .type = FIELD_TEXT},
	[CTL_DAY] = {.name = "day", .type = FIELD_TEXT},
};

/* ---- judging ---- */

static bool given(const struct page *p, enum control c)
{
	return *p->f.text[c] != '\0';
}

static int endpoint_of(const char *name)
{
	for (int i = 1; i < ENDPOINT__MAX; i++)
		if (strcmp(endpoint_names[i], name) == 0)
			return i;
	return 0;
}

static void judge_fault(struct page *p)
{
	const struct fault_kind *kind = fault_kind_find(p->f.text[CTL_FAULT]);
	int at = endpoint_of(p->f.text[CTL_FOR]);
	int64_t n;
	if (kind == NULL)
		fields_fail(&p->f, CTL_FAULT, "There is no such fault.");
	else if (at == 0)
		fields_fail(&p->f, CTL_FOR, "Name the endpoint at which it waits.");
	else if ((kind->endpoints & 1U << at) == 0)
		fields_fail(&p->f, CTL_FOR, "This fault cannot happen there.");
	if (given(p, CTL_TIMES) && strcmp(p->f.text[CTL_TIMES], "always") != 0 &&
		(!str_to_i64(str_of(p->f.text[CTL_TIMES]), &n) || n < 1 || n > TIMES_MAX))
		fields_fail(&p->f, CTL_TIMES, "Enter a number, or always.");
}

static void judge(struct page *p)
{
	int64_t day;
	const char *clear = p->f.text[CTL_CLEAR], *text = p->f.text[CTL_DAY];
	if (given(p, CTL_FAULT))
		judge_fault(p);
	bool switches_one = given(p, CTL_ACT) && (p->f.number[CTL_ACT] == ACT_SWITCH_OFF ||
							 p->f.number[CTL_ACT] == ACT_SWITCH_ON);
	if (switches_one && !given(p, CTL_WHO))
		fields_fail(&p->f, CTL_WHO, "Name whose log-in it is.");
	if (*clear != '\0' && strcmp(clear, "all") != 0 && endpoint_of(clear) == 0)
		fields_fail(&p->f, CTL_CLEAR, "Name an endpoint, or all.");
	if (*text != '\0' && strcmp(text, "next") != 0 &&
		(!str_to_i64(str_of(text), &day) || day < 2 || day > DAYS_LAST))
		fields_fail(&p->f, CTL_DAY, "Enter a day from 2 on, or next.");
}

/* ---- doing ---- */

#define EXEC(p, stmt, e, ...) pg_exec((p)->db, SANDBOX_STMT_##stmt, NULL, (e), ##__VA_ARGS__)

static bool refill(struct page *p, struct err *e)
{
	struct settings now;
	return fault_settings(p->db, &now, e) && fill_practices(p->db, &now, e);
}

static bool reset_tokens(struct page *p, struct err *e)
{
	return EXEC(p, CONNECTION_CLEAR, e, PG_NULL) && EXEC(p, CONSENT_CLEAR, e) &&
	       EXEC(p, SESSION_CLEAR, e) && EXEC(p, PERSON_ON, e, PG_NULL);
}

static bool reset_counts(struct page *p, struct err *e)
{
	return EXEC(p, CALL_CLEAR, e) && EXEC(p, USAGE_CLEAR, e);
}

static bool reset_all(struct page *p, struct err *e)
{
	return EXEC(p, FAULT_CLEAR, e, PG_NULL) && EXEC(p, SETTING_RESET, e) &&
	       reset_counts(p, e) && reset_tokens(p, e) && fill_tenants(p->db, e) &&
	       refill(p, e);
}

static bool do_reset(struct page *p, struct err *e)
{
	if (!given(p, CTL_RESET))
		return true;
	switch ((enum reset)p->f.number[CTL_RESET]) {
	case RESET_ALL:
		return reset_all(p, e);
	case RESET_FAULTS:
		return EXEC(p, FAULT_CLEAR, e, PG_NULL);
	case RESET_TOKENS:
		return reset_tokens(p, e);
	case RESET_COUNTS:
		return reset_counts(p, e);
	case RESET_PRACTICE:
		return refill(p, e);
	}
	return true;
}

static struct pg_arg number_or_null(const struct page *p, enum control c)
{
	return given(p, c) ? PG_INT(p->f.number[c]) : PG_NULL;
}

static struct pg_arg text_or_null(const struct page *p, enum control c)
{
	return given(p, c) ? PG_TEXT(p->f.text[c]) : PG_NULL;
}

static struct pg_arg switch_or_null(const struct page *p, enum control c)
{
	return given(p, c) ? PG_BOOL(p->f.number[c] == 1) : PG_NULL;
}

static bool do_settings(struct page *p, struct err *e)
{
	if (!EXEC(p, SETTING_CHANGE, e, number_or_null(p, CTL_SIZE),
		    number_or_null(p, CTL_SEED), number_or_null(p, CTL_PRACTICES),
		    number_or_null(p, CTL_LATENCY_MS), number_or_null(p, CTL_EXPIRES_IN),
		    text_or_null(p, CTL_TENANT_NAME), switch_or_null(p, CTL_LIMITS),
		    switch_or_null(p, CTL_STRICT_REFRESH), text_or_null(p, CTL_SECOND_CONSENT),
		    text_or_null(p, CTL_UNKNOWN_CLIENT)))
		return false;
	return (!given(p, CTL_SIZE) && !given(p, CTL_SEED)) || refill(p, e);
}

static bool do_faults(struct page *p, struct err *e)
{
	const char *clear = p->f.text[CTL_CLEAR], *times = p->f.text[CTL_TIMES];
	int64_t n = 1;
	if (*clear != '\0' &&
		!EXEC(p, FAULT_CLEAR, e, strcmp(clear, "all") == 0 ? PG_NULL : PG_TEXT(clear)))
		return false;
	if (!given(p, CTL_FAULT))
		return true;
	bool counted = str_to_i64(str_of(times), &n);
	bool always = !counted && *times != '\0';
	return EXEC(p, FAULT_ADD, e, PG_TEXT(p->f.text[CTL_FOR]), PG_TEXT(p->f.text[CTL_FAULT]),
		PG_TEXT(p->f.text[CTL_ARG]), PG_INT(p->f.number[CTL_AFTER]),
		always ? PG_NULL : PG_INT(counted ? n : 1));
}

static bool do_act(struct page *p, struct err *e)
{
	struct people people;
	if (!given(p, CTL_ACT))
		return true;
	if (!people_load(p, &people, e))
		return false;
	const struct person *who = &people.of[p->f.number[CTL_WHO]];
	struct pg_arg whose = given(p, CTL_WHO) ? PG_TEXT(who->xero_userid) : PG_NULL;
	switch ((enum act)p->f.number[CTL_ACT]) {
	case ACT_EXPIRE_ACCESS:
		return EXEC(p, TOKENS_EXPIRE, e);
	case ACT_EXPIRE_GRACE:
		return EXEC(p, REFRESH_AGE, e);
	case ACT_KILL_REFRESH:
		return EXEC(p, CONSENT_REVOKE, e, whose);
	case ACT_DISCONNECT:
		return EXEC(p, CONNECTION_CLEAR, e, whose);
	case ACT_SWITCH_OFF:
	case ACT_SWITCH_ON:
		return person_switch(p, who, p->f.number[CTL_ACT] == ACT_SWITCH_OFF, e);
	case ACT_NEW_TENANT:
		return fill_new_tenant(p->db, p->arena, e);
	case ACT_ROTATE_KEY:
		return keys_add(p->db, p->arena, e);
	}
	return true;
}

static bool do_edit(struct page *p, struct err *e)
{
	size_t touched;
	if (!given(p, CTL_EDIT))
		return true;
	const struct edit edit = {.what = p->f.text[CTL_EDIT],
		.client = p->f.text[CTL_CLIENT],
		.into = p->f.text[CTL_INTO],
		.value = p->f.text[CTL_VALUE],
		.count = p->f.text[CTL_COUNT]};
	if (!edit_apply(p->db, p->arena, &edit, &touched, e))
		return false;
	log_info("sandbox.edit", log_text("edit", edit.what), log_int("rows", touched));
	return true;
}

static bool do_days(struct page *p, struct err *e)
{
	struct settings now;
	int64_t until;
	if (!given(p, CTL_DAY))
		return true;
	if (!fault_settings(p->db, &now, e))
		return false;
	if (!str_to_i64(str_of(p->f.text[CTL_DAY]), &until))
		until = now.day + 1;
	if (until > DAYS_LAST)
		return err_set(e, ERR_INVALID, "Day %d was the last one.", DAYS_LAST);
	for (int day = now.day + 1; day <= until; day++)
		if (!day_play(p->db, p->arena, day, e))
			return false;
	return true;
}

/* One transaction: all of it, or nothing. */
static bool do_all(struct page *p, struct err *e)
{
	return pg_begin(p->db, 0, e) && do_reset(p, e) && do_settings(p, e) &&
	       do_faults(p, e) && do_act(p, e) && do_edit(p, e) && do_days(p, e) &&
	       pg_commit(p->db, e);
}

/* ---- answering ---- */

static bool is_browser(const struct page *p)
{
	const char *accept = request_header(p->q, "HTTP_ACCEPT");
	return accept != NULL && strstr(accept, "text/html") != NULL;
}

static bool refuse(struct page *p, const char *field, const char *sentence, struct err *e)
{
	if (is_browser(p))
		return panel_show(p, 422,
			arena_printf(p->arena, "%s%s%s", field, *field == '\0' ? "" : ": ",
				sentence),
			e);
	response_begin(p->s, 422, "application/json; charset=utf-8");
	buf_adds(&p->s->body, "{\"errors\":");
	buf_adds(&p->s->body, json_object(p->arena, field, sentence, NULL));
	buf_adds(&p->s->body, "}");
	return true;
}

bool sandbox_control(struct page *p, struct err *e)
{
	if (request_is_cross_site(p->q, p->site->base_url))
		return err_set(e, ERR_DENIED, "The controls take no form of another site.");
	judge(p);
	for (size_t i = 0; i < p->f.n; i++)
		if (p->f.error[i] != NULL)
			return refuse(p, sandbox_controls[i].name, p->f.error[i], e);
	if (!do_all(p, e)) {
		if (e->kind != ERR_INVALID)
			return false;
		const char *sentence = arena_strdup(p->arena, e->text);
		pg_rollback(p->db);
		return refuse(p, given(p, CTL_EDIT) ? "edit" : "day", sentence, e);
	}
	if (!is_browser(p))
		return sandbox_state(p, e);
	response_redirect(p->s, "/sandbox");
	return true;
}
