/* What every fuzzer is made of: libFuzzer's entry, and a property that must hold. */
#ifndef GAP_TESTS_FUZZ_H
#define GAP_TESTS_FUZZ_H

#include "base/str.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline void must(bool good)
{
	if (!good)
		abort();
}

/* Of an input whose parts are divided by `sep`; "" when there is no more. On the arena, cut at a NUL. */
static inline const char *fuzz_part(struct arena *a, struct str *rest, char sep)
{
	struct str part;
	return str_next(rest, sep, &part) ? arena_strndup(a, part.p, part.n) : "";
}

#endif
