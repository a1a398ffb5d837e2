#include "worker/letter.h"

#include "codec/b64.h"
#include "codec/random.h"
#include "codec/when.h"
#include "io/file.h"

enum { TEMPLATE_MAX = 64 * 1024, BOUNDARY_BYTES = 18, LINE_WORDS = 72 };

struct letter_view {
	const char *subject, *name, *text, *detail, *link, *link_words, *profile;
	bool choice;
	struct tmpl_list lines;
};
static const struct tmpl_field line_fields[] = {TMPL_F(struct letter_line, text, TMPL_TEXT)};
static const struct tmpl_shape line_shape = TMPL_SHAPE(struct letter_line, line_fields);
static const struct tmpl_field view_fields[] = {
	TMPL_F(struct letter_view, subject, TMPL_TEXT),
	TMPL_F(struct letter_view, name, TMPL_TEXT),
	TMPL_F(struct letter_view, text, TMPL_TEXT),
	TMPL_F(struct letter_view, detail, TMPL_TEXT),
	TMPL_F(struct letter_view, link, TMPL_TEXT),
	TMPL_F(struct letter_view, link_words, TMPL_TEXT),
	TMPL_F(struct letter_view, profile, TMPL_TEXT),
	TMPL_F(struct letter_view, choice, TMPL_BOOL),
	TMPL_FS(struct letter_view, lines, TMPL_LIST, &line_shape),
};
static const struct tmpl_shape view_shape = TMPL_SHAPE(struct letter_view, view_fields);

struct from_folder {
	struct arena *a;
	const char *dir;
};

static bool read_template(void *user, const char *name, struct str *text_r)
{
	const struct from_folder *f = user;
	struct err ignored;
	return file_read(f->a, arena_printf(f->a, "%s/%s.mail", f->dir, name), TEMPLATE_MAX,
		text_r, &ignored);
}

bool letter_open(struct worker *w, const char *template_dir, struct err *e)
{
	struct from_folder f = {w->home, template_dir};
	const struct tmpl_source source = {read_template, &f};
	return tmpl_compile(w->home, "mail/letter", &view_shape, &source, &w->letter, e);
}

/* User input stays one line, so that it cannot be taken for a header or a boundary. */
static const char *one_line(struct arena *a, const char *s)
{
	char *line = arena_strdup(a, s == NULL ? "" : s);
	for (char *p = line; *p != '\0'; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7F)
			*p = ' ';
	return line;
}

/*
 * The last place up to `max` where a line may end: after a blank, else between two characters.
 */
static size_t line_end(struct str s, size_t max)
{
	size_t end = max;
	if (s.n <= max)
		return s.n;
	while (end > 0 && s.p[end - 1] != ' ')
		end--;
	if (end > 0)
		return end;
	for (end = max; end > 0 && ((unsigned char)s.p[end] & 0xC0) == 0x80;)
		end--;
	return end;
}

/* Adds the HTML's lines unchanged but with CRLF, and none too long for a mail server. */
static void add_lines(struct buf *b, struct str text)
{
	struct str line;
	while (str_next(&text, '\n', &line)) {
		do {
			size_t n = line_end(line, LETTER_LINE_MAX);
			buf_addstr(b, str_sub(line, 0, n));
			buf_adds(b, "\r\n");
			line = str_sub(line, n, line.n);
		} while (line.n > 0);
	}
}

/* Wraps plain text to lines that any program shows. */
static void add_words(struct buf *b, const char *indent, const char *text)
{
	struct str rest = str_of(text);
	while (rest.n > 0) {
		size_t n = line_end(rest, LINE_WORDS);
		buf_adds(b, indent);
		buf_addstr(b, str_trim(str_sub(rest, 0, n)));
		buf_adds(b, "\r\n");
		rest = str_sub(rest, n, rest.n);
	}
}

static const char *host_of(struct worker *w)
{
	const char *host = strstr(w->set->base_url, "//");
	host = host == NULL ? w->set->base_url : host + 2;
	return str_dup(w->arena, (struct str){host, strcspn(host, ":/")});
}

