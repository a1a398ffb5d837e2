/*
 * 10 MB of client list with every defect there is: each row explained, nothing written before "Import", and
 * gap-web no larger for it.
 */
#include "support/site_test.h"
#include "support/site_worker.h"

#include "base/buf.h"
#include "base/clock.h"
#include "core/import.h"

#include <stdio.h>
#include <unistd.h>

enum {
	ROWS = 49990,
	GROWTH_MAX_KB = 16 * 1024,
	WORK_MAX_MS = 4000,
	ASKING_MS = 2000,
	SLOWEST_MS = 25000 /* nginx waits for 30 s; far more than it takes on an idle machine */
};

/* Row n of the file: its number stands between these. What can be wrong comes round. */
static const struct {
	const char *lead, *middle, *rest, *mark;
} kinds[] = {
	{"Client ", ",Ada,Lind,ada", "@b.example,021 555,Client,Yes", "add"},
	{"Client ", ",Ada,,ada", "@b.example,,,", "missing"},
	{"\"Client ", "\",Ada,Lind,no mail", ",,,", "bad-email"},
	{"Client ", ",Ada,Lind,ada", "@b.example,,Friend,", "bad-value"},
	{"Client ", ",Ada,Lind,ada", "@b.example,,,,,one more", "unreadable"},
	{"Caf\xE9 ", ",Ada,Lind,ada", "@b.example,,,", "unreadable"},
	{"Same,Ada,Lind,same@b.example,", " ", ",,", "duplicate"},
	{"\"Client\" no ", ",Ada,Lind,ada", "@b.example,,,", "unreadable"},
	{"=HYPERLINK(", "),'Ada,@Lind,ada", "@b.example,-1,,", "add"},
	{"Client \xF0\x9F\x90\x9D ", ",Ada\x01,Lind,ada", "@b.example,,,", "unreadable"},
};

static void add_row(struct buf *out, int n)
{
	size_t kind = (size_t)n % ARRAY_LEN(kinds), from = out->len;
	buf_printf(out, "%s%d%s%d%s", kinds[kind].lead, n, kinds[kind].middle, n,
		kinds[kind].rest);
	/* A column that nobody reads makes the file as long as it may be. */
	if (kind != 4)
		buf_printf(out, ",%*d", (int)(205 - (out->len - from)), n);
	buf_adds(out, n % 3 == 0 ? "\r\n" : "\n");
}

static const char *proc_text(const char *path)
{
	enum { TEXT_MAX = 8 * 1024 };
	char *text = arena_alloc(site.arena, TEXT_MAX);
	FILE *f = fopen(path, "re");
	assert_non_null(f);
	text[fread(text, 1, TEXT_MAX - 1, f)] = '\0';
	(void)fclose(f);
	return text;
}

/* Of gap-web's children together: the most that one has had in memory, and the time they have worked. */
struct spent {
	long long peak_kb, work_ms;
};

static void add_child(struct spent *s, struct str pid)
{
	long long kb = 0, user = 0, system = 0;
	const char *folder = arena_printf(site.arena, "/proc/%.*s", (int)pid.n, pid.p);
	const char *at =
		strstr(proc_text(arena_printf(site.arena, "%s/status", folder)), "VmHWM:");
	assert_non_null(at);
	assert_int_equal(sscanf(at, "VmHWM: %lld", &kb), 1);
	s->peak_kb = kb > s->peak_kb ? kb : s->peak_kb;
	at = strrchr(proc_text(arena_printf(site.arena, "%s/stat", folder)), ')');
	assert_int_equal(sscanf(at, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lld %lld",
				 &user, &system),
		2);
	s->work_ms += (user + system) * 1000 / sysconf(_SC_CLK_TCK);
}

static struct spent spent(void)
{
	int parent = (int)site.parent;
	struct str children = str_of(proc_text(arena_printf(
			   site.arena, "/proc/%d/task/%d/children", parent, parent))),
		   pid;
	struct spent s = {0};
	while (str_next(&children, ' ', &pid))
		if (pid.n != 0)
			add_child(&s, pid);
	assert_true(s.peak_kb > 0);
	return s;
}

static struct fcgi_answer send_rows(struct browser *b, int rows)
{
	static const char *const params[] = {
		"CONTENT_TYPE", "multipart/form-data; boundary=x9", NULL};
	struct arena *a = site.arena;
	struct buf out;
	buf_init(&out, a, 2 * IMPORT_BYTES_MAX);
	buf_printf(&out,
		"--x9\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n%s\r\n"
		"--x9\r\nContent-Disposition: form-data; name=\"file\"; filename=\"big.csv\"\r\n\r\n"
		"Client Name,First Name,Last Name,Client Email,Phone,Status,Primary,Notes\n",
		b->csrf);
	for (int n = 0; n < rows; n++)
		add_row(&out, n);
	buf_adds(&out, "\r\n--x9--\r\n");
	return browser_ask(b, "POST", "/clients/import", params, buf_str(&out));
}

