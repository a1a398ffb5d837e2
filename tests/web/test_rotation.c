/* The key that seals authenticator secrets changes while the site runs: no log-in is lost, no process restarted. */
#include "io/file.h"
#include "support/site_test.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ROTATIONS = 20, PEOPLE = 3, LOG_INS = 12, KEY_FILE_MAX = 64 * 1024 };

static const char *key_path(void)
{
	return arena_printf(site.arena, "%s/totp.key", site.dir);
}

/* As gap-admin rotate-key does it: one more line, the file replaced at once. */
static uint32_t rotate(void)
{
	struct err e;
	struct str text = STR("");
	const struct seal_keys *keys = NULL;
	struct secret *line = NULL;
	assert_ok(file_read(site.arena, key_path(), KEY_FILE_MAX, &text, &e));
	assert_ok(seal_keys_parse(site.arena, text, &keys, &e));
	assert_ok(seal_key_line(site.arena, keys, &line, &e));
	const char *both = arena_printf(
		site.arena, "%s%s", str_dup(site.arena, text), secret_open(line).p);
	assert_ok(file_write(key_path(), str_of(both), 0600, &e));
	return seal_newest(keys) + 1;
}

static int64_t key_of(const struct person *p)
{
	return sql_int("SELECT get_byte(sealed, 3) * 256 + get_byte(sealed, 4) FROM totp_factor"
		       " WHERE user_id = %lld",
		(long long)p->user_id);
}

static void log_in(const struct person *p)
{
	struct browser b = {0};
	browser_log_in(&b, p);
	assert_status(browse(&b, "/clients"), 200);
}

static void a_new_key_is_used_at_once_and_boxes_move_to_it(void **state)
{
	struct firm f;
	(void)state;
	firm_make(&f);
	person_enrol(&f.admin);
	person_enrol(&f.member);
	int64_t before = key_of(&f.admin);
	log_in(&f.admin);
	assert_int_equal(key_of(&f.admin), before);
	int64_t now = rotate();
	/* Every process has read the old file; the log-in may reach any of them. */
	for (int i = 0; i < 6; i++)
		log_in(&f.admin);
	assert_int_equal(key_of(&f.admin), now);
	/* Who has not logged in since still can. */
	assert_int_equal(key_of(&f.member), before);
	log_in(&f.member);
	assert_int_equal(key_of(&f.member), now);
}

static const char *key_shown(struct browser *b)
{
	struct fcgi_answer r = browse(b, "/mfa/setup");
	assert_status(r, 200);
	const char *at = strstr(r.body.p, "id=\"mfa-key\">");
	assert_non_null(at);
	return arena_strndup(site.arena, at, 55);
}

/* The pending secret's box opens under its old key. */
static void a_set_up_begun_before_goes_on_after(void **state)
{
	struct firm f;
	struct browser b = {0};
	(void)state;
	firm_make(&f);
	browser_log_in(&b, &f.member);
	const char *shown = key_shown(&b);
	(void)rotate();
	for (int i = 0; i < 6; i++)
		assert_string_equal(key_shown(&b), shown);
}

static int times_loaded(void)
{
	int n = 0;
	for (const char *at = site_log(); (at = strstr(at, "templates.loaded")) != NULL; at++)
		n++;
	return n;
}

/* Every process that judges codes has read the key file once more; one that was never asked may have an older one. */
static void all_look(void)
{
	enum { PROCESSES = 4, TRIES = 1000 };
	struct browser nobody = {0};
	int before = times_loaded();
	assert_int_equal(kill(site.parent, SIGHUP), 0);
	(void)nanosleep(&(struct timespec){0, 100 * 1000 * 1000}, NULL);
	for (int i = 0; i < TRIES && times_loaded() < before + PROCESSES; i++)
		assert_status(browse(&nobody, "/healthz"), 200);
	assert_true(times_loaded() >= before + PROCESSES);
}

/* The operator's slip: the site says so and goes on with what it has. */
static void a_file_that_is_none_is_refused_and_the_old_keys_serve(void **state)
{
	struct firm f;
	struct err e;
	struct str good = STR("");
	(void)state;
	firm_make(&f);
	person_enrol(&f.admin);
	assert_ok(file_read(site.arena, key_path(), KEY_FILE_MAX, &good, &e));
	all_look();
	log_in(&f.admin);
	assert_ok(file_write(key_path(), STR("no key at all\n"), 0600, &e));
	for (int i = 0; i < 6; i++)
		log_in(&f.admin);
	assert_non_null(strstr(site_log(), "keys.refused"));
	assert_ok(file_write(key_path(), good, 0600, &e));
	(void)rotate();
	for (int i = 0; i < 6; i++)
		log_in(&f.admin);
}

static int rotate_all_the_time(void)
{
	const struct timespec pause = {0, 60 * 1000 * 1000};
	for (int i = 0; i < ROTATIONS; i++) {
		(void)rotate();
		(void)nanosleep(&pause, NULL);
	}
	return 0;
}

static void in_the_middle_of_traffic_no_log_in_is_lost(void **state)
{
	struct firm f[PEOPLE];
	int status = 0;
	(void)state;
	for (size_t i = 0; i < PEOPLE; i++) {
		firm_make(&f[i]);
		person_enrol(&f[i].admin);
	}
	int64_t before = key_of(&f[0].admin);
	pid_t pid = fork();
	if (pid == 0)
		_exit(rotate_all_the_time());
	for (int n = 0; n < LOG_INS; n++)
		for (size_t i = 0; i < PEOPLE; i++)
			log_in(&f[i].admin);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	for (size_t i = 0; i < PEOPLE; i++) {
		log_in(&f[i].admin);
		assert_true(key_of(&f[i].admin) >= before + ROTATIONS);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(a_new_key_is_used_at_once_and_boxes_move_to_it),
		SITE_TEST(a_set_up_begun_before_goes_on_after),
		SITE_TEST(a_file_that_is_none_is_refused_and_the_old_keys_serve),
		SITE_TEST(in_the_middle_of_traffic_no_log_in_is_lost),
	};
	return site_run(tests);
}
