/* Pictures by their bytes: from first to last what they say they are, or nothing. */
#include "core/picture.h"

#include "base/buf.h"
#include "test.h"

static void add_big(struct buf *b, uint32_t v)
{
	for (int shift = 24; shift >= 0; shift -= 8)
		buf_addc(b, (char)(v >> shift & 0xFF));
}

static uint32_t crc_of(const char *p, size_t n)
{
	uint32_t c = 0xFFFFFFFF;
	for (size_t i = 0; i < n; i++) {
		c ^= (unsigned char)p[i];
		for (int bit = 0; bit < 8; bit++)
			c = c & 1 ? 0xEDB88320 ^ c >> 1 : c >> 1;
	}
	return ~c;
}

static void add_chunk(struct buf *b, const char *type, struct str data)
{
	add_big(b, (uint32_t)data.n);
	size_t from = b->len;
	buf_adds(b, type);
	buf_addstr(b, data);
	add_big(b, crc_of(b->data + from, b->len - from));
}

static struct str png(struct arena *a, uint32_t width, uint32_t height, const char *extra)
{
	struct buf b, head;
	buf_init(&head, a, 64);
	buf_init(&b, a, 1 << 20);
	add_big(&head, width);
	add_big(&head, height);
	buf_add(&head, "\x08\x06\0\0\0", 5);
	buf_add(&b, "\x89PNG\r\n\x1A\n", 8);
	add_chunk(&b, "IHDR", buf_str(&head));
	if (extra != NULL)
		add_chunk(&b, extra, STR("12345678"));
	add_chunk(&b, "IDAT", STR("x"));
	add_chunk(&b, "IEND", STR(""));
	return buf_str(&b);
}

static struct str jpeg(struct arena *a, const char *frame, int width)
{
	struct buf b;
	buf_init(&b, a, 4096);
	buf_add(&b, "\xFF\xD8\xFF\xE0\0\x04hi", 8);
	buf_adds(&b, frame);
	buf_add(&b, "\0\x0B\x08\0\x40", 5);
	buf_addc(&b, (char)(width >> 8));
	buf_addc(&b, (char)(width & 0xFF));
	buf_add(&b, "\x01\x01\x11\0", 4);
	buf_add(&b, "\xFF\xDA\0\x08\x01\x01\0\0\x3F\0data\xFF\xD9", 16);
	return buf_str(&b);
}

static void sizes_are_read(void **state)
{
	struct picture p;
	struct err e;
	assert_ok(picture_judge(png(*state, 320, 48, NULL), &p, &e));
	assert_string_equal(p.type, "image/png");
	assert_int_equal(p.width, 320);
	assert_int_equal(p.height, 48);
	assert_ok(picture_judge(jpeg(*state, "\xFF\xC0", 300), &p, &e));
	assert_string_equal(p.type, "image/jpeg");
	assert_int_equal(p.width, 300);
	assert_int_equal(p.height, 64);
	assert_ok(picture_judge(jpeg(*state, "\xFF\xC2", 300), &p, &e));
}

static void sides_and_bytes_have_limits(void **state)
{
	static const uint32_t wrong[] = {
		0, 15, 2001, 65536, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF};
	struct picture p;
	struct err e;
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		assert_fails(
			picture_judge(png(*state, wrong[i], 50, NULL), &p, &e), ERR_INVALID);
		assert_fails(
			picture_judge(png(*state, 50, wrong[i], NULL), &p, &e), ERR_INVALID);
	}
	assert_ok(picture_judge(png(*state, 2000, 16, NULL), &p, &e));
	assert_fails(picture_judge(jpeg(*state, "\xFF\xC0", 2001), &p, &e), ERR_INVALID);
	char *big = arena_alloc(*state, PICTURE_BYTES_MAX + 1);
	assert_fails(
		picture_judge((struct str){big, PICTURE_BYTES_MAX + 1}, &p, &e), ERR_TOO_LARGE);
	assert_fails(picture_judge(STR(""), &p, &e), ERR_INVALID);
}

static void other_things_are_no_pictures(void **state)
{
	static const char *const texts[] = {"GIF89a",
		"<svg xmlns='http://www.w3.org/2000/svg'/>", "<html><script>",
		"\xFF\xD8\xFF\xD9", "\xFF\xD8", "BM", "RIFF....WEBP"};
	struct picture p;
	struct err e;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		assert_fails(picture_judge(str_of(texts[i]), &p, &e), ERR_INVALID);
	/* Moving pictures; two heads; frames that browsers do not show; no frame before the scan. */
	assert_fails(picture_judge(png(*state, 50, 50, "acTL"), &p, &e), ERR_INVALID);
	assert_fails(picture_judge(png(*state, 50, 50, "IHDR"), &p, &e), ERR_INVALID);
	assert_fails(picture_judge(jpeg(*state, "\xFF\xC9", 300), &p, &e), ERR_INVALID);
	assert_fails(picture_judge(jpeg(*state, "\xFF\xE1", 300), &p, &e), ERR_INVALID);
}

/* Nothing stands behind the end, nothing is missing before it, and each byte counts. */
static void every_cut_and_every_changed_byte_is_noticed(void **state)
{
	struct str whole = png(*state, 50, 50, "tEXt");
	struct picture p;
	struct err e;
	for (size_t n = 0; n < whole.n; n++)
		assert_fails(picture_judge(str_sub(whole, 0, n), &p, &e), ERR_INVALID);
	for (size_t i = 0; i < whole.n; i++) {
		char *copy = arena_alloc(*state, whole.n);
		memcpy(copy, whole.p, whole.n);
		copy[i] ^= 1;
		assert_fails(picture_judge((struct str){copy, whole.n}, &p, &e), ERR_INVALID);
	}
	char *longer = arena_alloc(*state, whole.n + 1);
	memcpy(longer, whole.p, whole.n);
	longer[whole.n] = ' ';
	assert_fails(picture_judge((struct str){longer, whole.n + 1}, &p, &e), ERR_INVALID);
	struct str photo = jpeg(*state, "\xFF\xC0", 300);
	for (size_t n = 0; n < photo.n; n++)
		assert_fails(picture_judge(str_sub(photo, 0, n), &p, &e), ERR_INVALID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(sizes_are_read),
		TEST(sides_and_bytes_have_limits),
		TEST(other_things_are_no_pictures),
		TEST(every_cut_and_every_changed_byte_is_noticed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
