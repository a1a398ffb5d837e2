/*
 * One client with its contacts, between the database and the wire, and its two writers: XML as
 * it was recorded from Xero (no XML declaration, one line, both kinds of empty element, Email
 * left out when empty, the tax block missing on some clients), and the same as JSON.
 */
#ifndef GAP_SANDBOX_RECORD_H
#define GAP_SANDBOX_RECORD_H

#include "sandbox/site.h"

/*
 * Columns of client_list and client_get: first those of the client, then those of the contact.
 */
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
	const char *cell[COL__MAX]; /* only the contact's columns are set */
	bool no_uuid;
};

struct record {
	const char *cell[COL_CLIENT__MAX]; /* flags are "t" or "f" */
	const char *manager_uuid;
	struct record_contact *contacts;
	size_t n, cap;
	bool no_uuid, no_name, no_contacts; /* fault: the element is left out */
	/* Fault: raw bytes written after the name */
	struct str raw_name;
};

/* The parts of a record that the query asks for. */
struct record_wish {
	bool detailed; /* Notes, Groups, Relationships */
	bool has_fields;
	const char *fields; /* comma-separated names as in XML or JSON; case is ignored */
	bool web_url;	    /* inside Client; client.api/get writes it outside */
};

/*
 * Each row is a client joined with one contact: record_start begins a record from it,
 * record_add_contact adds the contact. Both copy onto `a`.
 */
void record_start(struct record *r, struct arena *a, const struct pg_rows *rows, size_t row);
void record_add_contact(
	struct record *r, struct arena *a, const struct pg_rows *rows, size_t row);

void record_xml(struct buf *out, const struct record *r, const struct record_wish *wish);
void record_json(struct buf *out, const struct record *r, const struct record_wish *wish);

/* Writes the address of the client's page in XPM. */
void record_web_url(struct buf *out, const struct record *r);

/* True when the query asks for this element. */
bool record_wants(const struct record_wish *wish, const char *name);

#endif
