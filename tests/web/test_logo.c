/* The organisation's logo: who may set it, what is taken for one, and how it is served again. */
#include "codec/b64.h"
#include "support/site_test.h"

/* 48 by 16 pixels of one colour. */
static const char png_hex[] =
	"89504e470d0a1a0a0000000d4948445200000030000000100802000000dfcc6be60000002449"
	"44415478da63e0ce8e1d548861d441a30e1a75d0a883461d34eaa051078d3a88be0800031c79"
	"1f14fc8d610000000049454e44ae426082";

static struct str the_png(void)
{
	struct str bytes;
	assert_true(hex_decode(site.arena, str_of(png_hex), &bytes));
	return bytes;
}

static struct fcgi_answer upload(struct browser *b, const char *csrf, struct str file)
{
	static const char *const params[] = {
		"CONTENT_TYPE", "multipart/form-data; boundary=----b0undary", NULL};
	struct buf body;
	buf_init(&body, site.arena, 1 << 20);
	buf_printf(&body,
		"------b0undary\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n%s\r\n"
		"------b0undary\r\nContent-Disposition: form-data; name=\"file\"; filename=\"l.png\"\r\n"
		"Content-Type: text/html\r\n\r\n",
		csrf);
	buf_addstr(&body, file);
	buf_adds(&body, "\r\n------b0undary--\r\n");
	return browser_ask(b, "POST", "/settings/logo", params, buf_str(&body));
}

static void settle(struct firm *f, struct browser *b, struct browser *admin)
{
	firm_make(f);
	*b = *admin = (struct browser){0};
	browser_enter(b, &f->member, 2);
	browser_enter(admin, &f->admin, 2);
}

static void an_admin_sets_and_removes_it(void **state)
{
	struct firm f;
	struct browser b, admin;
	(void)state;
	settle(&f, &b, &admin);
	assert_status(browse(&b, "/settings/logo"), 404);
	assert_null(strstr(browse(&b, "/clients").body.p, "/settings/logo"));
	(void)browse(&admin, "/settings");
	assert_goes(upload(&admin, admin.csrf, the_png()), "/settings");
	struct fcgi_answer r = browse(&admin, "/settings");
	assert_has(r, "Logo saved.");
	assert_non_null(strstr(r.body.p, "class=\"org-logo\" src=\"/settings/logo?v="));
	assert_has(r, "Remove logo");
	/* Every process learns of it by the data version. */
	assert_non_null(strstr(browse(&b, "/clients").body.p, "/settings/logo?v="));
	assert_string_equal(
		sql_text(
			"SELECT detail FROM audit_event WHERE org_id = %lld AND event = 'logo.changed'",
			(long long)f.org_id),
		"image/png, 48 by 16 pixels");
	assert_goes(submit(&admin, "/settings/logo/remove", ""), "/settings");
	assert_int_equal(site_audited(f.org_id, "logo.removed"), 1);
	assert_null(strstr(browse(&admin, "/settings").body.p, "/settings/logo?v="));
	assert_null(strstr(browse(&b, "/clients").body.p, "/settings/logo"));
	assert_status(browse(&b, "/settings/logo"), 404);
}

