#include "sandbox/bearer.h"

#include "codec/json.h"
#include "codec/jwt.h"
#include "codec/when.h"
#include "sandbox/claims.h"
#include "sandbox/reply.h"
#include "sandbox/stmt.h"

static const char *const client_scopes[] = {"practicemanager", "practicemanager.read",
	"practicemanager.client", "practicemanager.client.read"};

static bool may_read_clients(const struct json *scopes)
{
	for (size_t i = 0; i < json_len(scopes); i++)
		for (size_t k = 0; k < ARRAY_LEN(client_scopes); k++)
			if (str_is(str_of(json_text(json_at(scopes, i))), client_scopes[k]))
				return true;
	return false;
}

static bool verified(struct page *p, const struct json **claims_r, struct err *e)
{
	struct signing_key key;
	char *jwks;
	struct str header = str_of(request_header(p->q, "HTTP_AUTHORIZATION"));
	if (!str_starts(header, "Bearer "))
		return err_set(e, ERR_REFUSED, "There is no bearer token.");
	return keys_newest(p, &key, e) && jwt_jwks(p->arena, key.pem, key.kid, &jwks, e) &&
	       jwt_verify(p->arena, str_sub(header, 7, header.n), str_of(jwks), claims_r, e);
}

static bool is_of_this_generation(const struct page *p, const char *jti)
{
	const char *now = arena_printf(p->arena, "%08X", (unsigned)p->settings.generation);
	return jti != NULL && str_starts(str_of(jti), now);
}

static bool expired(struct page *p, int64_t expires_at)
{
	struct when_date d = when_in_zone("UTC", expires_at);
	return reply_unauthorized(p, "invalid_token",
		arena_printf(p->arena,
			"TokenExpired: token expired at %02d/%02d/%04d %02d:%02d:%02d", d.month,
			d.day, d.year, d.hour, d.minute, d.second));
}

/*
 * A signed token stays valid for half an hour even when its consent has ended. But a token of a
 * person who is switched off is refused.
 */
static bool has_left(struct page *p, bool *left_r, struct err *e)
{
	struct pg_rows r;
	if (!pg_query(p->db, SANDBOX_STMT_PERSON_IS_OFF, &r, e, PG_TEXT(p->bearer.xero_userid)))
		return false;
	*left_r = r.n > 0;
	return true;
}

bool bearer_check(struct page *p, bool *answered_r, struct err *e)
{
	const struct json *claims;
	int64_t expires_at = 0;
	bool left;
	*answered_r = true;
	if (!verified(p, &claims, e)) {
		if (e->kind != ERR_REFUSED)
			return false;
		return reply_unauthorized(p, "invalid_token", "AuthenticationUnsuccessful");
	}
	p->bearer = (struct bearer){.xero_userid = json_text(json_get(claims, "xero_userid")),
		.auth_event_id = json_text(json_get(claims, "authentication_event_id")),
		.reads_clients = may_read_clients(json_get(claims, "scope"))};
	/* An id_token is signed by the same key but gives no access. */
	if (p->bearer.xero_userid == NULL || p->bearer.auth_event_id == NULL ||
		!json_int(json_get(claims, "exp"), &expires_at))
		return reply_unauthorized(p, "invalid_token", "AuthenticationUnsuccessful");
	if (!is_of_this_generation(p, json_text(json_get(claims, "jti"))))
		return expired(p, p->now - 1);
	if (expires_at <= p->now)
		return expired(p, expires_at);
	if (!has_left(p, &left, e))
		return false;
	if (left)
		return reply_unauthorized(p, "invalid_token", "AuthenticationUnsuccessful");
	*answered_r = false;
	return true;
}

bool bearer_tenant(struct page *p, int *tenant_no_r, bool *answered_r, struct err *e)
{
	struct pg_rows r;
	const char *tenant = request_header(p->q, "HTTP_XERO_TENANT_ID");
	*answered_r = true;
	if (!p->bearer.reads_clients)
		return reply_unauthorized(p, "insufficent_scope", "AuthenticationUnsuccessful");
	if (!pg_query(p->db, SANDBOX_STMT_CONNECTION_TENANT, &r, e,
		    PG_TEXT(p->bearer.xero_userid), PG_TEXT(tenant == NULL ? "" : tenant)))
		return false;
	if (r.n == 0) {
		(void)reply_problem(p, 403, "Forbidden", "AuthenticationUnsuccessful");
		response_header(p->s, "X-AppMinLimit-Remaining", "9999");
		return true;
	}
	*tenant_no_r = (int)pg_int(&r, 0, 0);
	*answered_r = false;
	return true;
}
