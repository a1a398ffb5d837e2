/* The activity log: for admins, of their own organisation, whole or said to be torn. */
#include "codec/b64.h"
#include "codec/hash.h"
#include "codec/json.h"
#include "support/site_test.h"

static struct firm f, other;
static struct browser admin, stranger;

static void two_firms(void)
{
	admin = stranger = (struct browser){0};
	firm_make(&f);
	firm_make(&other);
	browser_log_in(&admin, &f.admin);
	browser_log_in(&stranger, &other.admin);
}

static void admins_read_who_did_what(void **state)
{
	(void)state;
	two_firms();
	assert_goes(submit(&admin, "/settings", "name=Renamed+Firm&zone=UTC"), "/settings");
	struct fcgi_answer r = browse(&admin, "/settings/audit");
	assert_status(r, 200);
	assert_has(r, f.admin.name);
	assert_has(r, "Changed the organisation&#39;s settings");
	assert_has_not(browse(&stranger, "/settings/audit"),
		"Changed the organisation&#39;s settings");
}

static void the_filter_leaves_out_the_rest(void **state)
{
	(void)state;
	two_firms();
	assert_goes(submit(&admin, "/settings", "name=Renamed+Firm&zone=UTC"), "/settings");
	const char *words = "Changed the organisation&#39;s settings";
	assert_has(browse(&admin, "/settings/audit?show=people"), words);
	assert_has_not(browse(&admin, "/settings/audit?show=sign-in"), words);
	assert_goes(browse(&admin, "/settings/audit?show=nonsense"), "/settings/audit");
}

static void a_changed_line_is_noticed(void **state)
{
	(void)state;
	two_firms();
	assert_has(browse(&admin, "/settings/audit?check=1"), "none was changed or removed");
	sql_do("UPDATE audit_event SET detail = 'forged' WHERE org_id = %lld AND seq = 1",
		(long long)f.admin.org_id);
	assert_has(browse(&admin, "/settings/audit?check=1"), "Line 1 does not fit");
	assert_has(browse(&stranger, "/settings/audit?check=1"), "none was changed or removed");
}

static void the_export_is_whole_and_is_itself_in_the_log(void **state)
{
	struct err e;
	const struct json *line = NULL;
	(void)state;
	two_firms();
	struct fcgi_answer r = browse(&admin, "/settings/audit.jsonl");
	assert_status(r, 200);
	struct str rest = r.body, one, last = STR("");
	int64_t seq = 0, n = 0;
	while (str_next(&rest, '\n', &one)) {
		if (str_empty(one))
			continue;
		last = one;
		assert_true(json_parse(site.arena, one, &line, &e));
		assert_true(json_int(json_get(line, "seq"), &seq));
		assert_int_equal(seq, ++n);
	}
	assert_true(n > 1);
	assert_string_equal(json_text(json_get(line, "event")), "audit.exported");
	assert_true(last.n > 0);
}

static void a_receipt_proves_itself(void **state)
{
	struct err e;
	const struct json *root = NULL;
	(void)state;
	two_firms();
	sql_do("SELECT audit_append(%lld, NULL, NULL, NULL, 'sync.run', 'ok', NULL, 'run 77, manual: 3 seen')",
		(long long)f.admin.org_id);
	struct fcgi_answer r = browse(&admin, "/syncs/77/receipt");
	assert_status(r, 200);
	assert_true(json_parse(site.arena, r.body, &root, &e));
	const struct json *link = json_get(root, "link");
	/* As `rule` says: SHA-256 of the hash before and the list, as PostgreSQL writes it. */
	const char *list = arena_printf(site.arena,
		"[%lld, %lld, \"%s\", null, null, null, \"sync.run\", \"ok\", null, \"run 77, manual: 3 seen\"]",
		(long long)f.admin.org_id,
		(long long)sql_int("SELECT max(seq) FROM audit_event WHERE org_id = %lld",
			(long long)f.admin.org_id),
		json_text(json_get(link, "epoch")));
	unsigned char hash[HASH_BYTES];
	struct buf text;
	buf_init(&text, site.arena, 4096);
	struct str before = str_of(json_text(json_get(link, "hash_before")));
	for (size_t i = 0; i + 1 < before.n; i += 2)
		buf_addc(&text,
			(char)strtol((char[]){before.p[i], before.p[i + 1], 0}, NULL, 16));
	buf_adds(&text, list);
	hash_sha256(text.data, text.len, hash);
	assert_string_equal(
		json_text(json_get(link, "hash")), hex_encode(site.arena, hash, sizeof hash));
	assert_status(browse(&admin, "/syncs/7/receipt"), 404);
	assert_status(browse(&stranger, "/syncs/77/receipt"), 404);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(admins_read_who_did_what),
		SITE_TEST(the_filter_leaves_out_the_rest),
		SITE_TEST(a_changed_line_is_noticed),
		SITE_TEST(the_export_is_whole_and_is_itself_in_the_log),
		SITE_TEST(a_receipt_proves_itself),
	};
	return site_run(tests);
}
