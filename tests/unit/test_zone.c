/* TZif files, whole and damaged, and the POSIX rules in their footers. */
#include "base/buf.h"
#include "codec/when.h"
#include "codec/zone.h"
#include "test.h"

static void add_big_endian(struct buf *b, int64_t n, unsigned bytes)
{
	for (unsigned i = bytes; i-- > 0;)
		buf_addc(b, (char)(unsigned char)((uint64_t)n >> (8 * i)));
}

struct sample {
	char version;
	int64_t leap;
	int64_t at[2];
	unsigned char to[2];
	int64_t offset_s[2];
	const char *footer;
};

static const struct sample good = {
	'2', 0, {1000, 2000}, {1, 0}, {3600, 7200}, "\nAAA-1BBB,M3.5.0,M10.5.0/3\n"};

static void add_header(struct buf *b, const struct sample *s, bool empty)
{
	buf_adds(b, "TZif");
	buf_addc(b, s->version);
	for (int i = 0; i < 15; i++)
		buf_addc(b, '\0');
	int64_t counts[] = {0, 0, s->leap, 2, 2, 8};
	for (size_t i = 0; i < 6; i++)
		add_big_endian(b, empty ? 0 : counts[i], 4);
}

static struct str make(struct arena *a, const struct sample *s)
{
	struct buf b;
	buf_init(&b, a, 4096);
	add_header(&b, s, true);
	add_header(&b, s, false);
	for (size_t i = 0; i < 2; i++)
		add_big_endian(&b, s->at[i], 8);
	buf_add(&b, s->to, 2);
	for (size_t i = 0; i < 2; i++) {
		add_big_endian(&b, s->offset_s[i], 4);
		buf_addc(&b, '\0');
		buf_addc(&b, '\0');
	}
	buf_add(&b, "AAA\0BBB\0", 8);
	for (int64_t i = 0; i < s->leap; i++) {
		add_big_endian(&b, i, 8);
		add_big_endian(&b, 1, 4);
	}
	buf_adds(&b, s->footer);
	return buf_str(&b);
}

static void reads_a_file(void **state)
{
	struct arena *a = *state;
	struct zone z;
	assert_true(zone_parse(make(a, &good), &z));
	assert_int_equal(zone_offset_in(&z, INT64_MIN), 3600);
	assert_int_equal(zone_offset_in(&z, 999), 3600);
	assert_int_equal(zone_offset_in(&z, 1000), 7200);
	assert_int_equal(zone_offset_in(&z, 1999), 7200);
	/* From here on the footer rules: 1970 had its summer from 29 March to 25 October. */
	assert_int_equal(zone_offset_in(&z, 2000), 3600);
	assert_int_equal(zone_offset_in(&z, 7520399), 3600);
	assert_int_equal(zone_offset_in(&z, 7520400), 7200);
	assert_int_equal(zone_offset_in(&z, 25664399), 7200);
	assert_int_equal(zone_offset_in(&z, 25664400), 3600);
	assert_in_range(zone_offset_in(&z, INT64_MAX), 3600, 7200);
	assert_in_range(zone_rule_offset(&z.rule, INT64_MIN), 3600, 7200);
}

static void without_a_footer_the_last_type_holds(void **state)
{
	struct arena *a = *state;
	struct sample s = good;
	struct zone z;
	s.footer = "\n\n";
	s.to[1] = 1;
	assert_true(zone_parse(make(a, &s), &z));
	assert_int_equal(zone_offset_in(&z, INT64_MAX), 7200);
}

static void refuses_damaged_files(void **state)
{
	struct arena *a = *state;
	struct zone z;
	struct sample s = good;
	s.version = '\0';
	assert_false(zone_parse(make(a, &s), &z));
	s = good;
	s.leap = 1;
	assert_false(zone_parse(make(a, &s), &z));
	s = good;
	s.at[1] = 1000;
	assert_false(zone_parse(make(a, &s), &z));
	s = good;
	s.to[1] = 2;
	assert_false(zone_parse(make(a, &s), &z));
	s = good;
	s.offset_s[0] = 27 * 3600;
	assert_false(zone_parse(make(a, &s), &z));
	s = good;
	s.footer = "\nAAA\n";
	assert_false(zone_parse(make(a, &s), &z));
	s = good;
	s.footer = "AAA-1\n";
	assert_false(zone_parse(make(a, &s), &z));
}

static void refuses_every_cut(void **state)
{
	struct arena *a = *state;
	struct zone z;
	struct str whole = make(a, &good);
	for (size_t n = 0; n < whole.n; n++)
		if (zone_parse(str_sub(whole, 0, n), &z))
			fail_msg("a file cut to %zu of %zu bytes is read", n, whole.n);
}

static void every_byte_may_be_wrong(void **state)
{
	struct arena *a = *state;
	struct zone z;
	struct str whole = make(a, &good);
	char *bytes = arena_copy(a, whole.p, whole.n);
	for (size_t i = 0; i < whole.n; i++)
		for (int bit = 0; bit < 8; bit++) {
			bytes[i] = (char)(bytes[i] ^ (1 << bit));
			if (zone_parse((struct str){bytes, whole.n}, &z))
				for (int64_t at = -3000; at < 3000; at += 500)
					assert_in_range(zone_offset_in(&z, at) + 200000, 100000,
						300000);
			bytes[i] = (char)(bytes[i] ^ (1 << bit));
		}
}

