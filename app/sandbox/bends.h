/*
 * Faults of the document: the envelope told wrongly, and things before the
 * first client that no parser should swallow. And of one record: records.c.
 */
#ifndef GAP_SANDBOX_BENDS_H
#define GAP_SANDBOX_BENDS_H

#include "sandbox/outlet.h"
#include "sandbox/record.h"

/* <Response ...><Status>OK</Status>, as the fault wants it. */
void bend_opening(struct outlet *o, const char *api_method);

/* </Response>, as the fault wants it. */
void bend_closing(struct outlet *o);

/* Between <Clients> and the first client. */
void bend_before_clients(struct outlet *o);

/* Behind the last client: clients without end. `last` is told again and again under new UUIDs. */
MUSTUSE bool bend_after_clients(
	struct outlet *o, struct record *last, const struct record_wish *wish, struct err *e);

/* Does the fault leave every client out? */
bool bend_is_empty(const struct page *p);

/* Does it leave out this one (from 1)? */
bool bend_leaves_out(const struct page *p, int64_t place);

/* Changes record number `place` (from 1; 0: a prospect, which none is about) if the fault is about it. *again_r: tell it once more. */
void bend_record(
	struct page *p, struct arena *a, struct record *r, int64_t place, bool *again_r);

/* What is different the second time. */
void bend_again(struct page *p, struct arena *a, struct record *r);

#endif
