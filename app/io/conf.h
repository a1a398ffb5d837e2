/*
 * Configuration: environment variables, one table in conf.c (name, kind,
 * default, who reads it, what for) that also prints `gap-admin config`. A
 * secret, or the database's address, may come as NAME_FILE, a path; then the
 * file's text counts, trimmed. Set to nothing is not set.
 * A wrong or missing value is one plain sentence naming it, and exit 2, before
 * anything starts.
 */
#ifndef GAP_IO_CONF_H
#define GAP_IO_CONF_H

#include "base/buf.h"
#include "base/err.h"
#include "base/secret.h"

enum conf_program {
	CONF_FOR_WEB = 1,
	CONF_FOR_WORKER = 2,
	CONF_FOR_ADMIN = 4,
	CONF_FOR_SANDBOX = 8
};

enum conf_key {
	CONF_STATE_DIR,	   /* GAP_STATE_DIR: var */
	CONF_RUN_DIR,	   /* GAP_RUN_DIR: $GAP_STATE_DIR/run; holds the sockets */
	CONF_PORT,	   /* GAP_PORT: 8443 */
	CONF_BASE_URL,	   /* GAP_BASE_URL: https://localhost:$GAP_PORT; origin only, no path */
	CONF_DATABASE_URL, /* GAP_DATABASE_URL: the socket in $GAP_RUN_DIR, as gap_<program> */
	CONF_LOG_LEVEL,
	CONF_TEMPLATE_DIR,  /* GAP_TEMPLATE_DIR: templates */
	CONF_MIGRATION_DIR, /* GAP_MIGRATION_DIR: sql/migrations */
	CONF_WEB_PROCESSES,
	CONF_WORKER_PROCESSES,
	CONF_JOB_TIMEOUT,   /* GAP_JOB_TIMEOUT: seconds, 1800 */
	CONF_METRICS_ALLOW, /* IP addresses, commas between */
	CONF_SECCOMP,
	CONF_TOTP_KEY_FILE, /* $GAP_STATE_DIR/keys/totp.key */
	CONF_TOTP_STRICT,
	CONF_TOKEN_KEY_FILE, /* $GAP_STATE_DIR/keys/tokens.key */
	CONF_XERO_CLIENT_ID,
	CONF_XERO_CLIENT_SECRET, /* secret */
	CONF_XERO_AUTHORIZE_URL,
	CONF_XERO_TOKEN_URL,
	CONF_XERO_REVOKE_URL,
	CONF_XERO_JWKS_URL,
	CONF_XERO_ISSUER,
	CONF_XERO_API_URL,
	CONF_XERO_SCOPES,
	CONF_XERO_CA_FILE,
	CONF_XERO_PKCE,
	CONF_XERO_DAY_BUDGET,
	CONF_XERO_LIST_TIMEOUT,	  /* seconds, 900 */
	CONF_XERO_LIST_MAX_BYTES, /* 512 MiB */
	CONF_XERO_FIELDS,
	CONF_XERO_DELTA,	 /* off: every run reads the whole list */
	CONF_XERO_DELTA_EVERY,	 /* seconds, 1800 */
	CONF_XERO_DELTA_OVERLAP, /* seconds, 600 */
	CONF_SYNC_TIMES,
	CONF_SYNC_SPREAD, /* "30m" -> seconds */
	CONF_RETENTION_DAYS,
	CONF_SMTP_URL, /* secret: may hold a password */
	CONF_MAIL_FROM,
	CONF_SANDBOX_CLIENT_ID, /* the sandbox's own: GAP_SANDBOX_... */
	CONF_SANDBOX_CLIENT_SECRET,
	CONF_SANDBOX_REDIRECT_URI,
	CONF_SANDBOX_BASE_URL,
	CONF_SANDBOX_LOGIN_FILE,
	CONF__MAX
};

struct conf;

/*
 * Reads and judges every setting that `program` uses. ERR_CONFIG names the first wrong one. To ask
 * for one that the program does not use (the web for a Xero secret) is a bug.
 */
MUSTUSE bool conf_load(
	struct arena *a, enum conf_program program, const struct conf **conf_r, struct err *e);

const char *conf_text(
	const struct conf *c, enum conf_key key); /* NULL when unset without default */
int64_t conf_int(
	const struct conf *c, enum conf_key key); /* numbers, durations (s), flags (0/1) */
const struct secret *conf_secret(const struct conf *c, enum conf_key key); /* NULL when unset */
bool conf_is_set(const struct conf *c, enum conf_key key); /* by the operator, not by default */

/* Every setting, one line each, secrets as "(set)" / "(not set)": for `gap-admin config`. */
void conf_print(const struct conf *c, struct buf *out);

#endif
