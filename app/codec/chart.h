/*
 * Turns numbers into lengths, for bars that a template draws as SVG. The markup is in
 * templates/.
 */
#ifndef GAP_CODEC_CHART_H
#define GAP_CODEC_CHART_H

#include "base/base.h"

enum chart_scale {
	CHART_LINEAR,
	CHART_LOG /* shows 1 and 100,000 in the same chart */
};

/*
 * The length of the bar for `value`, where the bar for `max` has the length `full`. 0 when
 * value <= 0. Any larger value gets at least CHART_LEAST (or `full` if that is less) and at
 * most `full`.
 */
enum { CHART_LEAST = 2 };
int chart_length(int64_t value, int64_t max, int full, enum chart_scale scale);

#endif
