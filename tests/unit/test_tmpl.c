#include "tmpl_page.h"

/* ---- values ---- */

static void text_is_escaped(void **state)
{
	shows(*state, {"<p>{{title}}</p>", "<p>A &amp; B</p>"}, {"{{ title }}", "A &amp; B"},
		{"[{{none}}]", "[]"}, {"", ""}, {"no value }} at all", "no value }} at all"},
		{"<title>{{title}}</title>", "<title>A &amp; B</title>"},
		{"<textarea>\n{{title}}</textarea>", "<textarea>\nA &amp; B</textarea>"});
}

static const char *number(struct arena *a, const char *text, int64_t n)
{
	struct page v = values();
	v.total = n;
	return render_folder(a, (const char *[]){"page.html", text, NULL}, &v);
}

static void numbers_have_separators_in_text(void **state)
{
	assert_string_equal(number(*state, "{{total}}", 0), "0");
	assert_string_equal(number(*state, "{{total}}", 7), "7");
	assert_string_equal(number(*state, "{{total}}", 999), "999");
	assert_string_equal(number(*state, "{{total}}", 1000), "1,000");
	assert_string_equal(number(*state, "{{total}}", 1234), "1,234");
	assert_string_equal(number(*state, "<b>{{total}}</b>", 1234567), "<b>1,234,567</b>");
	assert_string_equal(number(*state, "{{total}}", -123), "-123");
	assert_string_equal(number(*state, "{{total}}", -1234), "-1,234");
	assert_string_equal(
		number(*state, "{{total}}", INT64_MAX), "9,223,372,036,854,775,807");
	assert_string_equal(
		number(*state, "{{total}}", INT64_MIN), "-9,223,372,036,854,775,808");
}

static void numbers_are_plain_in_attributes(void **state)
{
	shows(*state, {"<i data-n=\"{{total}}\">", "<i data-n=\"1234567\">"},
		{"<a href=\"/p/{{total}}\">", "<a href=\"/p/1234567\">"},
		{"<a href=\"{{total}}\">", "<a href=\"1234567\">"},
		{"<i aria-label=\"{{total}} unread\">", "<i aria-label=\"1,234,567 unread\">"});
	assert_string_equal(number(*state, "<i data-n='{{total}}'>", INT64_MIN),
		"<i data-n='-9223372036854775808'>");
}

static void attributes_are_escaped(void **state)
{
	struct page v = values();
	v.title = "\" onclick='x' <&>";
	const char *folder[] = {"page.html", "<i title=\"{{title}}\" class='{{title}}'>", NULL};
	assert_string_equal(render_folder(*state, folder, &v),
		"<i title=\"&#34; onclick=&#39;x&#39; &lt;&amp;&gt;\" "
		"class='&#34; onclick=&#39;x&#39; &lt;&amp;&gt;'>");
}

/* Only where it is read: what is copied from an attribute, sent or titled is the address itself. */
static void addresses_may_be_broken_in_text_only(void **state)
{
	shows(*state,
		{"{{#with owner}}<p>{{assistant.email}}</p>{{/with}}",
			"<p>otto@<wbr>example.<wbr>org</p>"},
		{"<i title=\"{{owner.assistant.email}}\">", "<i title=\"otto@example.org\">"},
		{"<a href=\"/p?q={{owner.assistant.email}}\">",
			"<a href=\"/p?q=otto%40example.org\">"},
		{"<textarea>{{owner.assistant.email}}</textarea>",
			"<textarea>otto@example.org</textarea>"});
}

#define NAME	 "\xD7\xA0\xD7\x95 <1>"
#define SHOWN	 "\xD7\xA0\xD7\x95 &lt;1&gt;"
#define ISOLATED "\xE2\x81\xA8" SHOWN "\xE2\x81\xA9"

