#include "core/oauth.h"
#include "test.h"

#include <string.h>

static void the_challenge_is_that_of_rfc_7636_appendix_b(void **state)
{
	assert_string_equal(
		oauth_challenge(*state, STR("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")),
		"E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
}

static struct oauth_authorize question(void)
{
	return (struct oauth_authorize){
		.authorize_url = "https://login.example/identity/connect/authorize",
		.client_id = "ABC123",
		.redirect_uri = "https://gap.example/oauth/xero/callback",
		.scopes = "openid offline_access practicemanager.client.read",
		.state = "s-_t",
		.nonce = "n-_c",
		.challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
	};
}

#define ASKED                                                               \
	"https://login.example/identity/connect/authorize"                  \
	"?response_type=code&client_id=ABC123"                              \
	"&redirect_uri=https%3A%2F%2Fgap.example%2Foauth%2Fxero%2Fcallback" \
	"&scope=openid%20offline_access%20practicemanager.client.read"      \
	"&state=s-_t&nonce=n-_c"

static void the_address_holds_exactly_these_parameters(void **state)
{
	struct oauth_authorize q = question();
	assert_string_equal(oauth_authorize_url(*state, &q),
		ASKED "&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
		      "&code_challenge_method=S256");
	q.challenge = NULL;
	assert_string_equal(oauth_authorize_url(*state, &q), ASKED);
}

/* Nothing given can add a parameter of its own. */
static void every_value_is_escaped(void **state)
{
	struct oauth_authorize q = question();
	q.client_id = "a&scope=all#?=%\xC3\xA9\"";
	const char *url = oauth_authorize_url(*state, &q);
	assert_non_null(strstr(url, "&client_id=a%26scope%3Dall%23%3F%3D%25%C3%A9%22&"));
	assert_null(strstr(url, "&scope=all"));
}

static void the_redirect_address_hangs_below_the_base(void **state)
{
	assert_string_equal(oauth_redirect_uri(*state, "https://gap.example"),
		"https://gap.example/oauth/xero/callback");
}

static struct oauth_tokens tokens(struct arena *a, const char *body)
{
	struct oauth_tokens t = {0};
	struct err e;
	assert_ok(oauth_tokens_parse(a, str_of(body), &t, &e));
	return t;
}

static void a_whole_answer_is_read(void **state)
{
	struct oauth_tokens t = tokens(*state,
		"{\"access_token\":\"A.b\",\"refresh_token\":\"R\",\"id_token\":\"I\","
		"\"expires_in\":1800,\"token_type\":\"Bearer\",\"scope\":\"openid x.read\"}");
	assert_string_equal(secret_open(t.access).p, "A.b");
	assert_string_equal(secret_open(t.refresh).p, "R");
	assert_string_equal(secret_open(t.id).p, "I");
	assert_int_equal(t.expires_in_s, 1800);
	assert_string_equal(t.scopes, "openid x.read");
}

/* The old refresh token stays; a lifetime that was not said is a short one. */
static void fault_58_what_is_missing_has_its_default(void **state)
{
	static const char *const bodies[] = {"{\"access_token\":\"A\"}",
		"{\"access_token\":\"A\",\"refresh_token\":\"\",\"id_token\":\"\"}",
		"{\"access_token\":\"A\",\"refresh_token\":null,\"scope\":7}"};
	for (size_t i = 0; i < ARRAY_LEN(bodies); i++) {
		struct oauth_tokens t = tokens(*state, bodies[i]);
		assert_null(t.refresh);
		assert_null(t.id);
		assert_int_equal(t.expires_in_s, 60);
		assert_string_equal(t.scopes, "");
	}
}

static char *with_life(struct arena *a, const char *life)
{
	return arena_printf(a,
		"{\"access_token\":\"hush\",\"token_type\":\"bearer\",\"expires_in\":%s}",
		life);
}

static void lifetimes_from_a_second_to_a_day_are_taken(void **state)
{
	assert_int_equal(tokens(*state, with_life(*state, "1")).expires_in_s, 1);
	assert_int_equal(tokens(*state, with_life(*state, "1800.0")).expires_in_s, 1800);
	assert_int_equal(tokens(*state, with_life(*state, "86400")).expires_in_s, 86400);
}

static void fault_58_senseless_lifetimes_are_refused(void **state)
{
	static const char *const bad[] = {"0", "-1", "1e12", "1e300", "86401", "\"x\"",
		"\"1800\"", "null", "true", "1.5", "[1800]", "4294967297"};
	struct oauth_tokens t;
	struct err e;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		char *body = with_life(*state, bad[i]);
		assert_fails(oauth_tokens_parse(*state, str_of(body), &t, &e), ERR_MALFORMED);
		assert_string_equal(e.text, "The token answer states a senseless lifetime.");
	}
}

