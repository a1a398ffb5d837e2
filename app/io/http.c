#include "io/http_int.h"

#include "base/clock.h"
#include "codec/b64.h"

#include <curl/curl.h>

enum { CONNECT_S = 5, TIMEOUT_S = 60, STALL_S = 20, STALL_BYTES = 100, TICK_MS = 1000 };
enum { BODY_MAX = 8 * 1024 * 1024, REFUSAL_BODY_MAX = 64 * 1024 };

struct http {
	CURL *curl;
	const char *ca_file;
};

/* One transfer, for its callbacks. */
struct call {
	const struct http_request *q;
	struct http_reply *reply;
	struct http_header *headers;
	struct arena *arena;
	struct err *e;
	bool failed; /* *e has the reason; libcurl only knows that a callback refused */
	bool head_is_whole;
	size_t body_max;
	struct buf body;
	int64_t ticked_at_ms, slow_since_ms;
	curl_off_t received; /* bytes received at the last tick */
};

static void close_at_end(void *arg)
{
	struct http *h = arg;
	curl_easy_cleanup(h->curl);
}

struct http *http_new(struct arena *a, const char *ca_file)
{
	struct http *h = arena_new_of(a, struct http);
	h->curl = curl_easy_init();
	if (h->curl == NULL)
		die("out of memory: a network handle");
	h->ca_file = arena_strdup(a, ca_file);
	arena_defer(a, close_at_end, h);
	return h;
}

/* ---- callbacks ---- */

/* Returning 0 makes libcurl stop. */
static size_t refuse(struct call *c)
{
	c->failed = true;
	return 0;
}

static bool is_success(const struct http_reply *r)
{
	return r->status >= 200 && r->status <= 299;
}

static size_t on_header(char *p, size_t size, size_t n, void *user)
{
	struct call *c = user;
	/* libcurl accepts a header section that is cut off, so we check for its empty line. */
	if (c->reply->status >= 200 && str_empty(str_trim((struct str){p, size * n})))
		c->head_is_whole = true;
	/* Trailers, which come after the body, are ignored. */
	if (c->reply->bytes == 0 && !http_reply_line(c->reply, c->headers, c->arena,
					    (struct str){p, size * n}, c->e))
		return refuse(c);
	return size * n;
}

static size_t on_write(char *p, size_t size, size_t n, void *user)
{
	struct call *c = user;
	struct str piece = {p, size * n};
	c->reply->bytes += (int64_t)piece.n;
	if ((uint64_t)c->reply->bytes > c->body_max) {
		(void)err_set(c->e, ERR_TOO_LARGE, "The answer is larger than %s bytes.",
			str_number(c->arena, (int64_t)c->body_max));
		return refuse(c);
	}
	if (c->q->on_body == NULL || !is_success(c->reply))
		buf_addstr(&c->body, piece);
	else if (!c->q->on_body(c->q->user, c->reply, piece, c->e))
		return refuse(c);
	return piece.n;
}

/*
 * Counts from the first line of the answer: a server that sends less than STALL_BYTES per
 * second for stall_s is taken for dead.
 */
static bool is_stalled(struct call *c, int64_t now, curl_off_t received)
{
	bool fast = (received - c->received) * 1000 >= STALL_BYTES * (now - c->ticked_at_ms);
	c->received = received;
	if (fast || c->reply->status == 0)
		c->slow_since_ms = now;
	int limit_s = c->q->stall_s == 0 ? STALL_S : c->q->stall_s;
	return now - c->slow_since_ms >= limit_s * 1000;
}

static int on_progress(
	void *user, curl_off_t total, curl_off_t received, curl_off_t to_send, curl_off_t sent)
{
	struct call *c = user;
	(void)total;
	(void)to_send;
	(void)sent;
	int64_t now = clock_mono_ms();
	if (now - c->ticked_at_ms < TICK_MS)
		return 0;
	if (is_stalled(c, now, received)) {
		(void)err_set(c->e, ERR_UPSTREAM, "The answer came to a standstill.");
		c->failed = true;
	}
	c->ticked_at_ms = now;
	if (!c->failed && c->q->on_tick != NULL && !c->q->on_tick(c->q->user, c->e))
		c->failed = true;
	return c->failed;
}

