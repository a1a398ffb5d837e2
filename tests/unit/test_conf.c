#include "io/conf.h"

#include "io/file.h"
#include "test.h"

#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* Every test begins with none of our settings in the environment. */
static int bare(void **state)
{
	(void)test_begin(state);
	for (char **v = environ; *v != NULL;) {
		struct str name, value;
		if (str_cut(str_of(*v), '=', &name, &value) &&
			(str_starts(name, "GAP_") || str_starts(name, "XERO_") ||
				str_starts(name, "PG"))) {
			assert_int_equal(unsetenv(str_dup(*state, name)), 0);
			v = environ;
		} else {
			v++;
		}
	}
	return 0;
}

#undef TEST
#define TEST(f) cmocka_unit_test_setup_teardown((f), bare, test_end)

static void set(const char *name, const char *value)
{
	assert_int_equal(setenv(name, value, 1), 0);
}

static const struct conf *load(void **state, enum conf_program program)
{
	const struct conf *c = NULL;
	struct err e;
	assert_ok(conf_load(*state, program, &c, &e));
	return c;
}

/* The worker reads almost everything, so it judges almost everything. */
static void refused_by(void **state, enum conf_program program, const char *name,
	const char *value, const char *says)
{
	const struct conf *c;
	struct err e;
	set(name, value);
	assert_fails(conf_load(*state, program, &c, &e), ERR_CONFIG);
	if (strcmp(e.text, says) != 0)
		fail_msg("%s=%s says: %s", name, value, e.text);
	assert_int_equal(unsetenv(name), 0);
}

static const struct conf *with(
	void **state, enum conf_program program, const char *name, const char *value)
{
	set(name, value);
	const struct conf *c = load(state, program);
	assert_int_equal(unsetenv(name), 0);
	return c;
}

static void defaults(void **state)
{
	const struct conf *w = load(state, CONF_FOR_WEB), *k = load(state, CONF_FOR_WORKER);
	assert_string_equal(conf_text(w, CONF_STATE_DIR), "var");
	assert_string_equal(conf_text(w, CONF_RUN_DIR), "var/run");
	assert_int_equal(conf_int(w, CONF_PORT), 8443);
	assert_string_equal(conf_text(w, CONF_BASE_URL), "https://localhost:8443");
	assert_string_equal(conf_text(w, CONF_TOTP_KEY_FILE), "var/keys/totp.key");
	assert_string_equal(conf_text(k, CONF_TOKEN_KEY_FILE), "var/keys/tokens.key");
	assert_string_equal(
		conf_text(k, CONF_XERO_TOKEN_URL), "https://identity.xero.com/connect/token");
	assert_string_equal(conf_text(k, CONF_XERO_API_URL), "https://api.xero.com");
	assert_string_equal(conf_text(w, CONF_XERO_AUTHORIZE_URL),
		"https://login.xero.com/identity/connect/authorize");
	assert_int_equal(conf_int(k, CONF_XERO_LIST_TIMEOUT), 900);
	assert_int_equal(conf_int(k, CONF_XERO_LIST_MAX_BYTES), 512 * 1024 * 1024);
	assert_int_equal(conf_int(k, CONF_SYNC_SPREAD), 1800);
	assert_int_equal(conf_int(k, CONF_XERO_PKCE), 1);
	assert_int_equal(conf_int(w, CONF_TOTP_STRICT), 0);
	assert_int_equal(conf_int(w, CONF_RETENTION_DAYS), 400);
	assert_string_equal(conf_text(w, CONF_SYNC_TIMES), "06:00,18:00");
	assert_true(conf_int(w, CONF_WEB_PROCESSES) >= 2);
	assert_null(conf_text(w, CONF_XERO_CLIENT_ID));
	assert_null(conf_secret(k, CONF_SMTP_URL));
	assert_null(conf_text(k, CONF_XERO_CA_FILE));
	assert_false(conf_is_set(w, CONF_PORT));
}

