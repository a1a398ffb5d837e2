#include "io/conf_int.h"

#include "codec/url.h"
#include "io/file.h"

#include <unistd.h>

enum { W = CONF_FOR_WEB, K = CONF_FOR_WORKER, A = CONF_FOR_ADMIN, S = CONF_FOR_SANDBOX };
enum { MIB = 1024 * 1024, SECRET_FILE_MAX = 4096 };

/* A default that begins with '=' is computed from other settings in by_default(). */
static const struct conf_setting table[CONF__MAX] = {
	[CONF_STATE_DIR] = {"GAP_STATE_DIR", KIND_PATH, W | K | A | S, "var", 0, 0,
		"where keys, mails and sockets lie"},
	[CONF_RUN_DIR] = {"GAP_RUN_DIR", KIND_PATH, W | K | A | S, "=state/run", 0, 0,
		"where the unix sockets lie"},
	[CONF_PORT] = {"GAP_PORT", KIND_NUMBER, W | K | A | S, "8443", 1, 65534,
		"the site's port; the sandbox takes the next"},
	[CONF_BASE_URL] = {"GAP_BASE_URL", KIND_ORIGIN, W | K | A, "=port", 0, 0,
		"public origin; the only source of redirect addresses"},
	[CONF_DATABASE_URL] = {"GAP_DATABASE_URL", KIND_DATABASE, W | K | A | S, "=run", 0, 0,
		"PostgreSQL, as a libpq URI"},
	[CONF_LOG_LEVEL] = {"GAP_LOG_LEVEL", KIND_LEVEL, W | K | A | S, "info", 0, 0,
		"what is logged: debug, info, warn, error"},
	[CONF_TEMPLATE_DIR] = {"GAP_TEMPLATE_DIR", KIND_PATH, W | K | S, "templates", 0, 0,
		"the pages' and mails' templates"},
	[CONF_MIGRATION_DIR] = {"GAP_MIGRATION_DIR", KIND_PATH, W | K | A | S, "sql/migrations",
		0, 0, "the database's migrations"},
	[CONF_WEB_PROCESSES] = {"GAP_WEB_PROCESSES", KIND_NUMBER, W | S, "=cores", 1, 256,
		"processes that serve pages"},
	[CONF_WORKER_PROCESSES] = {"GAP_WORKER_PROCESSES", KIND_NUMBER, K, "4", 1, 64,
		"processes that do jobs"},
	[CONF_JOB_TIMEOUT] = {"GAP_JOB_TIMEOUT", KIND_DURATION, K, "30m", 60, 86400,
		"limit of one job of one organisation"},
	[CONF_METRICS_ALLOW] = {"GAP_METRICS_ALLOW", KIND_ADDRESSES, W, NULL, 0, 0,
		"who beside loopback may read /readyz and /metrics"},
	[CONF_SECCOMP] = {"GAP_SECCOMP", KIND_FLAG, W | K, "on", 0, 0,
		"the filter on system calls"},
	[CONF_TOTP_KEY_FILE] = {"GAP_TOTP_KEY_FILE", KIND_PATH, W | A, "=state/keys/totp.key",
		0, 0, "seals authenticator secrets"},
	[CONF_TOTP_STRICT] = {"GAP_TOTP_STRICT", KIND_FLAG, W, "off", 0, 0,
		"refuses the code of the next time step"},
	[CONF_TOKEN_KEY_FILE] = {"GAP_TOKEN_KEY_FILE", KIND_PATH, K | A,
		"=state/keys/tokens.key", 0, 0, "seals Xero's tokens"},
	[CONF_XERO_CLIENT_ID] = {"XERO_CLIENT_ID", KIND_TEXT, W | K, NULL, 0, 0,
		"the app at Xero"},
	[CONF_XERO_CLIENT_SECRET] = {"XERO_CLIENT_SECRET", KIND_SECRET, K, NULL, 0, 0,
		"the app's secret"},
	[CONF_XERO_AUTHORIZE_URL] = {"XERO_AUTHORIZE_URL", KIND_URL, W,
		"https://login.xero.com/identity/connect/authorize", 0, 0,
		"where people sign in at Xero"},
	[CONF_XERO_TOKEN_URL] = {"XERO_TOKEN_URL", KIND_URL, K,
		"https://identity.xero.com/connect/token", 0, 0, "where tokens come from"},
	[CONF_XERO_REVOKE_URL] = {"XERO_REVOKE_URL", KIND_URL, K,
		"https://identity.xero.com/connect/revocation", 0, 0, "where they end"},
	[CONF_XERO_JWKS_URL] = {"XERO_JWKS_URL", KIND_URL, K,
		"https://identity.xero.com/.well-known/openid-configuration/jwks", 0, 0,
		"Xero's signing keys"},
	[CONF_XERO_ISSUER] = {"XERO_ISSUER", KIND_URL, W | K, "https://identity.xero.com", 0, 0,
		"who signs ID tokens"},
	[CONF_XERO_API_URL] = {"XERO_API_URL", KIND_URL, K, "https://api.xero.com", 0, 0,
		"/connections and /practicemanager/3.1 hang below it"},
	[CONF_XERO_SCOPES] = {"XERO_SCOPES", KIND_TEXT, W | K,
		"openid profile email offline_access practicemanager.client.read", 0, 0,
		"what is asked for"},
	[CONF_XERO_CA_FILE] = {"XERO_CA_FILE", KIND_PATH, K, NULL, 0, 0,
		"trust anchors instead of the system's"},
	[CONF_XERO_PKCE] = {"XERO_PKCE", KIND_FLAG, W | K, "on", 0, 0,
		"proof key beside the secret"},
	[CONF_XERO_DAY_BUDGET] = {"XERO_DAY_BUDGET", KIND_NUMBER, W | K, "1000", 1, 1000000,
		"calls a day and organisation"},
	[CONF_XERO_LIST_TIMEOUT] = {"XERO_LIST_TIMEOUT", KIND_DURATION, K, "900s", 10, 86400,
		"limit of reading the client list"},
	[CONF_XERO_LIST_MAX_BYTES] = {"XERO_LIST_MAX_BYTES", KIND_SIZE, K, "512M", MIB,
		INT64_C(16384) * MIB, "limit of its length"},
	[CONF_XERO_FIELDS] = {"XERO_FIELDS", KIND_TEXT, K, NULL, 0, 0,
		"the list's `fields` parameter"},
	[CONF_XERO_DELTA] = {"XERO_DELTA", KIND_FLAG, K, "off", 0, 0,
		"between full syncs, reads what has changed"},
	[CONF_XERO_DELTA_EVERY] = {"XERO_DELTA_EVERY", KIND_DURATION, K, "30m", 900, 6 * 3600,
		"how often"},
	[CONF_XERO_DELTA_OVERLAP] = {"XERO_DELTA_OVERLAP", KIND_DURATION, K, "10m", 300, 86400,
		"how far each one reaches back before the last"},
	[CONF_SYNC_TIMES] = {"GAP_SYNC_TIMES", KIND_TIMES, W | K, "06:00,18:00", 0, 0,
		"local times of the automatic syncs"},
	[CONF_SYNC_SPREAD] = {"GAP_SYNC_SPREAD", KIND_DURATION, W | K, "30m", 0, 6 * 3600,
		"organisations start within it"},
	[CONF_RETENTION_DAYS] = {"GAP_RETENTION_DAYS", KIND_NUMBER, W | K, "400", 30, 3650,
		"how long field history is kept"},
	[CONF_SMTP_URL] = {"GAP_SMTP_URL", KIND_SMTP, K, NULL, 0, 0,
		"mail server; without it mails become files in $GAP_STATE_DIR/mail"},
	[CONF_MAIL_FROM] = {"GAP_MAIL_FROM", KIND_MAIL, K, "no-reply@localhost", 0, 0,
		"sender of the mails"},
	[CONF_SANDBOX_CLIENT_ID] = {"GAP_SANDBOX_CLIENT_ID", KIND_TEXT, S, NULL, 0, 0,
		"the app that the sandbox knows"},
	[CONF_SANDBOX_CLIENT_SECRET] = {"GAP_SANDBOX_CLIENT_SECRET", KIND_SECRET, S, NULL, 0, 0,
		"its secret"},
	[CONF_SANDBOX_REDIRECT_URI] = {"GAP_SANDBOX_REDIRECT_URI", KIND_URL, S, NULL, 0, 0,
		"its registered return address"},
	[CONF_SANDBOX_BASE_URL] = {"GAP_SANDBOX_BASE_URL", KIND_ORIGIN, S, "=next-port", 0, 0,
		"the sandbox's origin"},
	[CONF_SANDBOX_LOGIN_FILE] = {"GAP_SANDBOX_LOGIN_FILE", KIND_PATH, S, "=state/demo.json",
		0, 0, "holds its log-in"},
};

