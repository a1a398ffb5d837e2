/*
 * Are two rows one client, the one added by hand and the other from XPM? Pure.
 *
 *    name   a shared e-mail   others fit as well   verdict
 *  1 same   yes               no                   suggested
 *  2 same   yes               yes                  shown, a person has to choose
 *  3 same   no                -                    shown, never preselected
 *  4 other  yes               -                    shown, never preselected
 *  5 other  no                -                    nothing to show
 *
 * Names are the same when they differ only in case and blanks (match_fold in 0009_matching.sql,
 * where SQL finds the pairs for all clients at once).
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

/*
 * rivals: the number of pairs with the same name and a shared e-mail in which either of the two
 * rows stands, this pair included.
 */
enum match_fit match_fit(bool same_name, bool shared_email, int64_t rivals);
/* "same name and same email"; "" for NONE. */
const char *match_fit_text(enum match_fit fit);

/*
 * One sentence for a client_pair.reason: why a client that is missing from XPM may live on in
 * another.
 */
const char *match_reason_text(const char *reason);

#endif
