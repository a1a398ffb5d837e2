/*
 * The generated practice. Client number i of a seed is always the same, so a list needs no
 * memory of the clients before it. Firms and people are invented; e-mail addresses are at
 * example.com, .org and .net. Every 300 clients contain one of each oddity that users of the
 * API have reported (oddities.c). No oddity breaks a rule of the import, so all of them are
 * imported.
 */
#ifndef GAP_SANDBOX_PRACTICE_H
#define GAP_SANDBOX_PRACTICE_H

#include "base/buf.h"

enum { PRACTICE_CONTACTS_MAX = 4, PRACTICE_ODD_EVERY = 300 };

struct practice_plan {
	int64_t seed;
	int tenant_no; /* each practice has its own clients */
};

struct made_contact {
	const char *uuid, *name, *salutation, *addressee, *mobile, *email, *phone, *position;
	bool is_deleted, is_primary;
};

/* Texts are never NULL. */
struct made_client {
	int64_t i; /* from 1 */
	const char *uuid, *name, *first_name, *last_name, *email, *born, *address, *city,
		*region, *post_code, *country, *phone, *website, *manager, *structure,
		*business_number, *client_code;
	bool is_person, has_tax, is_prospect, is_archived, is_deleted;
	int64_t age_s; /* seconds since its last change */
	struct made_contact contacts[PRACTICE_CONTACTS_MAX];
	size_t n;
	/* The first contact of client i-1 belongs to this client as well */
	bool shares;
};

void practice_client(
	struct arena *a, const struct practice_plan *plan, int64_t i, struct made_client *c_r);

/* The number of contact k (from 0) of client i: unique in the practice. */
int64_t practice_contact_no(int64_t i, size_t k);

/* A UUID (8-4-4-4-12), always the same for the same `what` and `number`. */
const char *practice_uuid(
	struct arena *a, const struct practice_plan *plan, const char *what, int64_t number);

/* ---- oddities.c ---- */

/* Makes the client odd when its number is the turn of an oddity. */
void practice_oddity(struct arena *a, struct made_client *c);

#endif
