#include "base/log.h"

#include "base/clock.h"
#include "base/str.h"

#include <stdarg.h>
#include <time.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 4096, CONTEXT_MAX = 6, CONTEXT_TEXT = 64 };

static const char *const level_names[] = {"debug", "info", "warn", "error"};

static struct {
	enum log_level least;
	struct {
		const char *name;
		char value[CONTEXT_TEXT];
	} context[CONTEXT_MAX];
} state = {.least = LOG_INFO};

struct line {
	char data[LINE_MAX_BYTES];
	size_t len;
};

/* The room left, less what the closing quote, brace and line feed need. */
static size_t left(const struct line *l)
{
	size_t most = sizeof l->data - 4;
	return l->len < most ? most - l->len : 0;
}

static void put(struct line *l, const char *p, size_t n)
{
	if (n > left(l))
		n = left(l);
	memcpy(l->data + l->len, p, n);
	l->len += n;
}

static void puts_(struct line *l, const char *s)
{
	put(l, s, strlen(s));
}

/*
 * Never cuts inside a character. Bytes that are not UTF-8 become '?', so that the line stays
 * valid JSON.
 */
static void put_escaped(struct line *l, const char *s)
{
	bool utf8 = str_utf8_valid(str_of(s));
	for (; *s != '\0'; s++) {
		unsigned char c = (unsigned char)*s;
		char esc[8];
		if (c == '"' || c == '\\')
			(void)snprintf(esc, sizeof esc, "\\%c", c);
		else if (c < 0x20 || c == 0x7F)
			(void)snprintf(esc, sizeof esc, "\\u%04x", c);
		else
			(void)snprintf(esc, sizeof esc, "%c", c >= 0x80 && !utf8 ? '?' : c);
		if (((unsigned char)esc[0] & 0xC0) != 0x80 && left(l) < sizeof esc)
			return;
		puts_(l, esc);
	}
}

static void put_field(struct line *l, const struct log_field *f)
{
	char number[24];
	/*
	 * A field whose name does not fit is left out whole, so that a cut line is still an
	 * object.
	 */
	if (left(l) < strlen(f->name) + sizeof number + 8)
		return;
	puts_(l, ",\"");
	puts_(l, f->name);
	puts_(l, "\":");
	if (f->text == NULL) {
		(void)snprintf(number, sizeof number, "%lld", (long long)f->number);
		puts_(l, number);
		return;
	}
	puts_(l, "\"");
	put_escaped(l, f->text);
	l->data[l->len++] = '"';
}

static void put_start(struct line *l, enum log_level level)
{
	int64_t us = clock_now_us();
	time_t s = (time_t)(us / 1000000);
	struct tm tm;
	char at[80];
	(void)gmtime_r(&s, &tm);
	size_t n = strftime(at, sizeof at, "{\"at\":\"%Y-%m-%dT%H:%M:%S", &tm);
	(void)snprintf(at + n, sizeof at - n, ".%03dZ\",\"level\":\"", (int)(us / 1000 % 1000));
	puts_(l, at);
	puts_(l, level_names[level]);
	puts_(l, "\"");
}

void log_write(enum log_level level, const struct log_field *fields)
{
	if (level < state.least)
		return;
	struct line l = {.len = 0};
	put_start(&l, level);
	put_field(&l, &fields[0]);
	for (size_t i = 0; i < CONTEXT_MAX; i++)
		if (state.context[i].name != NULL)
			put_field(&l, &(struct log_field){state.context[i].name,
					      state.context[i].value, 0});
	for (const struct log_field *f = fields + 1; f->name != NULL; f++)
		put_field(&l, f);
	l.data[l.len++] = '}';
	l.data[l.len++] = '\n';
	/*
	 * One write() per line, so that lines of several processes do not mix. The result is
	 * ignored: a full disk must not stop us.
	 */
	ssize_t rc = write(STDERR_FILENO, l.data, l.len);
	(void)rc;
}

void log_err(const char *event, const struct err *e)
{
	const struct err_rule *rule = err_rule(e->kind);
	log_at((enum log_level)rule->log_level, event, log_text("kind", rule->name),
		log_text("why", e->text), log_text("file", e->file), log_int("line", e->line));
}

void log_set_level(enum log_level least)
{
	state.least = least;
}

bool log_level_parse(const char *s, enum log_level *level_r)
{
	for (size_t i = 0; i < ARRAY_LEN(level_names); i++)
		if (strcmp(s, level_names[i]) == 0) {
			*level_r = (enum log_level)i;
			return true;
		}
	return false;
}

void log_context(const char *name, const char *value)
{
	size_t slot = CONTEXT_MAX;
	for (size_t i = CONTEXT_MAX; i-- > 0;) {
		const char *n = state.context[i].name;
		if (n == NULL || strcmp(n, name) == 0)
			slot = i;
		if (n != NULL && strcmp(n, name) == 0)
			break;
	}
	if (slot == CONTEXT_MAX)
		bug("log_context: more than %d names", CONTEXT_MAX);
	state.context[slot].name = value == NULL ? NULL : name;
	if (value != NULL)
		(void)snprintf(state.context[slot].value, CONTEXT_TEXT, "%s", value);
}

void die(const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	(void)vfprintf(stderr, fmt, ap);
	va_end(ap);
	(void)fputc('\n', stderr);
	exit(2);
}

void bug_at(const char *file, int line, const char *fmt, ...)
{
	char text[240];
	va_list ap;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	log_error("bug", log_text("why", text), log_text("file", file), log_int("line", line));
	abort();
}