static const struct {
	unsigned program;
	const char *name;
	const char *role;
} programs[] = {{W, "web", "gap_web"}, {K, "worker", "gap_worker"}, {A, "admin", "gap_owner"},
	{S, "sandbox", "gap_sandbox"}};

struct conf {
	unsigned program;
	struct conf_value values[CONF__MAX];
};

static const char *default_database(struct arena *a, const struct conf *c)
{
	struct buf b;
	char cwd[4096] = "";
	const char *run = c->values[CONF_RUN_DIR].text;
	buf_init(&b, a, 64 * 1024);
	buf_adds(&b, "postgresql:///gap?host=");
	/* libpq recognises a socket only by its absolute path. */
	if (run[0] != '/' && getcwd(cwd, sizeof cwd) != NULL)
		url_escape(&b, str_of(arena_printf(a, "%s/%s", cwd, run)));
	else
		url_escape(&b, str_of(run));
	for (size_t i = 0; i < ARRAY_LEN(programs); i++)
		if (programs[i].program == c->program)
			buf_printf(&b, "&user=%s", programs[i].role);
	return b.data;
}

static const char *by_default(struct arena *a, const struct conf *c, enum conf_key key)
{
	const char *text = table[key].by_default;
	long long port = (long long)c->values[CONF_PORT].number;
	if (text == NULL || text[0] != '=')
		return text;
	if (str_starts(str_of(text), "=state/"))
		return arena_printf(a, "%s/%s", c->values[CONF_STATE_DIR].text, text + 7);
	if (key == CONF_BASE_URL)
		return arena_printf(a, "https://localhost:%lld", port);
	if (key == CONF_SANDBOX_BASE_URL)
		return arena_printf(a, "https://127.0.0.1:%lld", port + 1);
	if (key == CONF_DATABASE_URL)
		return default_database(a, c);
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	return arena_printf(a, "%ld", cores < 1 ? 2 : cores > 128 ? 256 : cores * 2);
}

