/* "METHOD address" against the site's own table: a row that fits, 404, or 405 that names another method. */
#include "fuzz/fuzz.h"
#include "pages/routes.h"

static void check_row(const struct request *r, const struct route *row)
{
	size_t params = 0;
	for (const char *p = row->pattern; *p != '\0'; p++)
		params += *p == '{';
	for (size_t i = 0; i < REQUEST_PARAMS_MAX; i++) {
		must((r->param[i] != NULL) == (i < params));
		must(r->param[i] == NULL || (str_utf8_valid(str_of(r->param[i])) &&
						    strlen(r->param[i]) <= ROUTER_SEGMENT_MAX));
	}
	must((strstr(row->pattern, "{id}") != NULL) == (r->id_param > 0));
	must(params > 0 || strcmp(row->pattern, r->path) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum method methods[] = {
		METHOD_GET, METHOD_HEAD, METHOD_POST, METHOD_DELETE, METHOD_OTHER};
	if (size == 0)
		return 0;
	struct arena *a = arena_new();
	struct request r = {.arena = a,
		.method = methods[data[0] % ARRAY_LEN(methods)],
		.path = arena_strndup(a, (const char *)data + 1, size - 1)};
	const struct route *row = NULL;
	const char *allow = NULL;
	struct err e = {0};
	/* request_judge() lets no other address this far. */
	if (r.path[0] != '/')
		r.path = arena_printf(a, "/%s", r.path);
	if (router_match(routes_table, routes_count, &r, &row, &allow, &e))
		check_row(&r, row);
	else if (e.kind == ERR_METHOD)
		must(allow != NULL && allow[0] != '\0');
	else
		must(e.kind == ERR_NOT_FOUND);
	arena_free(&a);
	return 0;
}
