#include "core/device.h"
#include "test.h"

#define MOZILLA "Mozilla/5.0 "
#define WEBKIT	"AppleWebKit/537.36 (KHTML, like Gecko) "

static void browsers_have_their_names(void **state)
{
	static const char *const cases[][2] = {
		{MOZILLA "(Windows NT 10.0; Win64; x64) " WEBKIT
			 "Chrome/131.0.0.0 Safari/537.36",
			"Chrome on Windows"},
		{MOZILLA "(Windows NT 10.0; Win64; x64) " WEBKIT
			 "Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0",
			"Edge on Windows"},
		{MOZILLA
			"(Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like "
			"Gecko) Version/18.1 Safari/605.1.15",
			"Safari on Mac"},
		{MOZILLA
			"(iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, "
			"like Gecko) Version/18.1 Mobile/15E148 Safari/604.1",
			"Safari on iPhone"},
		{MOZILLA "(iPad; CPU OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
			 "Gecko) CriOS/131.0.6778.73 Mobile/15E148 Safari/604.1",
			"Chrome on iPad"},
		{MOZILLA
			"(iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, "
			"like Gecko) FxiOS/133.0 Mobile/15E148 Safari/605.1.15",
			"Firefox on iPhone"},
		{MOZILLA "(X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0",
			"Firefox on Linux"},
		{MOZILLA "(Linux; Android 14; Pixel 8) " WEBKIT
			 "Chrome/131.0.0.0 Mobile Safari/537.36",
			"Chrome on Android"},
		{MOZILLA "(Linux; Android 14; SM-S918B) " WEBKIT
			 "SamsungBrowser/27.0 Chrome/125.0.0.0 Mobile Safari/537.36",
			"Samsung Internet on Android"},
		{MOZILLA "(X11; CrOS x86_64 14541.0.0) " WEBKIT
			 "Chrome/131.0.0.0 Safari/537.36",
			"Chrome on ChromeOS"},
		{MOZILLA "(Macintosh; Intel Mac OS X 10_15_7) " WEBKIT
			 "Chrome/131.0.0.0 Safari/537.36 OPR/116.0.0.0",
			"Opera on Mac"},
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_string_equal(device_name(*state, cases[i][0]), cases[i][1]);
}

static void half_of_it_is_enough(void **state)
{
	assert_string_equal(device_name(*state, "curl/8.5.0"), "curl");
	assert_string_equal(device_name(*state, "Something (Windows NT 10.0)"),
		"Unknown browser on Windows");
}

static void what_says_nothing_is_unknown(void **state)
{
	static const char *const cases[] = {NULL, "", " ", "Mozilla/5.0", "<script>",
		"\xFF\xFE", "chrome on windows", "Chrome"};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_string_equal(device_name(*state, cases[i]), "Unknown browser");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(browsers_have_their_names),
		TEST(half_of_it_is_enough),
		TEST(what_says_nothing_is_unknown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