/* ---- options ---- */

/* A libcurl list on the arena, which wipes it: the headers contain tokens. */
static struct curl_slist *prepend(struct arena *a, struct curl_slist *next, const char *line)
{
	if (strpbrk(line, "\r\n") != NULL)
		bug("a line break in a header");
	struct curl_slist *l = arena_new_of(a, struct curl_slist);
	l->data = arena_strdup(a, line);
	l->next = next;
	return l;
}

static struct curl_slist *header_lines(struct arena *a, const struct http_request *q)
{
	/* Without an empty Expect libcurl waits a second before it sends a large body. */
	struct curl_slist *l = prepend(a, NULL, "Expect:");
	l = prepend(a, l,
		arena_printf(
			a, "Accept: %s", q->accept == NULL ? "application/json" : q->accept));
	if (q->bearer != NULL)
		l = prepend(a, l,
			arena_printf(a, "Authorization: Bearer %s", secret_open(q->bearer).p));
	if (q->basic_user != NULL) {
		const char *pair = arena_printf(
			a, "%s:%s", q->basic_user, secret_open(q->basic_password).p);
		l = prepend(a, l,
			arena_printf(a, "Authorization: Basic %s",
				b64_encode(a, pair, strlen(pair))));
	}
	for (const char *const *h = q->headers; h != NULL && *h != NULL; h++)
		l = prepend(a, l, *h);
	return l;
}

/* The options of every transfer. `e_text` has CURL_ERROR_SIZE bytes. */
static bool set_common(struct http *h, const char *protocols, int timeout_s, char *e_text)
{
	CURL *c = h->curl;
	curl_easy_reset(c);
	bool ok = curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, protocols) == CURLE_OK;
	ok &= curl_easy_setopt(c, CURLOPT_ERRORBUFFER, e_text) == CURLE_OK;
	ok &= curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L) == CURLE_OK;
	ok &= curl_easy_setopt(c, CURLOPT_PROXY, "") == CURLE_OK;
	ok &= curl_easy_setopt(c, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED) == CURLE_OK;
	ok &= curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, 1L) == CURLE_OK;
	ok &= curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, 2L) == CURLE_OK;
	ok &= curl_easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) ==
	      CURLE_OK;
	ok &= curl_easy_setopt(c, CURLOPT_TCP_KEEPALIVE, 1L) == CURLE_OK;
	/*
	 * Without this, libcurl waits past its time limit for the thread that resolves a slow
	 * name.
	 */
	ok &= curl_easy_setopt(c, CURLOPT_QUICK_EXIT, 1L) == CURLE_OK;
	ok &= curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_S) == CURLE_OK;
	ok &= curl_easy_setopt(c, CURLOPT_TIMEOUT, (long)timeout_s) == CURLE_OK;
	if (h->ca_file != NULL)
		ok &= curl_easy_setopt(c, CURLOPT_CAINFO, h->ca_file) == CURLE_OK;
	return ok;
}

static bool set_method(CURL *c, const struct http_request *q)
{
	bool ok = true;
	if (strcmp(q->method, "GET") == 0)
		return curl_easy_setopt(c, CURLOPT_HTTPGET, 1L) == CURLE_OK;
	/* libcurl by itself repeats a request that a reused connection may have lost. */
	ok &= curl_easy_setopt(c, CURLOPT_FRESH_CONNECT, 1L) == CURLE_OK;
	if (strcmp(q->method, "POST") != 0)
		return curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, q->method) == CURLE_OK && ok;
	const char *body = q->form_body == NULL ? "" : q->form_body;
	ok &= curl_easy_setopt(c, CURLOPT_POST, 1L) == CURLE_OK;
	ok &= curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)strlen(body)) ==
	      CURLE_OK;
	ok &= curl_easy_setopt(c, CURLOPT_POSTFIELDS, body) == CURLE_OK;
	return ok;
}

