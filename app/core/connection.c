#include "core/connection.h"

#include "base/str.h"

struct state_row {
	const char *name;
	struct connection_look look;
};

/* One row per state, in the order of the table in the header. */
static const struct state_row states[CONNECTION__MAX] = {
	[CONNECTION_NOT_CONNECTED] = {"not_connected",
		{"Not connected", "idle", "Connect", true, false, false, RUNS_NONE, false,
			false, WHO_ADMIN}},
	[CONNECTION_CONNECTING] = {"connecting",
		{"Connecting", "busy", "Connect", false, false, false, RUNS_NONE, false, true,
			WHO_WORKER}},
	[CONNECTION_CHOOSING] = {"choosing", {"Connecting", "busy", NULL, false, false, false,
						     RUNS_NONE, false, true, WHO_ADMIN}},
	[CONNECTION_FIRST_IMPORT] = {"first_import",
		{"Syncing", "busy", "Disconnect", false, false, true, RUNS_ALL, false, false,
			WHO_WORKER}},
	[CONNECTION_LIVE] = {"live", {"Connected", "good", "Disconnect", true, true, true,
					     RUNS_ALL, true, false, WHO_NOBODY}},
	[CONNECTION_DEGRADED] = {"degraded", {"Connected", "good", "Disconnect", true, true,
						     true, RUNS_ALL, true, false, WHO_WORKER}},
	[CONNECTION_HELD] = {"held", {"Connected", "good", "Review changes", true, true, true,
					     RUNS_ALL, true, false, WHO_ADMIN}},
	[CONNECTION_NEEDS_RECONNECT] = {"needs_reconnect",
		{"Reconnect needed", "bad", "Reconnect", true, false, true, RUNS_HEALING, true,
			false, WHO_ADMIN}},
	[CONNECTION_DISCONNECTING] = {"disconnecting",
		{"Not connected", "busy", "Connect", false, false, false, RUNS_NONE, false,
			false, WHO_WORKER}},
};

const char *connection_state_name(enum connection_state s)
{
	return states[s].name;
}

bool connection_state_parse(const char *name, enum connection_state *state_r)
{
	for (size_t i = 0; i < CONNECTION__MAX; i++) {
		if (str_is(str_of(name), states[i].name)) {
			*state_r = (enum connection_state)i;
			return true;
		}
	}
	return false;
}

const struct connection_look *connection_look(enum connection_state s)
{
	return &states[s].look;
}

enum connection_who connection_who(enum connection_state s, enum connection_cause c)
{
	return c == CAUSE_CONFIG ? WHO_OPERATOR : states[s].look.who;
}

bool connection_runs(enum connection_state s, bool heal)
{
	enum connection_runs runs = states[s].look.runs;
	return runs == RUNS_ALL || (runs == RUNS_HEALING && heal);
}

struct cause_row {
	const char *name, *text;
	bool banner, closable;
};

#define PERMISSION_STEPS \
	"Settings > Staff > [you] > Permissions > Advanced > Connect third-party add-ons"

static const struct cause_row causes[CAUSE__MAX] = {
	[CAUSE_NONE] = {NULL, "", false, false},
	[CAUSE_CANCELLED] = {"cancelled",
		"You did not allow access in Xero. Nothing was connected.", false, false},
	[CAUSE_EXPIRED] = {"expired",
		"This sign-in link has expired. Select Connect to start again.", false, false},
	[CAUSE_NO_PRACTICE] = {"no_practice",
		"This Xero login has no access to a Xero Practice Manager account. In XPM, turn on "
		"" PERMISSION_STEPS ", then connect again.",
		false, false},
	[CAUSE_PRACTICE_TAKEN] = {"practice_taken",
		"This practice is already connected to another organisation in The Gap. "
		"Disconnect it there first, or connect another practice.",
		false, false},
	[CAUSE_OTHER_PRACTICE] = {"other_practice",
		"This is another practice than before. Confirm that you want to use it, or "
		"cancel.",
		false, false},
	[CAUSE_XERO_DOWN] = {"xero_down",
		"Xero is not answering. Nothing was connected. Try again in a few minutes.",
		false, false},
	[CAUSE_BAD_SIGN_IN] = {"bad_sign_in",
		"The sign-in that came back from Xero did not belong to this request. Select "
		"Connect to start again.",
		false, false},
	[CAUSE_SCOPES] = {"scopes",
		"Xero did not grant all the permissions that are needed: reading clients in Xero "
		"Practice Manager, and staying connected. Connect again and allow them all.",
		false, false},
	[CAUSE_FIRST_FAILED] = {"first_failed",
		"The first import did not finish. You are connected; we will try again.", false,
		false},
	[CAUSE_SYNC_FAILED] = {"sync_failed",
		"The last sync did not finish. The clients shown are those of the sync before; we "
		"will try again.",
		false, false},
	[CAUSE_LIMIT] = {"limit",
		"Xero's limit is reached. The sync goes on as soon as Xero allows it.", false,
		false},
	[CAUSE_SLOW] = {"slow",
		"The last sync took too long and was ended. The clients shown are those of the "
		"sync before; we will try again.",
		false, false},
	[CAUSE_SIGN_IN] = {"sign_in", "Xero asks for a new sign-in. An admin has to reconnect.",
		true, false},
	[CAUSE_PERMISSION] = {"permission",
		"The Xero log-in that connected has lost its access to this practice. In XPM, turn "
		"on " PERMISSION_STEPS ", or reconnect with another log-in.",
		true, false},
	[CAUSE_REMOVED_IN_XERO] = {"removed_in_xero",
		"The connection was removed in Xero. An admin can connect again.", true, false},
	[CAUSE_DISCONNECTED] = {"disconnected",
		"Disconnected from XPM. Connect again at any time to restore every link.", true,
		true},
	[CAUSE_CONFIG] = {"config", "Syncing is paused. Our team has been told.", false, false},
	/* These words are general; run_held_words (core/run.h) has those with the numbers. */
	[CAUSE_BRAKE] = {"brake",
		"Sync paused: many clients would be archived or blanked. An admin has to review "
		"the changes.",
		false, false},
	[CAUSE_EMPTY] = {"empty",
		"Sync paused: XPM sent an empty client list. An admin has to review the changes.",
		false, false},
	[CAUSE_EDITS] = {"edits",
		"Sync paused: edits made here would be replaced. An admin has to review the "
		"changes.",
		false, false},
	[CAUSE_CHANGES_ONLY] = {"changes_only",
		"Only the clients that XPM says have changed were read. What is gone from XPM is "
		"noticed by the next full sync.",
		false, false},
};

