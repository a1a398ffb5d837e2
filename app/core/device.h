/*
 * The usual name of the browser that a User-Agent header describes: "Chrome on Windows". Pure.
 */
#ifndef GAP_CORE_DEVICE_H
#define GAP_CORE_DEVICE_H

#include "base/arena.h"

/*
 * A guess, for display only: the header says whatever the browser likes. Browsers that also
 * carry the name of another (Edge, Opera and Samsung that of Chrome; Chrome and Firefox on iOS
 * that of Safari) are told apart. "Unknown browser" for NULL, for "" and for a header without a
 * known name.
 */
const char *device_name(struct arena *a, const char *user_agent);

#endif
