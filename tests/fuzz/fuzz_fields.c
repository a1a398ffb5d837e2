/*
 * A form of any bytes against one field of each type: e-mail, code, number,
 * id, place in a list. What is accepted obeys its type's rule, and an accepted
 * e-mail address is one line that the account's own judge normalises once and for all.
 */
#include "core/user.h"
#include "fuzz/fuzz.h"
#include "support/fake_request.h"
#include "web/fields.h"

enum { F_TEXT, F_LINES, F_EMAIL, F_PASSWORD, F_CODE, F_KEY, F_INT, F_ID, F_FLAG, F_CHOICE };

static const char *const choices[] = {"all", "archived", NULL};
static const struct field spec[] = {
	[F_TEXT] = {"t", FIELD_TEXT, false, 2, 20, "a text", NULL},
	[F_LINES] = {"l", FIELD_LINES, false, 0, 40, "lines", NULL},
	[F_EMAIL] = {"e", FIELD_EMAIL, true, 3, 254, "an email", NULL},
	[F_PASSWORD] = {"p", FIELD_PASSWORD, false, 1, 30, "a password", NULL},
	[F_CODE] = {"c", FIELD_CODE, false, 1, 64, "a code", NULL},
	[F_KEY] = {"k", FIELD_KEY, false, 0, 30, "a place", NULL},
	[F_INT] = {"i", FIELD_INT, false, -5, 99, "a number", NULL},
	[F_ID] = {"d", FIELD_ID, false, 0, 0, "an id", NULL},
	[F_FLAG] = {"f", FIELD_FLAG, false, 0, 0, "a mark", NULL},
	[F_CHOICE] = {"h", FIELD_CHOICE, false, 0, 0, "a choice", choices},
};

static void check_email(struct arena *a, const char *email)
{
	char *once, *twice;
	struct err e;
	must(strlen(email) <= 254 && strpbrk(email, " \t\r\n<>,;:\"()") == NULL);
	if (!user_email_norm(a, email, &once, &e)) {
		must(e.kind == ERR_INVALID);
		return;
	}
	must(user_email_norm(a, once, &twice, &e) && strcmp(once, twice) == 0);
}

static void check_accepted(struct arena *a, const struct fields *f)
{
	const char *const *t = f->text;
	must(strpbrk(t[F_TEXT], "\r\n\t\x1B\x7F") == NULL &&
		str_utf8_len(str_of(t[F_TEXT])) <= 20);
	must(strpbrk(t[F_LINES], "\r\x1B\x7F") == NULL);
	must(strspn(t[F_CODE],
		     "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ -") ==
		strlen(t[F_CODE]));
	must(f->number[F_INT] >= -5 && f->number[F_INT] <= 99 && f->number[F_ID] >= 0);
	must(f->number[F_FLAG] == 0 || f->number[F_FLAG] == 1);
	must(f->number[F_CHOICE] >= 0 && f->number[F_CHOICE] <= 1);
	if (t[F_EMAIL][0] != '\0')
		check_email(a, t[F_EMAIL]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const params[] = {"REQUEST_METHOD", "POST", "REQUEST_URI", "/",
		"CONTENT_TYPE", "application/x-www-form-urlencoded", NULL};
	struct arena *a = arena_new();
	struct fake_request fake = {.params = params, .body = {(const char *)data, size}};
	struct request_source source = fake_request_source(&fake);
	struct request r;
	struct fields f;
	struct err e = {0};
	if (request_judge(a, &source, &r, &e)) {
		must(fields_read(&r, spec, ARRAY_LEN(spec), &f, &e));
		for (size_t i = 0; i < f.n; i++) {
			must(f.error[i] == NULL || (f.text[i][0] == '\0' && !f.ok));
			must(str_utf8_valid(str_of(f.text[i])));
		}
		must(f.typed[F_PASSWORD][0] == '\0');
		check_accepted(a, &f);
	}
	char *email;
	const char *typed = arena_strndup(a, (const char *)data, size);
	(void)!user_email_norm(a, typed, &email, &e);
	arena_free(&a);
	return 0;
}
