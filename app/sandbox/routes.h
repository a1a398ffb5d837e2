/* The route table: every address of the sandbox. */
#ifndef GAP_SANDBOX_ROUTES_H
#define GAP_SANDBOX_ROUTES_H

#include "sandbox/site.h"

extern const struct route sandbox_routes[];
extern const size_t sandbox_routes_n;

#endif