static void defaults_follow_other_settings(void **state)
{
	set("GAP_STATE_DIR", "/srv/gap here");
	set("GAP_PORT", "9000");
	const struct conf *w = load(state, CONF_FOR_WEB), *s = load(state, CONF_FOR_SANDBOX);
	assert_string_equal(conf_text(w, CONF_BASE_URL), "https://localhost:9000");
	assert_string_equal(conf_text(s, CONF_SANDBOX_BASE_URL), "https://127.0.0.1:9001");
	assert_string_equal(conf_text(s, CONF_SANDBOX_LOGIN_FILE), "/srv/gap here/demo.json");
	assert_string_equal(conf_text(w, CONF_DATABASE_URL),
		"postgresql:///gap?host=%2Fsrv%2Fgap%20here%2Frun&user=gap_web");
	assert_string_equal(conf_text(load(state, CONF_FOR_ADMIN), CONF_DATABASE_URL),
		"postgresql:///gap?host=%2Fsrv%2Fgap%20here%2Frun&user=gap_owner");
	/* libpq takes "var/run" for a host's name, so a relative folder is made absolute. */
	set("GAP_STATE_DIR", "var");
	const char *url = conf_text(load(state, CONF_FOR_WEB), CONF_DATABASE_URL);
	assert_true(str_starts(str_of(url), "postgresql:///gap?host=%2F"));
	assert_true(conf_is_set(w, CONF_PORT));
	assert_false(conf_is_set(w, CONF_BASE_URL));
}

static void nothing_is_not_set(void **state)
{
	set("GAP_PORT", "");
	set("XERO_CLIENT_ID", "");
	set("XERO_CLIENT_SECRET_FILE", "");
	const struct conf *k = load(state, CONF_FOR_WORKER);
	assert_int_equal(conf_int(k, CONF_PORT), 8443);
	assert_false(conf_is_set(k, CONF_XERO_CLIENT_ID));
	assert_null(conf_secret(k, CONF_XERO_CLIENT_SECRET));
}

static void numbers(void **state)
{
	static const char *const wrong[] = {"abc", "0", "65535", "-1", "08443", "+8443",
		" 8443", "8443 ", "0x10", "1e3", "99999999999999999999", "8443,1"};
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		refused_by(state, CONF_FOR_WEB, "GAP_PORT", wrong[i],
			arena_printf(*state,
				"GAP_PORT must be a number from 1 to 65534, not '%s'.",
				wrong[i]));
	assert_int_equal(
		conf_int(with(state, CONF_FOR_WEB, "GAP_PORT", "65534"), CONF_PORT), 65534);
	refused_by(state, CONF_FOR_WEB, "GAP_PORT", "8\n4\x80",
		"GAP_PORT must be a number from 1 to 65534, not '8?4?'.");
	refused_by(state, CONF_FOR_WORKER, "XERO_DAY_BUDGET", "0",
		"XERO_DAY_BUDGET must be a number from 1 to 1000000, not '0'.");
}

