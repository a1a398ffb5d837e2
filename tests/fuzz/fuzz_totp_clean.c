/* Of anything typed: nothing, or six digits that are all the digits in it. */
#include "codec/totp.h"
#include "fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	const char *typed = arena_strndup(a, (const char *)data, size);
	const char *code = totp_clean(a, typed);
	int64_t step;
	if (code != NULL) {
		must(strlen(code) == TOTP_DIGITS && strspn(code, "0123456789") == TOTP_DIGITS);
		must(strcmp(totp_clean(a, code), code) == 0);
		size_t i = 0;
		for (const char *p = typed; *p != '\0'; p++)
			if (*p >= '0' && *p <= '9')
				must(i < TOTP_DIGITS && code[i++] == *p);
	}
	const struct secret *secret = secret_new(a, "12345678901234567890", 20);
	(void)totp_match(secret, typed, 1234567890, 0, false, &step);
	arena_free(&a);
	return 0;
}
