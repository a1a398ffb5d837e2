#include "codec/zone.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define ZONE_DIR "/usr/share/zoneinfo/"

enum {
	FILE_MAX = 32 * 1024,
	HEADER_BYTES = 44,
	CACHED = 16,
	OFFSET_MAX_S = 26 * 3600, /* RFC 8536 section 3.2: -25 h to +26 h */
};

/* RFC 8536 section 3.1: the counts, in the order of the file. */
struct counts {
	size_t isut, isstd, leap, time, type, chars;
};

static uint64_t big_endian(const char *p, size_t bytes)
{
	uint64_t n = 0;
	for (size_t i = 0; i < bytes; i++)
		n = n << 8 | (unsigned char)p[i];
	return n;
}

static bool take_bytes(struct str *s, size_t n, struct str *bytes_r)
{
	if (n > s->n)
		return false;
	*bytes_r = str_sub(*s, 0, n);
	*s = str_sub(*s, n, s->n);
	return true;
}

static bool take_header(struct str *s, struct counts *c)
{
	struct str h;
	if (!take_bytes(s, HEADER_BYTES, &h) || !str_starts(h, "TZif") || h.p[4] < '2')
		return false;
	size_t n[6];
	for (size_t i = 0; i < 6; i++)
		n[i] = (size_t)big_endian(h.p + 20 + 4 * i, 4);
	*c = (struct counts){n[0], n[1], n[2], n[3], n[4], n[5]};
	return true;
}

/* The first block repeats the second one in 32 bits, for readers of version 1. */
static bool skip_first_block(struct str *s)
{
	struct counts c;
	struct str block;
	if (!take_header(s, &c))
		return false;
	size_t n = c.time * 5 + c.type * 6 + c.chars + c.leap * 8 + c.isstd + c.isut;
	return take_bytes(s, n, &block);
}

static bool parse_changes(struct str at, struct str to, const struct counts *c, struct zone *z)
{
	z->changes = c->time;
	for (size_t i = 0; i < c->time; i++) {
		z->at[i] = (int64_t)big_endian(at.p + 8 * i, 8);
		z->to[i] = (unsigned char)to.p[i];
		if (z->to[i] >= c->type || (i > 0 && z->at[i] <= z->at[i - 1]))
			return false;
	}
	return true;
}

static bool parse_types(struct str types, const struct counts *c, struct zone *z)
{
	for (size_t i = 0; i < c->type; i++) {
		z->offset_s[i] = (int)(int32_t)(uint32_t)big_endian(types.p + 6 * i, 4);
		if (z->offset_s[i] < -OFFSET_MAX_S || z->offset_s[i] > OFFSET_MAX_S)
			return false;
	}
	return true;
}

/* The footer stands between two line feeds. When it is empty the last type holds for ever. */
static bool parse_footer(struct str s, struct zone *z)
{
	if (s.n < 2 || s.p[0] != '\n' || s.p[s.n - 1] != '\n')
		return false;
	struct str posix = str_sub(s, 1, s.n - 2);
	return posix.n == 0 || zone_rule_parse(posix, &z->rule);
}

bool zone_parse(struct str tzif, struct zone *zone_r)
{
	struct str s = tzif, at, to, types, rest;
	struct counts c;
	*zone_r = (struct zone){0};
	if (!skip_first_block(&s) || !take_header(&s, &c))
		return false;
	/* The "right" zones count leap seconds, which POSIX time does not: refused. */
	if (c.time > ZONE_CHANGES_MAX || c.type == 0 || c.type > ZONE_TYPES_MAX || c.leap != 0)
		return false;
	if (!take_bytes(&s, c.time * 8, &at) || !take_bytes(&s, c.time, &to) ||
		!take_bytes(&s, c.type * 6, &types) ||
		!take_bytes(&s, c.chars + c.isstd + c.isut, &rest))
		return false;
	return parse_changes(at, to, &c, zone_r) && parse_types(types, &c, zone_r) &&
	       parse_footer(s, zone_r);
}

int zone_offset_in(const struct zone *z, int64_t at)
{
	size_t low = 0, high = z->changes; /* at[..low) <= at < at[high..) */
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (z->at[middle] <= at)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == z->changes && z->rule.known)
		return zone_rule_offset(&z->rule, at);
	return z->offset_s[low == 0 ? 0 : z->to[low - 1]];
}

bool zone_name_valid(const char *name)
{
	size_t n = name == NULL ? 0 : strlen(name);
	if (n == 0 || n > ZONE_NAME_MAX || name[0] == '/' || name[n - 1] == '/')
		return false;
	for (size_t i = 0; i < n; i++) {
		char c = name[i];
		bool word = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
			    (c >= '0' && c <= '9') || c == '_' || c == '+' || c == '-';
		if (!word && (c != '/' || name[i - 1] == '/'))
			return false;
	}
	return true;
}

static size_t read_whole(int fd, char *to, size_t max)
{
	size_t n = 0;
	while (n < max) {
		ssize_t got = read(fd, to + n, max - n);
		if (got <= 0)
			return got == 0 ? n : 0;
		n += (size_t)got;
	}
	return 0; /* more bytes than any zone has */
}

static bool load(const char *name, struct zone *z)
{
	char path[sizeof ZONE_DIR + ZONE_NAME_MAX], text[FILE_MAX];
	(void)snprintf(path, sizeof path, ZONE_DIR "%s", name);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return false;
	struct stat st;
	size_t n =
		fstat(fd, &st) == 0 && S_ISREG(st.st_mode) ? read_whole(fd, text, FILE_MAX) : 0;
	(void)close(fd);
	return zone_parse((struct str){text, n}, z);
}

/* A cache for the life of the process: parsing a file for every row of a page is slow. */
static struct {
	char name[CACHED][ZONE_NAME_MAX + 1];
	struct zone zone[CACHED];
	size_t next; /* the oldest entry, replaced next */
} cache;

static const struct zone *find(const char *name)
{
	if (!zone_name_valid(name))
		return NULL;
	for (size_t i = 0; i < CACHED; i++)
		if (strcmp(cache.name[i], name) == 0)
			return &cache.zone[i];
	size_t i = cache.next;
	cache.name[i][0] = '\0';
	if (!load(name, &cache.zone[i]))
		return NULL;
	memcpy(cache.name[i], name, strlen(name) + 1);
	cache.next = (i + 1) % CACHED;
	return &cache.zone[i];
}

bool zone_offset(const char *name, int64_t at, int *offset_s_r)
{
	const struct zone *z = find(name);
	if (z == NULL)
		return false;
	*offset_s_r = zone_offset_in(z, at);
	return true;
}
