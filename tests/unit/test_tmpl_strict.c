#include "tmpl_page.h"

static void partials_in_a_circle_are_refused(void **state)
{
	const char *self[] = {"page.html", "\n{{> page.html}}", NULL};
	const char *circle[] = {
		"page.html", "{{> a}}", "a", "\n{{> b}}", "b", "\n\n{{> a}}", NULL};
	assert_string_equal(
		error_of(*state, self), "page.html:2: {{> page.html}} contains itself");
	assert_string_equal(error_of(*state, circle), "b:3: {{> a}} contains itself");
}

static void partials_end_at_eight_deep(void **state)
{
	struct page v = values();
	const char *folder[] = {"page.html", "{{> a}}", "a", "{{> b}}", "b", "{{> c}}", "c",
		"{{> d}}", "d", "{{> e}}", "e", "{{> f}}", "f", "{{> g}}", "g", "{{> h}}", "h",
		"end", "i", "x", NULL};
	assert_string_equal(render_folder(*state, folder, &v), "end");
	folder[17] = "{{> i}}";
	assert_string_equal(
		error_of(*state, folder), "h:1: too many templates inside each other");
}

/* Each of eight levels includes the next many times: the count ends it, not the memory. */
static void partials_that_multiply_are_refused(void **state)
{
	const char *folder[] = {"page.html", "{{>a}}{{>a}}{{>a}}{{>a}}{{>a}}{{>a}}", "a",
		"{{>b}}{{>b}}{{>b}}{{>b}}{{>b}}{{>b}}", "b", "{{>c}}{{>c}}{{>c}}{{>c}}{{>c}}",
		"c", "{{>d}}{{>d}}{{>d}}{{>d}}{{>d}}{{>d}}", "d", "x", NULL};
	assert_non_null(strstr(error_of(*state, folder), "too many templates"));
}

static void partials_close_only_their_own_blocks(void **state)
{
	const char *closing[] = {"page.html", "{{#if yes}}{{> a}}", "a", "x{{/if}}", NULL};
	const char *turning[] = {
		"page.html", "{{#if yes}}{{> a}}{{/if}}", "a", "{{else}}", NULL};
	const char *opening[] = {"page.html", "{{> a}}{{/if}}", "a", "\n{{#if yes}}", NULL};
	assert_string_equal(
		error_of(*state, closing), "a:1: {{/if}} closes nothing that is open");
	assert_string_equal(error_of(*state, turning), "a:1: {{else}} without its {{#if}}");
	assert_string_equal(error_of(*state, opening), "a:2: {{#if}} is never closed");
}

/* ---- what is refused, and how it is said ---- */

static void errors_name_template_and_line(void **state)
{
	assert_string_equal(refusal(*state, "<p>\n\n{{foo}}\n"),
		"page.html:3: unknown name 'foo' of struct page");
	assert_string_equal(refusal(*state, "{{#each contacts}}\n{{foo}}{{/each}}"),
		"page.html:2: unknown name 'foo' of struct contact");
	assert_string_equal(refusal(*state, "{{owner.foo}}"),
		"page.html:1: unknown name 'foo' of struct owner");
	assert_string_equal(refusal(*state, "\n{{title.foo}}"),
		"page.html:2: 'title' of 'title.foo' is no embedded struct");
	assert_string_equal(refusal(*state, "\n\n{{> missing}}"),
		"page.html:3: there is no template 'missing'");
	assert_string_equal(error_of(*state, (const char *[]){"other", "", NULL}),
		"there is no template 'page.html'");
	assert_string_equal(refusal(*state, "\n{{#each shapeless}}{{/each}}"),
		"page.html:2: 'shapeless' of struct page has no shape: use TMPL_FS");
	const char *partial[] = {
		"page.html", "{{> a}}", "a", "\n\n\n<i class={{title}}>", NULL};
	assert_string_equal(error_of(*state, partial),
		"a:4: the value 'title' stands in an unquoted attribute");
}

static void long_names_do_not_hide_the_reason(void **state)
{
	char text[400] = "{{";
	memset(text + 2, 'x', 300);
	memcpy(text + 302, "}}", 3);
	assert_non_null(strstr(refusal(*state, text), "of struct page"));
}

static void bad_names_are_refused(void **state)
{
	refuses(*state, "is no name", "{{}}", "{{ }}", "{{a b}}", "{{.title}}", "{{title.}}",
		"{{{title}}}", "{{#if}}{{/if}}", "{{#if !}}{{/if}}",
		"{{#unless no}}{{/unless}}", "{{title|raw}}", "{{&title}}");
	refuses(*state, "unknown name", "{{owner..name}}", "{{Title}}", "{{contacts_}}");
	refuses(*state, "'{{' without '}}'", "{{title", "a{{", "{{title}", "{{! never ends");
}

