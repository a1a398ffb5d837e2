#include "io/file.h"

#include "base/buf.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static bool failed(struct err *e, enum err_kind kind, const char *what, const char *path)
{
	char why[80];
	return err_set(e, kind, "%s cannot be %s: %s.", path, what,
		strerror_r(errno, why, sizeof why));
}

static void close_fd(int fd)
{
	int kept = errno;
	(void)close(fd);
	errno = kept;
}

/* Reads up to `want` bytes or the end. Returns their number, -1 on failure. */
static ssize_t read_up_to(int fd, char *to, size_t want)
{
	size_t got = 0;
	while (got < want) {
		ssize_t n = read(fd, to + got, want - got);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		got += (size_t)n;
	}
	return (ssize_t)got;
}

static bool open_regular(const char *path, int *fd_r, struct stat *st_r, struct err *e)
{
	/* Non-blocking, because opening a pipe of that name could wait for ever. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return failed(e,
			errno == ENOENT || errno == ENOTDIR ? ERR_NOT_FOUND : ERR_CONFIG,
			"read", path);
	if (fstat(fd, st_r) != 0) {
		close_fd(fd);
		return failed(e, ERR_CONFIG, "read", path);
	}
	if (!S_ISREG(st_r->st_mode)) {
		close_fd(fd);
		return err_set(e, ERR_CONFIG, "%s is not a file.", path);
	}
	*fd_r = fd;
	return true;
}

/* Reads to the end of the file, which may have changed its size meanwhile. Closes fd. */
static bool read_all(struct arena *a, int fd, const char *path, const struct stat *st,
	size_t max, struct str *text_r, struct err *e)
{
	size_t room = (size_t)st->st_size < max ? (size_t)st->st_size : max;
	char *text = arena_alloc(a, room + 2);
	ssize_t n = read_up_to(fd, text, room + 1);
	close_fd(fd);
	if (n < 0)
		return failed(e, ERR_CONFIG, "read", path);
	if ((size_t)n > max || (size_t)st->st_size > max)
		return err_set(e, ERR_TOO_LARGE, "%s is larger than %zu bytes.", path, max);
	if ((size_t)n > room)
		return err_set(e, ERR_CONFIG, "%s grew while it was read.", path);
	text[n] = '\0';
	*text_r = (struct str){text, (size_t)n};
	return true;
}

bool file_read(struct arena *a, const char *path, size_t max, struct str *text_r, struct err *e)
{
	int fd;
	struct stat st;
	return open_regular(path, &fd, &st, e) && read_all(a, fd, path, &st, max, text_r, e);
}

bool file_read_secret(struct arena *a, const char *path, size_t max,
	const struct secret **text_r, struct err *e)
{
	int fd;
	struct stat st;
	struct str text;
	if (!open_regular(path, &fd, &st, e))
		return false;
	/*
	 * A file that the service manager provides is owned by root, who decides who may read
	 * it.
	 */
	if (st.st_uid != 0 && (st.st_mode & 077) != 0) {
		close_fd(fd);
		return err_set(e, ERR_CONFIG,
			"%s can be read by others; make it its owner's alone (chmod 600).",
			path);
	}
	if (!read_all(a, fd, path, &st, max, &text, e))
		return false;
	*text_r = secret_new(a, text.p, text.n);
	return true;
}

static bool write_all(int fd, struct str text)
{
	for (size_t sent = 0; sent < text.n;) {
		ssize_t n = write(fd, text.p + sent, text.n - sent);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		sent += (size_t)n;
	}
	return true;
}

/* The new name survives a power cut only when the folder is synced too. */
static bool sync_folder(const char *path)
{
	const char *slash = strrchr(path, '/');
	char dir[4096] = ".";
	if (slash != NULL)
		(void)snprintf(dir, sizeof dir, "%.*s", (int)(slash - path + 1), path);
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool ok = fd >= 0 && fsync(fd) == 0;
	if (fd >= 0)
		close_fd(fd);
	return ok;
}

bool file_write(const char *path, struct str text, int mode, struct err *e)
{
	char beside[4096];
	int n = snprintf(beside, sizeof beside, "%s.XXXXXX", path);
	if (n < 0 || (size_t)n >= sizeof beside)
		return err_set(
			e, ERR_CONFIG, "A path is longer than %zu bytes.", sizeof beside);
	int fd = mkostemp(beside, O_CLOEXEC);
	if (fd < 0)
		return failed(e, ERR_CONFIG, "written", path);
	bool ok = fchmod(fd, (mode_t)mode) == 0 && write_all(fd, text) && fsync(fd) == 0;
	close_fd(fd);
	if (ok && rename(beside, path) == 0 && sync_folder(path))
		return true;
	(void)failed(e, ERR_CONFIG, "written", path);
	(void)unlink(beside);
	return false;
}

/* ---- folders ---- */

enum { NAMES_MAX = 100000, DEPTH_MAX = 16 };

struct names {
	struct arena *arena;
	const char *suffix;
	const char **items;
	size_t n, cap;
};

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static bool ends_in(const char *name, const char *suffix)
{
	size_t n = strlen(name), m = strlen(suffix);
	return n >= m && strcmp(name + n - m, suffix) == 0;
}

static bool add_name(struct names *to, const char *name, struct err *e)
{
	if (!ends_in(name, to->suffix))
		return true;
	if (to->n == NAMES_MAX)
		return err_set(
			e, ERR_TOO_LARGE, "A folder holds more than %d files.", NAMES_MAX);
	to->items = arena_grow(to->arena, to->items, to->n, &to->cap, sizeof *to->items);
	to->items[to->n++] = name;
	return true;
}

static bool walk(
	struct names *to, const char *dir, const char *below, int depth, struct err *e);

/* Takes one entry of a folder. depth 0: does not go into folders below. */
static bool take(struct names *to, const char *dir, const char *below, const char *name,
	int depth, struct err *e)
{
	struct stat st;
	const char *path = arena_printf(to->arena, "%s/%s", dir, name);
	const char *relative = arena_printf(to->arena, "%s%s", below, name);
	if (name[0] == '.' || stat(path, &st) != 0)
		return true;
	if (S_ISREG(st.st_mode))
		return add_name(to, relative, e);
	if (!S_ISDIR(st.st_mode) || depth == 0)
		return true;
	return walk(to, path, arena_printf(to->arena, "%s/", relative), depth - 1, e);
}

static bool walk(struct names *to, const char *dir, const char *below, int depth, struct err *e)
{
	DIR *d = opendir(dir);
	if (d == NULL)
		return failed(e, errno == ENOENT ? ERR_NOT_FOUND : ERR_CONFIG, "read", dir);
	bool ok = true;
	for (struct dirent *entry = readdir(d); ok && entry != NULL; entry = readdir(d))
		ok = take(to, dir, below, entry->d_name, depth, e);
	(void)closedir(d);
	return ok;
}

static bool names_below(struct arena *a, const char *dir, const char *suffix, int depth,
	const char *const **names_r, size_t *n_r, struct err *e)
{
	struct names to = {.arena = a, .suffix = suffix};
	if (!walk(&to, dir, "", depth, e))
		return false;
	if (to.n != 0)
		qsort(to.items, to.n, sizeof *to.items, by_bytes);
	*names_r = to.items;
	*n_r = to.n;
	return true;
}

bool file_list(struct arena *a, const char *dir, const char *suffix,
	const char *const **names_r, size_t *n_r, struct err *e)
{
	return names_below(a, dir, suffix, 0, names_r, n_r, e);
}

bool file_tree(struct arena *a, const char *dir, const char *suffix,
	const char *const **names_r, size_t *n_r, struct err *e)
{
	return names_below(a, dir, suffix, DEPTH_MAX, names_r, n_r, e);
}
