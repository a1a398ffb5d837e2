#include "pages/help.h"

#include "core/kept.h"

struct help_view {
	const char *scopes, *sync_times;
};
static const struct tmpl_field help_fields[] = {
	TMPL_F(struct help_view, scopes, TMPL_TEXT),
	TMPL_F(struct help_view, sync_times, TMPL_TEXT),
};
const struct tmpl_shape help_shape = TMPL_SHAPE(struct help_view, help_fields);

struct terms_view {
	bool none; /* the page is the same for everybody */
};
static const struct tmpl_field terms_fields[] = {TMPL_F(struct terms_view, none, TMPL_BOOL)};
const struct tmpl_shape terms_shape = TMPL_SHAPE(struct terms_view, terms_fields);

struct kept_view {
	const char *of, *names, *words, *why;
	bool stored, used;
};
static const struct tmpl_field kept_fields[] = {
	TMPL_F(struct kept_view, of, TMPL_TEXT),
	TMPL_F(struct kept_view, names, TMPL_TEXT),
	TMPL_F(struct kept_view, words, TMPL_TEXT),
	TMPL_F(struct kept_view, why, TMPL_TEXT),
	TMPL_F(struct kept_view, stored, TMPL_BOOL),
	TMPL_F(struct kept_view, used, TMPL_BOOL),
};
static const struct tmpl_shape kept_shape = TMPL_SHAPE(struct kept_view, kept_fields);

struct privacy_view {
	int64_t retention_days, stored, fields;
	struct tmpl_list rows;
};
static const struct tmpl_field privacy_fields[] = {
	TMPL_F(struct privacy_view, retention_days, TMPL_INT),
	TMPL_F(struct privacy_view, stored, TMPL_INT),
	TMPL_F(struct privacy_view, fields, TMPL_INT),
	TMPL_FS(struct privacy_view, rows, TMPL_LIST, &kept_shape),
};
const struct tmpl_shape privacy_shape = TMPL_SHAPE(struct privacy_view, privacy_fields);

static const char *const anchors[CAUSE__MAX] = {
	[CAUSE_CANCELLED] = "/help#cancelled",
	[CAUSE_EXPIRED] = "/help#cancelled",
	[CAUSE_NO_PRACTICE] = "/help#no-practice",
	[CAUSE_PRACTICE_TAKEN] = "/help#taken",
	[CAUSE_OTHER_PRACTICE] = "/help#other-practice",
	[CAUSE_XERO_DOWN] = "/help#failed",
	[CAUSE_BAD_SIGN_IN] = "/help#cancelled",
	[CAUSE_SCOPES] = "/help#permission",
	[CAUSE_FIRST_FAILED] = "/help#failed",
	[CAUSE_SYNC_FAILED] = "/help#failed",
	[CAUSE_LIMIT] = "/help#limit",
	[CAUSE_SLOW] = "/help#failed",
	[CAUSE_SIGN_IN] = "/help#sign-in",
	[CAUSE_PERMISSION] = "/help#access",
	[CAUSE_REMOVED_IN_XERO] = "/help#disconnected",
	[CAUSE_DISCONNECTED] = "/help#after",
	[CAUSE_CONFIG] = "/help#paused",
	[CAUSE_BRAKE] = "/help#held",
	[CAUSE_EMPTY] = "/help#held",
	[CAUSE_EDITS] = "/help#edits",
	[CAUSE_CHANGES_ONLY] = "/help#when",
};

const char *help_for_cause(enum connection_cause cause)
{
	return cause > CAUSE_NONE && cause < CAUSE__MAX ? anchors[cause] : NULL;
}

/* "06:00,18:00" in words: "06:00 and 18:00". */
static const char *spoken(struct page *p, const char *times)
{
	struct str rest = str_of(times), one;
	struct buf b;
	buf_init(&b, p->arena, 256);
	while (str_next(&rest, ',', &one)) {
		if (b.len > 0)
			buf_adds(&b, str_empty(rest) ? " and " : ", ");
		buf_addstr(&b, str_trim(one));
	}
	return buf_str(&b).p;
}

bool help_show(struct page *p, struct err *e)
{
	struct help_view v = {
		.scopes = conf_text(p->site->conf, CONF_XERO_SCOPES),
		.sync_times = spoken(p, conf_text(p->site->conf, CONF_SYNC_TIMES)),
	};
	p->title = "Help: connecting Xero Practice Manager";
	p->section = "help";
	return page_show(p, TEMPLATE_HELP, &v, 200, e);
}

bool terms_show(struct page *p, struct err *e)
{
	struct terms_view v = {.none = true};
	p->title = "Terms of use";
	return page_show(p, TEMPLATE_TERMS, &v, 200, e);
}

bool privacy_show(struct page *p, struct err *e)
{
	struct privacy_view v = {
		.retention_days = conf_int(p->site->conf, CONF_RETENTION_DAYS),
		.fields = (int64_t)kept_count,
	};
	struct kept_view *rows = arena_array(p->arena, struct kept_view, kept_count);
	for (size_t i = 0; i < kept_count; i++) {
		const struct kept_field *f = &kept_table[i];
		rows[i] = (struct kept_view){.of = f->of,
			.names = f->names,
			.words = f->words,
			.why = f->why,
			.stored = f->how == KEPT_STORED,
			.used = f->how == KEPT_USED};
		v.stored += rows[i].stored;
	}
	v.rows = (struct tmpl_list){rows, kept_count};
	p->title = "Privacy";
	return page_show(p, TEMPLATE_PRIVACY, &v, 200, e);
}
