/*
 * Why a client here differs from what XPM says about it now. Each difference
 * has exactly one reason, the first that fits:
 *
 *  1 WHY_NONE         no difference
 *  2 WHY_CHANGED      XPM has another record than the last applied one, and the newest sync was good
 *  3 WHY_HELD         as 2, but the newest sync is held for review
 *  4 WHY_FAILED       as 2, but the newest sync failed
 *  5 WHY_UNDONE       the record is the one that an admin undid
 *  6 WHY_RULE         both sides are right: one of our rules explains it, `detail` says which
 *  7 WHY_NOT_VISIBLE  XPM does not show the client to the log-in that connected
 *
 * The result of the newest sync decides between 2, 3 and 4, so they exclude each other. Pure.
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
/*
 * The name as stored ("changed"), the reason from a name, and the sentence that says why and
 * what to do.
 */
const char *why_name(enum why w);
enum why why_parse(const char *name); /* WHY_CHANGED for NULL or an unknown name */
const char *why_text(enum why w);

/* The client as it is stored here. */
struct why_ours {
	const char *name;
	bool archived;
	const struct client_contact *contacts;
	size_t n_contacts;
	const unsigned char *fingerprint; /* of the last record applied; NULL: none */
	bool undone;			  /* held after an undo (core/diff.h) */
	enum why run; /* the newest sync: WHY_CHANGED (good), WHY_HELD or WHY_FAILED */
};

struct why_row {
	const char *what; /* "Client", "Name", "Status", "Contact name", "Email", ... */
	const char *who;  /* name of the contact; NULL: the client itself */
	const char *ours, *theirs; /* NULL: no value on that side */
	enum why reason;
	const char *detail; /* the rule; NULL: none */
};

/*
 * Compares the stored client with what XPM says, one row per difference. Returns the number of
 * rows; 0: no difference. seen NULL: XPM does not show the client.
 */
size_t why_compare(struct arena *a, const struct why_ours *ours, const struct xpm_client *seen,
	const struct why_row **rows_r);

#endif
