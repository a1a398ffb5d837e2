/*
 * Xero at the far end of a real TLS connection, for faults that live in the
 * transport. One server (tls_server.h) answers every call well, and the list as
 * badly as the plan says; the plan is shared with the server's process and may
 * change between calls. Besides: what "F" of the faults means, as one call.
 *
 * F: the run ends failed with a reason, nothing is archived, what people see is
 * what they saw, the connection stays, and the next run brings it up to date.
 */
#ifndef GAP_TESTS_WIRE_H
#define GAP_TESTS_WIRE_H

#include "support/sync_world.h"
#include "support/tls_server.h"
#include "xpm/api.h"

enum { WIRE_BODY_MAX = 1024 * 1024, WIRE_ANSWER_MAX = 64 * 1024, WIRE_ALWAYS = 1000000 };

enum wire_framing { WIRE_LENGTH, WIRE_CHUNKED, WIRE_CLOSE, WIRE_GZIP, WIRE_FRAMINGS };

struct wire_plan {
	/* The fault, for so many calls of the list; after them all is well. */
	int bad;
	void (*fault)(struct tls_peer *p);

	/* For wire_fault_answer: the whole answer, head and body, byte by byte. */
	char answer[WIRE_ANSWER_MAX];
	size_t answer_n;

	/* For wire_fault_cut: the good body in this framing, so many bytes of it and no more. */
	enum wire_framing framing;
	size_t cut;
	bool farewell; /* TLS ends properly */

	char media_type[64];
	char body[WIRE_BODY_MAX]; /* the good list */
	size_t body_n;
	int lists, refreshes; /* calls so far */
};

extern struct wire {
	struct tls_server server;
	struct wire_plan *plan;
	struct xero_setup setup;
	struct xero xero;
	const char *(*run)(const char *payload); /* how wire_ends_as_f runs: world_sync */
} wire;

/* Starts it; list_timeout_s and list_max_bytes as in struct xero_setup. Ends with wire_stop. */
void wire_start(struct arena *a, enum tls_certificate certificate, int list_timeout_s,
	int64_t list_max_bytes);
void wire_stop(void);

/* What a good list says from now on: the stub's clients (sync_world's g.x), or a text. */
void wire_say(struct str body);
void wire_say_clients(void);

/* The next `times` lists are answered with these bytes and a proper end. */
void wire_bad_answer(const char *answer, int times);
/* The next `times` lists are told by `fault`, in the server's process. */
void wire_bad(void (*fault)(struct tls_peer *p), int times);
/* The next lists break off: `cut` bytes of the body (framing left out of the count). */
void wire_bad_cut(enum wire_framing framing, size_t cut, bool farewell, int times);

/* Three clients with a contact each, imported; the worker's Xero is the wire from then on. */
void wire_live(struct arena *a, int list_timeout_s, int64_t list_max_bytes);

/* With the fault in place: F. `reason` stands in the run's cause; `calls`: to the list; 0: any. */
void wire_ends_as_f(const char *reason, int calls);

#endif
