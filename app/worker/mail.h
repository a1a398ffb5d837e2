/*
 * Mails: who gets which. Each is a job, one a recipient, queued in the transaction of the event
 * it reports; job_mail.c writes and sends it. Payloads contain no secret: the job that sends a
 * one-time link makes it.
 */
#ifndef GAP_WORKER_MAIL_H
#define GAP_WORKER_MAIL_H

#include "store/work.h"
#include "worker/worker.h"

enum mail_what {
	MAIL_MFA_REQUIRED, /* a practice is connected: everyone needs a second factor */
	MAIL_SYNC_FAILING, /* the third failed run in a row, once an outage */
	MAIL_SYNC_HEALED,
	MAIL_SYNC_HELD,
	MAIL_STANDBY,  /* the standby has taken over */
	MAIL_HANDOVER, /* the user who connected has left, and there is no standby */
	MAIL_EDITS, /* after a reconnect: an admin must review edits made while disconnected */
	MAIL_REMOVAL, /* a practice's records will be removed soon; the date is in the payload */
	MAIL_RECONNECT,	   /* somebody has to sign in again; cause in the payload */
	MAIL_MFA_RESET,	   /* queued by the web: {"what":"mfa_reset","user":N,"by":name} */
	MAIL_SET_PASSWORD, /* queued by the web: contains a one-time link */
	MAIL_INVITATION,   /* queued by the web: contains a one-time link; "by": who invites */
	MAIL_PASSWORD_SET, /* queued by the web: the user's first password */
	MAIL_PASSWORD_CHANGED, /* queued by the web: "detail" says what */
	MAIL_MFA_CHANGED,
	MAIL_RECOVERY_USED,  /* queued by the web: how many codes are left */
	MAIL_PASSKEY_COPIED, /* queued by the web: which passkey */
	MAIL_MFA_NUDGE,	     /* queued by the web: "by" an admin */
	MAIL_FACTOR_GUESSED, /* queued by the web: right password, then wrong codes */
	MAIL_DIGEST,	     /* queued by job_digest.c: "from", "to" */
	MAIL__MAX
};

/*
 * In the caller's transaction, which has entered the organisation. `but`: the user
 * PEOPLE_OTHERS leaves out. `detail` NULL: none.
 */
MUSTUSE bool mail_queue(struct worker *w, int64_t org_id, enum people who, int64_t but,
	enum mail_what what, const char *detail, struct err *e);

#endif
