#include "support/import_site.h"

void settle(struct firm *f, struct browser *b)
{
	firm_make(f);
	person_enrol(&f->member);
	*b = (struct browser){0};
	browser_enter(b, &f->member, 2);
	(void)browse(b, "/clients/import");
}

struct fcgi_answer send_file(struct browser *b, const char *csrf, const char *text)
{
	static const char *const params[] = {
		"CONTENT_TYPE", "multipart/form-data; boundary=x9", NULL};
	const char *body = arena_printf(site.arena,
		"--x9\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n%s\r\n"
		"--x9\r\nContent-Disposition: form-data; name=\"file\"; filename=\"list.csv\"\r\n"
		"Content-Type: text/csv\r\n\r\n%s\r\n--x9--\r\n",
		csrf, text);
	return browser_ask(b, "POST", "/clients/import", params, str_of(body));
}

void upload(struct browser *b, const char *text)
{
	assert_goes(send_file(b, b->csrf, text), "/clients/import/preview");
}

const char *import_form(struct browser *b)
{
	struct fcgi_answer r = browse(b, "/clients/import/preview");
	return form_of(
		"clients", answer_input(&r, "clients"), "made", answer_input(&r, "made"), NULL);
}

void import_by_worker(struct browser *b)
{
	assert_goes(
		submit(b, "/clients/import/apply", import_form(b)), "/clients/import/preview");
	assert_int_equal(site_work("import"), 1);
}

void import_all(struct browser *b)
{
	import_by_worker(b);
	assert_goes(browse(b, "/clients/import/preview"), "/clients");
}
