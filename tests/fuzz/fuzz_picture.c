/*
 * A logo as it was chosen: a PNG or a JPEG from its first byte to its last, of a size within the limits, or
 * refused with a sentence. One byte more or less behind it makes it none.
 */
#include "core/picture.h"
#include "fuzz/fuzz.h"

static bool judge(struct str bytes, struct picture *p)
{
	struct err e = {0};
	bool good = picture_judge(bytes, p, &e);
	must(good || ((e.kind == ERR_INVALID || e.kind == ERR_TOO_LARGE) && e.text[0] != '\0'));
	return good;
}

static bool in_range(int side)
{
	return side >= PICTURE_SIDE_MIN && side <= PICTURE_SIDE_MAX;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	struct str bytes = {(const char *)data, size};
	struct picture p, other;
	if (judge(bytes, &p)) {
		bool png = strcmp(p.type, "image/png") == 0;
		must(png || strcmp(p.type, "image/jpeg") == 0);
		must(size <= PICTURE_BYTES_MAX && in_range(p.width) && in_range(p.height));
		must(png == (data[0] == 0x89));
		must(!judge(str_sub(bytes, 0, size - 1), &other));
		char *longer = arena_alloc(a, size + 1);
		memcpy(longer, data, size);
		longer[size] = '<';
		must(!judge((struct str){longer, size + 1}, &other));
	}
	arena_free(&a);
	return 0;
}
