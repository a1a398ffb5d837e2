/*
 * Random histories of a practice against a trivially simple model
 * (support/practice_model.h): day by day some clients come, change, merge, are
 * archived, vanish and return, contacts move and change, Xero fails in all its
 * ways, and workers are killed at any point. After every complete run the tables
 * are the model's; after a failed one they are what they were.
 *
 * 200 histories; with LONG=1 ten thousand. GAP_SEED is the number of the first:
 * a failure names its own, and GAP_SEED=that replays it.
 */
/* LDFLAGS: -Wl,--wrap=pg_query_args -Wl,--wrap=pg_exec_args -Wl,--wrap=pg_once_args -Wl,--wrap=pg_commit -Wl,--wrap=pg_copy_start -Wl,--wrap=pg_copy_end -Wl,--wrap=pg_each */
#include "support/kill_points.h"
#include "support/practice_model.h"

enum { HISTORIES = 200, HISTORIES_LONG = 10000, DAYS_LEAST = 4, KILL_POINTS = 160 };

static uint64_t seed;
static long long history;
static int day;
static struct model model;
static int versions[MODEL_PEOPLE]; /* of what a person's record says */

static int dice(int below)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (int)((seed >> 33) % (uint64_t)below);
}

/* ---- what people do in XPM ---- */

static const char *word(void)
{
	static const char *const words[] = {"Alder", "Birch & Co", "C\xC3\xA9 dre", " Dogwood ",
		"Elm <x>", "\xE2\x80\xAC Fir", "O'Gum", "Alder"};
	return words[dice((int)ARRAY_LEN(words))];
}

static void add_person(struct stub_client *c, int who)
{
	for (size_t i = 0; i < c->n_contacts; i++)
		if (model_number(c->contacts[i].uuid) == who)
			return;
	if (c->n_contacts < STUB_CONTACTS_MAX)
		(void)stub_contact(c, who, NULL, NULL);
}

/* A person's record is one, wherever it stands: it follows from number and version. */
static void dress_people(void)
{
	for (size_t i = 0; i < g.x->n; i++)
		for (size_t k = 0; k < g.x->clients[i].n_contacts; k++) {
			struct stub_contact *p = &g.x->clients[i].contacts[k];
			int who = model_number(p->uuid), v = versions[who];
			p->name = arena_printf(g.home, "Person %d.%d", who, v);
			p->email = v % 3 == 0 ? NULL
					      : arena_printf(g.home, "p%d.%d@example.com", who,
							v / 2);
			p->phone = v % 4 == 1 ? arena_printf(g.home, "0%d", v) : NULL;
			p->mobile = v % 2 == 0 ? arena_printf(g.home, "021 %d", v) : NULL;
		}
}

static void add_client(void)
{
	int id = dice(MODEL_CLIENTS);
	for (size_t i = 0; i < g.x->n; i++)
		if (model_number(g.x->clients[i].uuid) == id)
			return;
	struct stub_client *c = stub_client(g.x, id, word());
	for (int n = dice(4); n > 0; n--)
		add_person(c, dice(MODEL_PEOPLE));
	if (c->n_contacts > 0)
		c->contacts[dice((int)c->n_contacts)].primary = true;
}

/* As XPM does it: no marker, the contacts go over, the client is deleted or no more. */
static void merge(struct stub_client *from, struct stub_client *into)
{
	if (from == into)
		return;
	for (size_t i = 0; i < from->n_contacts; i++)
		add_person(into, model_number(from->contacts[i].uuid));
	from->n_contacts = 0;
	from->deleted = true;
	if (dice(2) == 0)
		*from = g.x->clients[--g.x->n];
}

static void hide(struct stub_client *c)
{
	static const enum xero_trouble answers[] = {
		XERO_FINE, XERO_FINE, XERO_DOWN, XERO_ERROR, XERO_FORBIDDEN};
	c->unlisted = !c->unlisted;
	c->on_get = answers[dice((int)ARRAY_LEN(answers))];
}

static void change_contacts(struct stub_client *c)
{
	struct stub_contact *one =
		c->n_contacts == 0 ? NULL : &c->contacts[dice((int)c->n_contacts)];
	int what = dice(4);
	if (one == NULL || what == 0)
		add_person(c, dice(MODEL_PEOPLE));
	else if (what == 1)
		*one = c->contacts[--c->n_contacts];
	else
		one->primary = !one->primary;
}

static void change_something(void)
{
	if (g.x->n == 0) {
		add_client();
		return;
	}
	struct stub_client *c = &g.x->clients[dice((int)g.x->n)];
	switch (dice(14)) {
	case 0:
		c->name = word();
		break;
	case 1:
		c->archived = !c->archived;
		break;
	case 2:
		c->prospect = !c->prospect;
		break;
	case 3:
		c->name = dice(2) == 0 ? " \t" : word();
		break;
	case 4:
		merge(c, &g.x->clients[dice((int)g.x->n)]);
		break;
	case 5:
		*c = g.x->clients[--g.x->n]; /* gone: asked for, 404 */
		break;
	case 6:
		hide(c);
		break;
	case 7:
	case 8:
	case 9:
		change_contacts(c);
		break;
	case 10:
		versions[dice(MODEL_PEOPLE)]++;
		break;
	default:
		add_client();
		break;
	}
}

/* A list that is empty after a full one is another story (fault 49): somebody is always listed. */
static void keep_one(void)
{
	while (g.x->n == 0)
		add_client();
	g.x->clients[0].unlisted = false;
}

