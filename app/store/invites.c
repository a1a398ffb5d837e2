#include "store/invites.h"

#include "codec/b64.h"
#include "codec/hash.h"
#include "codec/random.h"
#include "store/stmt.h"

bool invites_add(struct pg *db, struct arena *a, const struct invite_new *n,
	const char **token_r, struct err *e)
{
	unsigned char bytes[INVITE_BYTES], hash[HASH_BYTES];
	if (!random_bytes(bytes, sizeof bytes, e))
		return false;
	hash_sha256(bytes, sizeof bytes, hash);
	*token_r = b64url_encode(a, bytes, sizeof bytes);
	return pg_exec(db, STMT_INVITE_ADD, NULL, e,
		PG_BYTES(((struct str){(const char *)hash, sizeof hash})), PG_INT(n->org_id),
		PG_INT(n->user_id), PG_TEXT(n->purpose), PG_INT(n->life_s));
}