static bool set_request(struct http *h, struct call *call)
{
	const struct http_request *q = call->q;
	CURL *c = h->curl;
	bool ok = set_method(c, q);
	ok &= curl_easy_setopt(c, CURLOPT_URL, q->url) == CURLE_OK;
	ok &= curl_easy_setopt(c, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L) == CURLE_OK;
	ok &= curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK;
	ok &= curl_easy_setopt(c, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1) ==
	      CURLE_OK;
	ok &= curl_easy_setopt(c, CURLOPT_USERAGENT, "gap-worker") == CURLE_OK;
	ok &= curl_easy_setopt(c, CURLOPT_ACCEPT_ENCODING, "gzip") == CURLE_OK;
	ok &= curl_easy_setopt(c, CURLOPT_HTTPHEADER, header_lines(call->arena, q)) == CURLE_OK;
	ok &= curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, on_header) == CURLE_OK;
	ok &= curl_easy_setopt(c, CURLOPT_HEADERDATA, call) == CURLE_OK;
	ok &= curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_write) == CURLE_OK;
	ok &= curl_easy_setopt(c, CURLOPT_WRITEDATA, call) == CURLE_OK;
	ok &= curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, on_progress) == CURLE_OK;
	ok &= curl_easy_setopt(c, CURLOPT_XFERINFODATA, call) == CURLE_OK;
	ok &= curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L) == CURLE_OK;
	return ok;
}

/* ---- transfers ---- */

static struct str first_line(const char *text)
{
	return (struct str){text, strcspn(text, "\r\n")};
}

static const char *reason(CURLcode code, const char *e_text)
{
	return e_text[0] != '\0' ? e_text : curl_easy_strerror(code);
}

/* A bad certificate, a protocol that is too old, or a handshake that breaks off. */
static bool is_untrusted(const struct call *call, CURLcode code)
{
	return !call->failed && !call->reply->was_sent &&
	       (code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CONNECT_ERROR ||
		       code == CURLE_SSL_ISSUER_ERROR);
}

static bool judge(const struct call *call, CURLcode code, const char *e_text)
{
	struct str why = first_line(reason(code, e_text));
	if (call->failed)
		return false;
	if (code == CURLE_OK)
		return call->head_is_whole ||
		       err_set(call->e, ERR_UPSTREAM, "The head of the answer was cut off.");
	if (!call->reply->was_sent &&
		(code == CURLE_UNSUPPORTED_PROTOCOL || code == CURLE_URL_MALFORMAT ||
			code == CURLE_SSL_CACERT_BADFILE))
		return err_set(call->e, ERR_CONFIG, "No request can be made: %.*s.", (int)why.n,
			why.p);
	return err_set(call->e, ERR_UPSTREAM, "No complete answer: %.*s.", (int)why.n, why.p);
}

bool http_fetch(struct http *h, struct arena *a, const struct http_request *q,
	struct http_reply *reply_r, struct err *e)
{
	char e_text[CURL_ERROR_SIZE] = "";
	int64_t now = clock_mono_ms();
	size_t body_max = q->body_max == 0 ? BODY_MAX : q->body_max;
	*reply_r = (struct http_reply){.content_type = "", .charset = ""};
	struct call call = {.q = q,
		.reply = reply_r,
		.headers = arena_array(a, struct http_header, HTTP_HEADERS_MAX),
		.arena = a,
		.e = e,
		.body_max = body_max,
		.ticked_at_ms = now,
		.slow_since_ms = now};
	/* Of a streamed answer that is no success, only as much is kept as a log needs. */
	buf_init(&call.body, a, q->on_body == NULL ? body_max : REFUSAL_BODY_MAX);
	if (!set_common(h, "https", q->timeout_s == 0 ? TIMEOUT_S : q->timeout_s, e_text) ||
		!set_request(h, &call))
		bug("libcurl does not know an option");
	CURLcode code = curl_easy_perform(h->curl);
	long sent = 0;
	(void)curl_easy_getinfo(h->curl, CURLINFO_REQUEST_SIZE, &sent);
	reply_r->was_sent = sent > 0;
	reply_r->untrusted = is_untrusted(&call, code);
	reply_r->body = buf_str(&call.body);
	/* Nothing of this request may stay in the handle, above all not its tokens. */
	curl_easy_reset(h->curl);
	return judge(&call, code, e_text);
}

