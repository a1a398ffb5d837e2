/* Passkeys: honest answers of three algorithms are good; with any one step of the standard bent, none is. */
#include "unit/test.h"

#include "codec/b64.h"
#include "codec/passkey.h"
#include "support/soft_key.h"

#define ORIGIN "https://gap.example"
#define RP     "gap.example"

static const int algorithms[] = {SOFT_ES256, SOFT_EDDSA, SOFT_RS256};

struct scene {
	struct arena *a;
	struct soft_key key;
	struct soft_ask ask;
	struct passkey_rules rules;
	struct passkey made;
};

static void open_scene(struct scene *s, struct arena *a, int alg)
{
	unsigned char challenge[32] = {7, 1, 2, 3}, *sum = arena_alloc(a, HASH_BYTES);
	*s = (struct scene){.a = a};
	hash_sha256(challenge, sizeof challenge, sum);
	soft_key_make(a, &s->key, alg);
	s->ask = soft_ask_make(ORIGIN, RP, b64url_encode(a, challenge, sizeof challenge));
	s->rules = (struct passkey_rules){.rp_id = RP,
		.origin = ORIGIN,
		.challenge_hash = {(char *)sum, HASH_BYTES},
		.user_handle = STR("0123456789abcdef")};
}

static const char *register_why(struct scene *s)
{
	struct err e = {0};
	const char *answer = soft_register(s->a, &s->key, &s->ask);
	return passkey_register(s->a, &s->rules, str_of(answer), &s->made, &e)
		       ? "good"
		       : arena_strdup(s->a, e.text);
}

static const char *verify_why(struct scene *s)
{
	struct err e = {0};
	struct passkey seen;
	const char *answer = soft_answer(s->a, &s->key, &s->ask);
	if (!passkey_verify(s->a, &s->rules, &s->made, str_of(answer), &seen, &e))
		return arena_strdup(s->a, e.text);
	assert_int_equal(seen.sign_count, s->key.count);
	return "good";
}

static void registered(struct scene *s, struct arena *a, int alg)
{
	open_scene(s, a, alg);
	assert_string_equal(register_why(s), "good");
	s->key.count++;
}

static void three_algorithms_register_and_answer(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(algorithms); i++) {
		struct scene s;
		registered(&s, *state, algorithms[i]);
		assert_int_equal(s.made.alg, algorithms[i]);
		assert_int_equal(s.made.id.n, SOFT_ID_BYTES);
		assert_memory_equal(s.made.id.p, s.key.id, SOFT_ID_BYTES);
		assert_int_equal(s.made.sign_count, 1);
		assert_string_equal(verify_why(&s), "good");
		/* A key of its own, and none other. */
		soft_key_make(*state, &s.key, algorithms[i]);
		s.ask.claimed_id = b64url_encode(*state, s.made.id.p, s.made.id.n);
		assert_string_equal(verify_why(&s), "signature");
	}
}

static void another_algorithm_was_not_offered(void **state)
{
	struct scene s;
	open_scene(&s, *state, SOFT_ES384);
	assert_string_equal(register_why(&s), "public key");
}

static void attestation_is_none_or_the_keys_own(void **state)
{
	struct scene s;
	open_scene(&s, *state, SOFT_ES256);
	s.ask.format = "packed";
	assert_string_equal(register_why(&s), "good");
	s.ask.bad_signature = true;
	assert_string_equal(register_why(&s), "attestation");
	s.ask.statement = "a0";
	assert_string_equal(register_why(&s), "attestation");
	s.ask.format = "none";
	assert_string_equal(register_why(&s), "good");
	s.ask.statement = "a163616c6726"; /* none, and yet something */
	assert_string_equal(register_why(&s), "attestation");
	s.ask.statement = "80";
	assert_string_equal(register_why(&s), "attestation");
	s.ask.statement = NULL;
	s.ask.format = "fido-u2f";
	assert_string_equal(register_why(&s), "attestation");
	s.ask.format = "made-up";
	assert_string_equal(register_why(&s), "public key");
}