/* And no sentence repeats what the body held. */
static void other_answers_are_refused_without_a_word_of_them(void **state)
{
	static const char *const bad[] = {"", "hush", "<html>hush</html>", "[\"hush\"]",
		"\"hush\"", "null", "{\"access_token\":\"hush\"",
		"{\"access_token\":\"hush\"} hush", "{\"refresh_token\":\"hush\"}",
		"{\"access_token\":\"\",\"refresh_token\":\"hush\"}",
		"{\"access_token\":7,\"refresh_token\":\"hush\"}",
		"{\"access_token\":\"hush\",\"access_token\":\"hush\"}",
		"{\"access_token\":\"hush\",\"token_type\":\"hush\"}"};
	struct oauth_tokens t;
	struct err e;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		assert_fails(oauth_tokens_parse(*state, str_of(bad[i]), &t, &e), ERR_MALFORMED);
		assert_true(e.text[0] != '\0');
		assert_null(strstr(e.text, "hush"));
	}
}

static void the_error_word_tells_who_must_act(void **state)
{
	static const struct {
		int status;
		const char *body;
		enum oauth_failure want;
	} rows[] = {
		{400, "{\"error\":\"invalid_grant\"}", OAUTH_GRANT_DEAD},
		{401, "{\"error\":\"invalid_grant\",\"x\":1}", OAUTH_GRANT_DEAD},
		{200, "{\"error\":\"invalid_grant\"}", OAUTH_GRANT_DEAD},
		{400, "{\"error\":\"invalid_client\"}", OAUTH_OUR_CONFIG},
		{401, "{\"error\":\"invalid_client\"}", OAUTH_OUR_CONFIG},
		{400, "{\"error\":\"unauthorized_client\"}", OAUTH_OUR_CONFIG},
		{400, "{\"error\":\"unsupported_grant_type\"}", OAUTH_OUR_CONFIG},
		{400, "{\"error\":\"invalid_scope\"}", OAUTH_OUR_CONFIG},
		{400, "{\"error\":\"invalid_request\"}", OAUTH_OUR_CONFIG},
		{400, "{\"error\":\"temporarily_unavailable\"}", OAUTH_PASSING},
		{400, "{\"error\":\"Invalid_Grant\"}", OAUTH_PASSING},
		{400, "{\"error\":{\"code\":\"invalid_grant\"}}", OAUTH_PASSING},
		{400, "{\"message\":\"invalid_grant\"}", OAUTH_PASSING},
		{400, "invalid_grant", OAUTH_PASSING},
		{400, "", OAUTH_PASSING},
		{200, "<!DOCTYPE html><title>Maintenance</title>", OAUTH_PASSING},
		{429, "{}", OAUTH_PASSING},
		{0, "", OAUTH_PASSING},
		{500, "{\"error\":\"invalid_grant\"}", OAUTH_PASSING},
		{503, "<html>", OAUTH_PASSING},
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		assert_int_equal(
			oauth_judge_error(*state, rows[i].status, str_of(rows[i].body)),
			rows[i].want);
}

enum { NOW = 1800000000 };

static bool check(struct arena *a, const char *claims, const char *nonce, struct err *e_r)
{
	const struct oauth_expect want = {.issuer = "https://identity.example",
		.client_id = "ABC123",
		.nonce = nonce,
		.now = NOW};
	const struct json *root = NULL;
	struct err e;
	assert_ok(json_parse(a, str_of(claims), &root, &e));
	return oauth_check_id(root, &want, e_r);
}

#define ISS   "\"iss\":\"https://identity.example\","
#define AUD   "\"aud\":\"ABC123\","
#define EXP   "\"exp\":1800000300,"
#define NONCE "\"nonce\":\"n1\""

static void a_fitting_id_token_passes(void **state)
{
	static const char *const good[] = {
		"{" ISS AUD EXP NONCE "}",
		"{" ISS AUD EXP "\"nbf\":1800000000," NONCE "}",
		"{" ISS AUD "\"exp\":1799999941," NONCE "}",
		"{" ISS AUD EXP "\"nbf\":1800000060," NONCE "}",
		"{" ISS "\"aud\":[\"ABC123\"]," EXP NONCE "}",
		"{" ISS "\"aud\":[\"other\",\"ABC123\"],\"azp\":\"ABC123\"," EXP NONCE "}",
		"{" ISS AUD "\"azp\":\"ABC123\"," EXP NONCE "}",
	};
	struct err e;
	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		assert_ok(check(*state, good[i], "n1", &e));
}

static void each_misfit_has_its_refusal(void **state)
{
	static const char iss[] = "The ID token is from another issuer.";
	static const char aud[] = "The ID token is meant for another app.";
	static const char over[] = "The ID token is over.";
	static const char soon[] = "The ID token is not valid yet.";
	static const char nonce[] = "The ID token belongs to another sign-in.";
	static const struct {
		const char *claims, *text;
	} bad[] = {
		{"{}", iss},
		{"[]", iss},
		{"{" AUD EXP NONCE "}", iss},
		{"{\"iss\":\"https://identity.example/\"," AUD EXP NONCE "}", iss},
		{"{\"iss\":\"\"," AUD EXP NONCE "}", iss},
		{"{\"iss\":[\"https://identity.example\"]," AUD EXP NONCE "}", iss},
		{"{" ISS EXP NONCE "}", aud},
		{"{" ISS "\"aud\":\"abc123\"," EXP NONCE "}", aud},
		{"{" ISS "\"aud\":\"\"," EXP NONCE "}", aud},
		{"{" ISS "\"aud\":7," EXP NONCE "}", aud},
		{"{" ISS "\"aud\":\"https://identity.example/resources\"," EXP NONCE "}", aud},
		{"{" ISS "\"aud\":[]," EXP NONCE "}", aud},
		{"{" ISS "\"aud\":[\"other\"]," EXP NONCE "}", aud},
		{"{" ISS "\"aud\":[7,null]," EXP NONCE "}", aud},
		{"{" ISS "\"aud\":[\"ABC123\",\"other\"]," EXP NONCE "}", aud},
		{"{" ISS AUD "\"azp\":\"other\"," EXP NONCE "}", aud},
		{"{" ISS AUD NONCE "}", over},
		{"{" ISS AUD "\"exp\":1799999940," NONCE "}", over},
		{"{" ISS AUD "\"exp\":\"1800000300\"," NONCE "}", over},
		{"{" ISS AUD "\"exp\":-1," NONCE "}", over},
		{"{" ISS AUD "\"exp\":1e300," NONCE "}", over},
		{"{" ISS AUD EXP "\"nbf\":1800000061," NONCE "}", soon},
		{"{" ISS AUD EXP "\"nbf\":\"now\"," NONCE "}", soon},
		{"{" ISS AUD EXP "\"nbf\":null," NONCE "}", soon},
		{"{" ISS AUD EXP "\"sub\":\"7\"}", nonce},
		{"{" ISS AUD EXP "\"nonce\":\"n2\"}", nonce},
		{"{" ISS AUD EXP "\"nonce\":\"N1\"}", nonce},
		{"{" ISS AUD EXP "\"nonce\":\"\"}", nonce},
		{"{" ISS AUD EXP "\"nonce\":null}", nonce},
	};
	struct err e;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		assert_fails(check(*state, bad[i].claims, "n1", &e), ERR_REFUSED);
		assert_string_equal(e.text, bad[i].text);
	}
}