static void sizes_and_times(void **state)
{
	static const struct {
		const char *name, *text;
		enum conf_key key;
		int64_t is;
	} good[] = {{"XERO_LIST_MAX_BYTES", "64M", CONF_XERO_LIST_MAX_BYTES, 67108864},
		{"XERO_LIST_MAX_BYTES", "2G", CONF_XERO_LIST_MAX_BYTES, INT64_C(2147483648)},
		{"XERO_LIST_MAX_BYTES", "2097152", CONF_XERO_LIST_MAX_BYTES, 2097152},
		{"XERO_LIST_MAX_BYTES", "2048K", CONF_XERO_LIST_MAX_BYTES, 2097152},
		{"GAP_SYNC_SPREAD", "0", CONF_SYNC_SPREAD, 0},
		{"GAP_SYNC_SPREAD", "90s", CONF_SYNC_SPREAD, 90},
		{"GAP_SYNC_SPREAD", "45m", CONF_SYNC_SPREAD, 2700},
		{"GAP_SYNC_SPREAD", "2h", CONF_SYNC_SPREAD, 7200},
		{"XERO_LIST_TIMEOUT", "1d", CONF_XERO_LIST_TIMEOUT, 86400},
		{"XERO_LIST_TIMEOUT", "60", CONF_XERO_LIST_TIMEOUT, 60}};
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		const struct conf *c = with(state, CONF_FOR_WORKER, good[i].name, good[i].text);
		assert_true(conf_int(c, good[i].key) == good[i].is);
	}
	static const char *const wrong[] = {
		"m", "30 m", "30min", "-30m", "7h", "030m", "3.5m", "9223372036854775807d"};
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		refused_by(state, CONF_FOR_WORKER, "GAP_SYNC_SPREAD", wrong[i],
			arena_printf(*state,
				"GAP_SYNC_SPREAD must be a time from 0s to 21600s, such as 90s or 30m,"
				" not '%s'.",
				wrong[i]));
	refused_by(state, CONF_FOR_WORKER, "XERO_LIST_MAX_BYTES", "64k",
		"XERO_LIST_MAX_BYTES must be a size from 1M to 16384M, such as 512M, not '64k'.");
	refused_by(state, CONF_FOR_WORKER, "XERO_LIST_MAX_BYTES", "1K",
		"XERO_LIST_MAX_BYTES must be a size from 1M to 16384M, such as 512M, not '1K'.");
}

static void flags_and_levels(void **state)
{
	assert_int_equal(
		conf_int(with(state, CONF_FOR_WEB, "XERO_PKCE", "off"), CONF_XERO_PKCE), 0);
	assert_int_equal(
		conf_int(with(state, CONF_FOR_WEB, "GAP_TOTP_STRICT", "on"), CONF_TOTP_STRICT),
		1);
	refused_by(state, CONF_FOR_WEB, "GAP_SECCOMP", "yes",
		"GAP_SECCOMP must be on or off, not 'yes'.");
	refused_by(state, CONF_FOR_WEB, "GAP_SECCOMP", "On",
		"GAP_SECCOMP must be on or off, not 'On'.");
	assert_string_equal(
		conf_text(with(state, CONF_FOR_WEB, "GAP_LOG_LEVEL", "debug"), CONF_LOG_LEVEL),
		"debug");
	refused_by(state, CONF_FOR_WEB, "GAP_LOG_LEVEL", "loud",
		"GAP_LOG_LEVEL must be debug, info, warn or error, not 'loud'.");
}

static void addresses_are_https(void **state)
{
	static const char *const wrong[] = {"http://api.xero.com", "api.xero.com", "ftp://x",
		"https://", "https://a?b=c", "https://u:p@a", "https://a b", "https://a#b"};
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		refused_by(state, CONF_FOR_WORKER, "XERO_API_URL", wrong[i],
			arena_printf(*state,
				"XERO_API_URL must be an address that begins with https:// and has no"
				" '?', not '%s'.",
				wrong[i]));
	assert_string_equal(conf_text(with(state, CONF_FOR_WORKER, "XERO_API_URL",
					      "https://127.0.0.1:8444/x/"),
				    CONF_XERO_API_URL),
		"https://127.0.0.1:8444/x");
	assert_string_equal(conf_text(with(state, CONF_FOR_WEB, "GAP_BASE_URL",
					      "https://Gap.Example.com:443/"),
				    CONF_BASE_URL),
		"https://gap.example.com");
	refused_by(state, CONF_FOR_WEB, "GAP_BASE_URL", "https://gap.example.com/app",
		"GAP_BASE_URL must be an address without a path, such as https://gap.example.com,"
		" not 'https://gap.example.com/app'.");
}

