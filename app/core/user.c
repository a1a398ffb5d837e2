#include "core/user.h"

enum { EMAIL_MAX = 254 }; /* RFC 5321 section 4.5.3.1.3, less the angle brackets */

const char *user_role_name(enum user_role r)
{
	return r == USER_ADMIN ? "admin" : "member";
}

bool user_role_parse(const char *name, enum user_role *role_r)
{
	struct str s = str_of(name);
	if (!str_is(s, "admin") && !str_is(s, "member"))
		return false;
	*role_r = str_is(s, "admin") ? USER_ADMIN : USER_MEMBER;
	return true;
}

static bool has_blank_or_control(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] <= ' ' || s.p[i] == 0x7f)
			return true;
	return false;
}

/* The last @ separates the parts: a quoted local part may contain others. */
static bool has_shape(struct str s)
{
	size_t at = s.n;
	while (at > 0 && s.p[at - 1] != '@')
		at--;
	struct str domain = str_sub(s, at, s.n);
	if (at < 2 || domain.n == 0 || domain.p[0] == '.' || domain.p[domain.n - 1] == '.')
		return false;
	return !has_blank_or_control(s) && str_utf8_valid(s);
}

bool user_email_norm(struct arena *a, const char *typed, char **email_r, struct err *e)
{
	struct str s = str_trim(str_of(typed));
	if (str_empty(s))
		return err_set(e, ERR_INVALID, "Enter an email address.");
	if (s.n > EMAIL_MAX)
		return err_set(e, ERR_INVALID,
			"This email address is too long: at most %d characters.", EMAIL_MAX);
	if (!has_shape(s))
		return err_set(
			e, ERR_INVALID, "Enter an email address such as name@firm.example.");
	*email_r = str_lower(a, s);
	return true;
}
