/*
 * The environment, NAME=value a line, read as each program reads it: wrong
 * settings are one sentence of the operator's, secrets are in no sentence and
 * in no listing. Names that are none of ours are left alone, *_FILE too: what a
 * file holds is judged as the value is, and a fuzzer opens no files.
 */
#include "fuzz/fuzz.h"
#include "io/conf.h"

static const char secret[] = "s3cr3t-Canary";

static const char *const names[] = {"GAP_STATE_DIR", "GAP_RUN_DIR", "GAP_PORT", "GAP_BASE_URL",
	"GAP_DATABASE_URL", "GAP_LOG_LEVEL", "GAP_WEB_PROCESSES", "GAP_METRICS_ALLOW",
	"GAP_SECCOMP", "GAP_TOTP_STRICT", "XERO_CLIENT_ID", "XERO_AUTHORIZE_URL",
	"XERO_TOKEN_URL", "XERO_ISSUER", "XERO_API_URL", "XERO_SCOPES", "XERO_PKCE",
	"XERO_DAY_BUDGET", "XERO_LIST_TIMEOUT", "XERO_LIST_MAX_BYTES", "XERO_FIELDS",
	"GAP_SYNC_TIMES", "GAP_SYNC_SPREAD", "GAP_RETENTION_DAYS", "GAP_JOB_TIMEOUT",
	"GAP_SMTP_URL", "GAP_MAIL_FROM", "GAP_SANDBOX_BASE_URL", "GAP_SANDBOX_REDIRECT_URI"};

static void set_from(struct arena *a, struct str text)
{
	struct str line, name, value;
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		(void)unsetenv(names[i]);
	(void)setenv("XERO_CLIENT_SECRET", secret, 1);
	(void)setenv("GAP_SANDBOX_CLIENT_SECRET", secret, 1);
	while (str_next(&text, '\n', &line))
		for (size_t i = 0; str_cut(line, '=', &name, &value) && i < ARRAY_LEN(names);
			i++)
			if (str_is(name, names[i]))
				(void)setenv(names[i], arena_strndup(a, value.p, value.n), 1);
}

static void load(enum conf_program program)
{
	struct arena *a = arena_new();
	const struct conf *c;
	struct err e = {0};
	struct buf out;
	buf_init(&out, a, 1024 * 1024);
	if (conf_load(a, program, &c, &e)) {
		conf_print(c, &out);
		must(!out.over && strstr(out.data, secret) == NULL);
		must(conf_int(c, CONF_PORT) >= 1 && conf_int(c, CONF_PORT) <= 65534);
		must(conf_text(c, CONF_STATE_DIR)[0] != '\0');
	} else {
		must(e.kind == ERR_CONFIG && strstr(e.text, secret) == NULL);
		for (const char *p = e.text; *p != '\0'; p++)
			must((unsigned char)*p >= 0x20 && (unsigned char)*p != 0x7F);
	}
	arena_free(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* libFuzzer learns what it is compared with: said in another setting it is no secret. */
	if (memmem(data, size, secret, sizeof secret - 1) != NULL)
		return 0;
	struct arena *a = arena_new();
	set_from(a, (struct str){(const char *)data, size});
	load(CONF_FOR_WEB);
	load(CONF_FOR_WORKER);
	load(CONF_FOR_ADMIN);
	load(CONF_FOR_SANDBOX);
	arena_free(&a);
	return 0;
}
