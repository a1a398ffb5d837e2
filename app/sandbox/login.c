#include "sandbox/identity.h"

#include "codec/hash.h"
#include "codec/url.h"
#include "sandbox/pages.h"
#include "sandbox/reply.h"
#include "sandbox/session.h"

const struct field sandbox_attempt_field[1] = {
	{.name = "attempt", .type = FIELD_TEXT, .max = 64},
};

enum login_field { L_ATTEMPT, L_EMAIL, L_PASSWORD, L_CSRF };
const struct field sandbox_login_fields[4] = {
	[L_ATTEMPT] = {.name = "attempt", .type = FIELD_TEXT, .max = 64},
	[L_EMAIL] = {.name = "email", .type = FIELD_TEXT, .max = 254},
	[L_PASSWORD] = {.name = "password", .type = FIELD_PASSWORD, .max = 1024},
	[L_CSRF] = {.name = "csrf", .type = FIELD_TEXT},
};

struct login_page {
	const char *attempt, *csrf, *email, *error;
};

static const struct tmpl_field login_page_fields[] = {
	TMPL_F(struct login_page, attempt, TMPL_TEXT),
	TMPL_F(struct login_page, csrf, TMPL_TEXT),
	TMPL_F(struct login_page, email, TMPL_TEXT),
	TMPL_F(struct login_page, error, TMPL_TEXT),
};
const struct tmpl_shape sandbox_login_shape = TMPL_SHAPE(struct login_page, login_page_fields);

static bool show(struct page *p, const char *attempt, const char *email, const char *error)
{
	const struct login_page values = {
		.attempt = attempt, .csrf = p->csrf, .email = email, .error = error};
	return reply_page(p, SANDBOX_LOGIN, &values, error == NULL ? 200 : 422, "Log in");
}

static bool go_to_consent(struct page *p, const char *attempt)
{
	struct buf to;
	buf_init(&to, p->arena, 512);
	buf_adds(&to, "/identity/consent?attempt=");
	url_escape(&to, str_of(attempt));
	response_redirect(p->s, to.data);
	return true;
}

/* A page without its attempt is told so; any other failure is ours. */
static bool without_attempt(struct page *p, const struct err *e)
{
	return e->kind == ERR_NOT_FOUND && attempt_is_over(p);
}

bool sandbox_login_page(struct page *p, struct err *e)
{
	struct attempt attempt;
	if (!sandbox_session_load(p, e))
		return false;
	if (!attempt_find(p, p->f.text[0], &attempt, e))
		return without_attempt(p, e);
	return p->signed_in ? go_to_consent(p, attempt.name) : show(p, attempt.name, "", NULL);
}

bool sandbox_login(struct page *p, struct err *e)
{
	struct attempt attempt;
	struct login user;
	const char *email = p->f.text[L_EMAIL];
	if (!attempt_find(p, p->f.text[L_ATTEMPT], &attempt, e))
		return without_attempt(p, e);
	if (!sandbox_user(p, &user, e))
		return false;
	bool right = p->f.ok && str_is_ci(str_of(email), user.email) &&
		     hash_equal(str_of(p->f.text[L_PASSWORD]), str_of(user.password));
	if (!right)
		return show(p, attempt.name, p->f.typed[L_EMAIL],
			"Your email or password is incorrect.");
	return sandbox_session_sign_in(p, e) && go_to_consent(p, attempt.name);
}