static bool may_be_file(enum conf_key key)
{
	return table[key].kind == KIND_SECRET || table[key].kind == KIND_SMTP ||
	       table[key].kind == KIND_DATABASE;
}

/* An empty variable counts as not set: compose files and unit files cannot leave one out. */
static const char *from_environment(const char *name)
{
	const char *text = getenv(name);
	return text == NULL || text[0] == '\0' ? NULL : text;
}

static const char *file_of(struct arena *a, enum conf_key key)
{
	if (!may_be_file(key))
		return NULL;
	return from_environment(arena_printf(a, "%s_FILE", table[key].name));
}

/* The text of the operator; *text_r is NULL when there is none. */
static bool find(struct arena *a, enum conf_key key, struct str *text_r, struct err *e)
{
	const char *name = table[key].name, *text = from_environment(name);
	const char *path = file_of(a, key);
	const struct secret *secret;
	struct err why;
	*text_r = (struct str){text, text == NULL ? 0 : strlen(text)};
	if (path == NULL)
		return true;
	if (text != NULL)
		return err_set(e, ERR_CONFIG, "Set %s or %s_FILE, not both.", name, name);
	if (!file_read_secret(a, path, SECRET_FILE_MAX, &secret, &why))
		return err_set(e, ERR_CONFIG, "%s_FILE: %s", name, why.text);
	*text_r = str_trim(secret_open(secret));
	if (text_r->n == 0)
		return err_set(e, ERR_CONFIG, "%s_FILE names an empty file, %s.", name, path);
	return true;
}

