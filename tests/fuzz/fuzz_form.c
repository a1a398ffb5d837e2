/* What parses must survive being written and parsed again, pair by pair. */
#include "codec/form.h"
#include "fuzz/fuzz.h"

static void check_round_trip(struct arena *a, const struct form *f)
{
	struct buf text;
	struct form again;
	struct err e;
	buf_init(&text, a, 1024 * 1024);
	for (size_t i = 0; i < f->n; i++) {
		must(strlen(f->pairs[i].name) <= FORM_NAME_MAX);
		form_add(&text, f->pairs[i].name, f->pairs[i].value);
	}
	must(!text.over && form_parse(a, buf_str(&text), &again, &e) && again.n == f->n);
	for (size_t i = 0; i < f->n; i++) {
		must(strcmp(again.pairs[i].name, f->pairs[i].name) == 0);
		must(strcmp(again.pairs[i].value, f->pairs[i].value) == 0);
	}
}

static void check_path(struct arena *a, struct str s)
{
	const char *text;
	if (!form_unescape_path(a, s, &text))
		return;
	must(str_utf8_valid(str_of(text)) && strlen(text) <= s.n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	struct str text = {(const char *)data, size};
	struct form f;
	struct err e = {0};
	if (size > 16 * 1024)
		size = 16 * 1024;
	text.n = size;
	if (form_parse(a, text, &f, &e)) {
		must(f.n <= FORM_PAIRS_MAX);
		check_round_trip(a, &f);
	} else {
		must(e.kind == ERR_MALFORMED || e.kind == ERR_TOO_LARGE);
	}
	check_path(a, text);
	arena_free(&a);
	return 0;
}
