/*
 * What every file of the house includes first: the integer types, the
 * attributes that make the compiler hold our contracts, and the ban list.
 *
 * Conventions that hold everywhere (each header says only what differs):
 *  - `struct S` is owned by the file s.c; its functions are S_verb(struct S *, ...).
 *    S_init / S_release (contents) / S_clear (release + init) / S_free (&ptr, leaves NULL).
 *  - a fallible function returns bool and takes `struct err *e` last-but-varargs;
 *    on false, *e says who must act (base/err.h); on true *e is untouched.
 *  - out-parameters end in _r; units stand in names (timeout_ms, expires_at = UTC seconds).
 *  - text handed out by a function lives on the arena handed in.
 */
#ifndef GAP_BASE_BASE_H
#define GAP_BASE_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MUSTUSE		 __attribute__((warn_unused_result))
#define PRINTF(fmt, arg) __attribute__((format(printf, fmt, arg)))
#define NORETURN	 __attribute__((noreturn))
#define UNUSED		 __attribute__((unused))
#define ARRAY_LEN(a)	 (sizeof(a) / sizeof((a)[0]))

/* die: the operator's mistake at start-up. Prints one sentence on stderr, exits 2. */
NORETURN PRINTF(1, 2) void die(const char *fmt, ...);

/* bug: an invariant of ours is broken. Logs place and text, aborts. Never reachable from input. */
#define bug(...) bug_at(__FILE__, __LINE__, __VA_ARGS__)
NORETURN PRINTF(3, 4) void bug_at(const char *file, int line, const char *fmt, ...);

#include "base/banned.h"

#endif
