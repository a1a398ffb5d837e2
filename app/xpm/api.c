#include "xpm/api.h"

#include "codec/url.h"
#include "codec/when.h"

enum {
	CALL_TIMEOUT_S = 60,
	GET_BODY_MAX = 8 * 1024 * 1024,
	CONNECTIONS_BODY_MAX = 1024 * 1024,
	URL_MAX = 4096
};

static const char accept_clients[] = "text/xml, application/xml";

static const struct xero_setup *setup_of(void *self)
{
	return self;
}

/* One streamed call: passes libcurl's pieces to the caller's sink. */
struct stream {
	const struct xero_sink *sink;
	bool started;
};

static bool on_body(void *user, const struct http_reply *reply, struct str piece, struct err *e)
{
	struct stream *s = user;
	if (!s->started) {
		s->started = true;
		if (!s->sink->start(s->sink->user, reply->content_type, reply->charset, e))
			return false;
	}
	return s->sink->piece(s->sink->user, piece, e);
}

static bool on_tick(void *user, struct err *e)
{
	const struct stream *s = user;
	return s->sink->tick == NULL || s->sink->tick(s->sink->user, e);
}

struct document {
	const char *what, *url, *tenant;
	int timeout_s;
	size_t body_max;
};

static bool stream_document(const struct xero_setup *s, struct arena *a,
	const struct secret *access, const struct document *d, const struct xero_sink *sink,
	struct xero_answer *w_r, struct err *e)
{
	struct stream stream = {.sink = sink};
	struct http_reply reply;
	const char *const headers[] = {arena_printf(a, "xero-tenant-id: %s", d->tenant), NULL};
	const struct http_request q = {
		.method = "GET",
		.url = d->url,
		.accept = accept_clients,
		.bearer = access,
		.headers = headers,
		.timeout_s = d->timeout_s,
		.body_max = d->body_max,
		.on_body = on_body,
		.on_tick = on_tick,
		.user = &stream,
	};
	if (!xero_call(s, a, d->what, &q, &reply, w_r, e))
		return false;
	/* 204, or 200 with an empty body: that is no document. */
	if (!stream.started) {
		w_r->trouble = XERO_DOWN;
		return err_set(e, ERR_MALFORMED, "Xero answered without a document (%d).",
			reply.status);
	}
	return true;
}

/* since: NULL, or a time as Xero writes it, yyyy-MM-ddTHH:mm:ss in UTC without a zone. */
static char *practice_url(
	const struct xero_setup *s, struct arena *a, const char *path, const char *since)
{
	struct buf url;
	buf_init(&url, a, URL_MAX);
	buf_printf(&url, "%s/practicemanager/3.1/%s", s->api_url, path);
	if (since != NULL) {
		buf_adds(&url, "?modifiedsince=");
		url_escape(&url, str_of(since));
	}
	if (s->fields != NULL && *s->fields != '\0') {
		buf_adds(&url, since == NULL ? "?fields=" : "&fields=");
		url_escape(&url, str_of(s->fields));
	}
	return url.data;
}

static bool list(const struct xero_setup *s, struct arena *a, const struct secret *access,
	const char *tenant, const char *since, const struct xero_sink *sink,
	struct xero_answer *w_r, struct err *e)
{
	const struct document d = {
		.what = since == NULL ? "client.list" : "client.list.since",
		.url = practice_url(s, a, "client.api/list", since),
		.tenant = tenant,
		.timeout_s = s->list_timeout_s,
		.body_max = (size_t)s->list_max_bytes,
	};
	return stream_document(s, a, access, &d, sink, w_r, e);
}

static bool do_list(void *self, struct arena *a, const struct secret *access,
	const char *tenant, const struct xero_sink *sink, struct xero_answer *w_r,
	struct err *e)
{
	return list(setup_of(self), a, access, tenant, NULL, sink, w_r, e);
}

static bool do_list_since(void *self, struct arena *a, const struct secret *access,
	const char *tenant, int64_t since, const struct xero_sink *sink,
	struct xero_answer *w_r, struct err *e)
{
	struct when_date d = when_in_zone("UTC", since);
	const char *text = arena_printf(a, "%04d-%02d-%02dT%02d:%02d:%02d", d.year, d.month,
		d.day, d.hour, d.minute, d.second);
	return list(setup_of(self), a, access, tenant, text, sink, w_r, e);
}

