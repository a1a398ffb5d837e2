#include "codec/passkey.h"

#include "codec/b64.h"
#include "codec/cbor.h"
#include "codec/json.h"

#include <fido.h>
#include <fido/eddsa.h>
#include <fido/es256.h>
#include <fido/rs256.h>

/* Web Authentication, section 6.1: the authenticator data. */
enum { AT_FLAGS = 32, AT_COUNT = 33, AUTH_MIN = 37, AAGUID_BYTES = 16 };
enum {
	FLAG_UP = 0x01,
	FLAG_UV = 0x04,
	FLAG_BE = 0x08,
	FLAG_BS = 0x10,
	FLAG_AT = 0x40,
	FLAG_ED = 0x80
};

static const int offered[] = {COSE_ES256, COSE_EDDSA, COSE_RS256};

struct answer {
	const struct json *response;
	struct str id, client_data, authenticator_data;
	unsigned char client_hash[HASH_BYTES];
};

static bool refuse(struct err *e, const char *step)
{
	return err_set(e, ERR_INVALID, "%s", step);
}

static bool bytes_of(
	struct arena *a, const struct json *object, const char *name, struct str *bytes_r)
{
	const char *text = json_text(json_get(object, name));
	return text != NULL && b64url_decode(a, str_of(text), bytes_r);
}

static bool malformed(struct err *e)
{
	return err_set(e, ERR_MALFORMED, "no answer of a passkey");
}

static bool read_answer(struct arena *a, struct str text, struct answer *r, struct err *e)
{
	const struct json *root;
	struct err no_json;
	if (!json_parse(a, text, &root, &no_json) || !bytes_of(a, root, "id", &r->id))
		return malformed(e);
	r->response = json_get(root, "response");
	if (!bytes_of(a, r->response, "clientDataJSON", &r->client_data))
		return malformed(e);
	hash_sha256(r->client_data.p, r->client_data.n, r->client_hash);
	return (r->id.n > 0 && r->id.n <= PASSKEY_ID_MAX) || malformed(e);
}

bool passkey_claimed_id(struct arena *a, struct str response, struct str *id_r, struct err *e)
{
	struct answer r;
	if (!read_answer(a, response, &r, e))
		return false;
	*id_r = r.id;
	return true;
}

static bool is_text(const struct json *object, const char *name, const char *wanted)
{
	const char *text = json_text(json_get(object, name));
	return text != NULL && strcmp(text, wanted) == 0;
}

static bool is_challenge(
	struct arena *a, const struct passkey_rules *rules, struct json const *c)
{
	struct str challenge;
	unsigned char sum[HASH_BYTES];
	if (rules->challenge_hash.n != HASH_BYTES || !bytes_of(a, c, "challenge", &challenge))
		return false;
	hash_sha256(challenge.p, challenge.n, sum);
	return hash_equal(rules->challenge_hash, (struct str){(const char *)sum, sizeof sum});
}

/* Steps 7.1.5 to 7.1.9, and 7.2.9 to 7.2.13. */
static bool judge_client_data(struct arena *a, const struct passkey_rules *rules,
	const struct answer *r, const char *type, struct err *e)
{
	const struct json *c;
	struct err no_json;
	bool crosses = false;
	if (!json_parse(a, r->client_data, &c, &no_json))
		return refuse(e, "client data");
	if (!is_text(c, "type", type))
		return refuse(e, "type");
	if (!is_challenge(a, rules, c))
		return refuse(e, "challenge");
	if (!is_text(c, "origin", rules->origin))
		return refuse(e, "origin");
	if (json_get(c, "crossOrigin") != NULL &&
		(!json_bool(json_get(c, "crossOrigin"), &crosses) || crosses))
		return refuse(e, "cross-origin");
	return true;
}

static unsigned flags_of(struct str auth)
{
	return (unsigned char)auth.p[AT_FLAGS];
}

/* Section 6.5.1: AAGUID, length of the id, id, public key. */
static bool skip_attested(struct str *in)
{
	struct cbor_item key;
	if (in->n < AAGUID_BYTES + 2)
		return false;
	const unsigned char *length = (const unsigned char *)in->p + AAGUID_BYTES;
	size_t n = AAGUID_BYTES + 2 + ((size_t)length[0] << 8 | length[1]);
	if (in->n < n)
		return false;
	*in = (struct str){in->p + n, in->n - n};
	return cbor_next(in, &key) && key.kind == CBOR_MAP;
}

/*
 * Does exactly that follow the counter which the flags announce? libfido2 allocates memory for
 * as many items as a CBOR head announces, before it reads the first. So it only gets data that
 * has been checked to be whole.
 */
static bool is_whole(struct str auth, bool attested)
{
	struct cbor_item extensions;
	if (auth.n < AUTH_MIN || attested != ((flags_of(auth) & FLAG_AT) != 0))
		return false;
	struct str in = {auth.p + AUTH_MIN, auth.n - AUTH_MIN};
	if (attested && !skip_attested(&in))
		return false;
	if (flags_of(auth) & FLAG_ED &&
		!(cbor_next(&in, &extensions) && extensions.kind == CBOR_MAP))
		return false;
	return in.n == 0;
}