/* Where no <bdi> can stand the marks do; what is read by machines, or sent back, stays as it is. */
static void words_are_isolated_where_no_markup_can_stand(void **state)
{
	static const struct shown cases[] = {
		{"<title>{{title}} - x</title>", "<title>" ISOLATED " - x</title>"},
		{"<option value=\"{{title}}\">{{title}}</option>{{title}}",
			"<option value=\"" SHOWN "\">" ISOLATED "</option>" SHOWN},
		{"{{#if yes}}<option{{#if no}} selected{{/if}}>{{title}}</option>{{/if}}",
			"<option>" ISOLATED "</option>"},
		{"<a aria-label=\"Join {{title}}\">{{title}}</a>",
			"<a aria-label=\"Join " ISOLATED "\">" SHOWN "</a>"},
		{"<i title='{{title}}' alt=\"{{title}}\" id=\"{{title}}\">",
			"<i title='" ISOLATED "' alt=\"" ISOLATED "\" id=\"" SHOWN "\">"},
		{"<textarea>{{title}}</textarea>", "<textarea>" SHOWN "</textarea>"},
	};
	struct page v = values();
	v.title = NAME;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *folder[] = {"page.html", cases[i].text, NULL};
		assert_string_equal(render_folder(*state, folder, &v), cases[i].page);
	}
}

static const char *linked(struct arena *a, const char *text, const char *link)
{
	struct page v = values();
	v.link = link;
	return render_folder(a, (const char *[]){"page.html", text, NULL}, &v);
}

static void urls_are_checked_as_a_whole(void **state)
{
	const char *text = "<a HREF = \"{{link}}\">";
	assert_string_equal(linked(*state, text, "/a?b&c"), "<a HREF = \"/a?b&amp;c\">");
	assert_string_equal(linked(*state, text, "https://example.org/"),
		"<a HREF = \"https://example.org/\">");
	assert_string_equal(linked(*state, text, "javascript:alert(1)"), "<a HREF = \"#\">");
	assert_string_equal(linked(*state, text, "//evil.example"), "<a HREF = \"#\">");
	assert_string_equal(
		linked(*state, "<form action='{{link}}'>", "data:x"), "<form action='#'>");
	assert_string_equal(
		linked(*state, "<img src='{{link}}'/>", "data:x"), "<img src='#'/>");
	assert_string_equal(linked(*state, "<button formaction='{{link}}'>", "x:y"),
		"<button formaction='#'>");
	assert_string_equal(
		linked(*state, "<i data-href='{{link}}'>", "x:y"), "<i data-href='x:y'>");
}

static void url_parts_are_percent_encoded(void **state)
{
	assert_string_equal(
		linked(*state, "<a href=\"/c/{{link}}?q={{link}}\">", "a/b?&\"\xC3\xA9"),
		"<a href=\"/c/a%2Fb%3F%26%22%C3%A9?q=a%2Fb%3F%26%22%C3%A9\">");
	assert_string_equal(
		linked(*state, "<a href=\"{{link}}/{{link}}\">", "/a"), "<a href=\"/a/%2Fa\">");
	assert_string_equal(linked(*state, "<a href=\"mailto:{{link}}\">", "a b@example.org"),
		"<a href=\"mailto:a%20b%40example.org\">");
	assert_string_equal(linked(*state, "<a href=\"https://x/{{link}}\">", "a:b"),
		"<a href=\"https://x/a%3Ab\">");
}

static void markup_stands_in_text_only(void **state)
{
	shows(*state, {"<p>{{body}}</p>", "<p><b>ready</b></p>"});
	refuses(*state, "cannot be printed here", "<i title=\"{{body}}\">",
		"<title>{{body}}</title>", "<textarea>{{body}}</textarea>",
		"<a href=\"{{body}}\">", "<a href=\"/{{body}}\">");
}

static void other_types_are_not_printed(void **state)
{
	refuses(*state, "cannot be printed here", "{{yes}}", "{{contacts}}", "{{owner}}",
		"{{partner}}", "<i class=\"{{yes}}\">");
}

