/*
 * The kind and size of a picture, read strictly from its bytes without decoding it. From the
 * first to the last byte the data must be that picture and nothing else, so that a browser to
 * which we serve it cannot take it for anything else.
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
 * Accepts PNG (W3C PNG, third edition: signature, IHDR first, correct checksums of all chunks,
 * IDAT, IEND last; not animated) and JPEG (ITU T.81: SOI, segments up to a frame header of 8
 * bits and a scan, EOI last). ERR_TOO_LARGE: over PICTURE_BYTES_MAX. ERR_INVALID with a
 * sentence for the person who chose the file.
 */
MUSTUSE bool picture_judge(struct str bytes, struct picture *p_r, struct err *e);

#endif