/* ---- runs ---- */

static void must_be(const char *want, const char *when)
{
	const char *have = db_ask(model_picture_sql);
	if (strcmp(have, want) == 0)
		return;
	const char *const both[] = {have, want};
	for (int i = 0; i < 2; i++) {
		struct str rest = str_of(both[i]), line;
		while (str_next(&rest, '\n', &line)) {
			const char *text = str_dup(g.home, line);
			if (strstr(both[1 - i], text) == NULL)
				print_error("%s: %s\n", i == 0 ? "tables" : "model ", text);
		}
	}
	fail_msg("%s, day %d; GAP_SEED=%lld replays it", when, day, history);
}

static const char *last_state(void)
{
	return db_ask("SELECT state FROM sync_run ORDER BY run_id DESC LIMIT 1");
}

/* The model has no brakes: whoever is asked says yes. */
static void approve(void)
{
	if (strcmp(last_state(), "held") != 0)
		return;
	world_queue(
		"review", arena_printf(g.home, "{\"run\":%lld,\"choice\":\"apply\",\"user\":1}",
				  (long long)world_run("run_id")));
	(void)world_work();
}

static void must_have_ended(const char *a, const char *b)
{
	const char *state = last_state();
	if (strcmp(state, a) != 0 && strcmp(state, b) != 0)
		fail_msg("ended %s (%s), day %d; GAP_SEED=%lld replays it", state,
			db_ask("SELECT cause_text FROM sync_run ORDER BY run_id DESC LIMIT 1"),
			day, history);
}

static void script(enum xero_trouble trouble, bool break_off, size_t times)
{
	g.x->step = 0;
	g.x->steps = times;
	for (size_t i = 0; i < times; i++)
		g.x->script[i] = (struct stub_step){
			.trouble = trouble, .retry_after_s = -1, .break_off = break_off};
}

/* What passes within a run: nobody may notice. */
static void small_trouble(void)
{
	int what = dice(8);
	if (what == 0)
		script(XERO_DOWN, false, (size_t)dice(2) + 1);
	else if (what == 1)
		script(XERO_TOKEN, false, 1);
	else if (what == 2)
		script(XERO_FINE, true, (size_t)dice(2) + 1);
}

/* What ends a run: nothing of it may be left. */
static void failing_run(const char *before)
{
	static const char *const raw[] = {"<html><body>Back soon</body></html>", "",
		"<Response><Status>OK</Status></Response>",
		"<Response><Status>ERROR</Status></Response>"};
	int what = dice(4);
	if (what == 0)
		script(XERO_DOWN, false, 3);
	else if (what == 1)
		script(XERO_GONE, false, 1);
	else if (what == 2)
		g.x->raw = raw[dice((int)ARRAY_LEN(raw))];
	else
		g.x->cut = (size_t)dice((int)stub_document(g.home, g.x).n);
	(void)world_sync("{\"trigger\":\"scheduled\"}");
	must_have_ended("failed", "failed");
	must_be(before, "after a failed run");
	g.x->steps = 0;
	g.x->raw = NULL;
	g.x->cut = SIZE_MAX;
}

static void killed_run(const char *before, const char *after)
{
	expire_everything();
	(void)db_do("DELETE FROM job WHERE kind = 'sync'");
	(void)run_until(dice(KILL_POINTS) + 1);
	const char *left = db_ask(model_picture_sql);
	if (strcmp(left, before) != 0)
		must_be(after, "after a kill");
	take_over();
}

static void one_day(void)
{
	const char *before = model_picture(g.home, &model);
	for (int n = dice(7); n >= 0; n--)
		change_something();
	keep_one();
	dress_people();
	g.x->piece = (size_t)dice(400) + 20;
	if (dice(6) == 0)
		failing_run(before);
	model_run(&model, g.home, g.x);
	const char *after = model_picture(g.home, &model);
	if (dice(12) == 0) {
		killed_run(before, after);
	} else {
		small_trouble();
		(void)world_sync("{\"trigger\":\"scheduled\"}");
	}
	approve();
	must_have_ended("complete", "problems");
	must_be(after, "after a complete run");
	assert_string_equal(world_connection("state"), "live");
	g.x->steps = 0;
	(void)db_do("UPDATE xero_grant SET cool_until = NULL");
}

static void one_history(void)
{
	struct arena *home = g.home, *own = arena_new();
	g.home = own;
	pg_use(d.super, own);
	seed = (uint64_t)history * 0x9E3779B97F4A7C15u + 1;
	memset(&model, 0, sizeof model);
	memset(versions, 0, sizeof versions);
	world_again();
	for (int n = dice(16); n >= 0; n--)
		add_client();
	int days = DAYS_LEAST + dice(5);
	for (day = 1; day <= days; day++)
		one_day();
	g.home = home;
	pg_use(d.super, home);
	arena_free(&own);
}

static void histories_end_as_the_model_does(void **state)
{
	const char *is_long = getenv("LONG"), *given = getenv("GAP_SEED");
	int n = is_long != NULL && strcmp(is_long, "1") == 0 ? HISTORIES_LONG : HISTORIES;
	long long first = given == NULL ? 1 : strtoll(given, NULL, 10);
	(void)state;
	kill_points_of(g.x, false);
	for (history = first; history < first + n; history++) {
		one_history();
		if (history % 500 == 0)
			print_message("up to history %lld all is well\n", history);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(histories_end_as_the_model_does),
	};
	return cmocka_run_group_tests(tests, world_set_up, world_tear_down);
}