/* Steps 7.1.13 to 7.1.15, 7.2.15 to 7.2.17, and Level 3's about the backup flags. */
static bool judge_auth(
	const struct passkey_rules *rules, struct str auth, bool attested, struct err *e)
{
	unsigned char sum[HASH_BYTES];
	if (!is_whole(auth, attested))
		return refuse(e, "authenticator data");
	hash_sha256(rules->rp_id, strlen(rules->rp_id), sum);
	if (!hash_equal((struct str){auth.p, HASH_BYTES},
		    (struct str){(const char *)sum, sizeof sum}))
		return refuse(e, "rpIdHash");
	if (!(flags_of(auth) & FLAG_UP))
		return refuse(e, "user present");
	if (rules->verify_user && !(flags_of(auth) & FLAG_UV))
		return refuse(e, "user verified");
	if (flags_of(auth) & FLAG_BS && !(flags_of(auth) & FLAG_BE))
		return refuse(e, "backup flags");
	return true;
}

static void read_auth(struct str auth, struct passkey *key)
{
	key->sign_count = 0;
	for (size_t i = AT_COUNT; i < AUTH_MIN; i++)
		key->sign_count = key->sign_count << 8 | (unsigned char)auth.p[i];
	key->backup_eligible = (flags_of(auth) & FLAG_BE) != 0;
	key->backed_up = (flags_of(auth) & FLAG_BS) != 0;
}

static void free_cred(void *arg)
{
	fido_cred_t *cred = arg;
	fido_cred_free(&cred);
}

static const unsigned char *raw(struct str s)
{
	return (const unsigned char *)s.p;
}

struct attestation {
	struct cbor_item format, statement, auth;
};

/* libfido2 must be told the algorithm and accepts no other, so each offered one is tried. */
static fido_cred_t *read_cred(struct arena *a, const struct passkey_rules *rules,
	const struct answer *r, const struct attestation *t, int alg)
{
	fido_cred_t *cred = fido_cred_new();
	if (cred == NULL)
		return NULL;
	arena_defer(a, free_cred, cred);
	const char *format = str_dup(a, t->format.inside);
	bool read =
		fido_cred_set_type(cred, alg) == FIDO_OK &&
		fido_cred_set_rp(cred, rules->rp_id, NULL) == FIDO_OK &&
		fido_cred_set_clientdata_hash(cred, r->client_hash, HASH_BYTES) == FIDO_OK &&
		fido_cred_set_fmt(cred, format) == FIDO_OK &&
		fido_cred_set_authdata_raw(cred, raw(t->auth.inside), t->auth.inside.n) ==
			FIDO_OK;
	return read ? cred : NULL;
}

static bool judge_attestation(fido_cred_t *cred, const struct attestation *t, struct err *e)
{
	struct str whole = t->statement.whole;
	if (t->statement.kind != CBOR_MAP)
		return refuse(e, "attestation");
	if (str_is(t->format.inside, "none"))
		return t->statement.number == 0 || refuse(e, "attestation");
	if (!str_is(t->format.inside, "packed") ||
		fido_cred_set_attstmt(cred, raw(whole), whole.n) != FIDO_OK ||
		fido_cred_verify_self(cred) != FIDO_OK)
		return refuse(e, "attestation");
	return true;
}

static bool read_attestation(
	struct arena *a, const struct answer *r, struct attestation *t, struct err *e)
{
	struct str in;
	struct cbor_item object;
	if (!bytes_of(a, r->response, "attestationObject", &in))
		return malformed(e);
	if (!cbor_next(&in, &object) || in.n > 0 || !cbor_get(&object, "fmt", &t->format) ||
		!cbor_get(&object, "attStmt", &t->statement) ||
		!cbor_get(&object, "authData", &t->auth) || t->format.kind != CBOR_TEXT ||
		t->auth.kind != CBOR_BYTES)
		return refuse(e, "attestation object");
	return true;
}

static struct str copy(struct arena *a, const unsigned char *p, size_t n)
{
	char *to = arena_alloc(a, n + 1);
	if (n > 0)
		memcpy(to, p, n);
	return (struct str){to, n};
}

static bool take_key(struct arena *a, const fido_cred_t *cred, const struct answer *r,
	struct passkey *made_r, struct err *e)
{
	made_r->id = copy(a, fido_cred_id_ptr(cred), fido_cred_id_len(cred));
	made_r->public_key = copy(a, fido_cred_pubkey_ptr(cred), fido_cred_pubkey_len(cred));
	made_r->alg = fido_cred_type(cred);
	if (!str_eq(made_r->id, r->id))
		return refuse(e, "credential id");
	return made_r->public_key.n > 0 || refuse(e, "public key");
}

