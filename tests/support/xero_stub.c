#include "support/xero_stub.h"

#include "base/clock.h"
#include "codec/html.h"
#include "codec/json.h"
#include "codec/jwt.h"

#include <sys/mman.h>
#include <unistd.h>

enum { DOCUMENT_MAX = 64 * 1024 * 1024 };

static struct arena *forever(void)
{
	static struct arena *a;
	if (a == NULL)
		a = arena_new();
	return a;
}

const char *stub_uuid(struct arena *a, char kind, int id)
{
	static const char *kept['z' - 'a' + 1][STUB_CLIENTS_MAX];
	bool keep = a == NULL && kind >= 'a' && kind <= 'z' && id >= 0 && id < STUB_CLIENTS_MAX;
	if (keep && kept[kind - 'a'][id] != NULL)
		return kept[kind - 'a'][id];
	const char *uuid = arena_printf(a == NULL ? forever() : a, "%08x-%04x-4000-8000-%012x",
		(unsigned)id * 2654435761u, (unsigned char)kind, (unsigned)id);
	if (keep)
		kept[kind - 'a'][id] = uuid;
	return uuid;
}

struct stub_client *stub_client(struct stub_xero *s, int id, const char *name)
{
	if (s->n == STUB_CLIENTS_MAX)
		die("more clients than the stub holds");
	struct stub_client *c = &s->clients[s->n++];
	*c = (struct stub_client){.uuid = stub_uuid(NULL, 'c', id), .name = name};
	return c;
}

struct stub_contact *stub_contact(
	struct stub_client *c, int id, const char *name, const char *email)
{
	struct stub_contact *p = &c->contacts[c->n_contacts++];
	*p = (struct stub_contact){
		.uuid = stub_uuid(NULL, 'p', id), .name = name, .email = email};
	return p;
}

struct stub_client *stub_find(struct stub_xero *s, int id)
{
	const char *uuid = stub_uuid(NULL, 'c', id);
	for (size_t i = 0; i < s->n; i++)
		if (strcmp(s->clients[i].uuid, uuid) == 0)
			return &s->clients[i];
	die("the stub has no client %d", id);
}

void stub_drop(struct stub_xero *s, int id)
{
	struct stub_client *c = stub_find(s, id);
	*c = s->clients[--s->n];
}

/* ---- the documents ---- */

static void element(struct buf *b, const char *name, const char *text)
{
	if (text == NULL)
		return;
	buf_printf(b, "<%s>", name);
	html_text(b, str_of(text));
	buf_printf(b, "</%s>", name);
}

static void add_client_xml(struct buf *b, const struct stub_client *c)
{
	buf_adds(b, "<Client>");
	element(b, "UUID", c->uuid);
	element(b, "Name", c->name);
	buf_adds(b, "<Address /><Unknown><Name>not this</Name></Unknown>");
	element(b, "IsProspect", c->prospect ? "Yes" : "No");
	element(b, "IsArchived", c->archived ? "Yes" : "No");
	element(b, "IsDeleted", c->deleted ? "Yes" : "No");
	buf_adds(b, "<Contacts>");
	for (size_t i = 0; i < c->n_contacts; i++) {
		const struct stub_contact *p = &c->contacts[i];
		buf_adds(b, "<Contact>");
		element(b, "UUID", p->uuid);
		element(b, "Name", p->name);
		element(b, "Mobile", p->mobile);
		element(b, "Email", p->email);
		element(b, "Phone", p->phone);
		element(b, "IsDeleted", p->deleted ? "Yes" : "No");
		element(b, "IsPrimary", p->primary ? "Yes" : "No");
		buf_adds(b, "</Contact>");
	}
	buf_adds(b,
		"</Contacts><WebUrl>https://practicemanager.xero.com/Client/1</WebUrl></Client>\n");
}

static void member(struct buf *b, const char *name, const char *text)
{
	buf_printf(b, "\"%s\":", name);
	json_add_string(b, text);
	buf_addc(b, ',');
}

