#include "codec/csv_read.h"

enum place { AT_CELL, IN_PLAIN, IN_QUOTES, BEHIND_QUOTE };

struct csv_reader {
	csv_sink *sink;
	void *user;
	/* Bytes of the first record, kept until it is whole and the separator can be chosen. */
	char head[CSV_RECORD_MAX];
	size_t head_n;
	bool head_quoted, begun;
	char separator;

	enum place place;
	bool after_cr;
	int64_t line, record_line;
	char text[CSV_RECORD_MAX + CSV_CELLS_MAX];
	size_t used, cell_from, n;
	const char *cells[CSV_CELLS_MAX];
	bool cell_cut;
	unsigned faults;
};

struct csv_reader *csv_reader_new(struct arena *a, csv_sink *sink, void *user)
{
	struct csv_reader *c = arena_new_of(a, struct csv_reader);
	c->sink = sink;
	c->user = user;
	c->line = 1;
	c->record_line = 1;
	return c;
}

/* Drops a code point that the limit cut in two. */
static void trim_half(struct csv_reader *c)
{
	size_t end = c->used;
	while (end > c->cell_from && ((unsigned char)c->text[end - 1] & 0xC0) == 0x80)
		end--;
	if (end > c->cell_from && ((unsigned char)c->text[end - 1] & 0x80) != 0 &&
		!str_utf8_valid((struct str){c->text + end - 1, c->used - end + 1}))
		c->used = end - 1;
}

/* Length of the longest well-formed UTF-8 text at `p`; 0: none. */
static size_t sequence(const char *p, size_t n)
{
	for (size_t k = 1; k <= 4 && k <= n; k++)
		if (str_utf8_valid((struct str){p, k}))
			return k;
	return 0;
}

static void mend_utf8(struct csv_reader *c)
{
	char *p = c->text + c->cell_from;
	size_t n = c->used - c->cell_from, step;
	if (str_utf8_valid((struct str){p, n}))
		return;
	c->faults |= CSV_NOT_UTF8;
	for (size_t i = 0; i < n; i += step) {
		step = sequence(p + i, n - i);
		if (step != 0)
			continue;
		p[i] = '?';
		step = 1;
	}
}

static void end_cell(struct csv_reader *c)
{
	if (c->n == CSV_CELLS_MAX) {
		c->faults |= CSV_RECORD_CUT;
		c->used = c->cell_from;
	} else {
		if (c->cell_cut)
			trim_half(c);
		mend_utf8(c);
		c->cells[c->n++] = c->text + c->cell_from;
		c->text[c->used++] = '\0';
	}
	c->cell_from = c->used;
	c->cell_cut = false;
	c->place = AT_CELL;
}

static void add(struct csv_reader *c, char byte)
{
	if (byte == '\0')
		c->faults |= CSV_NUL;
	if (c->used - c->cell_from >= CSV_CELL_MAX) {
		c->faults |= CSV_CELL_CUT;
		c->cell_cut = true;
	} else if (c->used - c->n >= CSV_RECORD_MAX) {
		c->faults |= CSV_RECORD_CUT;
		c->cell_cut = true;
	} else {
		c->text[c->used++] = byte == '\0' ? '?' : byte;
	}
}

static bool end_record(struct csv_reader *c, struct err *e)
{
	bool blank = c->n == 0 && c->place == AT_CELL;
	bool ok = true;
	if (!blank) {
		end_cell(c);
		const struct csv_record r = {c->record_line, c->cells, c->n, c->faults};
		ok = c->sink(c->user, &r, e);
	}
	c->used = c->cell_from = c->n = 0;
	c->faults = 0;
	c->place = AT_CELL;
	c->record_line = c->line;
	return ok;
}

static void take_quote(struct csv_reader *c)
{
	if (c->place == AT_CELL) {
		c->place = IN_QUOTES;
	} else if (c->place == IN_QUOTES) {
		c->place = BEHIND_QUOTE;
	} else {
		/*
		 * A doubled quote inside quotes, or any quote inside a cell without them, is an
		 * ordinary character.
		 */
		c->place = c->place == BEHIND_QUOTE ? IN_QUOTES : IN_PLAIN;
		add(c, '"');
	}
}

static void take_text(struct csv_reader *c, char byte)
{
	if (c->place == BEHIND_QUOTE) {
		if (byte == ' ')
			return;
		c->faults |= CSV_AFTER_QUOTE;
		c->place = IN_PLAIN;
	}
	if (c->place == AT_CELL)
		c->place = IN_PLAIN;
	add(c, byte);
}