/* What both ceremonies ask, one bent at a time. */
static const struct bend {
	const char *step;
	const char *challenge, *origin, *rp_id, *type, *extra;
	unsigned flags;
} bends[] = {
	{"type", .type = "webauthn.other"},
	{"challenge", .challenge = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"},
	{"challenge", .challenge = ""},
	{"challenge", .challenge = "not base64!"},
	{"origin", .origin = "https://gap.example.evil.example"},
	{"origin", .origin = "http://gap.example"},
	{"origin", .origin = "https://gap.example:8443"},
	{"cross-origin", .extra = ",\"crossOrigin\":true"},
	{"cross-origin", .extra = ",\"crossOrigin\":\"false\""},
	{"client data", .extra = ",\"type\":\"webauthn.create\""},
	{"rpIdHash", .rp_id = "evil.example"},
	{"user present", .flags = SOFT_UV},
	{"user verified", .flags = SOFT_UP},
	{"backup flags", .flags = SOFT_UP | SOFT_UV | SOFT_BS},
};

static struct soft_ask bent(struct soft_ask ask, const struct bend *b)
{
	ask.challenge = b->challenge != NULL ? b->challenge : ask.challenge;
	ask.origin = b->origin != NULL ? b->origin : ask.origin;
	ask.rp_id = b->rp_id != NULL ? b->rp_id : ask.rp_id;
	ask.type = b->type;
	ask.extra = b->extra != NULL ? b->extra : ask.extra;
	ask.flags = b->flags != 0 ? b->flags : ask.flags;
	return ask;
}

static void each_step_alone_refuses(void **state)
{
	struct scene s;
	registered(&s, *state, SOFT_ES256);
	const struct soft_ask honest = s.ask;
	const struct passkey made = s.made;
	s.rules.verify_user = true;
	for (size_t i = 0; i < ARRAY_LEN(bends); i++) {
		s.ask = bent(honest, &bends[i]);
		assert_string_equal(register_why(&s), bends[i].step);
		s.made = made;
		assert_string_equal(verify_why(&s), bends[i].step);
	}
	/* The one ceremony's answer is none of the other's. */
	s.ask = honest;
	s.ask.type = "webauthn.get";
	assert_string_equal(register_why(&s), "type");
	s.ask.type = "webauthn.create";
	s.made = made;
	assert_string_equal(verify_why(&s), "type");
	s.ask = honest;
	assert_string_equal(verify_why(&s), "good");
}

static void presence_is_enough_where_that_is_the_rule(void **state)
{
	struct scene s;
	open_scene(&s, *state, SOFT_ES256);
	s.ask.flags = SOFT_UP;
	assert_string_equal(register_why(&s), "good");
	assert_string_equal(verify_why(&s), "good");
}

static void without_a_challenge_nothing_is_good(void **state)
{
	struct scene s;
	registered(&s, *state, SOFT_ES256);
	s.rules.challenge_hash = STR("");
	assert_string_equal(verify_why(&s), "challenge");
	assert_string_equal(register_why(&s), "challenge");
}

static void an_answer_is_of_one_key_and_one_person(void **state)
{
	struct scene s;
	registered(&s, *state, SOFT_ES256);
	s.ask.handle = b64url_encode(*state, "0123456789abcdef", 16);
	assert_string_equal(verify_why(&s), "good");
	s.ask.handle = b64url_encode(*state, "0123456789abcdeX", 16);
	assert_string_equal(verify_why(&s), "user handle");
	s.ask.handle = NULL;
	s.ask.claimed_id = "AAAA";
	assert_string_equal(verify_why(&s), "credential id");
	assert_string_equal(register_why(&s), "credential id");
	s.ask.claimed_id = NULL;
	assert_string_equal(register_why(&s), "good");
	s.ask.bad_signature = true;
	assert_string_equal(verify_why(&s), "signature");
	s.ask.bad_signature = false;
	s.made.alg = SOFT_RS256;
	assert_string_equal(verify_why(&s), "signature");
	s.made.alg = -1;
	assert_string_equal(verify_why(&s), "signature");
}

static void what_may_be_backed_up_stays_so(void **state)
{
	struct scene s;
	open_scene(&s, *state, SOFT_ES256);
	s.ask.flags = SOFT_UP | SOFT_BE | SOFT_BS;
	assert_string_equal(register_why(&s), "good");
	assert_true(s.made.backup_eligible && s.made.backed_up);
	assert_string_equal(verify_why(&s), "good");
	s.ask.flags = SOFT_UP;
	assert_string_equal(verify_why(&s), "backup flags");
}

static void counters_go_forward_or_stay_at_nothing(void **state)
{
	(void)state;
	assert_true(passkey_count_good(0, 0));
	assert_true(passkey_count_good(0, 1));
	assert_true(passkey_count_good(7, 8));
	assert_false(passkey_count_good(7, 7));
	assert_false(passkey_count_good(7, 6));
	assert_false(passkey_count_good(7, 0));
	assert_true(passkey_count_good(INT32_MAX, 4294967295));
}

static void what_no_browser_sends_is_refused(void **state)
{
	static const char *const texts[] = {"", "{}", "[]", "null", "x", "{\"id\":\"AAAA\"}",
		"{\"id\":\"\",\"response\":{\"clientDataJSON\":\"e30\"}}",
		"{\"id\":7,\"response\":{\"clientDataJSON\":\"e30\"}}",
		"{\"id\":\"AAAA\",\"response\":{\"clientDataJSON\":\"***\"}}"};
	struct scene s;
	struct passkey made;
	struct str id;
	struct err e;
	registered(&s, *state, SOFT_ES256);
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct str text = str_of(texts[i]);
		assert_fails(
			passkey_register(*state, &s.rules, text, &made, &e), ERR_MALFORMED);
		assert_fails(passkey_verify(*state, &s.rules, &s.made, text, &made, &e),
			ERR_MALFORMED);
		assert_fails(passkey_claimed_id(*state, text, &id, &e), ERR_MALFORMED);
	}
}

