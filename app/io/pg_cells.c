#include "io/pg_int.h"

#include "codec/b64.h"
#include "codec/when.h"

#include <limits.h>

void pg_pack(struct pg_packed *to, const struct pg_arg *args, size_t n)
{
	if (n > WIRE_ARGS_MAX)
		bug("more than %d arguments", WIRE_ARGS_MAX);
	for (size_t i = 0; i < n; i++) {
		to->lengths[i] = 0;
		to->formats[i] = args[i].kind == PG_ARG_BYTES;
		switch (args[i].kind) {
		case PG_ARG_TEXT:
			to->values[i] = args[i].text;
			break;
		case PG_ARG_BOOL:
			to->values[i] = args[i].number != 0 ? "t" : "f";
			break;
		case PG_ARG_INT:
			(void)snprintf(to->numbers[i], sizeof to->numbers[i], "%lld",
				(long long)args[i].number);
			to->values[i] = to->numbers[i];
			break;
		case PG_ARG_BYTES:
			if (args[i].bytes.n > INT_MAX)
				bug("an argument of %zu bytes", args[i].bytes.n);
			to->values[i] = args[i].bytes.p;
			to->lengths[i] = (int)args[i].bytes.n;
			break;
		}
	}
}

int64_t pg_int(const struct pg_rows *r, size_t row, int col)
{
	const char *text = pg_text(r, row, col);
	int64_t n = 0;
	if (text != NULL && !str_to_i64(str_of(text), &n))
		bug("column %d is no integer", col);
	return n;
}

/* The format that every connection sets: ISO, in UTC, "2026-11-22 06:00:00.25+00". */
int64_t pg_time(const struct pg_rows *r, size_t row, int col)
{
	enum { DATE = 10, TEXT_MAX = 40 };
	struct str text = str_of(pg_text(r, row, col));
	char iso[TEXT_MAX];
	int64_t at = 0;
	if (text.n == 0)
		return 0;
	if (text.n > DATE + 3 && text.n < sizeof iso) {
		memcpy(iso, text.p, text.n);
		iso[DATE] = 'T';
		if (when_parse((struct str){iso, text.n - 3}, &at))
			return at;
	}
	bug("column %d is no time", col);
}

bool pg_bool(const struct pg_rows *r, size_t row, int col)
{
	return str_is(str_of(pg_text(r, row, col)), "t");
}

struct str pg_bytes(const struct pg_rows *r, size_t row, int col)
{
	struct str hex = str_of(pg_text(r, row, col)), bytes = STR("");
	if (pg_null(r, row, col))
		return bytes;
	if (!str_starts(hex, "\\x") ||
		!hex_decode(wire_rows_arena(r), str_sub(hex, 2, hex.n), &bytes))
		bug("column %d is no bytea", col);
	return bytes;
}

char *pg_array(struct arena *a, const char *const *items, size_t n)
{
	struct buf out;
	buf_init(&out, a, SIZE_MAX / 4);
	buf_addc(&out, '{');
	for (size_t i = 0; i < n; i++) {
		buf_adds(&out, i == 0 ? "" : ",");
		if (items[i] == NULL) {
			buf_adds(&out, "NULL");
			continue;
		}
		buf_addc(&out, '"');
		for (const char *s = items[i]; *s != '\0'; s++) {
			if (*s == '"' || *s == '\\')
				buf_addc(&out, '\\');
			buf_addc(&out, *s);
		}
		buf_addc(&out, '"');
	}
	buf_addc(&out, '}');
	return out.data;
}