static bool take(struct csv_reader *c, char byte, struct err *e)
{
	bool half = c->after_cr && byte == '\n'; /* the LF of a CR LF */
	bool ends = (byte == '\n' || byte == '\r') && !half;
	c->after_cr = byte == '\r';
	c->line += ends;
	if (c->place == IN_QUOTES && byte != '"') {
		add(c, byte);
		return true;
	}
	if (half)
		return true;
	if (ends)
		return end_record(c, e);
	if (byte == '"')
		take_quote(c);
	else if (byte == c->separator)
		end_cell(c);
	else
		take_text(c, byte);
	return true;
}

static bool take_all(struct csv_reader *c, struct str bytes, struct err *e)
{
	for (size_t i = 0; i < bytes.n; i++)
		if (!take(c, bytes.p[i], e))
			return false;
	return true;
}

static char separator_of(struct str head)
{
	static const char tried[] = {',', ';', '\t'};
	size_t seen[sizeof tried] = {0}, best = 0;
	bool quoted = false;
	for (size_t i = 0; i < head.n; i++) {
		quoted ^= head.p[i] == '"';
		for (size_t k = 0; k < sizeof tried; k++)
			seen[k] += !quoted && head.p[i] == tried[k];
	}
	for (size_t k = 1; k < sizeof tried; k++)
		best = seen[k] > seen[best] ? k : best;
	return tried[best];
}

/* Some programs write a line "sep=;" above the first record, and spreadsheets read it. */
static bool is_sep_line(struct str line, char *separator_r)
{
	if (line.n != 5 || !str_is_ci(str_sub(line, 0, 4), "sep="))
		return false;
	*separator_r = line.p[4];
	return line.p[4] == ',' || line.p[4] == ';' || line.p[4] == '\t';
}

static bool judge_encoding(struct str head, struct err *e)
{
	if (str_starts(head, "\xFF\xFE") || str_starts(head, "\xFE\xFF") || str_has(head, '\0'))
		return err_set(e, ERR_INVALID,
			"This file is in UTF-16, or is no CSV file. Save it as \"CSV UTF-8\" and choose it again.");
	if (!str_utf8_valid(head))
		return err_set(e, ERR_INVALID,
			"This file is not in UTF-8 (perhaps Latin-1 or Windows-1252). Save it as \"CSV UTF-8\" and choose it again.");
	return true;
}

/* Skips a line that is not a record, but counts it. */
static bool pass_over(struct csv_reader *c, bool ended)
{
	c->head_n = 0;
	c->line += ended;
	c->record_line = c->line;
	return true;
}

/* The bytes in `head` are a line that may be the first record, or the whole file. */
static bool begin(struct csv_reader *c, struct err *e)
{
	struct str head = {c->head, c->head_n};
	if (!judge_encoding(head, e))
		return false;
	if (str_starts(head, "\xEF\xBB\xBF"))
		head = str_sub(head, 3, head.n);
	struct str line = head;
	bool ended = line.n != 0 && (line.p[line.n - 1] == '\n' || line.p[line.n - 1] == '\r');
	line.n -= ended;
	if (str_trim(line).n == 0 || (c->separator == 0 && is_sep_line(line, &c->separator)))
		return pass_over(c, ended);
	c->begun = true;
	if (c->separator == 0)
		c->separator = separator_of(head);
	return take_all(c, head, e);
}

bool csv_reader_feed(struct csv_reader *c, struct str bytes, struct err *e)
{
	while (!c->begun && bytes.n != 0) {
		char byte = bytes.p[0];
		bool half = c->after_cr && byte == '\n' && c->head_n == 0;
		bytes = str_sub(bytes, 1, bytes.n);
		c->after_cr = byte == '\r';
		if (half)
			continue;
		if (c->head_n == sizeof c->head)
			return err_set(e, ERR_INVALID,
				"The first row is too long. Put the names of the columns into the first row; the template shows how.");
		c->head[c->head_n++] = byte;
		c->head_quoted ^= byte == '"';
		if ((byte == '\n' || byte == '\r') && !c->head_quoted && !begin(c, e))
			return false;
	}
	return take_all(c, bytes, e);
}

bool csv_reader_end(struct csv_reader *c, struct err *e)
{
	if (!c->begun && c->head_n != 0 && !begin(c, e))
		return false;
	if (!c->begun)
		return err_set(e, ERR_INVALID,
			"There is nothing in this file. Fill in the template and choose it again.");
	if (c->place == IN_QUOTES)
		c->faults |= CSV_OPEN_QUOTE;
	return end_record(c, e);
}