/* ASVS 1.3.7: what looks like our own tags is only text. */
static void marks_in_values_print_as_they_are(void **state)
{
	assert_string_equal(linked(*state, "<p>{{link}}</p>", "{{title}} {{#if yes}} <% %>"),
		"<p>{{title}} {{#if yes}} &lt;% %&gt;</p>");
}

/* ---- blocks ---- */

static void if_knows_what_is_true(void **state)
{
	shows(*state, {"{{#if yes}}1{{/if}}{{#if no}}2{{/if}}", "1"},
		{"{{#if title}}1{{/if}}{{#if none}}2{{/if}}", "1"},
		{"{{#if total}}1{{/if}}{{#if contacts}}2{{/if}}{{#if body}}3{{/if}}", "123"},
		{"{{#if partner}}1{{/if}}{{#if nobody}}2{{/if}}", "1"},
		{"{{#if owner.assistant.tags}}1{{else}}2{{/if}}", "2"},
		{"{{#if !no}}1{{/if}}{{#if !yes}}2{{else}}3{{/if}}{{#if ! none}}4{{/if}}",
			"134"},
		{"{{#if no}}a{{else}}b{{/if}}{{#if yes}}c{{else}}d{{/if}}", "bc"},
		{"{{#if yes}}{{#if no}}a{{else}}b{{/if}}{{else}}c{{/if}}", "b"});
	assert_string_equal(number(*state, "{{#if total}}1{{else}}0{{/if}}", 0), "0");
	assert_string_equal(linked(*state, "{{#if link}}1{{else}}0{{/if}}", ""), "0");
}

static void if_is_false_for_empty_markup_and_lists(void **state)
{
	struct page v = {.body = html_trusted("")};
	const char *folder[] = {"page.html",
		"{{#if body}}1{{/if}}{{#if contacts}}2{{/if}}[{{body}}]"
		"{{#each contacts}}3{{/each}}{{#with partner}}4{{/with}}",
		NULL};
	assert_string_equal(render_folder(*state, folder, &v), "[]");
}

static void each_walks_the_list(void **state)
{
	shows(*state, {"{{#each contacts}}{{name}},{{/each}}", "Ann,Bob,"},
		{"<ul>{{#each contacts}}<li>{{name}}{{#each tags}} {{label}}{{/each}}</li>{{/each}}</ul>",
			"<ul><li>Ann new &lt;vip&gt;</li><li>Bob</li></ul>"},
		{"{{#each contacts}}{{#if email}}{{email}}{{else}}-{{/if}} {{/each}}",
			"ann@<wbr>example.<wbr>org - "});
}

static void names_are_found_inside_out(void **state)
{
	shows(*state,
		{"{{#each contacts}}{{name}}:{{title}} {{/each}}",
			"Ann:A &amp; B Bob:A &amp; B "},
		{"{{#each contacts}}{{#each tags}}{{label}}/{{name}}/{{total}} {{/each}}{{/each}}",
			"new/Ann/1,234,567 &lt;vip&gt;/Ann/1,234,567 "},
		{"{{#with owner}}{{name}}{{#with assistant}}{{name}}{{/with}}{{name}}{{/with}}",
			"OlgaOttoOlga"},
		{"{{#with owner}}{{#each contacts}}{{name}}{{/each}}{{/with}}", "AnnBob"},
		{"{{#each contacts}}{{#with owner}}{{name}}{{#with assistant}}{{email}}"
		 "{{/with}}{{/with}};{{/each}}",
			"Olgaotto@<wbr>example.<wbr>org;Olgaotto@<wbr>example.<wbr>org;"});
}

static void with_enters_structs_and_skips_null(void **state)
{
	shows(*state, {"{{#with partner}}{{name}} {{assistant.name}}{{/with}}", "Pat Pia"},
		{"{{#with partner}}{{#with assistant}}{{name}}{{#each tags}}{{label}}{{/each}}"
		 "{{/with}}{{/with}}",
			"Pianew"},
		{"[{{#with nobody}}{{name}}{{/with}}]", "[]"},
		{"{{owner.name}} {{owner.assistant.email}}", "Olga otto@<wbr>example.<wbr>org"},
		{"{{#with owner.assistant}}{{name}}{{/with}}", "Otto"},
		{"{{#each contacts}}{{owner.assistant.name}} {{/each}}", "Otto Otto "});
}