static void add_client_json(struct buf *b, const struct stub_client *c)
{
	buf_addc(b, '{');
	member(b, "uuid", c->uuid);
	member(b, "name", c->name);
	member(b, "isProspect", c->prospect ? "Yes" : "No");
	member(b, "isArchived", c->archived ? "Yes" : "No");
	member(b, "isDeleted", c->deleted ? "Yes" : "No");
	member(b, "webUrl", "https://practicemanager.xero.com/Client/1");
	buf_adds(b, "\"contacts\":[");
	for (size_t i = 0; i < c->n_contacts; i++) {
		const struct stub_contact *p = &c->contacts[i];
		buf_adds(b, i == 0 ? "{" : ",{");
		member(b, "uuid", p->uuid);
		member(b, "name", p->name);
		member(b, "email", p->email);
		member(b, "phone", p->phone);
		member(b, "mobile", p->mobile);
		buf_printf(b, "\"isPrimary\":%s,\"isDeleted\":\"%s\"}",
			p->primary ? "true" : "false", p->deleted ? "Yes" : "No");
	}
	buf_adds(b, "]}");
}

struct str stub_document(struct arena *a, const struct stub_xero *s)
{
	struct buf b;
	bool first = true;
	buf_init(&b, a, DOCUMENT_MAX);
	buf_adds(&b, s->json ? "{\"status\":\"OK\",\"clients\":["
			     : "<Response api-method=\"List\"><Status>OK</Status><Clients>\n");
	for (size_t i = 0; i < s->n; i++) {
		if (s->clients[i].unlisted)
			continue;
		if (s->json && !first)
			buf_addc(&b, ',');
		first = false;
		if (s->json)
			add_client_json(&b, &s->clients[i]);
		else
			add_client_xml(&b, &s->clients[i]);
	}
	buf_adds(&b, s->json ? "]}" : "</Clients></Response>");
	return buf_str(&b);
}

/* ---- the calls ---- */

static bool trouble(
	enum xero_trouble t, int retry_after_s, struct xero_answer *w, struct err *e)
{
	static const struct {
		int status;
		enum err_kind kind;
	} as[] = {
		[XERO_FINE] = {200, ERR_NONE},
		[XERO_TOKEN] = {401, ERR_REFUSED},
		[XERO_SCOPE] = {401, ERR_REFUSED},
		[XERO_FORBIDDEN] = {403, ERR_REFUSED},
		[XERO_GONE] = {404, ERR_NOT_FOUND},
		[XERO_MINUTE] = {429, ERR_LIMITED},
		[XERO_DAY] = {429, ERR_LIMITED},
		[XERO_ERROR] = {200, ERR_REFUSED},
		[XERO_DOWN] = {503, ERR_UPSTREAM},
	};
	*w = (struct xero_answer){.trouble = t,
		.status = as[t].status,
		.retry_after_s = retry_after_s,
		.day_left = -1};
	return t == XERO_FINE ||
	       err_set(e, as[t].kind, "The stub answers with %d.", as[t].status);
}

static void remember(char *to, size_t size, const char *text)
{
	(void)snprintf(to, size, "%s", text == NULL ? "" : text);
}

static bool send(struct stub_xero *s, struct str body, const struct stub_step *step,
	const struct xero_sink *sink, struct xero_answer *w, struct err *e)
{
	size_t piece = s->piece == 0 ? body.n : s->piece;
	size_t end = body.n < s->cut ? body.n : s->cut;
	if (!sink->start(sink->user, s->media_type, s->charset, e))
		return false;
	for (size_t at = 0; at < end; at += piece) {
		struct str part = str_sub(body, at, end - at < piece ? end - at : piece);
		w->bytes += (int64_t)part.n;
		if (!sink->piece(sink->user, part, e))
			return false;
		if (s->during != NULL && at + piece > end / 2) {
			void (*during)(struct stub_xero *) = s->during;
			s->during = NULL;
			during(s);
		}
		if (step != NULL && step->break_off && at + piece > end / 2) {
			w->trouble = XERO_DOWN;
			return err_set(e, ERR_UPSTREAM, "The stub breaks off.");
		}
	}
	return sink->tick == NULL || sink->tick(sink->user, e);
}

static bool do_list(void *self, struct arena *a, const struct secret *access,
	const char *tenant, const struct xero_sink *sink, struct xero_answer *w, struct err *e)
{
	struct stub_xero *s = self;
	const struct stub_step *step = s->step < s->steps ? &s->script[s->step++] : NULL;
	s->lists++;
	remember(s->last_access, sizeof s->last_access, secret_open(access).p);
	remember(s->last_tenant, sizeof s->last_tenant, tenant);
	if (!trouble(step == NULL ? XERO_FINE : step->trouble,
		    step == NULL ? -1 : step->retry_after_s, w, e))
		return false;
	struct str body = s->raw != NULL ? str_of(s->raw) : stub_document(a, s);
	return send(s, body, step, sink, w, e);
}

