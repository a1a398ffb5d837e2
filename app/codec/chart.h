/*
 * Numbers as lengths, for bars that a template draws as SVG: the markup stays in templates/, only the
 * measuring is here.
 */
#ifndef GAP_CODEC_CHART_H
#define GAP_CODEC_CHART_H

#include "base/base.h"

enum chart_scale {
	CHART_LINEAR,
	CHART_LOG /* log(1 + value): one thing and a hundred thousand in the same picture */
};

/*
 * How long the bar of `value` is when that of `max` is `full`: 0 for nothing and less, at least
 * CHART_LEAST for anything at all (unless `full` is less), at most `full`.
 */
enum { CHART_LEAST = 2 };
int chart_length(int64_t value, int64_t max, int full, enum chart_scale scale);

#endif