static void slots_are_used_again(void **state)
{
	shows(*state, {"{{#each contacts}}{{name}}{{/each}}{{#with partner}}{{name}}{{/with}}"
		       "{{#each contacts}}{{#each tags}}{{label}}{{/each}}{{/each}}",
			      "AnnBobPatnew&lt;vip&gt;"});
}

static void remarks_print_nothing(void **state)
{
	shows(*state, {"a{{! not {{ shown }}b", "ab"},
		{"<i {{! x }}class=\"a\">", "<i class=\"a\">"});
}

static void lonely_tags_take_their_line(void **state)
{
	shows(*state,
		{"<ul>\n\t{{#each contacts}}\n\t<li>{{name}}</li>\n\t{{/each}}\n</ul>\n",
			"<ul>\n\t<li>Ann</li>\n\t<li>Bob</li>\n</ul>\n"},
		{"{{! top }}\na\n  {{#if yes}}  \r\nb\n{{else}}\nc\n{{/if}}", "a\nb\n"},
		{"a {{#if yes}}\nb{{/if}}\n", "a \nb\n"}, {"\n{{title}}\n", "\nA &amp; B\n"},
		{"<textarea>\n{{#if yes}}\nx{{/if}}</textarea>", "<textarea>\n\nx</textarea>"},
		{"<i\n\t{{#if yes}}\n\tclass=\"a\"\n\t{{/if}}\n>",
			"<i\n\t\n\tclass=\"a\"\n\t\n>"});
}

static void blocks_stand_in_tags_and_attributes(void **state)
{
	shows(*state, {"<input{{#if yes}} checked{{/if}}>", "<input checked>"},
		{"<input {{#if yes}}checked{{/if}} name=\"n\">", "<input checked name=\"n\">"},
		{"<input name=\"n\"{{#if no}} checked{{/if}}/>", "<input name=\"n\"/>"},
		{"<i {{#if yes}}class=\"a\"{{else}}id=\"b\"{{/if}}>", "<i class=\"a\">"},
		{"<i class=\"a{{#if yes}} b{{/if}} {{#if no}}c{{else}}{{title}}{{/if}}\">",
			"<i class=\"a b A &amp; B\">"},
		{"<a href=\"/c?{{#if yes}}q={{title}}&amp;{{/if}}p={{total}}\">",
			"<a href=\"/c?q=A%20%26%20B&amp;p=1234567\">"},
		{"<a href=\"{{#if no}}/a{{else}}/b{{/if}}/{{title}}\">",
			"<a href=\"/b/A%20%26%20B\">"},
		{"<i class=\"{{#each contacts}}{{name}} {{/each}}\">",
			"<i class=\"Ann Bob \">"},
		{"<i{{#each contacts}} data-{{! x}}a{{/each}}>", "<i data-a data-a>"},
		{"<input{{#with nobody}} value=\"{{name}}\"{{/with}}>", "<input>"},
		{"<textarea>{{#if yes}}{{title}}{{/if}}</textarea>",
			"<textarea>A &amp; B</textarea>"},
		{"<i {{#if yes}}a=\"{{else}}b=\"{{/if}}{{title}}\">", "<i a=\"A &amp; B\">"},
		{"<input checked {{#if yes}}a{{/if}}>", "<input checked a>"});
}

/* ---- partials ---- */

static void partials_see_the_names_in_reach(void **state)
{
	struct page v = values();
	const char *folder[] = {"page.html",
		"{{#each contacts}}{{> part/row}}{{/each}}|{{>part/end}}|{{> part/end }}",
		"part/row", "<b>{{name}}</b>{{> part/end}}", "part/end",
		"<i title=\"{{title}}\"></i>", NULL};
	assert_string_equal(render_folder(*state, folder, &v),
		"<b>Ann</b><i title=\"A &amp; B\"></i><b>Bob</b><i title=\"A &amp; B\"></i>|"
		"<i title=\"A &amp; B\"></i>|<i title=\"A &amp; B\"></i>");
}