static bool do_list_since(void *self, struct arena *a, const struct secret *access,
	const char *tenant, int64_t since, const struct xero_sink *sink, struct xero_answer *w,
	struct err *e)
{
	struct stub_xero *s = self;
	struct stub_xero *part = arena_copy(a, s, sizeof *s);
	part->n = 0;
	for (size_t i = 0; i < s->n; i++)
		if (s->clients[i].modified >= since)
			part->clients[part->n++] = s->clients[i];
	s->since = since;
	bool ok = do_list(part, a, access, tenant, sink, w, e);
	s->step = part->step;
	s->lists++;
	return ok;
}

static bool do_get(void *self, struct arena *a, const struct secret *access, const char *tenant,
	const char *uuid, const struct xero_sink *sink, struct xero_answer *w, struct err *e)
{
	struct stub_xero *s = self;
	struct buf b;
	(void)access, (void)tenant;
	s->gets++;
	for (size_t i = 0; i < s->n; i++) {
		const struct stub_client *c = &s->clients[i];
		if (strcmp(c->uuid, uuid) != 0)
			continue;
		buf_init(&b, a, DOCUMENT_MAX);
		if (c->on_get == XERO_ERROR)
			buf_adds(&b,
				"<Response><Status>ERROR</Status><ErrorDescription>Invalid "
				"client identifier</ErrorDescription></Response>");
		else if (!trouble(c->on_get, -1, w, e))
			return false;
		else {
			buf_adds(&b, "<Response><Status>OK</Status>");
			add_client_xml(&b, c);
			buf_adds(&b, "</Response>");
		}
		*w = (struct xero_answer){.trouble = XERO_FINE, .status = 200};
		return sink->start(sink->user, "text/xml", "utf-8", e) &&
		       sink->piece(sink->user, buf_str(&b), e);
	}
	return trouble(XERO_GONE, -1, w, e);
}

static bool do_connections(void *self, struct arena *a, const struct secret *access,
	const struct xero_tenant **rows_r, size_t *n_r, struct xero_answer *w, struct err *e)
{
	struct stub_xero *s = self;
	(void)a, (void)access;
	s->connections++;
	*rows_r = s->tenants;
	*n_r = s->unlisted_next > 0 ? 0 : s->n_tenants;
	s->unlisted_next -= s->unlisted_next > 0;
	return trouble(s->on_connections, -1, w, e);
}

static bool do_remove(void *self, struct arena *a, const struct secret *access,
	const char *connection, struct xero_answer *w, struct err *e)
{
	struct stub_xero *s = self;
	(void)a, (void)access;
	s->removes++;
	remember(s->last_removed, sizeof s->last_removed, connection);
	return trouble(s->on_remove, -1, w, e);
}

/* ---- tokens ---- */

static void take_lock(struct stub_shared *s)
{
	while (__atomic_exchange_n(&s->lock, 1, __ATOMIC_ACQUIRE) != 0)
		(void)usleep(200);
}

static void drop_lock(struct stub_shared *s)
{
	__atomic_store_n(&s->lock, 0, __ATOMIC_RELEASE);
}

static void pair_of(struct arena *a, struct stub_xero *s, int64_t n, struct oauth_tokens *t)
{
	const char *access = arena_printf(a, "access-%lld", (long long)n);
	const char *refresh = arena_printf(a, "refresh-%lld", (long long)n);
	*t = (struct oauth_tokens){.access = secret_new(a, access, strlen(access)),
		.refresh = secret_new(a, refresh, strlen(refresh)),
		.expires_in_s = 1800,
		.scopes = s->scopes};
}

static bool lost(int *n)
{
	if (*n <= 0)
		return false;
	--*n;
	return true;
}