static void values_stand_where_they_are_safe(void **state)
{
	refuses(*state, "holds no plain text", "<script>{{title}}</script>",
		"<style>{{title}}</style>", "<SCRIPT >var x = '{{title}}'</SCRIPT>",
		"<script></scrip>{{title}}", "<script><{{title}}", "<iframe>{{title}}</iframe>",
		"<script/>{{title}}", "<textarea></text{{title}}", "<script></{{title}}");
	refuses(*state, "in a comment", "<!-- {{title}} -->", "<!-- -- > {{title}}",
		"<!-- --! {{title}}");
	refuses(*state, "unquoted", "<i class={{title}}>", "<i class=a{{title}}>",
		"<a href= {{link}}>");
	refuses(*state, "in a tag", "<{{title}}>", "</{{title}}>", "<i{{title}}>",
		"<i {{title}}>", "<i {{title}}=\"x\">", "<i a{{title}}>", "<i a {{title}}>",
		"<i a=\"x\"{{title}}>", "<i /{{title}}>", "<!{{title}}>",
		"<!doctype {{title}}>");
	refuses(*state, "that takes none", "<i onclick=\"{{title}}\">",
		"<i OnLoad='{{title}}'>", "<i style=\"{{title}}\">", "<i STYLE = '{{title}}'>",
		"<img srcset=\"{{link}}\">", "<iframe srcdoc=\"{{title}}\">",
		"<i on=\"{{title}}\">");
}

static void values_do_not_stand_behind_a_scheme_that_runs(void **state)
{
	refuses(*state, "that takes none", "<a href=\"javascript:f('{{title}}')\">",
		"<a href=\" javascript:{{title}}\">", "<a href='JavaScript:{{title}}'>",
		"<a href=\"java\nscript:{{title}}\">", "<a href=\"data:text/html,{{title}}\">",
		"<a href=\"java&#115;cript:{{title}}\">",
		"<a href=\"javascript&colon;{{title}}\">",
		"<a href=\"java{{#if yes}}script{{/if}}:{{title}}\">",
		"<a href=\"x{{title}}:{{title}}\">", "<a href=\"{{link}}:{{title}}\">");
	shows(*state,
		{"<a href=\"javascript:history.back()\">",
			"<a href=\"javascript:history.back()\">"},
		{"<a href=\"/a:b{{title}}\">", "<a href=\"/a:bA%20%26%20B\">"});
}

static void values_come_back_behind_raw_elements_and_comments(void **state)
{
	shows(*state,
		{"<script src=\"/a.js\"></script>{{title}}",
			"<script src=\"/a.js\"></script>A &amp; B"},
		{"<script>a<b; c</d;</SCRIPT >{{title}}",
			"<script>a<b; c</d;</SCRIPT >A &amp; B"},
		{"<style>p<</style>{{title}}", "<style>p<</style>A &amp; B"},
		{"<!-- a - b --c-->{{title}}", "<!-- a - b --c-->A &amp; B"},
		{"<!---->{{title}}<!-->{{title}}<!--x--!>{{title}}",
			"<!---->A &amp; B<!-->A &amp; B<!--x--!>A &amp; B"},
		{"<!doctype html>{{title}}<br/><hr class=a>{{title}}",
			"<!doctype html>A &amp; B<br/><hr class=a>A &amp; B"},
		{"<textarea><b></text></textarea>{{body}}",
			"<textarea><b></text></textarea><b>ready</b>"});
}

static void broken_html_is_refused(void **state)
{
	refuses(*state, "page.html:2:", "\n<i class=\"a\"id=\"b\">", "\na < b", "\n<1>",
		"\n</ p>", "\n<!x>", "\n<!-x>", "\n<i =a>", "\n<i \"a\">", "\n<i a\"b>",
		"\n<i a=>", "\n<i a=b\"c>", "\n<i a==b>", "\n<i/ a>", "\n<i<b>",
		"\n<i a='b'<b>");
	refuses(*state, "ends inside", "<p", "<i class=\"", "<!-- x", "<script>", "<title>x",
		"<", "<i a", "<textarea></textarea");
}

static bool read_nul(void *user, const char *name, struct str *text_r)
{
	(void)user;
	(void)name;
	*text_r = STR("a\nb\0c");
	return true;
}

static void a_nul_in_the_template_is_refused(void **state)
{
	struct tmpl_source source = {read_nul, NULL};
	const struct tmpl *t;
	struct err e;
	assert_fails(
		tmpl_compile(*state, "page.html", &page_shape, &source, &t, &e), ERR_CONFIG);
	assert_string_equal(e.text, "page.html:2: a NUL byte");
}

