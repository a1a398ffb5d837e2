/*
 * Time. Wall time is UTC seconds since 1970 as int64_t everywhere (`..._at`);
 * durations carry their unit in the name. core/ never reads a clock: time is
 * passed in, so tests choose it. Leases and expiry that several hosts must
 * agree on use the database's clock instead.
 */
#ifndef GAP_BASE_CLOCK_H
#define GAP_BASE_CLOCK_H

#include "base/base.h"

int64_t clock_now(void);     /* UTC seconds */
int64_t clock_now_us(void);  /* UTC microseconds, for logs */
int64_t clock_mono_ms(void); /* monotonic milliseconds, for timeouts */

#endif
