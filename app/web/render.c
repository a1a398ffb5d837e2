#include "web/render.h"

#include "base/log.h"
#include "io/file.h"

static const char suffix[] = ".html";

struct render {
	struct arena *arena;
	const struct tmpl **compiled;
	size_t n;
};

/* The template folder during a compilation: every file, and whether a template used it. */
struct folder {
	struct arena *arena;
	const char *dir;
	const char *const *names;
	bool *used;
	size_t n;
	struct err fault; /* why the last read failed */
};

static bool open_folder(struct arena *a, const char *dir, struct folder *f_r, struct err *e)
{
	*f_r = (struct folder){.arena = a, .dir = dir};
	if (!file_tree(a, dir, suffix, &f_r->names, &f_r->n, e))
		return false;
	f_r->used = arena_array(a, bool, f_r->n);
	return true;
}

/*
 * Opens only files that the directory listing found, so no name in a template can lead out of
 * the folder.
 */
static bool read_template(void *user, const char *name, struct str *text_r)
{
	struct folder *f = user;
	const char *file = arena_printf(f->arena, "%s%s", name, suffix);
	for (size_t i = 0; i < f->n; i++) {
		if (strcmp(f->names[i], file) != 0)
			continue;
		f->used[i] = true;
		return file_read(f->arena, arena_printf(f->arena, "%s/%s", f->dir, file),
			RENDER_FILE_MAX, text_r, &f->fault);
	}
	return false;
}

static bool compile_all(
	struct render *set, struct folder *f, const struct render_entry *table, struct err *e)
{
	const struct tmpl_source source = {read_template, f};
	for (size_t i = 0; i < set->n; i++) {
		if (tmpl_compile(set->arena, table[i].name, table[i].shape, &source,
			    &set->compiled[i], e))
			continue;
		/*
		 * A file that exists but cannot be read is the real cause of "no such
		 * template".
		 */
		if (f->fault.kind != ERR_NONE)
			*e = f->fault;
		return false;
	}
	return true;
}

/*
 * A removed page may leave its file behind: this is worth a log line, but no reason to refuse
 * to start.
 */
static void note_unused(const struct folder *f)
{
	for (size_t i = 0; i < f->n; i++)
		if (!f->used[i])
			log_warn("template.unused", log_text("file", f->names[i]));
}

bool render_load(const char *dir, const struct render_entry *table, size_t n,
	struct render **set_r, struct err *e)
{
	struct arena *own = arena_new(), *scratch = arena_new();
	struct render *set = arena_new_of(own, struct render);
	*set = (struct render){
		.arena = own, .compiled = arena_array(own, const struct tmpl *, n), .n = n};
	struct folder folder;
	bool ok = open_folder(scratch, dir, &folder, e) && compile_all(set, &folder, table, e);
	if (ok)
		note_unused(&folder);
	arena_free(&scratch);
	if (ok) {
		*set_r = set;
		return true;
	}
	arena_free(&own);
	/*
	 * The operator must mend a missing folder or a file that is too large, like any other
	 * error here.
	 */
	e->kind = ERR_CONFIG;
	return false;
}

void render_free(struct render **set)
{
	struct arena *own = *set == NULL ? NULL : (*set)->arena;
	arena_free(&own);
	*set = NULL;
}

const struct tmpl *render_get(const struct render *set, size_t i)
{
	if (i >= set->n)
		bug("render_get: template %zu of %zu", i, set->n);
	return set->compiled[i];
}
