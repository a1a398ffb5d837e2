/*
 * Where a document goes out: straight to the wire in pieces, so that a list of
 * any size needs no memory; or held back whole (up to 4 MB) when a fault wants
 * to dole it out. The faults of transfer (cut, drip, stall, ...) live here;
 * those of the document itself in bends.h.
 */
#ifndef GAP_SANDBOX_OUTLET_H
#define GAP_SANDBOX_OUTLET_H

#include "sandbox/site.h"

struct outlet {
	struct page *p;
	struct buf buf;	     /* the piece being filled */
	int64_t sent, limit; /* bytes; the limit cuts, -1: none */
	bool held;	     /* collected in the response's body */
	bool latin1, utf16;
	bool over; /* nothing more goes out: cut, or the peer went away */
};

/* Begins the answer: status 200, the content type of XML or JSON, the API's headers. */
void outlet_open(struct outlet *o, struct page *p, bool json);

/* What has been added to o->buf may go. False: nothing more needs to be written. */
bool outlet_flow(struct outlet *o);

/* The end of the document: the rest goes, and the answer ends as the fault wants it. */
void outlet_close(struct outlet *o);

#endif
