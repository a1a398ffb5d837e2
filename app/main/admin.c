#include "main/admin.h"

#include "base/buf.h"
#include "base/log.h"
#include "store/audit.h"
#include "store/stmt.h"

/* The placeholder of each option's value in the usage text. */
static const struct {
	const char *name, *value;
} options[ADMIN_OPTION__MAX] = {
	[ADMIN_ZONE] = {"--zone", "ZONE"},
	[ADMIN_ORG] = {"--org", "N"},
	[ADMIN_EMAIL] = {"--email", "EMAIL"},
	[ADMIN_NAME] = {"--name", "NAME"},
	[ADMIN_ROLE] = {"--role", "admin|member"},
	[ADMIN_PASSWORD_FILE] = {"--password-file", "FILE"},
	[ADMIN_REASON] = {"--reason", "TEXT"},
};

#define MUST(option) (1u << (option))

static const struct command {
	const char *words[2];
	const char *operand; /* NULL: the command takes none */
	unsigned must, may;  /* sets of options, as bits */
	bool (*run)(struct admin *x, struct err *e);
	const char *does;
} commands[] = {
	{{"migrate"}, NULL, 0, 0, admin_migrate, "brings the database to this version"},
	{{"org", "add"}, "NAME", MUST(ADMIN_ZONE), 0, admin_org_add,
		"adds an organisation; its number is the last line"},
	{{"user", "add"}, NULL,
		MUST(ADMIN_ORG) | MUST(ADMIN_EMAIL) | MUST(ADMIN_NAME) | MUST(ADMIN_ROLE),
		MUST(ADMIN_PASSWORD_FILE), admin_user_add,
		"adds a user; without a file prints a link to set the password"},
	{{"user", "reset-mfa"}, NULL, MUST(ADMIN_EMAIL) | MUST(ADMIN_REASON), 0,
		admin_user_reset_mfa,
		"removes a lost authenticator and ends the user's sessions"},
	{{"rotate-key"}, "tokens|totp", 0, 0, admin_rotate_key,
		"makes the key file, or adds a newer key to it"},
	{{"restored"}, NULL, 0, 0, admin_restored,
		"after a backup was read back: ends sessions, links and used codes"},
	{{"config"}, NULL, 0, 0, admin_config, "checks and prints the configuration"},
	{{"health"}, NULL, 0, 0, admin_health, "database, worker, queue and keys"},
	{{"audit", "verify"}, NULL, 0, MUST(ADMIN_ORG), admin_audit_verify,
		"recomputes the audit chains"},
	{{"audit", "export"}, NULL, 0, MUST(ADMIN_ORG), admin_audit_export,
		"prints the audit chains, one JSON object a line"},
};

static void print_usage(FILE *to)
{
	struct arena *a = arena_new();
	(void)fputs("Usage:\n", to);
	for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
		const struct command *c = &commands[i];
		struct buf line;
		buf_init(&line, a, 1024);
		buf_printf(&line, "  gap-admin %s", c->words[0]);
		if (c->words[1] != NULL)
			buf_printf(&line, " %s", c->words[1]);
		if (c->operand != NULL)
			buf_printf(&line, " %s", c->operand);
		for (int o = 0; o < ADMIN_OPTION__MAX; o++)
			if ((c->must & MUST(o)) != 0)
				buf_printf(&line, " %s %s", options[o].name, options[o].value);
			else if ((c->may & MUST(o)) != 0)
				buf_printf(
					&line, " [%s %s]", options[o].name, options[o].value);
		(void)fprintf(to, "%s\n      %s\n", line.data, c->does);
	}
	(void)fputs("Settings come from the environment; see gap-admin config.\n", to);
	arena_free(&a);
}

static const struct command *find_command(int argc, char **argv, int *used_r)
{
	for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
		const struct command *c = &commands[i];
		*used_r = c->words[1] == NULL ? 2 : 3;
		if (argc >= *used_r && strcmp(argv[1], c->words[0]) == 0 &&
			(c->words[1] == NULL || strcmp(argv[2], c->words[1]) == 0))
			return c;
	}
	return NULL;
}

