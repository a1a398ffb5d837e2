#include "pages/totp_keys.h"

#include "base/log.h"
#include "io/file.h"

#include <sys/stat.h>

enum { KEY_FILE_MAX = 64 * 1024 };

struct totp_keys {
	const char *path;
	struct stat seen;
	struct arena *arena; /* of the keys that were read last */
	const struct seal_keys *keys;
};

static bool same(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_dev == b->st_dev && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	       a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static bool read_keys(struct totp_keys *k, struct err *e)
{
	struct arena *fresh = arena_new();
	const struct secret *text = NULL;
	const struct seal_keys *keys = NULL;
	if (!file_read_secret(fresh, k->path, KEY_FILE_MAX, &text, e) ||
		!seal_keys_parse(fresh, secret_open(text), &keys, e)) {
		arena_free(&fresh);
		return false;
	}
	if (k->arena != NULL)
		arena_free(&k->arena);
	k->arena = fresh;
	k->keys = keys;
	return true;
}

static void close_keys(void *user)
{
	struct totp_keys *k = user;
	if (k->arena != NULL)
		arena_free(&k->arena);
}

bool totp_keys_open(
	struct arena *home, const char *path, struct totp_keys **keys_r, struct err *e)
{
	struct totp_keys *k = arena_new_of(home, struct totp_keys);
	*k = (struct totp_keys){.path = arena_strdup(home, path)};
	arena_defer(home, close_keys, k);
	/*
	 * stat comes before the read, so that a change in between is noticed at the next use.
	 */
	if (stat(path, &k->seen) != 0)
		k->seen = (struct stat){0};
	*keys_r = k;
	return read_keys(k, e);
}

const struct seal_keys *totp_keys(struct totp_keys *k)
{
	struct stat now;
	struct err e;
	if (stat(k->path, &now) != 0 || same(&now, &k->seen))
		return k->keys;
	k->seen = now;
	if (read_keys(k, &e))
		log_info("keys.loaded", log_int("newest", seal_newest(k->keys)));
	else
		log_err("keys.refused", &e);
	return k->keys;
}
