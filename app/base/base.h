/*
 * Every file includes this first: the integer types, the attributes with which the compiler
 * checks our contracts, and the list of banned calls.
 *
 * Conventions that hold everywhere (each header names only its exceptions):
 * - `struct S` belongs to the file s.c; its functions are S_verb(struct S *, ...).
 *   S_init / S_release (contents) / S_clear (release + init) / S_free (&ptr, sets it to NULL).
 * - A function that can fail returns bool and takes `struct err *e` last, before any varargs.
 *   On false, *e says who must act (base/err.h). On true, *e is unchanged.
 * - Names of out-parameters end in _r. Units are part of names (timeout_ms; expires_at: UTC
 *   seconds).
 * - Text that a function returns lives on the arena that the caller passed in.
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

/*
 * For a mistake of the operator's at start-up. Prints one sentence on stderr and exits with
 * status 2.
 */
NORETURN PRINTF(1, 2) void die(const char *fmt, ...);

/*
 * For a broken invariant of our own. Logs the place and the text, then aborts. Input can never
 * reach it.
 */
#define bug(...) bug_at(__FILE__, __LINE__, __VA_ARGS__)
NORETURN PRINTF(3, 4) void bug_at(const char *file, int line, const char *fmt, ...);

#include "base/banned.h"

#endif
