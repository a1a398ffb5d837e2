/*
 * The generated practice: client number i of a seed is always the same one, so
 * a list needs no memory of those before it. Firms and people are invented;
 * e-mail addresses are at example.com, .org and .net. Among every 300 stands
 * one of each oddity that the field reports of (oddities.c); none breaks a
 * rule, so all of them import whole.
 */
#ifndef GAP_SANDBOX_PRACTICE_H
#define GAP_SANDBOX_PRACTICE_H

#include "base/buf.h"

enum { PRACTICE_CONTACTS_MAX = 4, PRACTICE_ODD_EVERY = 300 };

struct practice_plan {
	int64_t seed;
	int tenant_no; /* another practice has other clients */
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
	int64_t age_s; /* how long ago it was changed last */
	struct made_contact contacts[PRACTICE_CONTACTS_MAX];
	size_t n;
	bool shares; /* the first contact of client i-1 belongs to this one as well */
};

void practice_client(
	struct arena *a, const struct practice_plan *plan, int64_t i, struct made_client *c_r);

/* The number of contact k (from 0) of client i: unique in the practice. */
int64_t practice_contact_no(int64_t i, size_t k);

/* 8-4-4-4-12, always the same for the same words. */
const char *practice_uuid(
	struct arena *a, const struct practice_plan *plan, const char *what, int64_t number);

/* ---- oddities.c ---- */

/* Makes client i odd where its turn has come. */
void practice_oddity(struct arena *a, struct made_client *c);

#endif
