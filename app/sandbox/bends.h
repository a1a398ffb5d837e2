/*
 * Faults in the document: a broken envelope, and constructs before the first client that no
 * parser should accept. Also the entry points for faults in one record; those are in records.c.
 */
#ifndef GAP_SANDBOX_BENDS_H
#define GAP_SANDBOX_BENDS_H

#include "sandbox/outlet.h"
#include "sandbox/record.h"

/* Writes <Response ...><Status>OK</Status>, changed by the fault. */
void bend_opening(struct outlet *o, const char *api_method);

/* Writes </Response>, changed by the fault. */
void bend_closing(struct outlet *o);

/* Called between <Clients> and the first client. */
void bend_before_clients(struct outlet *o);

/*
 * Called after the last client: for the fault of an endless list, writes `last` again and again
 * under new UUIDs.
 */
MUSTUSE bool bend_after_clients(
	struct outlet *o, struct record *last, const struct record_wish *wish, struct err *e);

/* True when the fault leaves out every client. */
bool bend_is_empty(const struct page *p);

/* True when the fault leaves out the client at `place` (from 1). */
bool bend_leaves_out(const struct page *p, int64_t place);

/*
 * Changes the record at `place` (from 1) when the fault is about it; place 0 is a prospect, and
 * no fault is about a prospect. *again_r: write the record a second time.
 */
void bend_record(
	struct page *p, struct arena *a, struct record *r, int64_t place, bool *again_r);

/* Changes the record for its second time. */
void bend_again(struct page *p, struct arena *a, struct record *r);

#endif
