/* Cells divided by NUL come back, each, out of the line that is written; and none begins as a formula. */
#include "codec/csv.h"
#include "fuzz/fuzz.h"

/* RFC 4180, strictly: the next cell of *rest, and whether another follows. */
static const char *read_cell(struct arena *a, struct str *rest, bool *more_r)
{
	struct buf cell;
	bool quoted = str_starts(*rest, "\"");
	size_t i = quoted ? 1 : 0;
	buf_init(&cell, a, rest->n + 1);
	for (;; i++) {
		must(i < rest->n);
		char c = rest->p[i];
		if (quoted && c == '"') {
			if (str_sub(*rest, i + 1, 1).n == 0 || rest->p[i + 1] != '"')
				break;
			i++;
		} else if (!quoted && (c == ',' || c == '\r')) {
			break;
		}
		must(quoted || (c != '"' && c != '\n'));
		buf_addc(&cell, c);
	}
	i += quoted;
	*more_r = str_sub(*rest, i, 1).n == 1 && rest->p[i] == ',';
	*rest = str_sub(*rest, *more_r ? i + 1 : i, rest->n);
	return cell.data;
}

static void check_cell(const char *wrote, const char *read)
{
	bool formula = wrote[0] != '\0' && strchr("=+-@\t\r", wrote[0]) != NULL;
	must(strchr("=+-@\t\r", read[0]) == NULL || read[0] == '\0');
	must(!formula || read[0] == '\'');
	must(strcmp(read + (formula ? 1 : 0), wrote) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	struct str in = {(const char *)data, size}, rest = in, piece;
	struct buf line;
	bool more = true;
	buf_init(&line, a, 2 * size + 1024);
	for (bool first = true; str_next(&rest, '\0', &piece) && !line.over; first = false)
		csv_cell(&line, arena_strndup(a, piece.p, piece.n), first);
	csv_end(&line);
	rest = in;
	struct str written = buf_str(&line);
	/* Of one empty cell nothing is to be seen, nor of too many. */
	while (!line.over && more && str_next(&rest, '\0', &piece))
		check_cell(arena_strndup(a, piece.p, piece.n), read_cell(a, &written, &more));
	must(line.over || !more || size == 0);
	must(line.over || str_is(written, "\r\n"));
	arena_free(&a);
	return 0;
}