/* What stands behind the counter. Heads that promise billions of items are refused unread: the library
 * would take memory for each of them first. */
static const struct behind {
	const char *registered, *answered;
	const char *public_key, *tail;
	unsigned more_flags;
} behinds[] = {
	{"good", "good", .more_flags = SOFT_ED, .tail = "a0"},
	{"good", "good", .more_flags = SOFT_ED, .tail = "a163666f6ff5"},
	{"authenticator data", "authenticator data", .more_flags = SOFT_ED},
	{"authenticator data", "authenticator data", .tail = "a0"},
	{"authenticator data", "authenticator data", .more_flags = SOFT_ED, .tail = "a0a0"},
	{"authenticator data", "authenticator data", .more_flags = SOFT_ED, .tail = "80"},
	{"authenticator data", "authenticator data", .more_flags = SOFT_ED,
		.tail = "9a31e46fce"},
	{"authenticator data", "authenticator data", .more_flags = SOFT_ED,
		.tail = "ba0fffffff"},
	{"authenticator data", "authenticator data", .more_flags = SOFT_ED,
		.tail = "a163666f6f9a31e46fce"},
	{"authenticator data", "good", .public_key = "9a31e46fce"},
	{"authenticator data", "good", .public_key = "bb0000000fffffffff"},
	{"authenticator data", "good", .public_key = "a1019b0000000fffffffff"},
	{"authenticator data", "good", .public_key = ""},
	{"public key", "good", .public_key = "a0"},
};

static void what_stands_behind_the_counter_is_whole(void **state)
{
	for (size_t i = 0; i < ARRAY_LEN(behinds); i++) {
		const struct behind *b = &behinds[i];
		struct scene s;
		registered(&s, *state, SOFT_ES256);
		s.ask.flags |= b->more_flags;
		s.ask.tail = b->tail;
		assert_string_equal(verify_why(&s), b->answered);
		s.ask.public_key = b->public_key;
		assert_string_equal(register_why(&s), b->registered);
	}
}

/* Section 6.3.3: an answer carries no passkey of its own. */
static void an_answer_brings_no_new_key(void **state)
{
	struct scene s;
	registered(&s, *state, SOFT_ES256);
	s.ask.flags |= SOFT_AT;
	assert_string_equal(verify_why(&s), "authenticator data");
}

/* Every cut, and every byte turned, of an attestation object: refused or the same key, never a crash. */
static void damaged_attestations_are_refused(void **state)
{
	struct scene s;
	open_scene(&s, *state, SOFT_ES256);
	const char *whole = soft_register(*state, &s.key, &s.ask);
	const char *at = strstr(whole, "attestationObject\":\"") + 20;
	size_t good = 0, n = strlen(at) - 3;
	for (size_t i = 0; i < n; i++) {
		struct arena *a = arena_new();
		struct err e;
		char *cut =
			arena_printf(a, "%.*s\"}}", (int)(at - whole + (ptrdiff_t)i), whole);
		assert_false(passkey_register(a, &s.rules, str_of(cut), &s.made, &e));
		char *turned = arena_strdup(a, whole);
		turned[at - whole + (ptrdiff_t)i] =
			turned[at - whole + (ptrdiff_t)i] == 'A' ? 'B' : 'A';
		good += passkey_register(a, &s.rules, str_of(turned), &s.made, &e);
		arena_free(&a);
	}
	/* The counter, the model and the point itself are whatever the key says they are. */
	assert_in_range(good, 1, n - 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(three_algorithms_register_and_answer),
		TEST(another_algorithm_was_not_offered),
		TEST(attestation_is_none_or_the_keys_own),
		TEST(each_step_alone_refuses),
		TEST(presence_is_enough_where_that_is_the_rule),
		TEST(without_a_challenge_nothing_is_good),
		TEST(an_answer_is_of_one_key_and_one_person),
		TEST(what_may_be_backed_up_stays_so),
		TEST(counters_go_forward_or_stay_at_nothing),
		TEST(what_no_browser_sends_is_refused),
		TEST(what_stands_behind_the_counter_is_whole),
		TEST(an_answer_brings_no_new_key),
		TEST(damaged_attestations_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
