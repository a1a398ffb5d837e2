/*
 * One client with its contacts on the way from the database to the wire, and
 * the two writers: XML as recorded from Xero (no declaration, one line, both
 * kinds of empty element, Email left out when empty, the tax block missing on
 * some), and its JSON twin.
 */
#ifndef GAP_SANDBOX_RECORD_H
#define GAP_SANDBOX_RECORD_H

#include "sandbox/site.h"

/* Columns of client_list and client_get; the client's end where the contact's begin. */
enum column {
	COL_SEQ,
	COL_UUID,
	COL_NAME,
	COL_FIRST_NAME,
	COL_LAST_NAME,
	COL_EMAIL,
	COL_BORN,
	COL_ADDRESS,
	COL_CITY,
	COL_REGION,
	COL_POST_CODE,
	COL_COUNTRY,
	COL_PHONE,
	COL_WEBSITE,
	COL_MANAGER,
	COL_STRUCTURE,
	COL_BUSINESS_NUMBER,
	COL_CLIENT_CODE,
	COL_IS_PERSON,
	COL_HAS_TAX,
	COL_IS_PROSPECT,
	COL_IS_ARCHIVED,
	COL_IS_DELETED,
	COL_CONTACT_UUID,
	COL_CONTACT_NAME,
	COL_SALUTATION,
	COL_ADDRESSEE,
	COL_MOBILE,
	COL_CONTACT_EMAIL,
	COL_CONTACT_PHONE,
	COL_CONTACT_DELETED,
	COL_IS_PRIMARY,
	COL_POSITION,
	COL__MAX
};

enum { COL_CLIENT__MAX = COL_CONTACT_UUID };

struct record_contact {
	const char *cell[COL__MAX]; /* only those of the contact are set */
	bool no_uuid;
};

struct record {
	const char *cell[COL_CLIENT__MAX]; /* flags are "t" or "f" */
	const char *manager_uuid;
	struct record_contact *contacts;
	size_t n, cap;
	bool no_uuid, no_name, no_contacts; /* bent: the element is left out */
	struct str raw_name;		    /* bent: bytes set behind the name as they are */
};

/* What of a record is asked for: from the query. */
struct record_wish {
	bool detailed; /* Notes, Groups, Relationships */
	bool has_fields;
	const char *fields; /* comma list; names as in XML or JSON, case ignored */
	bool web_url;	    /* inside Client; client.api/get has it above */
};

/* A row of the join: starts a record, or adds a contact. Copies onto `a`. */
void record_start(struct record *r, struct arena *a, const struct pg_rows *rows, size_t row);
void record_add_contact(
	struct record *r, struct arena *a, const struct pg_rows *rows, size_t row);

void record_xml(struct buf *out, const struct record *r, const struct record_wish *wish);
void record_json(struct buf *out, const struct record *r, const struct record_wish *wish);

/* The address of the client's page inside XPM. */
void record_web_url(struct buf *out, const struct record *r);

/* Is this element asked for? */
bool record_wants(const struct record_wish *wish, const char *name);

#endif
