/*
 * The connection to XPM, as one written state table; badge, button and who must act
 * follow from it (rulings: one table in the code). The numbers stand in the tests' names.
 *
 *  1 not_connected    no practice; records editable                    admin: Connect
 *  2 connecting       the return address stored a code; worker busy    wait
 *  3 choosing         several practices; an admin picks one            admin: Use this practice
 *  4 first_import     practice picked, tokens sealed, first run under way or being retried   wait
 *  5 live             last run good
 *  6 degraded         live, but the last run failed; retried by itself wait, admin: Retry
 *  7 held             a run would archive too much; nothing applied    admin: Review changes
 *  8 needs_reconnect  sign-in, permission or scope is gone             admin: Reconnect
 *  9 disconnecting    local end is done, Xero is being told            wait
 *
 * Moves: 1>2 callback; 2>1 refused/failed; 2>3, 2>4 exchange; 3>4 choice; 3>1 cancel, ten
 * minutes; 4>5 first complete run; 4>8; 5<>6; 5,6>7 brake; 7>5 decided; 5,6,7>8 401/403/scope;
 * 8>2 callback of a reconnect; 8>5 when a daily check finds it healed; any of 4-8 >9>1 disconnect.
 */
#ifndef GAP_CORE_CONNECTION_H
#define GAP_CORE_CONNECTION_H

#include "base/err.h"

enum connection_state {
	CONNECTION_NOT_CONNECTED,
	CONNECTION_CONNECTING,
	CONNECTION_CHOOSING,
	CONNECTION_FIRST_IMPORT,
	CONNECTION_LIVE,
	CONNECTION_DEGRADED,
	CONNECTION_HELD,
	CONNECTION_NEEDS_RECONNECT,
	CONNECTION_DISCONNECTING,
	CONNECTION__MAX
};

/* Why it is so; the sentence for the tile and the bar is connection_cause_text(). */
enum connection_cause {
	CAUSE_NONE,
	CAUSE_CANCELLED, /* refused at Xero */
	CAUSE_EXPIRED, /* the sign-in link's ten minutes are over, replayed, unknown, other browser */
	CAUSE_NO_PRACTICE,     /* no PRACTICEMANAGER tenant */
	CAUSE_PRACTICE_TAKEN,  /* linked to another organisation */
	CAUSE_OTHER_PRACTICE,  /* another one than before: confirm (D7) */
	CAUSE_XERO_DOWN,       /* not answering while connecting */
	CAUSE_BAD_SIGN_IN,     /* ID token or nonce did not fit */
	CAUSE_SCOPES,	       /* fewer permissions granted than asked */
	CAUSE_FIRST_FAILED,    /* connected, first import not finished; retried */
	CAUSE_SYNC_FAILED,     /* a later run failed */
	CAUSE_LIMIT,	       /* Xero's limit is reached */
	CAUSE_SIGN_IN,	       /* invalid_grant: somebody must sign in again */
	CAUSE_PERMISSION,      /* 403 while the tenant is still listed */
	CAUSE_REMOVED_IN_XERO, /* 403 and the tenant is no longer listed */
	CAUSE_DISCONNECTED,    /* by an admin here, on purpose */
	CAUSE_CONFIG,	       /* invalid_client: the operator's alarm */
	CAUSE_BRAKE,	       /* more than 10% (min 5) would go */
	CAUSE_EMPTY,	       /* empty list after a non-empty one */
	CAUSE__MAX
};

const char *connection_state_name(enum connection_state s);
MUSTUSE bool connection_state_parse(const char *name, enum connection_state *state_r);
const char *connection_cause_name(enum connection_cause c);	/* NULL for NONE */
enum connection_cause connection_cause_parse(const char *name); /* unknown, NULL: NONE */

struct connection_look {
	const char *
		badge; /* "Connected", "Not connected", "Connecting", "Syncing", "Reconnect needed" */
	const char *tone; /* css: "good" "idle" "busy" "bad" */
	const char *
		button; /* "Connect", "Disconnect", "Reconnect", "Review changes"; NULL: none */
	bool button_enabled;
	bool live;	   /* scheduled runs happen */
	bool has_practice; /* records are view only */
};
const struct connection_look *connection_look(enum connection_state s);

/* One sentence: what happened and what to do. "" for NONE. The product page's words. */
const char *connection_cause_text(enum connection_cause c);

/* Banner "You've been disconnected from XPM": shown to all in state 1 or 8 for these causes. */
bool connection_banner(enum connection_state s, enum connection_cause c, bool *closable_r);

/*
 * How well the clients shown follow XPM: what the strip above the history says. Of several the first:
 * a person must act or a record fails (Needs attention), no good sync for 26 hours (Stale), In sync.
 * Before there is a practice: Not connected; on the way there the state's badge.
 */
struct connection_health {
	const char *word, *tone; /* tone as in connection_look */
	const char *text;	 /* a sentence; never empty */
};
struct connection_health connection_health(enum connection_state s, enum connection_cause c,
	int64_t last_success_at, int64_t failing, int64_t now);

enum { CONNECTION_STALE_S = 26 * 3600, CONNECTION_COOL_DOWN_S = 300 };

#endif
