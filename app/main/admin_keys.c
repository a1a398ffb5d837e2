/* gap-admin: the keys that seal secrets at rest. */
#include "main/admin.h"

#include "codec/seal.h"
#include "io/file.h"
#include "store/schema.h"

#include <sys/stat.h>
#include <unistd.h>

enum { KEY_FILE_MAX = 64 * 1024 };

struct key_file {
	const char *path;
	struct str text; /* empty: the file must be created */
	struct stat st;
};

static bool read_key_file(struct admin *x, struct key_file *f, struct err *e)
{
	const struct secret *text;
	f->text = STR("");
	f->st = (struct stat){.st_mode = 0600, .st_uid = geteuid(), .st_gid = getegid()};
	if (!file_read_secret(x->arena, f->path, KEY_FILE_MAX, &text, e))
		return e->kind == ERR_NOT_FOUND;
	f->text = secret_open(text);
	return stat(f->path, &f->st) == 0 ||
	       err_set(e, ERR_CONFIG, "%s cannot be looked at.", f->path);
}

/* The old lines stay, so that everything sealed under an older key still opens. */
static bool write_key_file(
	struct admin *x, const struct key_file *f, const struct seal_keys *keys, struct err *e)
{
	struct secret *line;
	struct buf text;
	if (!seal_key_line(x->arena, keys, &line, e))
		return false;
	struct str last = secret_open(line);
	buf_init(&text, x->arena, KEY_FILE_MAX + 128);
	buf_addstr(&text, f->text);
	if (text.len > 0 && text.data[text.len - 1] != '\n')
		buf_addc(&text, '\n');
	buf_addstr(&text, last);
	if (!file_write(f->path, buf_str(&text), (int)(f->st.st_mode & 0777), e))
		return false;
	if (f->st.st_uid == geteuid() || chown(f->path, f->st.st_uid, f->st.st_gid) == 0)
		return true;
	return err_set(e, ERR_CONFIG,
		"%s has its new key, but could not be given back to its owner.", f->path);
}

bool admin_rotate_key(struct admin *x, struct err *e)
{
	bool tokens = strcmp(x->operand, "tokens") == 0;
	const struct seal_keys *keys = NULL;
	int version;
	if (!tokens && strcmp(x->operand, "totp") != 0)
		return err_set(e, ERR_INVALID, "Say which key: tokens or totp.");
	struct key_file f = {
		.path = conf_text(x->conf, tokens ? CONF_TOKEN_KEY_FILE : CONF_TOTP_KEY_FILE)};
	if (!read_key_file(x, &f, e))
		return false;
	if (f.text.n == 0) {
		if (!write_key_file(x, &f, NULL, e))
			return false;
		(void)printf("%s was made, with key 1.\n", f.path);
		return true;
	}
	if (!seal_keys_parse(x->arena, f.text, &keys, e) || !schema_check(x->db, &version, e))
		return false;
	unsigned long newest = (unsigned long)seal_newest(keys) + 1;
	const char *detail = arena_printf(x->arena, "%s: key %lu", x->operand, newest);
	/* The audit line is committed only when the file was written. */
	if (!pg_begin(x->db, 0, e))
		return false;
	bool ok = admin_log(x, 0, "key.rotated", detail, e) && write_key_file(x, &f, keys, e);
	if (!admin_end(x, ok, e))
		return false;
	(void)printf("%s has key %lu now. The programs use it at once; gap-admin health"
		     " says what older keys still seal.\n",
		f.path, newest);
	return true;
}
