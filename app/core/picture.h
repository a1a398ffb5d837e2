/*
 * What a picture's bytes say of themselves: kind and size, read strictly and without decoding it. From
 * first to last byte it is that picture and nothing else, so what is served again as one cannot be read as
 * something else.
 */
#ifndef GAP_CORE_PICTURE_H
#define GAP_CORE_PICTURE_H

#include "base/err.h"
#include "base/str.h"

enum { PICTURE_BYTES_MAX = 60 * 1024, PICTURE_SIDE_MIN = 16, PICTURE_SIDE_MAX = 2000 };

struct picture {
	const char *type; /* "image/png", "image/jpeg" */
	int width, height;
};

/*
 * PNG (W3C PNG, third edition: signature, IHDR first, the sums of all chunks, IDAT, IEND last; not
 * animated) or JPEG (ITU T.81: SOI, segments up to a frame header of 8 bits and a scan, EOI last).
 * ERR_TOO_LARGE: over PICTURE_BYTES_MAX; ERR_INVALID with a sentence for who chose it.
 */
MUSTUSE bool picture_judge(struct str bytes, struct picture *p_r, struct err *e);

#endif
