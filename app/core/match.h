/*
 * When two rows are one client (rule D16): one added by hand and one of XPM's. Pure.
 *
 *    name   a shared e-mail   others fit as well   verdict
 *  1 same   yes               no                   suggested
 *  2 same   yes               yes                  shown, somebody has to choose
 *  3 same   no                -                    shown, never preselected
 *  4 other  yes               -                    shown, never preselected
 *  5 other  no                -                    nothing to show
 *
 * Names are the same when they are but for case and blanks (match_fold of 0009_matching.sql, which finds
 * the pairs set-wise).
 */
#ifndef GAP_CORE_MATCH_H
#define GAP_CORE_MATCH_H

#include "base/base.h"

enum match_fit {
	MATCH_NONE,
	MATCH_EMAIL_ONLY,
	MATCH_NAME_ONLY,
	MATCH_SEVERAL,
	MATCH_SUGGESTED
};

/* rivals: in how many pairs of name and e-mail either of the two stands, this one counted. */
enum match_fit match_fit(bool same_name, bool shared_email, int64_t rivals);
/* "same name and same email"; "" for NONE. */
const char *match_fit_text(enum match_fit fit);

/* One sentence: why a client that is gone may live on in another; client_pair.reason's words. */
const char *match_reason_text(const char *reason);

#endif