static bool do_get(void *self, struct arena *a, const struct secret *access, const char *tenant,
	const char *uuid, const struct xero_sink *sink, struct xero_answer *w_r, struct err *e)
{
	const struct xero_setup *s = setup_of(self);
	const struct document d = {
		.what = "client.get",
		.url = practice_url(s, a, arena_printf(a, "client.api/get/%s", uuid), NULL),
		.tenant = tenant,
		.timeout_s = CALL_TIMEOUT_S,
		.body_max = GET_BODY_MAX,
	};
	return stream_document(s, a, access, &d, sink, w_r, e);
}

static const char *uuid_of(struct arena *a, const struct json *node)
{
	char uuid[37];
	if (!str_uuid(str_of(json_text(node)), uuid))
		return NULL;
	return arena_strdup(a, uuid);
}

/* False: the row has no usable ids. */
static bool tenant_of(struct arena *a, const struct json *row, struct xero_tenant *t_r)
{
	const char *created = json_text(json_get(row, "createdDateUtc"));
	const char *updated = json_text(json_get(row, "updatedDateUtc"));
	const char *type = json_text(json_get(row, "tenantType"));
	*t_r = (struct xero_tenant){
		.connection = uuid_of(a, json_get(row, "id")),
		.tenant = uuid_of(a, json_get(row, "tenantId")),
		.type = type == NULL ? "" : type,
		.name = json_text(json_get(row, "tenantName")),
		.auth_event = uuid_of(a, json_get(row, "authEventId")),
		.added = created != NULL && updated != NULL && strcmp(created, updated) == 0,
	};
	return t_r->connection != NULL && t_r->tenant != NULL;
}

bool xero_parse_connections(struct arena *a, struct str body, const struct xero_tenant **rows_r,
	size_t *n_r, struct err *e)
{
	const struct json *root = NULL;
	if (!json_parse(a, body, &root, e))
		return false;
	if (!json_is_array(root))
		return err_set(e, ERR_MALFORMED, "Xero's connections are not a list.");
	struct xero_tenant *rows = arena_array(a, struct xero_tenant, json_len(root));
	size_t n = 0;
	for (size_t i = 0; i < json_len(root); i++)
		n += tenant_of(a, json_at(root, i), &rows[n]);
	*rows_r = rows;
	*n_r = n;
	return true;
}

static bool do_connections(void *self, struct arena *a, const struct secret *access,
	const struct xero_tenant **rows_r, size_t *n_r, struct xero_answer *w_r, struct err *e)
{
	const struct xero_setup *s = setup_of(self);
	struct http_reply reply;
	const struct http_request q = {
		.method = "GET",
		.url = arena_printf(a, "%s/connections", s->api_url),
		.bearer = access,
		.timeout_s = CALL_TIMEOUT_S,
		.body_max = CONNECTIONS_BODY_MAX,
	};
	if (!xero_call(s, a, "connections", &q, &reply, w_r, e))
		return false;
	if (xero_parse_connections(a, reply.body, rows_r, n_r, e))
		return true;
	w_r->trouble = XERO_DOWN;
	return false;
}

static bool do_remove(void *self, struct arena *a, const struct secret *access,
	const char *connection, struct xero_answer *w_r, struct err *e)
{
	const struct xero_setup *s = setup_of(self);
	struct http_reply reply;
	const struct http_request q = {
		.method = "DELETE",
		.url = arena_printf(a, "%s/connections/%s", s->api_url, connection),
		.bearer = access,
		.timeout_s = CALL_TIMEOUT_S,
		.body_max = CONNECTIONS_BODY_MAX,
	};
	return xero_call(s, a, "connection.remove", &q, &reply, w_r, e) || reply.status == 404;
}

void xero_add_api(struct xero *x)
{
	x->connections = do_connections;
	x->remove = do_remove;
	x->list = do_list;
	x->list_since = do_list_since;
	x->get = do_get;
}

struct xero xero_real(struct arena *a, const struct xero_setup *setup)
{
	struct xero x = {.self = arena_copy(a, setup, sizeof *setup)};
	xero_add_tokens(&x);
	xero_add_api(&x);
	return x;
}