static bool rotate(struct stub_shared *sh, const char *given, struct err *e)
{
	char good[48], grace[48];
	(void)snprintf(good, sizeof good, "refresh-%lld", (long long)sh->pair);
	(void)snprintf(grace, sizeof grace, "refresh-%d", sh->grace_pair);
	if (lost(&sh->config_next))
		return err_set(e, ERR_CONFIG, "invalid_client");
	if (lost(&sh->fail_next))
		return err_set(e, ERR_UPSTREAM, "The stub's token endpoint is down.");
	if (strcmp(given, good) != 0 && strcmp(given, grace) != 0) {
		sh->dead++;
		return err_set(e, ERR_REFUSED, "invalid_grant");
	}
	if (sh->grace_pair >= 0)
		sh->grace_pair = (int)sh->pair;
	sh->pair++;
	sh->refreshes++;
	return !lost(&sh->lose_next) || err_set(e, ERR_UNCERTAIN, "The answer got lost.");
}

static bool do_refresh(void *self, struct arena *a, const struct secret *refresh,
	struct oauth_tokens *t_r, struct err *e)
{
	struct stub_xero *s = self;
	struct stub_shared *sh = s->shared;
	if (sh->delay_ms > 0)
		(void)usleep((unsigned)sh->delay_ms * 1000);
	take_lock(sh);
	bool ok = rotate(sh, secret_open(refresh).p, e);
	int64_t pair = sh->pair;
	drop_lock(sh);
	if (ok)
		pair_of(a, s, pair, t_r);
	return ok;
}

static bool do_revoke(void *self, struct arena *a, const struct secret *refresh, struct err *e)
{
	struct stub_xero *s = self;
	(void)a, (void)refresh, (void)e;
	s->revokes++;
	return true;
}

static const char *signed_by_us(struct stub_xero *s, struct arena *a, const char *claims)
{
	struct err e = {0};
	char *token = NULL, *jwks = NULL;
	if (s->key == NULL && !jwt_new_key(forever(), &s->key, &e))
		die("%s", e.text);
	if (s->jwks == NULL) {
		if (!jwt_jwks(forever(), s->key, "k1", &jwks, &e))
			die("%s", e.text);
		s->jwks = jwks;
	}
	if (!jwt_sign(a, s->key, "k1", claims, &token, &e))
		die("%s", e.text);
	return token;
}

static bool do_exchange(void *self, struct arena *a, const struct xero_code *c,
	struct oauth_tokens *t_r, struct err *e)
{
	struct stub_xero *s = self;
	s->exchanges++;
	remember(s->last_verifier, sizeof s->last_verifier,
		c->verifier == NULL ? NULL : secret_open(c->verifier).p);
	if (s->exchange_fails != ERR_NONE)
		return err_set(e, s->exchange_fails, "The stub refuses the code.");
	pair_of(a, s, s->shared->pair, t_r);
	const char *access = signed_by_us(s, a, s->access_claims);
	t_r->access = secret_new(a, access, strlen(access));
	if (s->id_claims != NULL) {
		const char *id = signed_by_us(s, a, s->id_claims);
		t_r->id = secret_new(a, id, strlen(id));
	}
	if (s->no_refresh_token)
		t_r->refresh = NULL;
	return true;
}

static bool do_jwks(void *self, struct arena *a, struct str *jwks_r, struct err *e)
{
	struct stub_xero *s = self;
	(void)e;
	(void)signed_by_us(s, a, "{}");
	*jwks_r = str_of(s->jwks);
	return true;
}

struct stub_xero *stub_new(struct arena *a)
{
	struct stub_xero *s = arena_new_of(a, struct stub_xero);
	s->shared = mmap(NULL, sizeof *s->shared, PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (s->shared == MAP_FAILED)
		die("no shared memory");
	s->shared->grace_pair = -1;
	s->media_type = "text/xml";
	s->charset = "utf-8";
	s->cut = SIZE_MAX;
	s->scopes = "openid practicemanager.client.read offline_access";
	s->tenants[0] = (struct xero_tenant){.connection = stub_uuid(NULL, 'x', 1),
		.tenant = stub_uuid(NULL, 't', 1),
		.type = "PRACTICEMANAGER",
		.name = "Harbour Practice",
		.auth_event = stub_uuid(NULL, 'e', 1),
		.added = true};
	s->n_tenants = 1;
	s->xero = (struct xero){.self = s,
		.exchange = do_exchange,
		.refresh = do_refresh,
		.revoke = do_revoke,
		.jwks = do_jwks,
		.connections = do_connections,
		.remove = do_remove,
		.list = do_list,
		.list_since = do_list_since,
		.get = do_get};
	return s;
}