/* A sign-in that kept no nonce fits no token: nothing equals nothing. */
static void without_a_nonce_of_ours_none_fits(void **state)
{
	struct err e;
	assert_fails(check(*state, "{" ISS AUD EXP NONCE "}", NULL, &e), ERR_REFUSED);
	assert_fails(check(*state, "{" ISS AUD EXP NONCE "}", "", &e), ERR_REFUSED);
	assert_fails(check(*state, "{" ISS AUD EXP "\"nonce\":\"\"}", "", &e), ERR_REFUSED);
}

static void granted_scopes_cover_what_was_asked(void **state)
{
	static const struct {
		const char *granted, *asked;
		bool covers;
	} rows[] = {
		{"openid practicemanager.client.read", "practicemanager.client.read", true},
		{"practicemanager.client", "practicemanager.client.read", true},
		{"practicemanager.read", "practicemanager.client.read", true},
		{"practicemanager", "practicemanager.client.read", true},
		{"practicemanager", "practicemanager.client", true},
		{"a.read b.read", "b.read a.read", true},
		{" a.read  b.read ", "a.read  b.read", true},
		/* Not said: the same as asked (RFC 6749 section 5.1). */
		{NULL, "a.read", true},
		{"", "a.read", true},
		{" ", "a.read", true},
		{"a.read", "", true},
		/* Who signs in is not a permission on data. */
		{"a.read", "openid profile email offline_access a.read", true},
		{"openid profile email offline_access", "practicemanager.client.read", false},
		{"a.read", "a.read b.read", false},
		{"practicemanager.read", "practicemanager.client", false},
		{"practicemanager.client.read", "practicemanager.client", false},
		{"practicemanager.job.read", "practicemanager.client.read", false},
		{"practicemanager.client.readonly", "practicemanager.client.read", false},
		{"xpracticemanager.client.read", "practicemanager.client.read", false},
		{"A.READ", "a.read", false},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (oauth_scopes_cover(rows[i].granted, rows[i].asked) != rows[i].covers)
			fail_msg("\"%s\" for \"%s\"", rows[i].granted, rows[i].asked);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_challenge_is_that_of_rfc_7636_appendix_b),
		TEST(the_address_holds_exactly_these_parameters),
		TEST(every_value_is_escaped),
		TEST(the_redirect_address_hangs_below_the_base),
		TEST(a_whole_answer_is_read),
		TEST(fault_58_what_is_missing_has_its_default),
		TEST(lifetimes_from_a_second_to_a_day_are_taken),
		TEST(fault_58_senseless_lifetimes_are_refused),
		TEST(other_answers_are_refused_without_a_word_of_them),
		TEST(the_error_word_tells_who_must_act),
		TEST(a_fitting_id_token_passes),
		TEST(each_misfit_has_its_refusal),
		TEST(without_a_nonce_of_ours_none_fits),
		TEST(granted_scopes_cover_what_was_asked),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