/* By the type that its bytes have, whatever the sender called it, and as a thing that runs nothing. */
static void it_is_served_as_a_picture_alone(void **state)
{
	struct firm f, other;
	struct browser b, admin, half = {0}, stranger = {0}, away, away_admin;
	(void)state;
	settle(&f, &b, &admin);
	settle(&other, &away, &away_admin);
	assert_goes(upload(&admin, admin.csrf, the_png()), "/settings");
	struct fcgi_answer r = browse(&b, "/settings/logo?v=1");
	assert_status(r, 200);
	assert_string_equal(fcgi_answer_header(site.arena, &r, "Content-Type"), "image/png");
	assert_string_equal(
		fcgi_answer_header(site.arena, &r, "X-Content-Type-Options"), "nosniff");
	assert_string_equal(fcgi_answer_header(site.arena, &r, "Cache-Control"), "no-store");
	assert_non_null(strstr(
		fcgi_answer_header(site.arena, &r, "Content-Security-Policy"), "; sandbox"));
	struct str png = the_png();
	assert_int_equal(r.body.n, png.n);
	assert_memory_equal(r.body.p, png.p, png.n);
	/* In the second step of logging in too; to nobody else. */
	person_enrol(&f.member);
	browser_enter(&half, &f.member, 1);
	assert_status(browse(&half, "/settings/logo"), 200);
	assert_non_null(strstr(browse(&half, "/login/mfa").body.p, "/settings/logo?v="));
	assert_goes(browse(&stranger, "/settings/logo"), "/login?next=%2Fsettings%2Flogo");
	assert_status(browse(&away, "/settings/logo"), 404);
	assert_null(strstr(browse(&away, "/clients").body.p, "/settings/logo"));
}

static void what_is_no_picture_changes_nothing(void **state)
{
	struct firm f;
	struct browser b, admin;
	(void)state;
	settle(&f, &b, &admin);
	assert_goes(upload(&admin, admin.csrf, the_png()), "/settings");
	const char *before = sql_text(
		"SELECT md5(bytes) FROM org_logo WHERE org_id = %lld", (long long)f.org_id);
	static const struct {
		const char *bytes, *says;
	} rows[] = {{"", "Choose a picture first."},
		{"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
			"no PNG or JPEG"},
		{"GIF89a", "no PNG or JPEG"}, {"\x89PNG\r\n\x1A\n", "no PNG or JPEG"}};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_goes(upload(&admin, admin.csrf, str_of(rows[i].bytes)), "/settings");
		assert_has(browse(&admin, "/settings"), rows[i].says);
	}
	char *big = arena_alloc(site.arena, 61 * 1024);
	assert_goes(upload(&admin, admin.csrf, (struct str){big, 61 * 1024}), "/settings");
	assert_has(browse(&admin, "/settings"), "at most 60 KB");
	/* A member, and a form that is not ours. */
	assert_status(upload(&b, b.csrf, the_png()), 403);
	assert_status(upload(&admin, "", the_png()), 403);
	assert_status(upload(&admin, b.csrf, the_png()), 403);
	assert_status(submit(&b, "/settings/logo/remove", ""), 403);
	/* A form without a file. */
	assert_goes(submit(&admin, "/settings/logo", ""), "/settings");
	assert_string_equal(sql_text("SELECT md5(bytes) FROM org_logo WHERE org_id = %lld",
				    (long long)f.org_id),
		before);
}

static void days_of_grace_are_set_with_the_rest(void **state)
{
	struct firm f;
	struct browser b, admin;
	(void)state;
	settle(&f, &b, &admin);
	const char *form = "name=Vale&zone=Pacific%2FAuckland&days=";
	struct fcgi_answer r = browse(&admin, "/settings");
	assert_string_equal(answer_input(&r, "days"), "0");
	assert_goes(submit(&admin, "/settings", arena_printf(site.arena, "%s5", form)),
		"/settings");
	r = browse(&admin, "/settings");
	assert_string_equal(answer_input(&r, "days"), "5");
	r = submit(&admin, "/settings", arena_printf(site.arena, "%s8", form));
	assert_status(r, 422);
	assert_string_equal(answer_input(&r, "days"), "8");
	assert_int_equal(sql_int("SELECT mfa_grace_days FROM organisation WHERE org_id = %lld",
				 (long long)f.org_id),
		5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SITE_TEST(an_admin_sets_and_removes_it),
		SITE_TEST(it_is_served_as_a_picture_alone),
		SITE_TEST(what_is_no_picture_changes_nothing),
		SITE_TEST(days_of_grace_are_set_with_the_rest),
	};
	return site_run(tests);
}