static void times_of_day(void **state)
{
	static const char *const good[] = {
		"06:00", "00:00,23:59", "01:00,02:00,03:00,04:00,05:00,06:00"};
	static const char *const wrong[] = {"6:00", "06:00,06:00", "18:00,06:00", "24:00",
		"06:60", "06:00,", ",06:00", "06:00, 18:00", "0600", "06:00:00", "aa:bb",
		"01:00,02:00,03:00,04:00,05:00,06:00,07:00"};
	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		assert_string_equal(
			conf_text(with(state, CONF_FOR_WORKER, "GAP_SYNC_TIMES", good[i]),
				CONF_SYNC_TIMES),
			good[i]);
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		refused_by(state, CONF_FOR_WORKER, "GAP_SYNC_TIMES", wrong[i],
			arena_printf(*state,
				"GAP_SYNC_TIMES must be one to six times in order, such as 06:00,18:00,"
				" not '%s'.",
				wrong[i]));
}

static void other_texts(void **state)
{
	refused_by(state, CONF_FOR_WEB, "GAP_METRICS_ALLOW", "10.0.0.1,example.com",
		"GAP_METRICS_ALLOW must be IP addresses with commas between, not"
		" '10.0.0.1,example.com'.");
	assert_string_equal(conf_text(with(state, CONF_FOR_WEB, "GAP_METRICS_ALLOW",
					      "10.0.0.1, 2001:db8::1"),
				    CONF_METRICS_ALLOW),
		"10.0.0.1, 2001:db8::1");
	refused_by(state, CONF_FOR_WORKER, "GAP_MAIL_FROM", "The Gap <a@b>",
		"GAP_MAIL_FROM must be one e-mail address, not 'The Gap <a@b>'.");
	refused_by(state, CONF_FOR_WORKER, "GAP_MAIL_FROM", "a@b\r\nBcc: c@d",
		"GAP_MAIL_FROM must be one e-mail address, not 'a@b??Bcc: c@d'.");
	refused_by(state, CONF_FOR_WEB, "GAP_STATE_DIR", "a\nb",
		"GAP_STATE_DIR must be a path, not 'a?b'.");
	refused_by(state, CONF_FOR_WEB, "XERO_CLIENT_ID", "a\tb",
		"XERO_CLIENT_ID must be plain ASCII text, not 'a?b'.");
}

/* gap-web opens no TCP connection unless the operator allows it. */
static void web_takes_a_unix_socket_only(void **state)
{
	static const char *const local[] = {"postgresql:///gap?host=/run/pg&user=gap_web",
		"postgresql://gap_web@%2Frun%2Fpg/gap", "postgres://u:p@/gap?host=/a,/b",
		"postgresql:///gap", "postgresql://"};
	static const char *const remote[] = {"postgresql://db.example.com/gap",
		"postgresql://127.0.0.1/gap", "postgresql:///gap?host=db",
		"postgres://u:p@h:5432/gap", "postgresql:///gap?host=/a,db",
		"postgresql:///gap?host=/a&host=db", "postgresql:///gap?%68ost=db",
		"postgresql:///gap?host=/a&hostaddr=10.0.0.1", "postgresql:///gap?service=x",
		"postgresql://[::1]/gap"};
	static const char refusal[] =
		"GAP_DATABASE_URL must name a unix socket (host=/folder), as gap-web opens no other"
		" connection; GAP_SECCOMP=off lifts this.";
	for (size_t i = 0; i < ARRAY_LEN(local); i++)
		assert_string_equal(
			conf_text(with(state, CONF_FOR_WEB, "GAP_DATABASE_URL", local[i]),
				CONF_DATABASE_URL),
			local[i]);
	for (size_t i = 0; i < ARRAY_LEN(remote); i++) {
		refused_by(state, CONF_FOR_WEB, "GAP_DATABASE_URL", remote[i], refusal);
		(void)with(state, CONF_FOR_WORKER, "GAP_DATABASE_URL", remote[i]);
		set("GAP_SECCOMP", "off");
		(void)with(state, CONF_FOR_WEB, "GAP_DATABASE_URL", remote[i]);
		assert_int_equal(unsetenv("GAP_SECCOMP"), 0);
	}
	set("PGHOST", "db.example.com");
	refused_by(state, CONF_FOR_WEB, "GAP_DATABASE_URL", "postgresql:///gap", refusal);
	refused_by(state, CONF_FOR_WEB, "GAP_DATABASE_URL", "host=/run/pg password=hunter2",
		"GAP_DATABASE_URL must be an address that begins with postgresql://.");
}