static int offset_of(const char *rule, const char *at)
{
	struct zone_rule r;
	int64_t t;
	assert_true(when_parse(str_of(at), &t));
	if (!zone_rule_parse(str_of(rule), &r))
		fail_msg("not parsed: %s", rule);
	return zone_rule_offset(&r, t);
}

static void rules_of_every_kind(void **state)
{
	(void)state;
	assert_int_equal(offset_of("NZST-12", "2040-01-01T00:00:00Z"), 43200);
	assert_int_equal(offset_of("<+0330>-3:30", "2040-01-01T00:00:00Z"), 12600);
	assert_int_equal(offset_of("<-00>+0:00:01", "2040-01-01T00:00:00Z"), -1);
	/* Negative daylight saving: the winter is the exception. */
	const char *dublin = "IST-1GMT0,M10.5.0,M3.5.0/1";
	assert_int_equal(offset_of(dublin, "2040-07-01T00:00:00Z"), 3600);
	assert_int_equal(offset_of(dublin, "2040-01-01T00:00:00Z"), 0);
	/* A time before the day begins, and one long after it ends. */
	const char *nuuk = "<-02>2<-01>,M3.5.0/-1,M10.5.0/0";
	assert_int_equal(offset_of(nuuk, "2040-03-25T00:59:59Z"), -7200);
	assert_int_equal(offset_of(nuuk, "2040-03-25T01:00:00Z"), -3600);
	const char *gaza = "EET-2EEST,M3.4.4/50,M10.4.4/50";
	assert_int_equal(offset_of(gaza, "2041-03-29T23:59:59Z"), 7200);
	assert_int_equal(offset_of(gaza, "2041-03-30T00:00:00Z"), 10800);
	/* J60 is 1 March in every year; 59 is the 60th day, 29 February in a leap year. */
	const char *julian = "AAA0BBB,J60/0,J300/0", *zero = "AAA0BBB,59/0,300/0";
	assert_int_equal(offset_of(julian, "2040-02-29T23:59:59Z"), 0);
	assert_int_equal(offset_of(julian, "2040-03-01T00:00:00Z"), 3600);
	assert_int_equal(offset_of(julian, "2041-03-01T00:00:00Z"), 3600);
	assert_int_equal(offset_of(zero, "2040-02-28T23:59:59Z"), 0);
	assert_int_equal(offset_of(zero, "2040-02-29T00:00:00Z"), 3600);
	assert_int_equal(offset_of(zero, "2041-02-28T23:59:59Z"), 0);
	/* The first Sunday of a month, and the second. */
	const char *york = "EST5EDT,M3.2.0,M11.1.0";
	assert_int_equal(offset_of(york, "2400-03-12T06:59:59Z"), -18000);
	assert_int_equal(offset_of(york, "2400-03-12T07:00:00Z"), -14400);
	assert_int_equal(offset_of(york, "0004-03-14T07:00:00Z"), -14400);
}

static void refuses_what_is_no_rule(void **state)
{
	(void)state;
	static const char *const bad[] = {"", "NZ-12", "NZST", "NZST-25", "NZST-12:60",
		"<+12-12", "<+>-12", "N1ST-12", "NZST-12NZDT", "NZST-12NZDT,M9.5.0",
		"NZST-12NZDT,M9.5.0,", "NZST-12NZDT,M0.5.0,M4.1.0",
		"NZST-12NZDT,M13.5.0,M4.1.0", "NZST-12NZDT,M9.6.0,M4.1.0",
		"NZST-12NZDT,M9.0.0,M4.1.0", "NZST-12NZDT,M9.5.7,M4.1.0", "NZST-12NZDT,J0,J300",
		"NZST-12NZDT,J366,J300", "NZST-12NZDT,366,300", "NZST-12NZDT,M9.5.0/168,M4.1.0",
		"NZST-12NZDT,M9.5.0,M4.1.0/", "NZST-12NZDT,M9.5.0,M4.1.0x", "NZST--12",
		"NZST-12 "};
	struct zone_rule r;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		if (zone_rule_parse(str_of(bad[i]), &r))
			fail_msg("parsed: %s", bad[i]);
}

/* More zones than the table keeps, twice around, so that each is thrown out and read again. */
static void zones_replace_each_other(void **state)
{
	(void)state;
	static const char *const names[] = {"Etc/GMT-14", "Etc/GMT-13", "Etc/GMT-12",
		"Etc/GMT-11", "Etc/GMT-10", "Etc/GMT-9", "Etc/GMT-8", "Etc/GMT-7", "Etc/GMT-6",
		"Etc/GMT-5", "Etc/GMT-4", "Etc/GMT-3", "Etc/GMT-2", "Etc/GMT-1", "Etc/GMT-0",
		"Etc/GMT+1", "Etc/GMT+2", "Etc/GMT+3", "Etc/GMT+4", "Etc/GMT+5"};
	for (int round = 0; round < 2; round++)
		for (size_t i = 0; i < ARRAY_LEN(names); i++) {
			int offset = 1;
			assert_true(zone_offset(names[i], 0, &offset));
			assert_int_equal(offset, (14 - (int)i) * 3600);
			assert_false(zone_offset("Etc/GMT-15", 0, &offset));
		}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(reads_a_file),
		TEST(without_a_footer_the_last_type_holds),
		TEST(refuses_damaged_files),
		TEST(refuses_every_cut),
		TEST(every_byte_may_be_wrong),
		TEST(rules_of_every_kind),
		TEST(refuses_what_is_no_rule),
		TEST(zones_replace_each_other),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
