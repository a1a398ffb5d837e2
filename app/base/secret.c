#include "base/secret.h"

struct secret {
	size_t n;
	char bytes[];
};

struct secret *secret_new(struct arena *a, const void *p, size_t n)
{
	struct secret *s = arena_alloc(a, sizeof *s + n + 1);
	s->n = n;
	if (n != 0)
		memcpy(s->bytes, p, n);
	return s;
}

struct str secret_open(const struct secret *s)
{
	return s == NULL ? (struct str){"", 0} : (struct str){s->bytes, s->n};
}