static void secrets_come_from_either(void **state)
{
	struct err e;
	const struct conf *c;
	char path[] = "/tmp/gap-test-conf.XXXXXX";
	set("XERO_CLIENT_ID", "ABC");
	set("XERO_CLIENT_SECRET", "hunter2");
	c = load(state, CONF_FOR_WORKER);
	assert_true(str_is(secret_open(conf_secret(c, CONF_XERO_CLIENT_SECRET)), "hunter2"));
	assert_null(conf_text(c, CONF_XERO_CLIENT_SECRET));
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	(void)close(fd);
	assert_ok(file_write(path, STR("  hunter3\n"), 0600, &e));
	set("XERO_CLIENT_SECRET_FILE", path);
	assert_fails(conf_load(*state, CONF_FOR_WORKER, &c, &e), ERR_CONFIG);
	assert_string_equal(
		e.text, "Set XERO_CLIENT_SECRET or XERO_CLIENT_SECRET_FILE, not both.");
	assert_int_equal(unsetenv("XERO_CLIENT_SECRET"), 0);
	c = load(state, CONF_FOR_WORKER);
	assert_true(str_is(secret_open(conf_secret(c, CONF_XERO_CLIENT_SECRET)), "hunter3"));
	assert_ok(file_write(path, STR("two words\n"), 0600, &e));
	assert_fails(conf_load(*state, CONF_FOR_WORKER, &c, &e), ERR_CONFIG);
	assert_string_equal(
		e.text, "XERO_CLIENT_SECRET must be plain ASCII text without blanks.");
	assert_ok(file_write(path, STR("\n"), 0600, &e));
	assert_fails(conf_load(*state, CONF_FOR_WORKER, &c, &e), ERR_CONFIG);
	assert_non_null(strstr(e.text, "empty file"));
	assert_int_equal(unlink(path), 0);
	assert_fails(conf_load(*state, CONF_FOR_WORKER, &c, &e), ERR_CONFIG);
	assert_true(str_starts(str_of(e.text), "XERO_CLIENT_SECRET_FILE: /tmp/"));
}

static void mail_servers(void **state)
{
	static const char *const good[] = {"smtp://localhost",
		"smtps://u:p%40@mail.example.com:465", "smtp://u@h:25/client"};
	static const char *const wrong[] = {"http://h", "mail.example.com", "smtp://",
		"smtp://:25", "smtp://u:p w@h", "smtps://u:p@"};
	set("GAP_MAIL_FROM", "gap@example.com");
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		const struct conf *c = with(state, CONF_FOR_WORKER, "GAP_SMTP_URL", good[i]);
		assert_true(str_is(secret_open(conf_secret(c, CONF_SMTP_URL)), good[i]));
	}
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
		refused_by(state, CONF_FOR_WORKER, "GAP_SMTP_URL", wrong[i],
			"GAP_SMTP_URL must be an address that begins with smtp:// or smtps://.");
	assert_int_equal(unsetenv("GAP_MAIL_FROM"), 0);
	refused_by(state, CONF_FOR_WORKER, "GAP_SMTP_URL", "smtp://h",
		"GAP_MAIL_FROM must be set beside GAP_SMTP_URL: the sender's address.");
	refused_by(state, CONF_FOR_WORKER, "XERO_CLIENT_ID", "A",
		"XERO_CLIENT_SECRET (or XERO_CLIENT_SECRET_FILE) must be set beside XERO_CLIENT_ID.");
}

