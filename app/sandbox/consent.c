#include "sandbox/identity.h"

#include "codec/random.h"
#include "sandbox/claims.h"
#include "sandbox/pages.h"
#include "sandbox/reply.h"
#include "sandbox/session.h"
#include "sandbox/stmt.h"
#include "sandbox/token.h"

enum { BACK_MAX = 8 * 1024, SCOPES_MAX = 16, PRACTICES_MAX = 2 };

static const char *const answers[] = {"allow", "cancel", NULL};
enum answer { ANSWER_ALLOW, ANSWER_CANCEL };

enum consent_field { N_ATTEMPT, N_ANSWER, N_PRACTICE, N_CSRF };
const struct field sandbox_consent_fields[4] = {
	[N_ATTEMPT] = {.name = "attempt", .type = FIELD_TEXT, .max = 64},
	[N_ANSWER] = {.name = "answer",
		.type = FIELD_CHOICE,
		.required = true,
		.choices = answers},
	[N_PRACTICE] = {.name = "practice", .type = FIELD_INT, .min = 1, .max = PRACTICES_MAX},
	[N_CSRF] = {.name = "csrf", .type = FIELD_TEXT},
};

struct scope_line {
	const char *words;
};
struct practice_line {
	int64_t number;
	const char *name;
	bool connected, chosen;
};
struct consent_page {
	const char *attempt, *csrf, *label, *email, *error;
	struct tmpl_list scopes, practices;
	const struct practice_line *only; /* the practice, when there is only one to choose */
	bool several;
};

static const struct tmpl_field scope_fields[] = {TMPL_F(struct scope_line, words, TMPL_TEXT)};
static const struct tmpl_shape scope_shape = TMPL_SHAPE(struct scope_line, scope_fields);
static const struct tmpl_field practice_fields[] = {
	TMPL_F(struct practice_line, number, TMPL_INT),
	TMPL_F(struct practice_line, name, TMPL_TEXT),
	TMPL_F(struct practice_line, connected, TMPL_BOOL),
	TMPL_F(struct practice_line, chosen, TMPL_BOOL),
};
static const struct tmpl_shape practice_shape =
	TMPL_SHAPE(struct practice_line, practice_fields);
static const struct tmpl_field consent_page_fields[] = {
	TMPL_F(struct consent_page, attempt, TMPL_TEXT),
	TMPL_F(struct consent_page, csrf, TMPL_TEXT),
	TMPL_F(struct consent_page, label, TMPL_TEXT),
	TMPL_F(struct consent_page, email, TMPL_TEXT),
	TMPL_F(struct consent_page, error, TMPL_TEXT),
	TMPL_FS(struct consent_page, scopes, TMPL_LIST, &scope_shape),
	TMPL_FS(struct consent_page, practices, TMPL_LIST, &practice_shape),
	TMPL_FS(struct consent_page, only, TMPL_PTR, &practice_shape),
	TMPL_F(struct consent_page, several, TMPL_BOOL),
};
const struct tmpl_shape sandbox_consent_shape =
	TMPL_SHAPE(struct consent_page, consent_page_fields);

static struct tmpl_list scope_lines(struct arena *a, const char *scopes)
{
	struct scope_line *lines = arena_array(a, struct scope_line, SCOPES_MAX);
	struct str rest = str_of(scopes), one;
	size_t n = 0;
	while (str_next(&rest, ' ', &one) && n < SCOPES_MAX) {
		const char *words = scope_words(str_dup(a, one));
		if (words != NULL)
			lines[n++].words = words;
	}
	return (struct tmpl_list){lines, n};
}

static int practices_of(const struct page *p, const struct person *user)
{
	return user->sees_practices ? p->settings.practices : 0;
}

/*
 * The practices that this person may connect. When there are several, the first one that is not
 * connected yet is preselected.
 */
static bool list_practices(
	struct page *p, const struct person *user, struct tmpl_list *list_r, struct err *e)
{
	struct pg_rows r;
	bool chosen = false;
	if (!pg_query(p->db, SANDBOX_STMT_TENANT_LIST, &r, e, PG_TEXT(user->xero_userid),
		    PG_INT(practices_of(p, user))))
		return false;
	struct practice_line *lines = arena_array(p->arena, struct practice_line, r.n);
	for (size_t i = 0; i < r.n; i++) {
		lines[i] = (struct practice_line){.number = pg_int(&r, i, 0),
			.name = pg_text(&r, i, 2),
			.connected = pg_bool(&r, i, 3)};
		lines[i].chosen = !chosen && !lines[i].connected;
		chosen = chosen || lines[i].chosen;
	}
	if (!chosen && r.n > 0)
		lines[0].chosen = true;
	*list_r = (struct tmpl_list){lines, r.n};
	return true;
}

static bool show(struct page *p, const struct attempt *attempt, const struct person *user,
	const char *error, struct err *e)
{
	struct tmpl_list practices;
	if (!list_practices(p, user, &practices, e))
		return false;
	const struct consent_page values = {
		.attempt = attempt->name,
		.csrf = p->csrf,
		.label = user->label,
		.email = user->email,
		.error = error,
		.scopes = scope_lines(p->arena, attempt->scope),
		.practices = practices,
		.only = practices.n == 1 ? practices.items : NULL,
		.several = practices.n > 1,
	};
	/* The response to the form redirects back to the app. */
	p->s->form_action = p->site->app_origin;
	return reply_page(
		p, SANDBOX_CONSENT, &values, error == NULL ? 200 : 422, "The Gap wants access");
}

