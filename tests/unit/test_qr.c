#include "codec/qr.h"
#include "test.h"

static const char *svg_of(struct arena *a, const char *text, const char *label)
{
	struct html svg;
	struct err e;
	assert_ok(qr_svg(a, text, label, &svg, &e));
	return svg.markup;
}

static size_t count(const char *text, const char *what)
{
	size_t n = 0;
	for (const char *at = text; (at = strstr(at, what)) != NULL; at++)
		n++;
	return n;
}

static void it_is_an_image_with_a_name(void **state)
{
	const char *svg = svg_of(*state, "otpauth://totp/x", "QR code for a@example.org");
	assert_non_null(strstr(svg, "<svg "));
	assert_non_null(strstr(svg, " role=\"img\""));
	assert_non_null(strstr(svg, "<title>QR code for a@example.org</title>"));
	assert_string_equal(svg + strlen(svg) - 6, "</svg>");
}

/* The content security policy refuses style attributes and anything that runs. */
static void it_holds_nothing_the_policy_refuses(void **state)
{
	const char *svg = svg_of(*state, "x", "QR code");
	assert_null(strstr(svg, "style"));
	assert_null(strstr(svg, "<script"));
	assert_null(strstr(svg, "href"));
}

static void the_label_is_escaped(void **state)
{
	const char *svg = svg_of(*state, "x", "<b>\"&");
	assert_null(strstr(svg, "<b>"));
	assert_int_equal(count(svg, "&lt;b&gt;&#34;&amp;"), 2);
}

/*
 * Version 1 is 21 modules wide: with the quiet zone 29, and its first row starts with a
 * finder's bar of 7.
 */
static void the_finder_stands_inside_the_quiet_zone(void **state)
{
	const char *svg = svg_of(*state, "x", "QR code");
	assert_non_null(strstr(svg, "viewBox=\"0 0 29 29\""));
	assert_non_null(strstr(svg, " d=\"M4 4h7v1h-7z"));
	assert_non_null(strstr(svg, "M18 4h7v1h-7z"));
	assert_non_null(strstr(svg, "M4 24h7v1h-7z"));
}

static void other_text_is_another_picture(void **state)
{
	assert_string_equal(svg_of(*state, "one", "l"), svg_of(*state, "one", "l"));
	assert_string_not_equal(svg_of(*state, "one", "l"), svg_of(*state, "two", "l"));
}

static void lengths_are_capped(void **state)
{
	char text[1002] = {0};
	struct html svg;
	struct err e;
	memset(text, 'a', 1000);
	assert_ok(qr_svg(*state, text, "QR code", &svg, &e));
	text[1000] = 'a';
	assert_fails(qr_svg(*state, text, "QR code", &svg, &e), ERR_INVALID);
	assert_fails(qr_svg(*state, "", "QR code", &svg, &e), ERR_INVALID);
	assert_fails(qr_svg(*state, NULL, "QR code", &svg, &e), ERR_INVALID);
}

static void a_label_beyond_all_measure_is_refused(void **state)
{
	struct html svg;
	struct err e;
	char *label = arena_alloc(*state, 2 * 1024 * 1024);
	memset(label, 'a', 2 * 1024 * 1024 - 1);
	assert_fails(qr_svg(*state, "x", label, &svg, &e), ERR_INVALID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(it_is_an_image_with_a_name),
		TEST(it_holds_nothing_the_policy_refuses),
		TEST(the_label_is_escaped),
		TEST(the_finder_stands_inside_the_quiet_zone),
		TEST(other_text_is_another_picture),
		TEST(lengths_are_capped),
		TEST(a_label_beyond_all_measure_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
