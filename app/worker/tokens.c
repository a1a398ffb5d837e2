#include "worker/tokens.h"

#include "base/clock.h"
#include "base/log.h"
#include "codec/json.h"
#include "worker/seal_tokens.h"

enum {
	LEFT_S = 5 * 60,     /* seconds; refresh when less is left */
	LEFT_LEAST_S = 30,   /* seconds; still usable while another process refreshes */
	WAIT_MS = 60 * 1000, /* milliseconds to wait for another process's refresh */
	LOOK_MS = 200,
	STORE_TRIES = 5
};

static bool take(struct worker *w, const struct grant *g, struct token *t_r, struct err *e)
{
	struct token_pair pair;
	if (!tokens_open(w, g, &pair, e))
		return false;
	*t_r = (struct token){pair.access, g->grant_id, g->generation};
	return true;
}

static bool sign_in_again(struct err *e)
{
	return err_set(e, ERR_REFUSED, "Xero asks for a new sign-in.");
}

/* The tokens stored last are right: another process's failed refresh never overrules them. */
static bool use_stored(
	struct worker *w, const struct grant *old, struct token *t_r, struct err *e)
{
	struct grant now;
	if (!grant_get(w->beat, old->grant_id, &now, e))
		return false;
	if (now.grant_id == 0 || now.dead || now.generation == old->generation)
		return sign_in_again(e);
	return take(w, &now, t_r, e);
}

/*
 * The new tokens are committed before anybody uses them; until then the old refresh token
 * works, for 30 minutes.
 */
static bool store(struct worker *w, const struct grant *g, const struct token_pair *pair,
	const struct oauth_tokens *t, bool *stored_r, struct err *e)
{
	struct grant_tokens sealed = {.life_s = t->expires_in_s, .scopes = t->scopes};
	if (!tokens_seal(w, g->xero_userid, pair, &sealed, e))
		return false;
	for (int n = 1; !grant_store(w->beat, g, &sealed, stored_r, e); n++) {
		struct err nap;
		log_error("token.not_stored", log_int("grant", g->grant_id), log_int("try", n),
			log_text("why", e->text));
		if (n == STORE_TRIES || !worker_nap(w, schedule_backoff_ms(n, 0), &nap))
			return false;
	}
	return true;
}

static bool keep_new(struct worker *w, const struct grant *g, const struct token_pair *old,
	const struct oauth_tokens *t, struct token *t_r, struct err *e)
{
	const struct token_pair pair = {
		t->access, t->refresh == NULL ? old->refresh : t->refresh};
	bool stored = false;
	if (!store(w, g, &pair, t, &stored, e))
		return false;
	if (!stored)
		return use_stored(w, g, t_r, e);
	log_info("token.refreshed", log_int("grant", g->grant_id));
	*t_r = (struct token){t->access, g->grant_id, g->generation + 1};
	return true;
}

/*
 * invalid_grant: the grant is dead only if no other process has stored newer tokens meanwhile.
 */
static bool judge_dead(
	struct worker *w, const struct grant *g, struct token *t_r, struct err *e)
{
	bool dead = false;
	if (!grant_dead(w->beat, g, &dead, e))
		return false;
	if (!dead)
		return use_stored(w, g, t_r, e);
	log_warn("token.dead", log_int("grant", g->grant_id),
		log_int("uncertain", g->uncertain));
	return sign_in_again(e);
}

static bool give_up(struct worker *w, const struct grant *g, bool uncertain, struct err *e)
{
	struct err ignored;
	if (uncertain)
		log_warn("token.uncertain", log_int("grant", g->grant_id),
			log_text("why", e->text));
	if (!grant_release(w->beat, g, w->name, uncertain, &ignored))
		log_err("token.release", &ignored);
	return false;
}

/* This process holds the claim. */
static bool refresh(struct worker *w, const struct grant *g, struct token *t_r, struct err *e)
{
	struct token_pair old;
	struct oauth_tokens t;
	if (!tokens_open(w, g, &old, e))
		return give_up(w, g, g->uncertain, e);
	bool ok = w->xero->refresh(w->xero->self, w->arena, old.refresh, &t, e);
	/*
	 * The answer was lost: sends the same token once more at once, within the 45 s of the
	 * claim.
	 */
	if (!ok && e->kind == ERR_UNCERTAIN) {
		log_warn(
			"token.again", log_int("grant", g->grant_id), log_text("why", e->text));
		ok = w->xero->refresh(w->xero->self, w->arena, old.refresh, &t, e);
	}
	if (ok)
		return keep_new(w, g, &old, &t, t_r, e);
	if (e->kind == ERR_REFUSED)
		return judge_dead(w, g, t_r, e);
	bool uncertain = e->kind == ERR_UNCERTAIN || g->uncertain;
	if (e->kind == ERR_UNCERTAIN)
		e->kind = ERR_UPSTREAM;
	return give_up(w, g, uncertain, e);
}

static bool usable(const struct grant *g, int64_t bad_generation, int64_t left_s)
{
	return g->generation != bad_generation && g->access_left_s >= left_s;
}

bool token_get(struct worker *w, int64_t grant_id, int64_t bad_generation, struct token *t_r,
	struct err *e)
{
	int64_t end = clock_mono_ms() + WAIT_MS;
	for (;;) {
		struct grant g;
		bool won = false;
		if (!grant_get(w->beat, grant_id, &g, e))
			return false;
		if (g.grant_id == 0 || g.dead)
			return sign_in_again(e);
		bool wait = g.refreshing || g.cool_s > 0;
		if (usable(&g, bad_generation, wait ? LEFT_LEAST_S : LEFT_S))
			return take(w, &g, t_r, e);
		if (g.cool_s > 0)
			return err_set_after(e, ERR_UPSTREAM, (int)g.cool_s,
				"Refreshing the sign-in failed a moment ago.");
		if (!g.refreshing && !grant_claim(w->beat, &g, w->name, &won, e))
			return false;
		if (won)
			return refresh(w, &g, t_r, e);
		if (clock_mono_ms() > end)
			return err_set_after(e, ERR_UPSTREAM, LOOK_MS / 100,
				"Another process is refreshing the sign-in.");
		if (!worker_nap(w, LOOK_MS * w->nap_divisor, e))
			return false;
	}
}

bool token_refresh_secret(
	struct worker *w, int64_t grant_id, const struct secret **refresh_r, struct err *e)
{
	struct grant g;
	struct token_pair pair;
	if (!grant_get(w->beat, grant_id, &g, e))
		return false;
	if (g.grant_id == 0)
		return err_set(e, ERR_NOT_FOUND, "There is no such grant.");
	if (!tokens_open(w, &g, &pair, e))
		return false;
	*refresh_r = pair.refresh;
	return true;
}

bool token_keep(struct worker *w, const char *xero_userid, const struct oauth_tokens *t,
	int64_t *grant_id_r, struct err *e)
{
	const struct token_pair pair = {t->access, t->refresh};
	struct grant_tokens sealed = {.life_s = t->expires_in_s, .scopes = t->scopes};
	if (t->refresh == NULL)
		return err_set(e, ERR_REFUSED,
			"Xero gave no refresh token: is offline_access among XERO_SCOPES?");
	return tokens_seal(w, xero_userid, &pair, &sealed, e) &&
	       grant_put(w->beat, xero_userid, &sealed, grant_id_r, e);
}
