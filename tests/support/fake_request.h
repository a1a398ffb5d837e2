/* A request out of a table, for tests of what the web floor makes of it: no socket, no FastCGI. */
#ifndef GAP_TESTS_FAKE_REQUEST_H
#define GAP_TESTS_FAKE_REQUEST_H

#include "web/request.h"

struct fake_request {
	const char *const *params; /* NAME, value, ..., NULL */
	struct str body;
	const struct err *body_fault; /* reading the body fails with this; NULL: it does not */
};

/* The source that reads `fake`, which must outlive the request. */
struct request_source fake_request_source(struct fake_request *fake);

/* A good request, method and address as given; on failure the test program aborts. */
struct request fake_request_of(
	struct arena *a, const char *method, const char *uri, const char *form);

#endif
