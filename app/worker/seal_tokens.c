#include "worker/seal_tokens.h"

#include "base/log.h"
#include "codec/json.h"
#include "io/file.h"
#include "worker/tokens.h"

enum { KEY_FILE_MAX = 64 * 1024 };

bool tokens_keys(struct worker *w, const struct seal_keys **keys_r, struct err *e)
{
	const struct secret *text = NULL;
	if (file_read_secret(w->arena, w->set->token_key_file, KEY_FILE_MAX, &text, e) &&
		seal_keys_parse(w->arena, secret_open(text), keys_r, e))
		return true;
	/* Whatever is wrong with the key file, the operator must act. */
	e->kind = ERR_CONFIG;
	return false;
}

static char *row_name(struct worker *w, const char *xero_userid)
{
	return arena_printf(w->arena, "xero_grant:tokens:%s", xero_userid);
}

static const struct secret *member(struct worker *w, const struct json *root, const char *name)
{
	const char *text = json_text(json_get(root, name));
	return text == NULL ? NULL : secret_new(w->arena, text, strlen(text));
}

bool tokens_open(
	struct worker *w, const struct grant *g, struct token_pair *pair_r, struct err *e)
{
	const struct seal_keys *keys = NULL;
	struct secret *plain = NULL;
	const struct json *root = NULL;
	if (!tokens_keys(w, &keys, e))
		return false;
	if (!seal_open(w->arena, keys, g->sealed, row_name(w, g->xero_userid), &plain, e))
		return err_set(e, ERR_CONFIG,
			"The tokens of grant %lld cannot be opened: is the right key in "
			"GAP_TOKEN_KEY_FILE?",
			(long long)g->grant_id);
	if (!json_parse(w->arena, secret_open(plain), &root, e))
		return err_set(e, ERR_INTERNAL, "A token box holds no tokens.");
	*pair_r = (struct token_pair){member(w, root, "access"), member(w, root, "refresh")};
	if (pair_r->access == NULL || pair_r->refresh == NULL)
		return err_set(e, ERR_INTERNAL, "A token box holds no tokens.");
	return true;
}

bool tokens_seal(struct worker *w, const char *xero_userid, const struct token_pair *pair,
	struct grant_tokens *t, struct err *e)
{
	const struct seal_keys *keys = NULL;
	char *plain = json_object(w->arena, "access", secret_open(pair->access).p, "refresh",
		secret_open(pair->refresh).p, NULL);
	if (!tokens_keys(w, &keys, e) || !seal_box(w->arena, keys, str_of(plain),
						 row_name(w, xero_userid), &t->sealed, e))
		return false;
	t->key_id = seal_newest(keys);
	return true;
}

static bool reseal_one(struct worker *w, const struct grant *g, struct err *e)
{
	struct token_pair pair;
	struct grant_tokens t = {.scopes = ""};
	return tokens_open(w, g, &pair, e) && tokens_seal(w, g->xero_userid, &pair, &t, e) &&
	       grant_reseal(w->beat, g, &t, e);
}

bool token_reseal(struct worker *w, struct err *e)
{
	const struct seal_keys *keys = NULL;
	const struct grant *rows = NULL;
	size_t n = 0;
	if (!tokens_keys(w, &keys, e) ||
		!grant_old_keys(w->beat, w->arena, seal_newest(keys), &rows, &n, e))
		return false;
	for (size_t i = 0; i < n; i++) {
		/*
		 * One box that cannot be opened must not keep the others from being sealed
		 * again.
		 */
		if (!reseal_one(w, &rows[i], e))
			log_err("token.reseal", e);
	}
	return true;
}