static void add_head(struct worker *w, const struct letter *l, const char *boundary,
	const char *profile, struct buf *b)
{
	struct when_date d = when_in_zone("UTC", w->clock());
	static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
	static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul",
		"Aug", "Sep", "Oct", "Nov", "Dec"};
	buf_printf(b, "From: The Gap <%s>\r\nTo: <%s>\r\nSubject: %s\r\n", w->set->mail_from,
		l->to_email, l->subject);
	buf_printf(b, "Date: %s, %d %s %d %02d:%02d:%02d +0000\r\n", days[d.weekday], d.day,
		months[d.month - 1], d.year, d.hour, d.minute, d.second);
	buf_printf(b, "Message-ID: <job-%lld@%s>\r\n", (long long)l->id, host_of(w));
	if (l->choice)
		buf_printf(b, "List-Unsubscribe: <%s>\r\n", profile);
	buf_printf(b,
		"MIME-Version: 1.0\r\nAuto-Submitted: auto-generated\r\n"
		"Content-Type: multipart/alternative; boundary=\"%s\"\r\n\r\n",
		boundary);
}

static void add_part(struct buf *b, const char *boundary, const char *type)
{
	buf_printf(b,
		"--%s\r\nContent-Type: %s; charset=utf-8\r\n"
		"Content-Transfer-Encoding: 8bit\r\n\r\n",
		boundary, type);
}

static void add_plain(struct buf *b, const struct letter_view *v, const struct letter *l)
{
	buf_printf(b, "Hello %s,\r\n\r\n", v->name);
	add_words(b, "", v->text);
	buf_adds(b, "\r\n");
	if (*v->detail != '\0') {
		add_words(b, "", v->detail);
		buf_adds(b, "\r\n");
	}
	for (size_t i = 0; i < l->n_lines; i++)
		add_words(b, "  ", l->lines[i].text);
	/* The link is on a line of its own, so that mail programs find its end. */
	buf_printf(
		b, "%s%s\r\n\r\nThe Gap\r\n\r\n-- \r\n", l->n_lines > 0 ? "\r\n" : "", v->link);
	if (v->choice)
		buf_printf(b, "Choose which emails you get: %s\r\n", v->profile);
	else
		add_words(b, "",
			"This email cannot be switched off: it is about your account's safety, or "
			"about something that cannot wait.");
}

bool letter_write(struct worker *w, const struct letter *l, struct str *text_r, struct err *e)
{
	unsigned char bytes[BOUNDARY_BYTES];
	struct buf b;
	const struct letter_view v = {.subject = l->subject,
		.name = str_isolate(w->arena, one_line(w->arena, l->to_name)),
		.text = l->text,
		.detail = one_line(w->arena, l->detail),
		.link = l->link,
		.link_words = l->link_words,
		.profile = arena_printf(w->arena, "%s/profile/mails", w->set->base_url),
		.choice = l->choice,
		.lines = {l->lines, l->n_lines}};
	if (!random_bytes(bytes, sizeof bytes, e))
		return false;
	const char *boundary = b64url_encode(w->arena, bytes, sizeof bytes);
	struct html page = tmpl_html(w->letter, &v, w->arena, LETTER_MAX);
	buf_init(&b, w->arena, LETTER_MAX);
	add_head(w, l, boundary, v.profile, &b);
	add_part(&b, boundary, "text/plain");
	add_plain(&b, &v, l);
	buf_adds(&b, "\r\n");
	add_part(&b, boundary, "text/html");
	add_lines(&b, str_of(page.markup));
	buf_printf(&b, "\r\n--%s--\r\n", boundary);
	if (b.over || page.markup == NULL)
		return err_set(e, ERR_TOO_LARGE, "The mail would be longer than %d bytes.",
			LETTER_MAX);
	*text_r = buf_str(&b);
	return true;
}
