/*
 * Configuration from environment variables. One table in conf.c has, for each setting: name,
 * kind, default, the programs that read it, and what it is for; `gap-admin config` prints it. A
 * secret, or the database's address, may also come as NAME_FILE: the path of a file whose text,
 * trimmed, is the value. An empty variable counts as not set. A wrong or missing value ends the
 * program before anything starts: one plain sentence that names the setting, and exit status 2.
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
 * Reads and checks every setting that `program` uses. ERR_CONFIG names the first wrong one. To
 * ask later for a setting that the program does not use (such as a Xero secret in the web) is a
 * bug.
 */
MUSTUSE bool conf_load(
	struct arena *a, enum conf_program program, const struct conf **conf_r, struct err *e);

/* A text setting; NULL when it is not set and has no default. */
const char *conf_text(const struct conf *c, enum conf_key key);
/* A number, a duration in seconds, or a flag (0, 1). */
int64_t conf_int(const struct conf *c, enum conf_key key);
/* A secret; NULL when it is not set. */
const struct secret *conf_secret(const struct conf *c, enum conf_key key);
/* Did the operator set it? A default does not count. */
bool conf_is_set(const struct conf *c, enum conf_key key);

/*
 * Writes every setting, one per line, secrets as "(set)" or "(not set)". For `gap-admin
 * config`.
 */
void conf_print(const struct conf *c, struct buf *out);

#endif
