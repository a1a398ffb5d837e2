/* What people call the browser that a User-Agent header describes: "Chrome on Windows". Pure. */
#ifndef GAP_CORE_DEVICE_H
#define GAP_CORE_DEVICE_H

#include "base/arena.h"

/*
 * A guess for the eyes alone: the header is whatever the browser says. Brands that hide behind
 * another's name (Edge, Opera, Samsung behind Chrome; Chrome and Firefox behind Safari on iOS) are told
 * apart. "Unknown browser" for NULL, "" and what says nothing.
 */
const char *device_name(struct arena *a, const char *user_agent);

#endif