static void branches_must_end_alike(void **state)
{
	refuses(*state, "leaves the HTML in another place", "<p{{#if yes}}>{{/if}}",
		"{{#if yes}}<p{{/if}} class=\"a\">", "<i class=\"a{{#if yes}}\"{{/if}}>",
		"{{#each contacts}}<p {{/each}}>", "<a href=\"{{#if yes}}/x{{/if}}{{link}}\">",
		"{{#with nobody}}<title>{{/with}}", "<i {{#each contacts}}a{{/each}}>",
		"{{#if yes}}<i {{else}}<b {{/if}}>");
}

static void attributes_need_a_blank_between(void **state)
{
	refuses(*state, "a blank is missing", "<i {{#if yes}}a{{/if}}b>",
		"<i{{#if yes}}b{{/if}}>", "<i a=\"b\"{{#if yes}}c{{/if}}>",
		"<i {{#if yes}}a{{/if}}=\"b\">", "<in{{#if yes}}put{{/if}}>");
}

static void blocks_are_matched(void **state)
{
	refuses(*state, "closes nothing that is open", "{{/if}}", "{{#if yes}}{{/each}}",
		"{{#each contacts}}{{/if}}", "{{#if yes}}{{/}}", "{{#if yes}}{{/ifs}}",
		"{{#if yes}}{{/if}}{{/if}}");
	refuses(*state, "{{else}} without its {{#if}}", "{{else}}",
		"{{#each contacts}}{{else}}{{/each}}", "{{#with partner}}{{else}}{{/with}}",
		"{{#if yes}}{{else}}{{else}}{{/if}}");
	refuses(*state, "is never closed", "{{#if yes}}", "{{#if yes}}{{else}}",
		"{{#each contacts}}", "{{#with partner}}", "{{#with owner}}x");
	refuses(*state, "a block cannot begin here", "<script>{{#if yes}}{{/if}}</script>",
		"<!-- {{#if yes}}{{/if}} -->", "<i a={{#if yes}}{{/if}}>",
		"<{{#if yes}}{{/if}}i>");
	refuses(*state, "{{else}} cannot stand here", "{{#if yes}}<!-- {{else}}{{/if}}");
}

static void blocks_take_their_own_types(void **state)
{
	refuses(*state, "is no list", "{{#each title}}{{/each}}", "{{#each owner}}{{/each}}");
	refuses(*state, "is no struct", "{{#with title}}{{/with}}",
		"{{#with contacts}}{{/with}}");
	refuses(*state, "always there", "{{#if owner}}{{/if}}");
	refuses(*state, "no embedded struct", "{{partner.name}}", "{{contacts.name}}");
}

static const char *nested(struct arena *a, int depth)
{
	struct buf text;
	buf_init(&text, a, 4096);
	for (int i = 0; i < depth; i++)
		buf_adds(&text, i % 2 == 0 ? "{{#each contacts}}" : "{{#with partner}}");
	buf_adds(&text, "{{#if none}}{{/if}}");
	for (int i = depth; i-- > 0;)
		buf_adds(&text, i % 2 == 0 ? "{{/each}}" : "{{/with}}");
	return text.data;
}

static void blocks_end_at_sixteen_deep(void **state)
{
	assert_string_equal(render(*state, nested(*state, 15)), "");
	assert_string_equal(refusal(*state, nested(*state, 16)),
		"page.html:1: blocks stand more than 16 deep");
}

static void too_many_steps_are_refused(void **state)
{
	struct buf text;
	buf_init(&text, *state, 4 * 1024 * 1024);
	for (int i = 0; i < 70 * 1000; i++)
		buf_adds(&text, "{{title}}");
	assert_non_null(strstr(refusal(*state, text.data), "grown too large"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(partials_in_a_circle_are_refused),
		TEST(partials_end_at_eight_deep),
		TEST(partials_that_multiply_are_refused),
		TEST(partials_close_only_their_own_blocks),
		TEST(errors_name_template_and_line),
		TEST(long_names_do_not_hide_the_reason),
		TEST(bad_names_are_refused),
		TEST(values_stand_where_they_are_safe),
		TEST(values_do_not_stand_behind_a_scheme_that_runs),
		TEST(values_come_back_behind_raw_elements_and_comments),
		TEST(broken_html_is_refused),
		TEST(a_nul_in_the_template_is_refused),
		TEST(branches_must_end_alike),
		TEST(attributes_need_a_blank_between),
		TEST(blocks_are_matched),
		TEST(blocks_take_their_own_types),
		TEST(blocks_end_at_sixteen_deep),
		TEST(too_many_steps_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
