#include "core/run.h"

#include "base/str.h"
#include "core/client.h"

enum { BRAKE_LEAST = 5, BRAKE_PERCENT = 10 };

struct words {
	const char *name, *text, *tone;
};

static const struct words states[RUN__MAX] = {
	[RUN_RUNNING] = {"running", "Running", "busy"},
	[RUN_COMPLETE] = {"complete", "Complete", "good"},
	[RUN_PROBLEMS] = {"problems", "Complete with problems", "warn"},
	[RUN_FAILED] = {"failed", "Failed", "bad"},
	[RUN_HELD] = {"held", "Held", "warn"},
	[RUN_DISCARDED] = {"discarded", "Discarded", "idle"},
	[RUN_REPLACED] = {"replaced", "Replaced by a newer sync", "idle"},
	[RUN_INTERRUPTED] = {"interrupted", "Interrupted", "warn"},
	[RUN_UNDONE] = {"undone", "Undone", "idle"},
};

static const struct words triggers[RUN_TRIGGER__MAX] = {
	[RUN_FIRST] = {"first", "First import", NULL},
	[RUN_SCHEDULED] = {"scheduled", "Scheduled", NULL},
	[RUN_MANUAL] = {"manual", "Manual", NULL},
	[RUN_RECONNECT] = {"reconnect", "Reconnect", NULL},
	[RUN_RETRY] = {"retry", "Retry", NULL},
	[RUN_UNDO] = {"undo", "Undo", NULL},
};

static const struct words fields[] = {
	{"client", "Client added", NULL},
	{"name", "Client name", NULL},
	{"status", "Status", NULL},
	{"web_url", "Link into XPM", NULL},
	{"archived", "Archived", NULL},
	{"primary", "Primary contact", NULL},
	{"contact", "Contact", NULL},
	{"contact.name", "Contact name", NULL},
	{"contact.email", "Contact email", NULL},
	{"contact.phone", "Contact phone", NULL},
	{"matched", "Matched with the XPM client", NULL},
	{"joined", "Joined with a client gone from XPM", NULL},
	{"merged", "Merged into", NULL},
};

/* A cell of the table in the header: the number of the move, and the state it leads to. */
static const struct {
	int number;
	enum run_state to;
} moves[RUN_EVENT__MAX][RUN__MAX] = {
	[RUN_TAKEN] = {[RUN_RUNNING] = {1, RUN_COMPLETE}},
	[RUN_TAKEN_PARTLY] = {[RUN_RUNNING] = {2, RUN_PROBLEMS}},
	[RUN_FAILS] = {[RUN_RUNNING] = {3, RUN_FAILED}},
	[RUN_BRAKED] = {[RUN_RUNNING] = {4, RUN_HELD}},
	[RUN_DISCARD] = {[RUN_HELD] = {5, RUN_DISCARDED}},
	[RUN_OVERTAKEN] = {[RUN_HELD] = {6, RUN_REPLACED}},
	[RUN_STOPPED] = {[RUN_RUNNING] = {7, RUN_INTERRUPTED}},
	[RUN_TAKEN_BACK] = {[RUN_COMPLETE] = {8, RUN_UNDONE}, [RUN_PROBLEMS] = {9, RUN_UNDONE}},
};

int run_move_number(enum run_state from, enum run_event event)
{
	return moves[event][from].number;
}

bool run_step(enum run_state from, enum run_event event, enum run_state *to_r, struct err *e)
{
	if (moves[event][from].number == 0)
		return err_set(e, ERR_CONFLICT,
			"This sync is %s by now. Reload the page to see what became of it.",
			states[from].name);
	*to_r = moves[event][from].to;
	return true;
}

bool run_may_move(enum run_state from, enum run_state to)
{
	for (size_t ev = 0; ev < RUN_EVENT__MAX; ev++)
		if (moves[ev][from].number != 0 && moves[ev][from].to == to)
			return true;
	return false;
}

/* An unknown name, read from a row, gives an empty word. It must never crash. */
static const struct words *find(const struct words *rows, size_t n, const char *name)
{
	static const struct words none = {"", "", "idle"};
	for (size_t i = 0; i < n; i++)
		if (str_is(str_of(name), rows[i].name))
			return &rows[i];
	return &none;
}

const char *run_state_name(enum run_state s)
{
	return states[s].name;
}

const char *run_state_text(const char *name)
{
	return find(states, ARRAY_LEN(states), name)->text;
}

const char *run_state_tone(const char *name)
{
	return find(states, ARRAY_LEN(states), name)->tone;
}

const char *run_trigger_name(enum run_trigger t)
{
	return triggers[t].name;
}

const char *run_trigger_text(const char *name)
{
	return find(triggers, ARRAY_LEN(triggers), name)->text;
}

const char *run_field_text(const char *name)
{
	return find(fields, ARRAY_LEN(fields), name)->text;
}

const char *run_value_text(const char *field, const char *value)
{
	if (!str_is(str_of(field), "archived"))
		return value;
	return value == NULL ? "Live" : client_archived_words(value);
}

enum run_brake run_brake(const struct run_counts *c)
{
	if (c->seen == 0 && c->live_before > 0)
		return BRAKE_EMPTY;
	return run_brake_changes(c);
}

enum run_brake run_brake_changes(const struct run_counts *c)
{
	if (c->would_go >= BRAKE_LEAST && c->would_go * 100 > c->live_before * BRAKE_PERCENT)
		return BRAKE_SHARE;
	return BRAKE_NONE;
}

static const char *would_go_words(struct arena *a, const struct run_held *h)
{
	if (h->archive == 0 && h->blank == 0)
		return "many clients would be archived or blanked";
	if (h->archive == 0 || h->blank == 0)
		return arena_printf(a, "%s would be %s",
			str_count(a, h->archive + h->blank, "client", "clients"),
			h->blank == 0 ? "archived" : "blanked");
	return arena_printf(a, "%s would be archived and %s blanked",
		str_count(a, h->archive, "client", "clients"), str_number(a, h->blank));
}

static const char *empty_words(struct arena *a, const struct run_held *h)
{
	static const char words[] = "XPM sent an empty client list";
	return h->archive == 0 ? words
			       : arena_printf(a, "%s, so %s", words, would_go_words(a, h));
}

static const char *edits_words(struct arena *a, const struct run_held *h)
{
	return arena_printf(a, "%s made here would be replaced",
		h->edits == 0 ? "edits" : str_count(a, h->edits, "edit", "edits"));
}

const char *run_held_words(struct arena *a, const struct run_held *h)
{
	const char *what = h->cause == CAUSE_EMPTY   ? empty_words(a, h)
			   : h->cause == CAUSE_EDITS ? edits_words(a, h)
						     : would_go_words(a, h);
	return arena_printf(a, "Sync paused: %s", what);
}
