/*
 * CSV out (RFC 4180), with formulas disarmed: a cell that begins with = + - @ TAB CR gets a
 * leading quote '.
 */
#ifndef GAP_CODEC_CSV_H
#define GAP_CODEC_CSV_H

#include "base/buf.h"

void csv_cell(struct buf *out, const char *text,
	bool first);	       /* with the comma before it unless first */
void csv_end(struct buf *out); /* CR LF */

#endif