static void partials_stand_in_the_html_around_them(void **state)
{
	struct page v = values();
	const char *folder[] = {"page.html",
		"<a href=\"/x{{> part/q}}\" class=\"{{> part/q}}\">", "part/q", "?a={{title}}",
		NULL};
	assert_string_equal(render_folder(*state, folder, &v),
		"<a href=\"/x?a=A%20%26%20B\" class=\"?a=A &amp; B\">");
}

static void partials_leave_their_last_line_open(void **state)
{
	struct page v = values();
	const char *folder[] = {"page.html", "Of {{> part/b}}, {{> part/b}}.\n  {{> part/b}}\n",
		"part/b", "<b>{{title}}</b>\n", NULL};
	assert_string_equal(render_folder(*state, folder, &v),
		"Of <b>A &amp; B</b>, <b>A &amp; B</b>.\n  <b>A &amp; B</b>\n");
}

/* ---- the buffer ---- */

static void a_full_buffer_is_told_by_the_buffer(void **state)
{
	struct page v = values();
	const char *folder[] = {
		"page.html", "{{#each contacts}}{{name}}{{title}}{{/each}}", NULL};
	const struct tmpl *t = NULL;
	struct err e;
	struct buf out;
	assert_ok(compile(*state, folder, &t, &e));
	buf_init(&out, *state, 10);
	tmpl_render(t, &v, &out);
	assert_true(out.over);
	assert_true(out.len <= 10);
}

static void html_is_ready_markup_or_none(void **state)
{
	struct page v = values();
	const char *folder[] = {"page.html", "<p>{{title}}</p>", NULL};
	const struct tmpl *t = NULL;
	struct err e;
	assert_ok(compile(*state, folder, &t, &e));
	assert_string_equal(tmpl_html(t, &v, *state, 16).markup, "<p>A &amp; B</p>");
	assert_null(tmpl_html(t, &v, *state, 15).markup);
}

static void a_page_goes_into_its_layout(void **state)
{
	struct page v = values();
	const char *page[] = {"page.html", "<p>{{title}}</p>", NULL};
	const struct tmpl *t = NULL;
	struct err e;
	assert_ok(compile(*state, page, &t, &e));
	v.body = tmpl_html(t, &v, *state, 1024);
	const char *layout[] = {
		"page.html", "<title>{{title}}</title><main>{{body}}</main>", NULL};
	assert_string_equal(render_folder(*state, layout, &v),
		"<title>A &amp; B</title><main><p>A &amp; B</p></main>");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(text_is_escaped),
		TEST(numbers_have_separators_in_text),
		TEST(numbers_are_plain_in_attributes),
		TEST(attributes_are_escaped),
		TEST(addresses_may_be_broken_in_text_only),
		TEST(words_are_isolated_where_no_markup_can_stand),
		TEST(urls_are_checked_as_a_whole),
		TEST(url_parts_are_percent_encoded),
		TEST(markup_stands_in_text_only),
		TEST(other_types_are_not_printed),
		TEST(marks_in_values_print_as_they_are),
		TEST(if_knows_what_is_true),
		TEST(if_is_false_for_empty_markup_and_lists),
		TEST(each_walks_the_list),
		TEST(names_are_found_inside_out),
		TEST(with_enters_structs_and_skips_null),
		TEST(slots_are_used_again),
		TEST(remarks_print_nothing),
		TEST(lonely_tags_take_their_line),
		TEST(blocks_stand_in_tags_and_attributes),
		TEST(partials_see_the_names_in_reach),
		TEST(partials_stand_in_the_html_around_them),
		TEST(partials_leave_their_last_line_open),
		TEST(a_full_buffer_is_told_by_the_buffer),
		TEST(html_is_ready_markup_or_none),
		TEST(a_page_goes_into_its_layout),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
