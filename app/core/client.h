/*
 * The client record as every floor understands it: what XPM tells, judged,
 * normalised and hashed. Pure: no socket, no SQL. Rules are those of the
 * product: five facts are kept (client name; per contact primary mark, name,
 * phone, e-mail) and what identifies them.
 */
#ifndef GAP_CORE_CLIENT_H
#define GAP_CORE_CLIENT_H

#include "base/err.h"
#include "codec/hash.h"

enum {
	CLIENT_NAME_MAX = 1024, /* bytes; longer names are cut at a code point and flagged */
	CONTACT_TEXT_MAX = 512,
	CLIENT_CONTACTS_MAX = 500,
	CLIENT_FINGERPRINT_BYTES = 16 /* of SHA-256: 2^64 clients to a chance collision */
};

/* As parsed from the document: every text optional, untrimmed; NULL = element absent. */
struct xpm_contact {
	const char *uuid, *name, *email, *phone, *mobile;
	bool is_primary, is_deleted;
};
struct xpm_client {
	const char *uuid, *name, *web_url;
	bool is_prospect, is_archived, is_deleted;
	bool has_contacts; /* the Contacts element was there */
	struct xpm_contact *contacts;
	size_t n_contacts;
};

/* What somebody should put right in XPM; a bit each, kept in client.flags. */
enum client_flag {
	CLIENT_NO_EMAIL = 1,	  /* no contact has an e-mail */
	CLIENT_NO_PRIMARY = 2,	  /* contacts, but none primary */
	CLIENT_TWO_PRIMARIES = 4, /* the first in XPM's order counts */
	CLIENT_NO_CONTACT = 8,
	CLIENT_NAME_CUT = 16,
	CLIENT_BAD_EMAIL = 32, /* an address no mail can reach */
	CLIENT_BAD_PHONE = 64  /* words where a number should be */
};
enum { CLIENT_FLAGS = 7 };

/* Why a record was left out of a run. */
enum client_rule {
	CLIENT_FINE,
	CLIENT_PROSPECT, /* left out by rule D12; counted, not an error */
	CLIENT_NO_UUID,	 /* missing or malformed: cannot be recognised again */
	CLIENT_NO_NAME,
	CLIENT_BAD_TEXT, /* control characters or NUL */
	CLIENT_TOO_MANY_CONTACTS,
	CLIENT_BAD_CONTACT, /* a contact without a usable UUID */
	CLIENT_DOUBLE,	    /* the same UUID came again: the later one counts */
	CLIENT_UNDECIDED, /* missing from the list, and XPM gave no clear answer: nothing changed; counts as failed */
	CLIENT_NOT_ASKED, /* missing, and XPM is asked about so many a run: the next ones ask; counts as failed */
	CLIENT_CHANGED_SINCE, /* by an undo: it changed again after the run that is undone */
	CLIENT_RULE__MAX
};

enum client_archive { CLIENT_LIVE, CLIENT_ARCHIVED, CLIENT_DELETED };

struct client_contact {
	const char *uuid;	   /* canonical, lower case */
	const char *name;	   /* never NULL; may be "" */
	const char *email, *phone; /* NULL when none; phone = Phone, else Mobile (rule D9) */
	bool is_primary; /* at most one of a client: the first in XPM's order (rule D10) */
};

struct client_record {
	const char *uuid, *name;
	const char *web_url; /* NULL unless https */
	enum client_archive archive;
	struct client_contact *contacts; /* deleted ones left out, doubles folded */
	size_t n_contacts;
	int flags;
	unsigned char fingerprint[CLIENT_FINGERPRINT_BYTES];
};

/* Judges and normalises: trims blanks (keeps inner ones, direction marks and emoji), folds UUIDs,
 * refuses control characters. CLIENT_FINE fills *record_r. */
enum client_rule client_judge(
	struct arena *a, const struct xpm_client *seen, struct client_record *record_r);

/* "no_name", for run_skip.rule; and the sentence people read. */
const char *client_rule_name(enum client_rule rule);
const char *client_rule_text(const char *rule_name);

/* client.archived_reason for a sentence that goes on with the date ("Archived in Xero Practice Manager"), and
 * as a few words for a table ("Archived in XPM"). An unknown one is just "Archived". */
const char *client_archived_text(const char *reason);
const char *client_archived_words(const char *reason);

/* Name, contacts, e-mails, phones in one lower-case line: client.search. */
char *client_search_text(struct arena *a, const struct client_record *r);

/* The first thing to put right, as a sentence and a short chip ("No email in XPM"); NULL when flags is 0. */
const char *client_flag_chip(int flags);
const char *client_flag_text(int flags);

#endif
