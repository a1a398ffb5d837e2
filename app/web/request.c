#include "web/request.h"

#include "base/buf.h"
#include "codec/b64.h"
#include "codec/random.h"
#include "web/upload.h"

static const char *const method_names[] = {
	[METHOD_GET] = "GET",
	[METHOD_HEAD] = "HEAD",
	[METHOD_POST] = "POST",
	[METHOD_DELETE] = "DELETE",
};

static const char *param_of(const struct request *r, const char *cgi_name)
{
	return r->source.param(r->source.user, cgi_name);
}

static bool is_clean(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7F)
			return false;
	return str_utf8_valid(s);
}

const char *request_header(const struct request *r, const char *cgi_name)
{
	const char *value = param_of(r, cgi_name);
	if (value == NULL || *value == '\0' || !is_clean(str_of(value)))
		return NULL;
	return value;
}

/* What nginx says about the client. Absent only when no nginx stands in front of us. */
static const char *header_or_empty(const struct request *r, const char *cgi_name)
{
	const char *value = request_header(r, cgi_name);
	return value == NULL ? "" : arena_strdup(r->arena, value);
}

/* The longest valid UTF-8 prefix of s of at most `max` bytes. */
static struct str cut_utf8(struct str s, size_t max)
{
	if (s.n <= max)
		return s;
	while (max > 0 && ((unsigned char)s.p[max] & 0xC0) == 0x80)
		max--;
	return str_sub(s, 0, max);
}

/* The User-Agent is shown in tables and pages, so bytes that are not text become '?'. */
static const char *read_user_agent(const struct request *r)
{
	const char *sent = param_of(r, "HTTP_USER_AGENT");
	if (sent == NULL)
		return "";
	struct str whole = cut_utf8(str_of(sent), REQUEST_AGENT_MAX);
	char *text = str_dup(r->arena, whole);
	for (size_t i = 0; i < whole.n; i++) {
		size_t step = 1;
		while (step <= 4 && !is_clean(str_sub(whole, i, step)))
			step++;
		if (step > 4)
			text[i] = '?';
		else
			i += step - 1;
	}
	return text;
}

static bool is_request_id(const char *s)
{
	size_t n = s == NULL ? 0 : strspn(s, "0123456789abcdef");
	return n == 32 && s[n] == '\0';
}

static const char *read_id(const struct request *r)
{
	const char *sent = param_of(r, "REQUEST_ID");
	if (is_request_id(sent))
		return arena_strdup(r->arena, sent);
	unsigned char bytes[16] = {0};
	struct err ignored;
	/*
	 * The id only connects log lines. When there is no randomness, zeros are good enough.
	 */
	if (!random_bytes(bytes, sizeof bytes, &ignored))
		memset(bytes, 0, sizeof bytes);
	return hex_encode(r->arena, bytes, sizeof bytes);
}

static bool is_method_name(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
		if (!letter && c != '-' && c != '_')
			return false;
	}
	return s.n > 0 && s.n <= REQUEST_METHOD_MAX;
}

static bool read_method(struct request *r, struct err *e)
{
	struct str sent = str_of(param_of(r, "REQUEST_METHOD"));
	if (!is_method_name(sent))
		return err_set(e, ERR_MALFORMED, "The request's method is no method name.");
	r->method_text = str_dup(r->arena, sent);
	for (size_t i = 0; i < ARRAY_LEN(method_names); i++)
		if (str_is(sent, method_names[i]))
			r->method = (enum method)i;
	return true;
}

static bool is_hex_digit(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/*
 * RFC 3986 section 2.1: two hexadecimal digits follow a percent sign. The form codec accepts a
 * single percent sign as itself; no form of ours sends one.
 */
static bool escapes_are_whole(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] == '%' &&
			(s.n - i < 3 || !is_hex_digit(s.p[i + 1]) || !is_hex_digit(s.p[i + 2])))
			return false;
	return true;
}

static bool read_path(struct request *r, struct str path, struct err *e)
{
	const char *decoded;
	if (path.n > REQUEST_PATH_MAX)
		return err_set(e, ERR_MALFORMED, "The address is too long.");
	if (!str_starts(path, "/") || str_has(path, ' ') || !is_clean(path) ||
		!form_unescape_path(r->arena, path, &decoded) || !is_clean(str_of(decoded)))
		return err_set(e, ERR_MALFORMED, "The address is not well-formed.");
	r->path = str_dup(r->arena, path);
	return true;
}

/*
 * When a name is given twice, the handler and a filter in front of us could read different
 * values.
 */
static bool names_are_single(const struct form *f)
{
	for (size_t i = 0; i < f->n; i++)
		for (size_t j = 0; j < i; j++)
			if (strcmp(f->pairs[i].name, f->pairs[j].name) == 0)
				return false;
	return true;
}

static bool read_form(struct request *r, struct str text, struct form *form_r, struct err *e)
{
	struct form form = {0};
	if (!escapes_are_whole(text))
		return err_set(e, ERR_MALFORMED, "A value has a broken percent escape.");
	if (!form_parse(r->arena, text, &form, e))
		return false;
	if (!names_are_single(&form))
		return err_set(e, ERR_MALFORMED, "A parameter is given twice.");
	*form_r = form;
	return true;
}