bool passkey_register(struct arena *a, const struct passkey_rules *rules, struct str response,
	struct passkey *made_r, struct err *e)
{
	struct answer r;
	struct attestation t;
	fido_cred_t *cred = NULL;
	*made_r = (struct passkey){.alg = 0};
	if (!read_answer(a, response, &r, e) ||
		!judge_client_data(a, rules, &r, "webauthn.create", e) ||
		!read_attestation(a, &r, &t, e) || !judge_auth(rules, t.auth.inside, true, e))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(offered) && cred == NULL; i++)
		cred = read_cred(a, rules, &r, &t, offered[i]);
	if (cred == NULL)
		return refuse(e, "public key");
	read_auth(t.auth.inside, made_r);
	return judge_attestation(cred, &t, e) && take_key(a, cred, &r, made_r, e);
}

static void free_assert(void *arg)
{
	fido_assert_t *assert = arg;
	fido_assert_free(&assert);
}

static bool ask_signature(const fido_assert_t *assert, const struct passkey *key,
	es256_pk_t *ec, eddsa_pk_t *ed, rs256_pk_t *rsa)
{
	const void *p = key->public_key.p;
	size_t n = key->public_key.n;
	switch (key->alg) {
	case COSE_ES256:
		return es256_pk_from_ptr(ec, p, n) == FIDO_OK &&
		       fido_assert_verify(assert, 0, COSE_ES256, ec) == FIDO_OK;
	case COSE_EDDSA:
		return eddsa_pk_from_ptr(ed, p, n) == FIDO_OK &&
		       fido_assert_verify(assert, 0, COSE_EDDSA, ed) == FIDO_OK;
	case COSE_RS256:
		return rs256_pk_from_ptr(rsa, p, n) == FIDO_OK &&
		       fido_assert_verify(assert, 0, COSE_RS256, rsa) == FIDO_OK;
	default:
		return false;
	}
}

static bool is_signed(const fido_assert_t *assert, const struct passkey *key)
{
	es256_pk_t *ec = es256_pk_new();
	eddsa_pk_t *ed = eddsa_pk_new();
	rs256_pk_t *rsa = rs256_pk_new();
	bool good = ec != NULL && ed != NULL && rsa != NULL &&
		    ask_signature(assert, key, ec, ed, rsa);
	es256_pk_free(&ec);
	eddsa_pk_free(&ed);
	rs256_pk_free(&rsa);
	return good;
}

static bool judge_signature(struct arena *a, const struct passkey_rules *rules,
	const struct passkey *key, const struct answer *r, struct str signature, struct err *e)
{
	fido_assert_t *assert = fido_assert_new();
	struct str auth = r->authenticator_data;
	if (assert == NULL)
		return err_set(e, ERR_UNAVAILABLE, "no memory for a passkey's answer");
	arena_defer(a, free_assert, assert);
	bool good = fido_assert_set_rp(assert, rules->rp_id) == FIDO_OK &&
		    fido_assert_set_clientdata_hash(assert, r->client_hash, HASH_BYTES) ==
			    FIDO_OK &&
		    fido_assert_set_count(assert, 1) == FIDO_OK &&
		    fido_assert_set_authdata_raw(assert, 0, raw(auth), auth.n) == FIDO_OK &&
		    fido_assert_set_sig(assert, 0, raw(signature), signature.n) == FIDO_OK &&
		    is_signed(assert, key);
	return good || refuse(e, "signature");
}

/* The user handle may be missing; then the session already says who the person is. */
static bool judge_handle(struct arena *a, const struct passkey_rules *rules,
	const struct answer *r, struct err *e)
{
	struct str handle;
	if (json_get(r->response, "userHandle") == NULL ||
		json_is_null(json_get(r->response, "userHandle")))
		return true;
	return (bytes_of(a, r->response, "userHandle", &handle) &&
		       str_eq(handle, rules->user_handle)) ||
	       refuse(e, "user handle");
}

bool passkey_verify(struct arena *a, const struct passkey_rules *rules,
	const struct passkey *key, struct str response, struct passkey *seen_r, struct err *e)
{
	struct answer r;
	struct str signature;
	*seen_r = *key;
	if (!read_answer(a, response, &r, e))
		return false;
	if (!bytes_of(a, r.response, "authenticatorData", &r.authenticator_data) ||
		!bytes_of(a, r.response, "signature", &signature))
		return malformed(e);
	if (!str_eq(r.id, key->id))
		return refuse(e, "credential id");
	if (!judge_handle(a, rules, &r, e) ||
		!judge_client_data(a, rules, &r, "webauthn.get", e) ||
		!judge_auth(rules, r.authenticator_data, false, e))
		return false;
	read_auth(r.authenticator_data, seen_r);
	if (seen_r->backup_eligible != key->backup_eligible)
		return refuse(e, "backup flags");
	return judge_signature(a, rules, key, &r, signature, e);
}

bool passkey_count_good(int64_t stored, int64_t seen)
{
	return (stored == 0 && seen == 0) || seen > stored;
}
