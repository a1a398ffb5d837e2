#include "core/match.h"

#include <string.h>

enum match_fit match_fit(bool same_name, bool shared_email, int64_t rivals)
{
	if (same_name && shared_email)
		return rivals <= 1 ? MATCH_SUGGESTED : MATCH_SEVERAL;
	if (same_name)
		return MATCH_NAME_ONLY;
	return shared_email ? MATCH_EMAIL_ONLY : MATCH_NONE;
}

const char *match_fit_text(enum match_fit fit)
{
	switch (fit) {
	case MATCH_SUGGESTED:
		return "same name and same email";
	case MATCH_SEVERAL:
		return "same name and same email, but another client fits as well";
	case MATCH_NAME_ONLY:
		return "same name, no email in common";
	case MATCH_EMAIL_ONLY:
		return "same email, another name";
	case MATCH_NONE:
		break;
	}
	return "";
}

const char *match_reason_text(const char *reason)
{
	if (reason != NULL && strcmp(reason, "new_id") == 0)
		return "The same name and a contact in common, under a new XPM id: it was"
		       " probably added anew in Xero Practice Manager.";
	if (reason != NULL && strcmp(reason, "merged") == 0)
		return "All its contacts have moved to this client: the two were probably"
		       " merged in Xero Practice Manager.";
	return "";
}