bool sandbox_consent_page(struct page *p, struct err *e)
{
	struct attempt attempt;
	struct people people;
	if (!sandbox_session_load(p, e) || !people_load(p, &people, e))
		return false;
	if (attempt_find(p, p->f.text[0], &attempt, e)) {
		if (p->signed_in)
			return show(p, &attempt, &people.of[p->who], NULL, e);
		response_redirect(p->s,
			arena_printf(p->arena, "/identity/login?attempt=%s", attempt.name));
		return true;
	}
	return e->kind == ERR_NOT_FOUND && attempt_is_over(p);
}

static bool go_back(struct page *p, const struct attempt *attempt, const struct buf *query)
{
	const char *mark = str_has(str_of(attempt->redirect_uri), '?') ? "&" : "?";
	response_redirect_away(p->s,
		arena_printf(p->arena, "%s%s%s", attempt->redirect_uri, mark, query->data));
	return true;
}

static bool denied(struct page *p, const struct attempt *attempt)
{
	struct buf query;
	buf_init(&query, p->arena, BACK_MAX);
	form_add(&query, "error", "access_denied");
	form_add(&query, "error_description", "TenantConsent status DENIED");
	if (attempt->state != NULL)
		form_add(&query, "state", attempt->state);
	return go_back(p, attempt, &query);
}

/* The connection exists from the consent on, even when the app never fetches its tokens. */
static bool connect_practice(struct page *p, const struct person *user, int64_t practice,
	const char *event, struct err *e)
{
	char *id, *other_id, *other_event;
	return keys_uuid(p->arena, &id, e) && keys_uuid(p->arena, &other_id, e) &&
	       keys_uuid(p->arena, &other_event, e) &&
	       pg_exec(p->db, SANDBOX_STMT_CONNECTION_BESIDES, NULL, e, PG_TEXT(other_id),
		       PG_TEXT(user->xero_userid), PG_TEXT(other_event)) &&
	       pg_exec(p->db, SANDBOX_STMT_CONNECTION_MAKE, NULL, e, PG_TEXT(id),
		       PG_TEXT(user->xero_userid), PG_INT(practice), PG_TEXT(event));
}

static bool make_code(struct page *p, const struct person *user, const struct attempt *attempt,
	const char *event, const char **code_r, struct err *e)
{
	struct pg_rows r;
	struct secret *code;
	if (!pg_query(p->db, SANDBOX_STMT_CONSENT_NEW, &r, e, PG_TEXT(user->xero_userid),
		    PG_TEXT(event), PG_TEXT(attempt->name), PG_TEXT(attempt->scope)) ||
		!random_token(p->arena, 32, &code, e))
		return false;
	if (r.n == 0)
		return err_set(e, ERR_CONFLICT, "The attempt ended meanwhile.");
	*code_r = secret_open(code).p;
	return pg_exec(p->db, SANDBOX_STMT_CODE_NEW, NULL, e,
		PG_TEXT(sandbox_token_hash(p->arena, secret_open(code))),
		PG_INT(pg_int(&r, 0, 0)), PG_TEXT(attempt->name));
}

static bool allowed(struct page *p, const struct attempt *attempt, const struct person *user,
	int64_t practice, struct err *e)
{
	struct buf query;
	const char *code;
	char *event, *session_state;
	if (!keys_uuid(p->arena, &event, e) || !keys_hex(p->arena, 32, &session_state, e) ||
		!connect_practice(p, user, practice, event, e) ||
		!make_code(p, user, attempt, event, &code, e))
		return false;
	buf_init(&query, p->arena, BACK_MAX);
	form_add(&query, "code", code);
	form_add(&query, "scope", attempt->scope);
	if (attempt->state != NULL)
		form_add(&query, "state", attempt->state);
	form_add(&query, "session_state", session_state);
	return go_back(p, attempt, &query);
}

static bool claim(struct page *p, const struct attempt *attempt, bool *first_r, struct err *e)
{
	size_t n = 0;
	if (!pg_exec(p->db, SANDBOX_STMT_ATTEMPT_ANSWER, &n, e, PG_TEXT(attempt->name),
		    PG_TEXT(p->session)))
		return false;
	*first_r = n == 1;
	return true;
}

bool sandbox_consent(struct page *p, struct err *e)
{
	struct attempt attempt;
	struct people people;
	bool first;
	int64_t practice = p->f.number[N_PRACTICE];
	bool allow = p->f.number[N_ANSWER] == ANSWER_ALLOW;
	if (!p->signed_in || !attempt_find(p, p->f.text[N_ATTEMPT], &attempt, e))
		return (!p->signed_in || e->kind == ERR_NOT_FOUND) && attempt_is_over(p);
	if (!people_load(p, &people, e))
		return false;
	const struct person *user = &people.of[p->who];
	if (!p->f.ok || (allow && (practice < 1 || practice > practices_of(p, user))))
		return show(p, &attempt, user, "Choose what to connect.", e);
	if (!pg_begin(p->db, 0, e) || !claim(p, &attempt, &first, e))
		return false;
	if (!first)
		return attempt_is_over(p);
	if (!(allow ? allowed(p, &attempt, user, practice, e) : denied(p, &attempt)))
		return false;
	return pg_commit(p->db, e);
}