static bool load_one(struct arena *a, struct conf *c, enum conf_key key, struct err *e)
{
	struct conf_value *v = &c->values[key];
	struct str text = {NULL, 0};
	if ((table[key].readers & c->program) != 0) {
		if (!find(a, key, &text, e))
			return false;
	} else if (!may_be_file(key)) {
		/* Not a setting of this program: not checked, kept only for conf_print. */
		const char *raw = from_environment(table[key].name);
		v->is_set = raw != NULL;
		v->text = arena_strdup(a, raw != NULL ? raw : by_default(a, c, key));
		return true;
	} else {
		v->is_set =
			from_environment(table[key].name) != NULL || file_of(a, key) != NULL;
		return true;
	}
	v->is_set = text.p != NULL;
	if (!v->is_set)
		text = str_of(by_default(a, c, key));
	return text.n == 0 || conf_judge(a, &table[key], text, v, e);
}

static bool judge_together(const struct conf *c, struct err *e)
{
	const struct conf_value *v = c->values;
	if (c->program == CONF_FOR_WEB && v[CONF_SECCOMP].number != 0 &&
		!conf_is_local_database(str_of(v[CONF_DATABASE_URL].text)))
		return err_set(e, ERR_CONFIG,
			"GAP_DATABASE_URL must name a unix socket (host=/folder), as gap-web opens no"
			" other connection; GAP_SECCOMP=off lifts this.");
	if (c->program != CONF_FOR_WORKER)
		return true;
	if (v[CONF_SMTP_URL].is_set && !v[CONF_MAIL_FROM].is_set)
		return err_set(e, ERR_CONFIG,
			"GAP_MAIL_FROM must be set beside GAP_SMTP_URL: the sender's address.");
	if (v[CONF_XERO_CLIENT_ID].is_set && !v[CONF_XERO_CLIENT_SECRET].is_set)
		return err_set(e, ERR_CONFIG,
			"XERO_CLIENT_SECRET (or XERO_CLIENT_SECRET_FILE) must be set beside"
			" XERO_CLIENT_ID.");
	return true;
}

bool conf_load(
	struct arena *a, enum conf_program program, const struct conf **conf_r, struct err *e)
{
	struct conf *c = arena_new_of(a, struct conf);
	c->program = program;
	for (enum conf_key key = 0; key < CONF__MAX; key++)
		if (!load_one(a, c, key, e))
			return false;
	if (!judge_together(c, e))
		return false;
	*conf_r = c;
	return true;
}

static const struct conf_value *value(const struct conf *c, enum conf_key key)
{
	if (key < 0 || key >= CONF__MAX || (table[key].readers & c->program) == 0)
		bug("this program does not read setting %d", (int)key);
	return &c->values[key];
}

const char *conf_text(const struct conf *c, enum conf_key key)
{
	return value(c, key)->text;
}

int64_t conf_int(const struct conf *c, enum conf_key key)
{
	return value(c, key)->number;
}

const struct secret *conf_secret(const struct conf *c, enum conf_key key)
{
	return value(c, key)->secret;
}

bool conf_is_set(const struct conf *c, enum conf_key key)
{
	return value(c, key)->is_set;
}

/* An address is shown unless it may contain a password. */
static bool is_hidden(enum conf_key key, const struct conf_value *v)
{
	if (table[key].kind != KIND_DATABASE)
		return may_be_file(key);
	struct str s = str_of(v->text);
	return s.n == 0 || str_has(s, '@') || strstr(s.p, "pass") != NULL || str_has(s, '%');
}

static void print_value(struct buf *out, enum conf_key key, const struct conf_value *v)
{
	if (is_hidden(key, v) && (v->is_set || table[key].by_default == NULL)) {
		buf_adds(out, v->is_set ? "(set)" : "(not set)");
		return;
	}
	if (v->text == NULL)
		buf_adds(out, table[key].by_default == NULL ? "(not set)" : "(default)");
	for (const char *s = v->text == NULL ? "" : v->text; *s != '\0'; s++)
		buf_addc(out, (unsigned char)*s < 0x20 || *s == 0x7F ? '?' : *s);
}

void conf_print(const struct conf *c, struct buf *out)
{
	for (enum conf_key key = 0; key < CONF__MAX; key++) {
		const struct conf_value *v = &c->values[key];
		buf_printf(out, "%s=", table[key].name);
		print_value(out, key, v);
		buf_printf(out, "  # %s; for", table[key].about);
		for (size_t i = 0; i < ARRAY_LEN(programs); i++)
			if ((table[key].readers & programs[i].program) != 0)
				buf_printf(out, " %s", programs[i].name);
		buf_adds(out, v->is_set ? "\n" : "; default\n");
	}
}
