/*
 * The client record as all floors use it: what XPM sent, checked, normalised and hashed. Pure:
 * no socket, no SQL. The product keeps five facts (the client's name; for each contact whether
 * it is primary, its name, phone and e-mail address) and the ids that identify them.
 */
#ifndef GAP_CORE_CLIENT_H
#define GAP_CORE_CLIENT_H

#include "base/err.h"
#include "codec/hash.h"

enum {
	CLIENT_NAME_MAX = 1024, /* bytes; a longer name is cut at a code point and flagged */
	CONTACT_TEXT_MAX = 512,
	CLIENT_CONTACTS_MAX = 500,
	CLIENT_FINGERPRINT_BYTES = 16 /* of SHA-256; a chance collision needs 2^64 clients */
};

/*
 * As parsed from the document: every text may be missing (NULL: no such element) and is not
 * trimmed.
 */
struct xpm_contact {
	const char *uuid, *name, *email, *phone, *mobile;
	bool is_primary, is_deleted;
};
struct xpm_client {
	const char *uuid, *name, *web_url;
	bool is_prospect, is_archived, is_deleted;
	bool has_contacts; /* the document had a Contacts element */
	struct xpm_contact *contacts;
	size_t n_contacts;
};

/* What somebody should correct in XPM. One bit each; stored in client.flags. */
enum client_flag {
	CLIENT_NO_EMAIL = 1,	  /* no contact has an e-mail */
	CLIENT_NO_PRIMARY = 2,	  /* contacts, but none primary */
	CLIENT_TWO_PRIMARIES = 4, /* two or more; the first in XPM's order counts */
	CLIENT_NO_CONTACT = 8,
	CLIENT_NAME_CUT = 16,
	CLIENT_BAD_EMAIL = 32, /* an address no mail can reach */
	CLIENT_BAD_PHONE = 64  /* it has fewer than three digits */
};
enum { CLIENT_FLAGS = 7 };

/* Why a run left a record out. */
enum client_rule {
	CLIENT_FINE,
	CLIENT_PROSPECT, /* prospects are not imported; counted, not an error */
	CLIENT_NO_UUID, /* its UUID is missing or malformed, so it cannot be recognised again */
	CLIENT_NO_NAME,
	CLIENT_BAD_TEXT, /* control characters or NUL */
	CLIENT_TOO_MANY_CONTACTS,
	CLIENT_BAD_CONTACT,   /* a contact without a usable UUID */
	CLIENT_DOUBLE,	      /* the same UUID came twice: the later record counts */
	CLIENT_UNDECIDED,     /* not listed, XPM gave no clear answer; counts as failed */
	CLIENT_NOT_ASKED,     /* not listed, XPM not asked yet; counts as failed */
	CLIENT_CHANGED_SINCE, /* not undone: it changed again after the run that is undone */
	CLIENT_RULE__MAX
};

enum client_archive { CLIENT_LIVE, CLIENT_ARCHIVED, CLIENT_DELETED };

struct client_contact {
	const char *uuid;	   /* canonical, lower case */
	const char *name;	   /* never NULL; may be "" */
	const char *email, *phone; /* NULL when none; phone is XPM's Phone, else its Mobile */
	bool is_primary;	   /* at most one per client: the first in XPM's order */
};

struct client_record {
	const char *uuid, *name;
	const char *web_url; /* NULL unless https */
	enum client_archive archive;
	struct client_contact *contacts; /* without deleted ones; each UUID once */
	size_t n_contacts;
	int flags;
	unsigned char fingerprint[CLIENT_FINGERPRINT_BYTES];
};

/*
 * Checks and normalises the record `seen`: trims blanks (those inside stay, and so do direction
 * marks and emoji), folds UUIDs to lower case, refuses control characters. Fills *record_r when
 * it returns CLIENT_FINE.
 */
enum client_rule client_judge(
	struct arena *a, const struct xpm_client *seen, struct client_record *record_r);

/*
 * The rule's name ("no_name"), as stored in run_skip.rule; and the sentence for people, by that
 * name.
 */
const char *client_rule_name(enum client_rule rule);
const char *client_rule_text(const char *rule_name);

/*
 * A client.archived_reason in words: for a sentence that continues with the date ("Archived in
 * Xero Practice Manager"), and short, for a table ("Archived in XPM"). An unknown reason gives
 * "Archived".
 */
const char *client_archived_text(const char *reason);
const char *client_archived_words(const char *reason);

/*
 * The text for client.search: name, contacts, e-mail addresses and phones in one lower-case
 * line.
 */
char *client_search_text(struct arena *a, const struct client_record *r);

/*
 * The first of `flags`, as a short chip ("No email in XPM") and as a sentence. NULL when flags
 * is 0.
 */
const char *client_flag_chip(int flags);
const char *client_flag_text(int flags);

#endif
