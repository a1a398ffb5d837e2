/*
 * Writes CSV (RFC 4180). A cell that begins with = + - @ TAB or CR gets a leading quote ', so
 * that a spreadsheet does not run it as a formula.
 */
#ifndef GAP_CODEC_CSV_H
#define GAP_CODEC_CSV_H

#include "base/buf.h"

void csv_cell(struct buf *out, const char *text, bool first); /* comma first, unless `first` */
void csv_end(struct buf *out);				      /* CR LF */

#endif
