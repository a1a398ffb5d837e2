/*
 * Clocks. Wall time is everywhere an int64_t: UTC seconds since 1970, in names that end in _at.
 * Durations carry their unit in the name. The files in core/ never read a clock: the time is a
 * parameter, so that a test can choose it. Leases and expiry times that several hosts must
 * agree on use the clock of the database.
 */
#ifndef GAP_BASE_CLOCK_H
#define GAP_BASE_CLOCK_H

#include "base/base.h"

int64_t clock_now(void);     /* UTC seconds */
int64_t clock_now_us(void);  /* UTC microseconds, for logs */
int64_t clock_mono_ms(void); /* monotonic milliseconds, for timeouts */

#endif