const char *connection_cause_name(enum connection_cause c)
{
	return causes[c].name;
}

enum connection_cause connection_cause_parse(const char *name)
{
	for (size_t i = 1; i < CAUSE__MAX; i++)
		if (name != NULL && strcmp(causes[i].name, name) == 0)
			return (enum connection_cause)i;
	return CAUSE_NONE;
}

const char *connection_cause_text(enum connection_cause c)
{
	return causes[c].text;
}

/* Used where the words for connecting would promise too much or name the wrong button. */
static const char *const standby_texts[CAUSE__MAX] = {
	[CAUSE_CANCELLED] = "You did not allow access in Xero. Nobody stands by; the "
			    "connection is as it was.",
	[CAUSE_EXPIRED] = "This sign-in link has expired. Select Add a standby to start again.",
	[CAUSE_NO_PRACTICE] = "This Xero log-in does not see the connected practice, so it "
			      "cannot stand by.",
	[CAUSE_XERO_DOWN] = "Xero is not answering. Nobody stands by; the connection is as it "
			    "was. Try again in a few minutes.",
	[CAUSE_BAD_SIGN_IN] = "The sign-in that came back from Xero did not belong to this "
			      "request. Select Add a standby to start again.",
	[CAUSE_SCOPES] = "Xero did not grant all the permissions that are needed: reading "
			 "clients in Xero Practice Manager, and staying connected. Select Add "
			 "a standby again and allow them all.",
};

const char *connection_standby_text(enum connection_cause c)
{
	return standby_texts[c] == NULL ? connection_cause_text(c) : standby_texts[c];
}

bool connection_banner(enum connection_state s, enum connection_cause c, bool *closable_r)
{
	bool broken = s == CONNECTION_NEEDS_RECONNECT;
	*closable_r = !broken && causes[c].closable;
	/*
	 * In state Not connected only if a connection was lost, not when a try to connect
	 * failed.
	 */
	return broken || (s == CONNECTION_NOT_CONNECTED && causes[c].banner);
}

static struct connection_health broken(enum connection_cause c)
{
	const char *text = connection_cause_text(c);
	return (struct connection_health){"Needs attention", "warn",
		*text == '\0' ? "The last sync did not finish; it is tried again by itself."
			      : text};
}

struct connection_health connection_health(enum connection_state s, enum connection_cause c,
	int64_t last_success_at, int64_t failing, int64_t now)
{
	const struct connection_look *look = connection_look(s);
	if (s == CONNECTION_NOT_CONNECTED || s == CONNECTION_DISCONNECTING)
		return (struct connection_health){"Not connected", "idle",
			"No practice is connected, so nothing is synced."};
	if (s == CONNECTION_NEEDS_RECONNECT || s == CONNECTION_HELD || c != CAUSE_NONE)
		return broken(c);
	if (last_success_at == 0)
		return (struct connection_health){look->badge, look->tone,
			s == CONNECTION_FIRST_IMPORT ? "The first import is on its way."
						     : "The connection is being made."};
	if (failing > 0)
		return (struct connection_health){"Needs attention", "warn",
			"The last sync could not take every record. See what was skipped or failed."};
	if (now - last_success_at > CONNECTION_STALE_S)
		return (struct connection_health){"Stale", "warn",
			"No sync has succeeded for more than 26 hours. Select Update Xero Clients, or "
			"ask an admin."};
	if (s == CONNECTION_DEGRADED)
		return broken(c);
	return (struct connection_health){
		"In sync", "good", "The clients shown are those of Xero Practice Manager."};
}