static bool read_target(struct request *r, struct err *e)
{
	struct str target = str_of(param_of(r, "REQUEST_URI")), path = target, query = STR("");
	(void)str_cut(target, '?', &path, &query);
	if (!read_path(r, path, e))
		return false;
	if (query.n > REQUEST_QUERY_MAX)
		return err_set(e, ERR_MALFORMED, "The address is too long.");
	if (!is_clean(query))
		return err_set(e, ERR_MALFORMED, "The address is not well-formed.");
	if (!read_form(r, query, &r->query, e))
		return false;
	r->query_text = str_dup(r->arena, query);
	return true;
}

/*
 * The media type without parameters: "text/html; charset=utf-8" is "text/html". nginx strips
 * the blanks around a header's value, so a value that begins with a blank is not accepted.
 */
static bool type_is(const struct request *r, const char *type)
{
	struct str sent = str_of(param_of(r, "CONTENT_TYPE")), rest;
	(void)str_cut(sent, ';', &sent, &rest);
	return sent.n > 0 && (unsigned char)sent.p[0] > ' ' && str_is_ci(str_trim(sent), type);
}

/* Reads the fields of the form. The file is not read yet. */
static bool read_upload(struct request *r, size_t max, struct err *e)
{
	struct form fields = {0};
	if (!upload_open(r->arena, &r->source, param_of(r, "CONTENT_TYPE"), max, &fields,
		    &r->upload, e))
		return false;
	if (!names_are_single(&fields))
		return err_set(e, ERR_MALFORMED, "A parameter is given twice.");
	r->body = fields;
	return true;
}

static bool read_body(struct request *r, struct err *e)
{
	struct str text = STR("");
	if (r->method != METHOD_POST)
		return true;
	size_t (*upload_max)(void *site, const struct request *r) = r->source.upload_max;
	if (upload_max != NULL && type_is(r, "multipart/form-data")) {
		size_t max = upload_max(r->source.site, r);
		if (max != 0)
			return read_upload(r, max, e);
	}
	if (!r->source.body(r->source.user, r->arena, REQUEST_BODY_MAX, &text, e))
		return false;
	if (text.n == 0)
		return true;
	if (type_is(r, "application/x-www-form-urlencoded"))
		return read_form(r, text, &r->body, e);
	if (!type_is(r, "application/csp-report") && !type_is(r, "application/reports+json"))
		return err_set(e, ERR_MALFORMED, "What was sent is no form.");
	if (str_has(text, '\0') || !str_utf8_valid(text))
		return err_set(e, ERR_MALFORMED, "What was sent is no text.");
	r->report = text;
	return true;
}

bool request_judge(
	struct arena *a, const struct request_source *from, struct request *r_r, struct err *e)
{
	*r_r = (struct request){.source = *from,
		.arena = a,
		.method = METHOD_OTHER,
		.method_text = "",
		.path = "/",
		.query_text = "",
		.report = STR("")};
	r_r->id = read_id(r_r);
	r_r->peer = header_or_empty(r_r, "REMOTE_ADDR");
	r_r->host = header_or_empty(r_r, "HTTP_HOST");
	r_r->user_agent = read_user_agent(r_r);
	return read_method(r_r, e) && read_target(r_r, e) && read_body(r_r, e);
}

static const char *fcgi_source_param(void *user, const char *cgi_name)
{
	return fcgi_param(user, cgi_name);
}

static bool fcgi_source_body(
	void *user, struct arena *a, size_t max, struct str *body_r, struct err *e)
{
	return fcgi_body(user, a, max, body_r, e);
}

static bool fcgi_source_piece(
	void *user, char *into, size_t room, size_t max, size_t *n_r, struct err *e)
{
	return fcgi_body_piece(user, into, room, max, n_r, e);
}

bool request_read(struct arena *a, struct fcgi *f,
	size_t (*upload_max)(void *site, const struct request *r), void *site,
	struct request *r_r, struct err *e)
{
	struct request_source source = {.param = fcgi_source_param,
		.body = fcgi_source_body,
		.user = f,
		.upload_max = upload_max,
		.site = site,
		.piece = fcgi_source_piece};
	bool ok = request_judge(a, &source, r_r, e);
	r_r->fcgi = f;
	return ok;
}

static bool is_cookie_text(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];
		if (c <= ' ' || c > '~' || c == '"' || c == ',' || c == ';' || c == '\\')
			return false;
	}
	return true;
}

const char *request_cookie(const struct request *r, const char *name)
{
	struct str rest = str_of(param_of(r, "HTTP_COOKIE")), pair, key, value;
	while (str_next(&rest, ';', &pair))
		if (str_cut(str_trim(pair), '=', &key, &value) && str_is(key, name))
			return is_cookie_text(value) ? str_dup(r->arena, value) : NULL;
	return NULL;
}

bool request_is_cross_site(const struct request *r, const char *own_origin)
{
	const char *site = request_header(r, "HTTP_SEC_FETCH_SITE");
	const char *origin = request_header(r, "HTTP_ORIGIN");
	if (site != NULL && strcmp(site, "same-origin") != 0 && strcmp(site, "none") != 0)
		return true;
	if (origin == NULL)
		return false;
	if (strcmp(origin, "null") == 0)
		return site == NULL;
	return strcmp(origin, own_origin) != 0;
}
