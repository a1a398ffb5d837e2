/*
 * What the tests of runs and jobs share besides the world itself: the usual
 * three clients, a first import, one step of the worker, what the last run said.
 */
#ifndef GAP_TEST_SYNC_CASES_H
#define GAP_TEST_SYNC_CASES_H

#include "support/sync_world.h"

#define MANUAL "{\"trigger\":\"manual\",\"user\":1,\"name\":\"Ada\"}"

enum { DAY_S = 24 * 3600 };

void three_clients(void);
void first_import(void);
void run_said(
	int64_t added, int64_t changed, int64_t archived, int64_t restored, int64_t unchanged);
void sync_again(void);
void step(void);
int64_t count(const char *what);
void live(void);
/* "contact.email client.name": every column of every table in which the text stands, the queue's too. */
const char *places_of(const char *text);
/* The job that deletes a client for good, asked for by the admin. */
void forget(int64_t client_id);
/* What Xero's tokens say of who signed in, with this nonce. */
void connect_claims(const char *nonce);
/* The return address was called: the code is stored, the job queued. The attempt. */
int64_t connect_came_back(int64_t org, int64_t user);

#endif
