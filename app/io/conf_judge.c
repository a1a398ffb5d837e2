#include "io/conf_int.h"

#include "base/log.h"
#include "codec/url.h"

#include <arpa/inet.h>

static bool wrong(
	const struct conf_setting *s, struct str text, const char *must_be, struct err *e)
{
	char shown[61];
	size_t n = text.n < sizeof shown ? text.n : sizeof shown - 1;
	for (size_t i = 0; i < n; i++)
		shown[i] = text.p[i] >= 0x20 && text.p[i] < 0x7F ? text.p[i] : '?';
	shown[n] = '\0';
	return err_set(e, ERR_CONFIG, "%s must be %s, not '%s'.", s->name, must_be, shown);
}

/* For values that may contain a password: the sentence does not repeat them. */
static bool wrong_secret(const struct conf_setting *s, const char *must_be, struct err *e)
{
	return err_set(e, ERR_CONFIG, "%s must be %s.", s->name, must_be);
}

static bool all_between(struct str s, unsigned char least, unsigned char most)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < least || (unsigned char)s.p[i] > most)
			return false;
	return true;
}

/*
 * Reads digits and at most one letter of `units`; each letter multiplies by its entry in
 * `factors`.
 */
static bool with_unit(struct str s, const char *units, const int64_t *factors, int64_t *n_r)
{
	int64_t factor = 1;
	const char *unit = s.n == 0 ? NULL : strchr(units, s.p[s.n - 1]);
	if (unit != NULL && *unit != '\0') {
		factor = factors[unit - units];
		s = str_sub(s, 0, s.n - 1);
	}
	return str_to_i64(s, n_r) && !__builtin_mul_overflow(*n_r, factor, n_r);
}

static bool judge_number(
	const struct conf_setting *s, struct str text, struct conf_value *v, struct err *e)
{
	static const int64_t bytes[] = {1024, 1024 * 1024, 1024 * 1024 * 1024};
	static const int64_t seconds[] = {1, 60, 3600, 86400};
	char must_be[120];
	bool ok;
	if (s->kind == KIND_SIZE) {
		ok = with_unit(text, "KMG", bytes, &v->number);
		(void)snprintf(must_be, sizeof must_be,
			"a size from %lldM to %lldM, such as 512M", (long long)(s->least >> 20),
			(long long)(s->most >> 20));
	} else if (s->kind == KIND_DURATION) {
		ok = with_unit(text, "smhd", seconds, &v->number);
		(void)snprintf(must_be, sizeof must_be,
			"a time from %llds to %llds, such as 90s or 30m", (long long)s->least,
			(long long)s->most);
	} else {
		ok = str_to_i64(text, &v->number);
		(void)snprintf(must_be, sizeof must_be, "a number from %lld to %lld",
			(long long)s->least, (long long)s->most);
	}
	if (!ok || v->number < s->least || v->number > s->most)
		return wrong(s, text, must_be, e);
	return true;
}

static bool judge_flag(
	const struct conf_setting *s, struct str text, struct conf_value *v, struct err *e)
{
	v->number = str_is(text, "on");
	return v->number != 0 || str_is(text, "off") || wrong(s, text, "on or off", e);
}

static bool judge_level(
	const struct conf_setting *s, struct str text, struct conf_value *v, struct err *e)
{
	enum log_level level;
	if (!log_level_parse(v->text, &level))
		return wrong(s, text, "debug, info, warn or error", e);
	v->number = (int64_t)level;
	return true;
}

static bool judge_url(struct arena *a, const struct conf_setting *s, struct str text,
	struct conf_value *v, struct err *e)
{
	struct url url;
	struct err why;
	if (!url_parse(a, v->text, &url, &why) || strcmp(url.scheme, "https") != 0)
		return wrong(s, text, "an address that begins with https:// and has no '?'", e);
	if (s->kind == KIND_ORIGIN && strcmp(url.path, "/") != 0)
		return wrong(s, text,
			"an address without a path, such as https://gap.example.com", e);
	if (s->kind == KIND_ORIGIN)
		v->text = url.origin;
	/* Paths are appended to some of these: one slash between, not two. */
	else if (text.p[text.n - 1] == '/')
		v->text = arena_strndup(a, text.p, text.n - 1);
	return true;
}

/* "06:00,18:00": one to six times, in ascending order. */
static bool are_times(struct str rest)
{
	struct str one, hour, minute;
	int before = -1, n = 0;
	while (str_next(&rest, ',', &one)) {
		if (!str_cut(one, ':', &hour, &minute) || hour.n != 2 || minute.n != 2 ||
			!all_between(hour, '0', '9') || !all_between(minute, '0', '9'))
			return false;
		int h = (hour.p[0] - '0') * 10 + hour.p[1] - '0';
		int m = (minute.p[0] - '0') * 10 + minute.p[1] - '0';
		if (h > 23 || m > 59 || h * 60 + m <= before)
			return false;
		before = h * 60 + m;
		n++;
	}
	return n >= 1 && n <= 6;
}

static bool are_addresses(struct arena *a, struct str rest)
{
	struct str one;
	struct in6_addr to;
	while (str_next(&rest, ',', &one)) {
		const char *text = str_dup(a, str_trim(one));
		if (inet_pton(AF_INET, text, &to) != 1 && inet_pton(AF_INET6, text, &to) != 1)
			return false;
	}
	return true;
}

