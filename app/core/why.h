/*
 * Why a client here differs from what XPM says of it now. Each difference has
 * exactly one reason, the first that fits (rulings 33):
 *
 *  1 WHY_NONE         no difference
 *  2 WHY_CHANGED      XPM has another record than the last applied one, and the newest sync was good
 *  3 WHY_HELD         as 2, but the newest sync is held for review
 *  4 WHY_FAILED       as 2, but the newest sync failed
 *  5 WHY_UNDONE       the record is the one that an admin undid
 *  6 WHY_RULE         both are right, by a rule of ours; `detail` says which
 *  7 WHY_NOT_VISIBLE  XPM does not show the client to the log-in that connected
 *
 * Of "since the last sync" only what the newest sync's end proves is said, so 2, 3 and 4 exclude each
 * other. Pure.
 */
#ifndef GAP_CORE_WHY_H
#define GAP_CORE_WHY_H

#include "core/client.h"

enum why {
	WHY_NONE,
	WHY_CHANGED,
	WHY_HELD,
	WHY_FAILED,
	WHY_UNDONE,
	WHY_RULE,
	WHY_NOT_VISIBLE,
	WHY__MAX
};
/* "changed", for why_row.reason; the sentence, and what to do. */
const char *why_name(enum why w);
enum why why_parse(const char *name); /* unknown, NULL: WHY_CHANGED */
const char *why_text(enum why w);

/* As it is stored. */
struct why_ours {
	const char *name;
	bool archived;
	const struct client_contact *contacts;
	size_t n_contacts;
	const unsigned char *fingerprint; /* of the record last applied; NULL: none */
	bool undone;			  /* held after undo */
	enum why run; /* how the newest sync ended: WHY_CHANGED (well), _HELD, _FAILED */
};

struct why_row {
	const char *what; /* "Name", "Status", "Contact", "Email", "Phone", "Primary contact" */
	const char *who;  /* the contact; NULL: the client itself */
	const char *ours, *theirs; /* NULL: nothing there */
	enum why reason;
	const char *detail; /* the rule; NULL: none */
};

/* seen NULL: XPM does not show it. No row: no difference. */
size_t why_compare(struct arena *a, const struct why_ours *ours, const struct xpm_client *seen,
	const struct why_row **rows_r);

#endif
