#include "pages/passkey.h"

#include "codec/b64.h"
#include "codec/json.h"
#include "codec/random.h"
#include "codec/url.h"
#include "pages/mail.h"
#include "store/passkeys.h"

enum { CHALLENGE_BYTES = 32, ANSWER_MAX = 64 * 1024 };

/* The configuration was checked at start-up: when it does not parse here, the error is ours. */
static bool place(struct page *p, struct url *at_r, struct err *e)
{
	return url_parse(p->arena, p->site->base_url, at_r, e) ||
	       err_set(e, ERR_CONFIG, "GAP_BASE_URL is no address: %s", p->site->base_url);
}

static bool new_challenge(struct page *p, const char **text_r, struct err *e)
{
	unsigned char bytes[CHALLENGE_BYTES], hash[HASH_BYTES];
	if (!random_bytes(bytes, sizeof bytes, e))
		return false;
	hash_sha256(bytes, sizeof bytes, hash);
	*text_r = b64url_encode(p->arena, bytes, sizeof bytes);
	return passkeys_challenge_set(p->db, p->who->session_id, hash, e);
}

static void add_text(struct buf *b, const char *name, const char *text)
{
	buf_printf(b, "\"%s\":", name);
	json_add_string(b, text);
	buf_addc(b, ',');
}

static void add_ids(struct page *p, struct buf *b, const struct passkey_row *rows, size_t n)
{
	buf_adds(b, "\"ids\":[");
	for (size_t i = 0; i < n; i++) {
		struct str id = rows[i].key.id;
		buf_adds(b, i == 0 ? "" : ",");
		json_add_string(b, b64url_encode(p->arena, id.p, id.n));
	}
	buf_addc(b, ']');
}

bool passkey_ask(struct page *p, struct err *e)
{
	struct url at;
	struct str handle;
	const struct passkey_row *rows;
	const char *challenge;
	size_t n;
	struct buf *b = &p->s->body;
	int64_t org = p->who->org_id, user = p->who->user_id;
	if (!place(p, &at, e) || !passkeys_list(p->db, p->arena, org, user, &rows, &n, e) ||
		!passkeys_handle(p->db, org, user, &handle, e) ||
		!new_challenge(p, &challenge, e))
		return false;
	response_begin(p->s, 200, "application/json; charset=utf-8");
	buf_addc(b, '{');
	add_text(b, "challenge", challenge);
	add_text(b, "rp", at.host);
	add_text(b, "user", b64url_encode(p->arena, handle.p, handle.n));
	add_text(b, "name", p->who->email);
	add_text(b, "display", p->who->name);
	add_ids(p, b, rows, n);
	buf_addc(b, '}');
	return true;
}

/* Takes the challenge: it is used up, whatever the answer to it is. */
static bool rules_of(struct page *p, struct passkey_rules *rules_r, struct err *e)
{
	struct url at;
	*rules_r = (struct passkey_rules){.verify_user = false};
	if (!place(p, &at, e) ||
		!passkeys_challenge_take(
			p->db, p->who->session_id, &rules_r->challenge_hash, e) ||
		!passkeys_handle(
			p->db, p->who->org_id, p->who->user_id, &rules_r->user_handle, e))
		return false;
	rules_r->rp_id = at.host;
	rules_r->origin = at.origin;
	return true;
}

bool passkey_made(struct page *p, const char *answer, struct passkey *key_r, const char **why_r,
	struct err *e)
{
	struct passkey_rules rules;
	*why_r = NULL;
	if (!rules_of(p, &rules, e))
		return false;
	if (passkey_register(p->arena, &rules, str_of(answer), key_r, e))
		return true;
	*why_r = arena_strdup(p->arena, e->text);
	return e->kind == ERR_INVALID || e->kind == ERR_MALFORMED;
}

/* The copied passkey stays: only the person can tell which copy is their own. */
static bool tell_copied(struct page *p, const struct passkey_row *row, struct err *e)
{
	int64_t org = p->who->org_id, user = p->who->user_id;
	const char *which = arena_printf(
		p->arena, "It is the passkey \"%s\".", str_isolate(p->arena, row->name));
	return pg_begin(p->db, org, e) &&
	       page_mail(p, org, user, "passkey_copied", NULL, which, e) &&
	       page_audit(p, "passkey.copied", "refused", row->name, e) && pg_commit(p->db, e);
}

static bool use(struct page *p, const struct passkey_row *row, const struct passkey *seen,
	bool *good_r, const char **why_r, struct err *e)
{
	*why_r = "counter";
	return passkeys_use(p->db, p->who->org_id, p->who->user_id, row->passkey_id, seen,
		       good_r, e) &&
	       (*good_r || tell_copied(p, row, e));
}

static const struct passkey_row *row_of(
	struct page *p, const char *answer, const struct passkey_row *rows, size_t n)
{
	struct str id;
	struct err none;
	if (!passkey_claimed_id(p->arena, str_of(answer), &id, &none))
		return NULL;
	for (size_t i = 0; i < n; i++)
		if (str_eq(rows[i].key.id, id))
			return &rows[i];
	return NULL;
}

bool passkey_good(
	struct page *p, const char *answer, bool *good_r, const char **why_r, struct err *e)
{
	struct passkey_rules rules;
	struct passkey seen;
	const struct passkey_row *rows;
	size_t n;
	*good_r = false;
	*why_r = "unknown passkey";
	if (!rules_of(p, &rules, e) ||
		!passkeys_list(p->db, p->arena, p->who->org_id, p->who->user_id, &rows, &n, e))
		return false;
	const struct passkey_row *row = row_of(p, answer, rows, n);
	if (row == NULL)
		return true;
	if (passkey_verify(p->arena, &rules, &row->key, str_of(answer), &seen, e))
		return use(p, row, &seen, good_r, why_r, e);
	*why_r = arena_printf(p->arena, "passkey: %s", e->text);
	return e->kind == ERR_INVALID || e->kind == ERR_MALFORMED;
}