/* ---- mail ---- */

static size_t read_message(char *to, size_t size, size_t n, void *user)
{
	struct str *rest = user;
	size_t take = rest->n < size * n ? rest->n : size * n;
	if (take != 0)
		memcpy(to, rest->p, take);
	*rest = str_sub(*rest, take, rest->n);
	return take;
}

/* Can the address stand between '<' and '>' without adding anything to the SMTP command? */
static bool is_mailbox(const char *s)
{
	for (const char *p = s; *p != '\0'; p++)
		if ((unsigned char)*p <= 0x20 || (unsigned char)*p >= 0x7F ||
			strchr("<>", *p) != NULL)
			return false;
	return strchr(s, '@') != NULL && strlen(s) <= 254;
}

static bool judge_mail(
	struct http *h, CURLcode code, const char *e_text, bool all_read, struct err *e)
{
	long said = 0;
	if (code == CURLE_OK)
		return true;
	(void)curl_easy_getinfo(h->curl, CURLINFO_RESPONSE_CODE, &said);
	struct str why = first_line(reason(code, e_text));
	/*
	 * RFC 5321 section 4.5.4.1: once all bytes are sent, only the answer says whether the
	 * server took the mail.
	 */
	if (all_read && said < 400)
		return err_set(e, ERR_UNCERTAIN,
			"The mail server did not say whether it took the mail: %.*s.",
			(int)why.n, why.p);
	/* RFC 5321 section 4.2.1: 5yz is permanent, 4yz temporary. */
	bool refused = (said >= 500 && said <= 599) || code == CURLE_LOGIN_DENIED ||
		       code == CURLE_USE_SSL_FAILED || code == CURLE_PEER_FAILED_VERIFICATION;
	if (said >= 400 && said <= 499)
		refused = false;
	return err_set(e, refused ? ERR_REFUSED : ERR_UPSTREAM,
		"The mail server did not take the mail: %.*s (answer %ld).", (int)why.n, why.p,
		said);
}

bool http_send_mail(struct http *h, const struct secret *smtp_url, const char *from,
	const char *to, struct str message, struct err *e)
{
	char e_text[CURL_ERROR_SIZE] = "", from_path[264], to_path[264];
	if (!is_mailbox(from) || !is_mailbox(to))
		return err_set(e, ERR_INVALID, "This is not an e-mail address.");
	(void)snprintf(from_path, sizeof from_path, "<%s>", from);
	(void)snprintf(to_path, sizeof to_path, "<%s>", to);
	struct curl_slist recipient = {.data = to_path};
	CURL *c = h->curl;
	bool ok = set_common(h, "smtp,smtps", HTTP_MAIL_S, e_text);
	ok &= curl_easy_setopt(c, CURLOPT_URL, secret_open(smtp_url).p) == CURLE_OK;
	ok &= curl_easy_setopt(c, CURLOPT_USE_SSL, (long)CURLUSESSL_ALL) == CURLE_OK;
	ok &= curl_easy_setopt(c, CURLOPT_MAIL_FROM, from_path) == CURLE_OK;
	ok &= curl_easy_setopt(c, CURLOPT_MAIL_RCPT, &recipient) == CURLE_OK;
	ok &= curl_easy_setopt(c, CURLOPT_UPLOAD, 1L) == CURLE_OK;
	ok &= curl_easy_setopt(c, CURLOPT_READFUNCTION, read_message) == CURLE_OK;
	ok &= curl_easy_setopt(c, CURLOPT_READDATA, &message) == CURLE_OK;
	ok &= curl_easy_setopt(c, CURLOPT_FRESH_CONNECT, 1L) == CURLE_OK;
	ok &= curl_easy_setopt(c, CURLOPT_FORBID_REUSE, 1L) == CURLE_OK;
	if (!ok)
		bug("libcurl does not know an option");
	CURLcode code = curl_easy_perform(c);
	ok = judge_mail(h, code, e_text, message.n == 0, e);
	curl_easy_reset(c);
	return ok;
}
