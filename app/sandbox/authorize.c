#include "sandbox/identity.h"

#include "codec/random.h"
#include "sandbox/reply.h"
#include "sandbox/session.h"
#include "sandbox/stmt.h"

enum { ASKED_MAX = 2048, CHALLENGE_BYTES = 43 };

enum asked {
	A_RESPONSE_TYPE,
	A_CLIENT_ID,
	A_REDIRECT_URI,
	A_SCOPE,
	A_STATE,
	A_NONCE,
	A_CHALLENGE,
	A_METHOD,
	A_ACR
};
const struct field sandbox_authorize_fields[9] = {
	[A_RESPONSE_TYPE] = {.name = "response_type", .type = FIELD_TEXT},
	[A_CLIENT_ID] = {.name = "client_id", .type = FIELD_TEXT},
	[A_REDIRECT_URI] = {.name = "redirect_uri", .type = FIELD_TEXT, .max = ASKED_MAX},
	[A_SCOPE] = {.name = "scope", .type = FIELD_TEXT, .max = ASKED_MAX},
	[A_STATE] = {.name = "state", .type = FIELD_TEXT, .max = ASKED_MAX},
	[A_NONCE] = {.name = "nonce", .type = FIELD_TEXT, .max = ASKED_MAX},
	[A_CHALLENGE] = {.name = "code_challenge", .type = FIELD_TEXT},
	[A_METHOD] = {.name = "code_challenge_method", .type = FIELD_TEXT},
	[A_ACR] = {.name = "acr_values", .type = FIELD_TEXT},
};

/* NULL words: the consent page does not mention this scope. */
static const struct {
	const char *scope, *words;
} scopes[] = {
	{"openid", NULL},
	{"profile", "See your name"},
	{"email", "See your email address"},
	{"offline_access", "Keep this access until you take it away"},
	{"practicemanager.client.read", "Read your clients and their contacts"},
	{"practicemanager.client", "Read and change your clients and their contacts"},
	{"practicemanager.read", "Read everything in Practice Manager"},
	{"practicemanager", "Read and change everything in Practice Manager"},
	{"practicemanager.job.read", "Read your jobs"},
	{"practicemanager.job", "Read and change your jobs"},
	{"practicemanager.staff.read", "Read your staff"},
	{"practicemanager.staff", "Read and change your staff"},
	{"practicemanager.time.read", "Read your time entries"},
	{"practicemanager.time", "Read and change your time entries"},
};

const char *scope_words(const char *scope)
{
	for (size_t i = 0; i < ARRAY_LEN(scopes); i++)
		if (strcmp(scopes[i].scope, scope) == 0)
			return scopes[i].words;
	return NULL;
}

bool scope_is_known(const char *scope)
{
	for (size_t i = 0; i < ARRAY_LEN(scopes); i++)
		if (strcmp(scopes[i].scope, scope) == 0)
			return true;
	return false;
}

static bool scopes_are_known(struct arena *a, const char *asked)
{
	struct str rest = str_of(asked), one;
	size_t n = 0;
	while (str_next(&rest, ' ', &one)) {
		if (one.n == 0)
			continue;
		if (!scope_is_known(str_dup(a, one)))
			return false;
		n++;
	}
	return n > 0;
}

static bool challenge_is_s256(const struct page *p)
{
	struct str challenge = str_of(p->f.text[A_CHALLENGE]);
	if (challenge.n == 0)
		return *p->f.text[A_METHOD] == '\0';
	return challenge.n == CHALLENGE_BYTES && strcmp(p->f.text[A_METHOD], "S256") == 0;
}

/*
 * The error in the request, in Xero's words, or NULL. It is shown on a page and never sent back
 * to the app.
 */
