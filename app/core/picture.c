#include "core/picture.h"

static const unsigned char png_start[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
enum { CHUNK_FRAME = 12, IHDR_BYTES = 13, SOF_BYTES = 8 };

static uint32_t big(struct str s, size_t at, int n)
{
	uint32_t v = 0;
	for (int i = 0; i < n; i++)
		v = v << 8 | (unsigned char)s.p[at + (size_t)i];
	return v;
}

static unsigned char byte(struct str s, size_t at)
{
	return (unsigned char)s.p[at];
}

/* The checksum over the type and the data of a chunk, which its last four bytes must repeat. */
static uint32_t crc(struct str s)
{
	uint32_t c = 0xFFFFFFFF;
	for (size_t i = 0; i < s.n; i++) {
		c ^= byte(s, i);
		for (int bit = 0; bit < 8; bit++)
			c = c & 1 ? 0xEDB88320 ^ c >> 1 : c >> 1;
	}
	return ~c;
}

struct chunk {
	struct str type, data;
};

static bool next_chunk(struct str *rest, struct chunk *c_r)
{
	if (rest->n < CHUNK_FRAME)
		return false;
	size_t n = big(*rest, 0, 4);
	if (n > rest->n - CHUNK_FRAME || crc(str_sub(*rest, 4, n + 4)) != big(*rest, n + 8, 4))
		return false;
	c_r->type = str_sub(*rest, 4, 4);
	c_r->data = str_sub(*rest, 8, n);
	*rest = str_sub(*rest, n + CHUNK_FRAME, rest->n);
	return true;
}

/* May this colour type have this bit depth? Table 11.1 of the PNG standard. */
static bool is_depth(unsigned colour, unsigned depth)
{
	switch (colour) {
	case 0:
		return depth == 1 || depth == 2 || depth == 4 || depth == 8 || depth == 16;
	case 3:
		return depth == 1 || depth == 2 || depth == 4 || depth == 8;
	case 2:
	case 4:
	case 6:
		return depth == 8 || depth == 16;
	default:
		return false;
	}
}

static bool read_ihdr(const struct chunk *c, struct picture *p_r)
{
	struct str d = c->data;
	if (!str_is(c->type, "IHDR") || d.n != IHDR_BYTES ||
		!is_depth(byte(d, 9), byte(d, 8)) || byte(d, 10) != 0 || byte(d, 11) != 0 ||
		byte(d, 12) > 1 || big(d, 0, 4) > INT32_MAX || big(d, 4, 4) > INT32_MAX)
		return false;
	p_r->width = (int)big(d, 0, 4);
	p_r->height = (int)big(d, 4, 4);
	return true;
}

static bool is_png(struct str s, struct picture *p_r)
{
	struct chunk c;
	bool pixels = false;
	if (s.n < sizeof png_start || memcmp(s.p, png_start, sizeof png_start) != 0)
		return false;
	p_r->type = "image/png";
	s = str_sub(s, sizeof png_start, s.n);
	if (!next_chunk(&s, &c) || !read_ihdr(&c, p_r))
		return false;
	while (next_chunk(&s, &c)) {
		if (str_is(c.type, "IEND"))
			return pixels && c.data.n == 0 && s.n == 0;
		if (str_is(c.type, "IHDR") || str_is(c.type, "acTL"))
			return false;
		pixels = pixels || str_is(c.type, "IDAT");
	}
	return false;
}

/* Reads SOF0, SOF1 or SOF2 (baseline, extended, progressive), the ones that browsers show. */
static bool read_frame(struct str body, struct picture *p_r)
{
	if (body.n < SOF_BYTES - 2 || byte(body, 0) != 8)
		return false;
	p_r->height = (int)big(body, 1, 2);
	p_r->width = (int)big(body, 3, 2);
	return p_r->width > 0 && p_r->height > 0;
}

static bool is_jpeg(struct str s, struct picture *p_r)
{
	bool frame = false;
	if (s.n < 4 || byte(s, 0) != 0xFF || byte(s, 1) != 0xD8 || byte(s, s.n - 2) != 0xFF ||
		byte(s, s.n - 1) != 0xD9)
		return false;
	p_r->type = "image/jpeg";
	for (size_t at = 2; at + 4 <= s.n;) {
		unsigned mark = byte(s, at + 1);
		size_t n = big(s, at + 2, 2);
		if (byte(s, at) != 0xFF || mark < 0xC0 || (mark >= 0xD0 && mark <= 0xD9) ||
			n < 2 || n > s.n - at - 2)
			return false;
		if (mark == 0xDA)
			return frame;
		if (mark >= 0xC0 && mark <= 0xC2) {
			if (frame || !read_frame(str_sub(s, at + 4, n - 2), p_r))
				return false;
			frame = true;
		}
		at += n + 2;
	}
	return false;
}

bool picture_judge(struct str bytes, struct picture *p_r, struct err *e)
{
	*p_r = (struct picture){.type = NULL};
	if (bytes.n > PICTURE_BYTES_MAX)
		return err_set(e, ERR_TOO_LARGE, "Choose a picture of at most 60 KB.");
	if (bytes.n == 0)
		return err_set(e, ERR_INVALID, "Choose a picture first.");
	if (!is_png(bytes, p_r) && !is_jpeg(bytes, p_r))
		return err_set(e, ERR_INVALID,
			"This is no PNG or JPEG picture, or it is damaged. Choose another one.");
	if (p_r->width < PICTURE_SIDE_MIN || p_r->height < PICTURE_SIDE_MIN ||
		p_r->width > PICTURE_SIDE_MAX || p_r->height > PICTURE_SIDE_MAX)
		return err_set(e, ERR_INVALID,
			"The picture is %d by %d pixels. Choose one between %d and %d on each side.",
			p_r->width, p_r->height, PICTURE_SIDE_MIN, PICTURE_SIDE_MAX);
	return true;
}