static bool is_mail(struct str s)
{
	struct str local, domain;
	return s.n <= 254 && all_between(s, 0x21, 0x7E) && str_cut(s, '@', &local, &domain) &&
	       local.n != 0 && domain.n != 0 && !str_has(domain, '@') &&
	       strpbrk(s.p, "<>,;\"") == NULL;
}

/* scheme://[user:password@]host[:port][/...] */
static bool is_smtp(struct str s)
{
	size_t skip = str_starts(s, "smtps://") ? 8 : str_starts(s, "smtp://") ? 7 : 0;
	struct str host = str_sub(s, skip, s.n), before;
	(void)str_cut(host, '/', &host, &before);
	while (str_cut(host, '@', &before, &host))
		;
	return skip != 0 && all_between(s, 0x21, 0x7E) && host.n != 0 && host.p[0] != ':';
}

static bool judge_text(struct arena *a, const struct conf_setting *s, struct str text,
	struct conf_value *v, struct err *e)
{
	switch (s->kind) {
	case KIND_TEXT:
		return all_between(text, 0x20, 0x7E) || wrong(s, text, "plain ASCII text", e);
	case KIND_PATH:
		return (str_utf8_valid(text) && all_between(text, 0x20, 0xFF)) ||
		       wrong(s, text, "a path", e);
	case KIND_TIMES:
		return are_times(text) ||
		       wrong(s, text, "one to six times in order, such as 06:00,18:00", e);
	case KIND_ADDRESSES:
		return are_addresses(a, text) ||
		       wrong(s, text, "IP addresses with commas between", e);
	case KIND_MAIL:
		return is_mail(text) || wrong(s, text, "one e-mail address", e);
	case KIND_DATABASE:
		return ((str_starts(text, "postgresql://") ||
				str_starts(text, "postgres://")) &&
			       all_between(text, 0x21, 0x7E)) ||
		       wrong_secret(s, "an address that begins with postgresql://", e);
	case KIND_SMTP:
	case KIND_SECRET:
		v->text = NULL;
		v->secret = secret_new(a, text.p, text.n);
		if (s->kind == KIND_SECRET)
			return all_between(text, 0x21, 0x7E) ||
			       wrong_secret(s, "plain ASCII text without blanks", e);
		return is_smtp(text) ||
		       wrong_secret(s, "an address that begins with smtp:// or smtps://", e);
	case KIND_NUMBER:
	case KIND_SIZE:
	case KIND_DURATION:
	case KIND_FLAG:
	case KIND_LEVEL:
	case KIND_URL:
	case KIND_ORIGIN:
		break;
	}
	bug("%s is no text", s->name);
}

bool conf_judge(struct arena *a, const struct conf_setting *s, struct str text,
	struct conf_value *v, struct err *e)
{
	v->text = str_dup(a, text);
	if (s->kind == KIND_NUMBER || s->kind == KIND_SIZE || s->kind == KIND_DURATION)
		return judge_number(s, text, v, e);
	if (s->kind == KIND_FLAG)
		return judge_flag(s, text, v, e);
	if (s->kind == KIND_LEVEL)
		return judge_level(s, text, v, e);
	if (s->kind == KIND_URL || s->kind == KIND_ORIGIN)
		return judge_url(a, s, text, v, e);
	return judge_text(a, s, text, v, e);
}

/* "/dir" or "@abstract"; its first character may be written as %2F or %40. */
static bool is_socket(struct str host)
{
	return str_starts(host, "/") || str_starts(host, "@") || str_starts(host, "%2F") ||
	       str_starts(host, "%2f") || str_starts(host, "%40");
}

static bool are_sockets(struct str hosts)
{
	struct str one;
	while (str_next(&hosts, ',', &one))
		if (!is_socket(one))
			return false;
	return true;
}

bool conf_is_local_database(struct str uri)
{
	struct str rest = {NULL, 0}, query = {NULL, 0}, hosts, pair, name, value, ignored;
	if (!str_cut(uri, ':', &ignored, &rest))
		return false;
	rest = str_sub(rest, 2, rest.n);
	(void)str_cut(rest, '?', &rest, &query);
	hosts = rest;
	(void)str_cut(rest, '/', &hosts, &ignored);
	(void)str_cut(hosts, '@', &ignored, &hosts);
	bool named = hosts.n != 0, local = !named || are_sockets(hosts);
	while (str_next(&query, '&', &pair)) {
		/* An escaped name could stand for one of these two. */
		if (!str_cut(pair, '=', &name, &value) || str_has(name, '%') ||
			str_is(name, "hostaddr") || str_is(name, "service"))
			return false;
		if (str_is(name, "host")) {
			named = true;
			local = are_sockets(value);
		}
	}
	/* Without a host libpq takes the one in the environment, else its default socket. */
	const char *from_outside = getenv("PGHOST");
	if (getenv("PGHOSTADDR") != NULL || getenv("PGSERVICE") != NULL)
		return false;
	return local && (named || from_outside == NULL || are_sockets(str_of(from_outside)));
}
