/*
 * The output of a document. It is streamed in pieces, so that a list of any size needs no
 * memory; or collected whole (up to 4 MB) when a fault needs to control how it is sent. The
 * faults of transfer (cut, drip, stall, ...) are here, those of the document itself in bends.h.
 */
#ifndef GAP_SANDBOX_OUTLET_H
#define GAP_SANDBOX_OUTLET_H

#include "sandbox/site.h"

struct outlet {
	struct page *p;
	struct buf buf;	     /* the piece that is being filled */
	int64_t sent, limit; /* bytes; the document is cut at limit; -1: no limit */
	bool held;	     /* collected in the response's body */
	bool latin1, utf16;
	bool over; /* no more is sent: cut, or the peer has disconnected */
};

/* Begins the response: status 200, the content type of XML or JSON, the API's headers. */
void outlet_open(struct outlet *o, struct page *p, bool json);

/*
 * Sends what was added to o->buf once it is long enough. False: nothing more needs to be
 * written.
 */
bool outlet_flow(struct outlet *o);

/* Ends the document: sends the rest, and ends the response as the fault demands. */
void outlet_close(struct outlet *o);

#endif
