#include "sandbox/identity.h"

#include "codec/hash.h"
#include "codec/url.h"
#include "sandbox/pages.h"
#include "sandbox/reply.h"
#include "sandbox/session.h"

const struct field sandbox_attempt_field[1] = {
	{.name = "attempt", .type = FIELD_TEXT, .max = 64},
};

enum page_field { P_ATTEMPT, P_AGAIN };
const struct field sandbox_login_page_fields[2] = {
	[P_ATTEMPT] = {.name = "attempt", .type = FIELD_TEXT, .max = 64},
	[P_AGAIN] = {.name = "again", .type = FIELD_FLAG},
};

enum login_field { L_ATTEMPT, L_EMAIL, L_PASSWORD, L_PERSON, L_CSRF };
const struct field sandbox_login_fields[5] = {
	[L_ATTEMPT] = {.name = "attempt", .type = FIELD_TEXT, .max = 64},
	[L_EMAIL] = {.name = "email", .type = FIELD_TEXT, .max = 254},
	[L_PASSWORD] = {.name = "password", .type = FIELD_PASSWORD, .max = 1024},
	[L_PERSON] = {.name = "person", .type = FIELD_CHOICE, .choices = person_names},
	[L_CSRF] = {.name = "csrf", .type = FIELD_TEXT},
};

struct person_line {
	const char *name, *label;
	bool is_off, chosen;
};
struct login_page {
	const char *attempt, *csrf, *email, *error;
	struct tmpl_list people;
};

static const struct tmpl_field person_fields[] = {
	TMPL_F(struct person_line, name, TMPL_TEXT),
	TMPL_F(struct person_line, label, TMPL_TEXT),
	TMPL_F(struct person_line, is_off, TMPL_BOOL),
	TMPL_F(struct person_line, chosen, TMPL_BOOL),
};
static const struct tmpl_shape person_shape = TMPL_SHAPE(struct person_line, person_fields);
static const struct tmpl_field login_page_fields[] = {
	TMPL_F(struct login_page, attempt, TMPL_TEXT),
	TMPL_F(struct login_page, csrf, TMPL_TEXT),
	TMPL_F(struct login_page, email, TMPL_TEXT),
	TMPL_F(struct login_page, error, TMPL_TEXT),
	TMPL_FS(struct login_page, people, TMPL_LIST, &person_shape),
};
const struct tmpl_shape sandbox_login_shape = TMPL_SHAPE(struct login_page, login_page_fields);

static struct tmpl_list person_lines(
	struct arena *a, const struct people *people, enum person_no chosen)
{
	struct person_line *lines = arena_array(a, struct person_line, PERSON__MAX);
	for (int no = PERSON_OWNER; no < PERSON__MAX; no++)
		lines[no] = (struct person_line){.name = person_names[no],
			.label = people->of[no].label,
			.is_off = people->of[no].is_off,
			.chosen = no == (int)chosen};
	return (struct tmpl_list){lines, PERSON__MAX};
}

static bool show(struct page *p, const char *attempt, const struct people *people,
	enum person_no chosen, const char *email, const char *error)
{
	const struct login_page values = {.attempt = attempt,
		.csrf = p->csrf,
		.email = email,
		.error = error,
		.people = person_lines(p->arena, people, chosen)};
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

/* Responds to a missing attempt with its own page; any other error is ours. */
static bool without_attempt(struct page *p, const struct err *e)
{
	return e->kind == ERR_NOT_FOUND && attempt_is_over(p);
}

bool sandbox_login_page(struct page *p, struct err *e)
{
	struct attempt attempt;
	struct people people;
	if (!sandbox_session_load(p, e) || !people_load(p, &people, e))
		return false;
	if (!attempt_find(p, p->f.text[P_ATTEMPT], &attempt, e))
		return without_attempt(p, e);
	if (p->signed_in && p->f.number[P_AGAIN] == 0)
		return go_to_consent(p, attempt.name);
	return show(p, attempt.name, &people, PERSON_OWNER, "", NULL);
}

/*
 * The sentence that refuses the log-in. NULL: e-mail and password are right, and the person may
 * log in.
 */
static const char *judge(const struct page *p, const struct people *people, enum person_no who)
{
	bool right = p->f.ok && str_is_ci(str_of(p->f.text[L_EMAIL]), people->email) &&
		     hash_equal(str_of(p->f.text[L_PASSWORD]), str_of(people->password));
	if (!right)
		return "Your email or password is incorrect.";
	if (people->of[who].is_off)
		return "This log-in has been switched off. Choose another one, or switch it on "
		       "again in the sandbox controls.";
	return NULL;
}

bool sandbox_login(struct page *p, struct err *e)
{
	struct attempt attempt;
	struct people people;
	enum person_no who = (enum person_no)p->f.number[L_PERSON];
	if (!attempt_find(p, p->f.text[L_ATTEMPT], &attempt, e))
		return without_attempt(p, e);
	if (!people_load(p, &people, e))
		return false;
	const char *wrong = judge(p, &people, who);
	if (wrong != NULL)
		return show(p, attempt.name, &people, who, p->f.typed[L_EMAIL], wrong);
	return sandbox_session_sign_in(p, who, e) && go_to_consent(p, attempt.name);
}