static int find_option(const struct command *c, const char *word)
{
	for (int o = 0; o < ADMIN_OPTION__MAX; o++)
		if (((c->must | c->may) & MUST(o)) != 0 && strcmp(word, options[o].name) == 0)
			return o;
	return -1;
}

static bool read_words(struct admin *x, const struct command *c, char **words, struct err *e)
{
	for (; *words != NULL; words++) {
		int o = find_option(c, *words);
		if (o < 0 && (words[0][0] == '-' || c->operand == NULL || x->operand != NULL))
			return err_set(
				e, ERR_INVALID, "\"%.80s\" does not belong here.", *words);
		if (o < 0) {
			x->operand = *words;
			continue;
		}
		if (x->options[o] != NULL)
			return err_set(e, ERR_INVALID, "%s is given twice.", *words);
		if (words[1] == NULL)
			return err_set(e, ERR_INVALID, "%s needs a value.", *words);
		x->options[o] = *++words;
	}
	if (c->operand != NULL && x->operand == NULL)
		return err_set(e, ERR_INVALID, "%s is missing.", c->operand);
	for (int o = 0; o < ADMIN_OPTION__MAX; o++)
		if ((c->must & MUST(o)) != 0 && x->options[o] == NULL)
			return err_set(e, ERR_INVALID, "%s is missing.", options[o].name);
	return true;
}

bool admin_org(const struct admin *x, int64_t *org_id_r, struct err *e)
{
	return (str_to_i64(str_of(x->options[ADMIN_ORG]), org_id_r) && *org_id_r > 0) ||
	       err_set(e, ERR_INVALID, "--org must be an organisation's number.");
}

bool admin_log(
	struct admin *x, int64_t org_id, const char *event, const char *detail, struct err *e)
{
	const struct audit_entry entry = {.org_id = org_id,
		.peer = "gap-admin",
		.event = event,
		.result = "ok",
		.detail = detail};
	return audit_add(x->db, &entry, e);
}

bool admin_end(struct admin *x, bool ok, struct err *e)
{
	if (ok)
		return pg_commit(x->db, e);
	pg_rollback(x->db);
	return false;
}

static bool load(struct admin *x, struct err *e)
{
	if (!conf_load(x->arena, CONF_FOR_ADMIN, &x->conf, e))
		return false;
	log_set_level((enum log_level)conf_int(x->conf, CONF_LOG_LEVEL));
	x->db = pg_new(x->arena, conf_text(x->conf, CONF_DATABASE_URL), "gap-admin", stmt_table,
		STMT__MAX);
	return true;
}

static int fail(const struct err *e)
{
	(void)fflush(stdout);
	(void)fprintf(stderr, "gap-admin: %s\n", e->text);
	return e->kind == ERR_CONFIG || e->kind == ERR_INVALID ? 2 : 1;
}

static int run(struct arena *a, int argc, char **argv)
{
	struct admin x = {.arena = a};
	struct err e;
	int used = 0;
	const struct command *c = find_command(argc, argv, &used);
	if (c == NULL) {
		bool asked = argc == 2 &&
			     (strcmp(argv[1], "help") == 0 || strcmp(argv[1], "--help") == 0);
		print_usage(asked ? stdout : stderr);
		return asked ? 0 : 2;
	}
	if (!read_words(&x, c, argv + used, &e)) {
		(void)fail(&e);
		(void)fputs("gap-admin help shows how it is used.\n", stderr);
		return 2;
	}
	if (!load(&x, &e) || !c->run(&x, &e))
		return fail(&e);
	if (fflush(stdout) != 0 || ferror(stdout) != 0) {
		(void)fputs("gap-admin: The answer could not be written.\n", stderr);
		return 1;
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct arena *a = arena_new();
	log_context("program", "gap-admin");
	int status = run(a, argc, argv);
	arena_free(&a);
	return status;
}
