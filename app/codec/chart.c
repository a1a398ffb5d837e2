#include "codec/chart.h"

#include <math.h>

static double share(int64_t value, int64_t max, enum chart_scale scale)
{
	if (scale == CHART_LOG)
		return log1p((double)value) / log1p((double)max);
	return (double)value / (double)max;
}

int chart_length(int64_t value, int64_t max, int full, enum chart_scale scale)
{
	if (value <= 0 || max <= 0 || full <= 0)
		return 0;
	if (value >= max || full <= CHART_LEAST)
		return full;
	int length = (int)lround(share(value, max, scale) * full);
	return length < CHART_LEAST ? CHART_LEAST : length;
}