/* A program neither reads nor judges what is not its own: asking for it is a bug of ours. */
static bool aborts(const struct conf *c, enum conf_key key)
{
	int status = 0;
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		if (freopen("/dev/null", "w", stderr) == NULL)
			_exit(1);
		(void)signal(SIGABRT, SIG_DFL);
		(void)conf_text(c, key);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

static void each_program_reads_its_own(void **state)
{
	set("XERO_CLIENT_ID", "A");
	set("XERO_CLIENT_SECRET", "hunter2");
	set("GAP_SMTP_URL", "nonsense");
	set("GAP_SMTP_URL_FILE", "/nonexistent");
	set("XERO_TOKEN_URL", "nonsense");
	set("GAP_SANDBOX_REDIRECT_URI", "nonsense");
	const struct conf *w = load(state, CONF_FOR_WEB);
	static const enum conf_key not_webs[] = {CONF_XERO_CLIENT_SECRET, CONF_TOKEN_KEY_FILE,
		CONF_SMTP_URL, CONF_XERO_TOKEN_URL, CONF_SANDBOX_CLIENT_SECRET};
	for (size_t i = 0; i < ARRAY_LEN(not_webs); i++)
		assert_true(aborts(w, not_webs[i]));
	assert_false(aborts(w, CONF_TOTP_KEY_FILE));
	const struct conf *a = load(state, CONF_FOR_ADMIN);
	assert_false(aborts(a, CONF_TOTP_KEY_FILE));
	assert_false(aborts(a, CONF_TOKEN_KEY_FILE));
	assert_true(aborts(a, CONF_XERO_CLIENT_SECRET));
	assert_int_equal(unsetenv("GAP_SMTP_URL"), 0);
	assert_int_equal(unsetenv("GAP_SMTP_URL_FILE"), 0);
	assert_int_equal(unsetenv("XERO_TOKEN_URL"), 0);
	assert_true(aborts(load(state, CONF_FOR_WORKER), CONF_TOTP_KEY_FILE));
}

static void printing_hides_secrets(void **state)
{
	struct buf out;
	buf_init(&out, *state, 100000);
	set("XERO_CLIENT_ID", "ABC");
	set("XERO_CLIENT_SECRET", "hunter2");
	set("GAP_DATABASE_URL", "postgresql://u:hunter2@%2Frun/gap");
	set("GAP_PORT", "9000");
	conf_print(load(state, CONF_FOR_WORKER), &out);
	conf_print(load(state, CONF_FOR_ADMIN), &out);
	assert_null(strstr(out.data, "hunter2"));
	assert_non_null(strstr(out.data, "\nXERO_CLIENT_SECRET=(set)  # "));
	assert_non_null(strstr(out.data, "\nGAP_SMTP_URL=(not set)  # "));
	assert_non_null(strstr(out.data, "\nGAP_DATABASE_URL=(set)  # "));
	assert_non_null(strstr(out.data, "\nGAP_PORT=9000  # "));
	assert_non_null(
		strstr(out.data, "\nXERO_CLIENT_ID=ABC  # the app at Xero; for web worker\n"));
	assert_non_null(strstr(out.data, "\nGAP_SYNC_TIMES=06:00,18:00  # "));
	size_t lines = 0;
	for (const char *s = out.data; *s != '\0'; s++)
		lines += *s == '\n';
	assert_int_equal(lines, 2 * CONF__MAX);
	assert_int_equal(unsetenv("GAP_DATABASE_URL"), 0);
	set("GAP_STATE_DIR", "/srv/gap");
	buf_reset(&out);
	conf_print(load(state, CONF_FOR_WEB), &out);
	assert_non_null(strstr(out.data, "GAP_DATABASE_URL=postgresql:///gap?host=%2Fsrv"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(defaults),
		TEST(defaults_follow_other_settings),
		TEST(nothing_is_not_set),
		TEST(numbers),
		TEST(sizes_and_times),
		TEST(flags_and_levels),
		TEST(addresses_are_https),
		TEST(times_of_day),
		TEST(other_texts),
		TEST(web_takes_a_unix_socket_only),
		TEST(secrets_come_from_either),
		TEST(mail_servers),
		TEST(each_program_reads_its_own),
		TEST(printing_hides_secrets),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