static const char *judge(const struct page *p)
{
	if (sandbox_fault_is(p, "unknown-client") ||
		strcmp(p->f.text[A_CLIENT_ID], p->site->client_id) != 0)
		return "unauthorized_client : Unknown client or client not enabled";
	if (!p->f.ok || strcmp(p->f.text[A_REDIRECT_URI], p->site->redirect_uri) != 0)
		return "unauthorized_client : Invalid redirect_uri";
	if (strcmp(p->f.text[A_RESPONSE_TYPE], "code") != 0)
		return "unsupported_response_type : Response type not supported";
	if (!scopes_are_known(p->arena, p->f.text[A_SCOPE]))
		return "invalid_scope : Invalid scope";
	if (sandbox_fault_is(p, "scope-refused"))
		return "unauthorized_client : Invalid scope for client";
	if (!challenge_is_s256(p))
		return "invalid_request : Transform algorithm not supported";
	return NULL;
}

/* Faults that redirect back to the app without asking for consent. */
static bool back_at_once(struct page *p, bool *done_r)
{
	struct buf query;
	buf_init(&query, p->arena, ASKED_MAX * 4);
	*done_r = true;
	if (sandbox_fault_is(p, "server-error"))
		form_add(&query, "error", "server_error");
	else if (sandbox_fault_is(p, "wrong-state"))
		form_add(&query, "code", "0123456789012345678901234567890123456789012");
	else if (!sandbox_fault_is(p, "no-code"))
		*done_r = false;
	if (!*done_r)
		return true;
	form_add(&query, "state",
		sandbox_fault_is(p, "wrong-state") ? "somebody-elses" : p->f.text[A_STATE]);
	response_redirect_away(
		p->s, arena_printf(p->arena, "%s?%s", p->site->redirect_uri, query.data));
	return true;
}

static const char *given(const char *text)
{
	return *text == '\0' ? NULL : text;
}

static bool remember(struct page *p, const char **attempt_r, struct err *e)
{
	struct secret *name;
	if (!random_token(p->arena, 16, &name, e))
		return false;
	*attempt_r = secret_open(name).p;
	return pg_exec(p->db, SANDBOX_STMT_ATTEMPT_NEW, NULL, e, PG_TEXT(*attempt_r),
		PG_TEXT(p->session), PG_TEXT(p->f.text[A_CLIENT_ID]),
		PG_TEXT(p->f.text[A_REDIRECT_URI]), PG_TEXT(p->f.text[A_SCOPE]),
		PG_TEXT(given(p->f.text[A_STATE])), PG_TEXT(given(p->f.text[A_NONCE])),
		PG_TEXT(given(p->f.text[A_CHALLENGE])));
}

bool sandbox_authorize(struct page *p, struct err *e)
{
	bool done;
	const char *attempt, *wrong = judge(p);
	if (wrong != NULL)
		return reply_refused(p, 500, wrong);
	if (!back_at_once(p, &done))
		return false;
	if (done)
		return true;
	if (!sandbox_session_load(p, e) ||
		(p->session == NULL && !sandbox_session_start(p, e)) ||
		!remember(p, &attempt, e))
		return false;
	response_redirect(p->s, arena_printf(p->arena, "/identity/%s?attempt=%s",
					p->signed_in ? "consent" : "login", attempt));
	return true;
}

bool attempt_find(struct page *p, const char *name, struct attempt *attempt_r, struct err *e)
{
	struct pg_rows r;
	if (p->session == NULL)
		return err_set(e, ERR_NOT_FOUND, "There is no such attempt.");
	if (!pg_query(p->db, SANDBOX_STMT_ATTEMPT_FIND, &r, e, PG_TEXT(name),
		    PG_TEXT(p->session)))
		return false;
	if (r.n == 0)
		return err_set(e, ERR_NOT_FOUND, "There is no such attempt.");
	*attempt_r = (struct attempt){
		.name = name,
		.client_id = pg_text(&r, 0, 0),
		.redirect_uri = pg_text(&r, 0, 1),
		.scope = pg_text(&r, 0, 2),
		.state = pg_text(&r, 0, 3),
		.nonce = pg_text(&r, 0, 4),
		.challenge = pg_text(&r, 0, 5),
	};
	return true;
}

bool attempt_is_over(struct page *p)
{
	return reply_refused(p, 400,
		"This page is no longer valid. Go back to the app you came from and start again.");
}