static int64_t took_ms(int64_t since_ms, const char *what)
{
	int64_t ms = clock_mono_ms() - since_ms;
	print_message("%s: %lld ms\n", what, (long long)ms);
	return ms;
}

static void begin(struct firm *f, struct browser *b)
{
	firm_make(f);
	person_enrol(&f->member);
	*b = (struct browser){0};
	browser_enter(b, &f->member, 2);
	(void)browse(b, "/clients/import");
}

static void ten_megabytes_of_defects(void **state)
{
	struct firm f;
	struct browser b;
	(void)state;
	begin(&f, &b);
	assert_goes(send_rows(&b, 10), "/clients/import/preview");
	(void)browse(&b, "/clients/import/preview");
	struct spent before = spent();
	int64_t start = clock_mono_ms();
	assert_goes(send_rows(&b, ROWS), "/clients/import/preview");
	assert_true(took_ms(start, "reading 10 MB") < SLOWEST_MS);
	assert_int_equal(
		sql_int("SELECT count(*) FROM client WHERE org_id = %lld", (long long)f.org_id),
		0);
	assert_int_equal(sql_int("SELECT count(*) FROM import_row WHERE org_id = %lld",
				 (long long)f.org_id),
		ROWS);
	assert_int_equal(
		sql_int("SELECT count(*) FROM import_row WHERE org_id = %lld AND mark <> 'add'"
			" AND reason = '' AND twin_client IS NULL AND twin_line IS NULL",
			(long long)f.org_id),
		0);
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		assert_string_equal(
			sql_text("SELECT mark FROM import_row WHERE org_id = %lld AND"
				 " line = %zu",
				(long long)f.org_id, 12 + i),
			kinds[i].mark);
	start = clock_mono_ms();
	assert_has(browse(&b, "/clients/import/preview?page=900"), "Page 900 of 1,000");
	assert_true(took_ms(start, "a page of the preview") < SLOWEST_MS / 3);
	start = clock_mono_ms();
	assert_status(browse(&b, "/clients/import/rejected.csv"), 200);
	assert_true(took_ms(start, "the rows left out") < SLOWEST_MS);
	struct fcgi_answer r = browse(&b, "/clients/import/preview");
	start = clock_mono_ms();
	assert_goes(submit(&b, "/clients/import/apply",
			    form_of("clients", answer_input(&r, "clients"), "made",
				    answer_input(&r, "made"), NULL)),
		"/clients/import/preview");
	assert_has(
		browse(&b, "/clients/import/preview"), "Importing 9,999 clients from big.csv");
	assert_true(took_ms(start, "asking for the import") < ASKING_MS);
	start = clock_mono_ms();
	assert_int_equal(site_work("import"), 1);
	(void)took_ms(start, "the worker's part");
	struct spent after = spent();
	print_message("grown by %lld KiB, worked for %lld ms\n", after.peak_kb - before.peak_kb,
		after.work_ms - before.work_ms);
#ifndef __SANITIZE_ADDRESS__
	/* A sanitizer keeps what was given back, to notice who still uses it. */
	assert_true(after.peak_kb - before.peak_kb < GROWTH_MAX_KB);
#endif
	assert_true(after.work_ms - before.work_ms < WORK_MAX_MS);
	assert_int_equal(sql_int("SELECT count(*) FROM client WHERE org_id = %lld AND"
				 " primary_contact_id IS NOT NULL",
				 (long long)f.org_id),
		ROWS / 5 + 1);
}

static void one_row_too_many_is_refused(void **state)
{
	struct firm f;
	struct browser b;
	(void)state;
	begin(&f, &b);
	struct fcgi_answer r = send_rows(&b, IMPORT_ROWS_MAX + 1);
	assert_status(r, 422);
	assert_has(r, "more than 50,000 rows");
	assert_int_equal(sql_int("SELECT count(*) FROM import_row WHERE org_id = %lld",
				 (long long)f.org_id),
		0);
}

/* What the app refuses unread must still be answered, whole, to nginx that goes on sending. */
static void more_than_ten_megabytes_is_refused(void **state)
{
	struct firm f;
	struct browser b;
	(void)state;
	begin(&f, &b);
	assert_status(send_rows(&b, IMPORT_ROWS_MAX + 5000), 413);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(ten_megabytes_of_defects),
		SITE_TEST(one_row_too_many_is_refused),
		SITE_TEST(more_than_ten_megabytes_is_refused),
	};
	return site_run(tests);
}
