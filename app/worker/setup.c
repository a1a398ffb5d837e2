#include "worker/setup.h"

#include "base/clock.h"
#include "store/stmt.h"
#include "worker/letter.h"
#include "worker/seal_tokens.h"
#include "xpm/api.h"

#include <unistd.h>

#ifndef GAP_VERSION
#define GAP_VERSION "0.1"
#endif

/* The worker's database address; libpq chooses among several hosts. */
static struct pg *database(struct arena *home, const struct conf *conf, const char *as)
{
	return pg_new(home, conf_text(conf, CONF_DATABASE_URL), as, stmt_table, STMT__MAX);
}

static const struct worker_settings *settings(
	struct arena *home, const struct conf *conf, struct err *e)
{
	struct worker_settings *s = arena_new_of(home, struct worker_settings);
	*s = (struct worker_settings){
		.version = GAP_VERSION,
		.client_id = conf_text(conf, CONF_XERO_CLIENT_ID),
		.issuer = conf_text(conf, CONF_XERO_ISSUER),
		.scopes = conf_text(conf, CONF_XERO_SCOPES),
		.token_key_file = conf_text(conf, CONF_TOKEN_KEY_FILE),
		.day_budget = conf_int(conf, CONF_XERO_DAY_BUDGET),
		.job_time_s = conf_int(conf, CONF_JOB_TIMEOUT),
		.retention_days = conf_int(conf, CONF_RETENTION_DAYS),
		.delta_every_s = conf_int(conf, CONF_XERO_DELTA) == 0
					 ? 0
					 : conf_int(conf, CONF_XERO_DELTA_EVERY),
		.delta_overlap_s = conf_int(conf, CONF_XERO_DELTA_OVERLAP),
		.base_url = conf_text(conf, CONF_BASE_URL),
		.state_dir = conf_text(conf, CONF_STATE_DIR),
		.mail_from = conf_text(conf, CONF_MAIL_FROM),
		.smtp_url = conf_secret(conf, CONF_SMTP_URL),
	};
	int spread_s = (int)conf_int(conf, CONF_SYNC_SPREAD);
	if (!schedule_parse(conf_text(conf, CONF_SYNC_TIMES), spread_s, &s->schedule, e))
		return NULL;
	return s;
}

static const struct xero *xero(struct arena *home, const struct conf *conf, struct http *http)
{
	const struct secret *secret = conf_secret(conf, CONF_XERO_CLIENT_SECRET);
	const char *id = conf_text(conf, CONF_XERO_CLIENT_ID);
	const struct xero_setup setup = {
		.http = http,
		.token_url = conf_text(conf, CONF_XERO_TOKEN_URL),
		.revoke_url = conf_text(conf, CONF_XERO_REVOKE_URL),
		.jwks_url = conf_text(conf, CONF_XERO_JWKS_URL),
		.api_url = conf_text(conf, CONF_XERO_API_URL),
		.client_id = id == NULL ? "" : id,
		.client_secret = secret == NULL ? secret_new(home, "", 0) : secret,
		.redirect_uri = oauth_redirect_uri(home, conf_text(conf, CONF_BASE_URL)),
		.fields = conf_text(conf, CONF_XERO_FIELDS),
		.list_timeout_s = (int)conf_int(conf, CONF_XERO_LIST_TIMEOUT),
		.list_max_bytes = conf_int(conf, CONF_XERO_LIST_MAX_BYTES),
	};
	struct xero *x = arena_new_of(home, struct xero);
	*x = xero_real(home, &setup);
	return x;
}

static void name(struct worker *w)
{
	char host[32] = "";
	(void)gethostname(host, sizeof host - 1);
	(void)snprintf(w->name, sizeof w->name, "%s:%ld:%lld", host, (long)getpid(),
		(long long)clock_now());
}

/* The key file is checked before anything starts; later it is read at each use. */
static bool check_keys(struct worker *w, struct err *e)
{
	const struct seal_keys *keys = NULL;
	bool ok = tokens_keys(w, &keys, e);
	arena_reset(w->arena);
	return ok;
}

static void free_job_arena(void *worker)
{
	struct worker *w = worker;
	arena_free(&w->arena);
}

bool worker_open(
	struct arena *home, const struct conf *conf, struct worker **w_r, struct err *e)
{
	struct worker *w = arena_new_of(home, struct worker);
	*w = (struct worker){.home = home,
		.arena = arena_new(),
		.clock = clock_now,
		.nap_divisor = 1,
		.set = settings(home, conf, e)};
	arena_defer(home, free_job_arena, w);
	if (w->set == NULL)
		return false;
	w->db = database(home, conf, "gap-worker");
	pg_while_waiting(w->db, worker_keep, w);
	w->beat = database(home, conf, "gap-worker-beat");
	w->http = http_new(home, conf_text(conf, CONF_XERO_CA_FILE));
	w->xero = xero(home, conf, w->http);
	name(w);
	*w_r = w;
	return check_keys(w, e) && letter_open(w, conf_text(conf, CONF_TEMPLATE_DIR), e);
}
