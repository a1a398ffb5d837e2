/*
 * Mails: who gets which, queued one job a person in the transaction of what
 * they tell of; written and sent by job_mail.c. Payloads hold no secret: a
 * one-time link is made by the job that sends it (rulings 6).
 */
#ifndef GAP_WORKER_MAIL_H
#define GAP_WORKER_MAIL_H

#include "store/work.h"
#include "worker/worker.h"

enum mail_what {
	MAIL_MFA_REQUIRED, /* a practice is connected: everyone needs a second factor */
	MAIL_SYNC_FAILING, /* the third failed run in a row */
	MAIL_SYNC_HEALED,
	MAIL_SYNC_HELD,
	MAIL_STANDBY,  /* it has taken over */
	MAIL_HANDOVER, /* who connected has left, and nobody stands by */
	MAIL_EDITS,    /* after a reconnect: edits made meanwhile are to be seen first */
	MAIL_REMOVAL,  /* the records of a practice are removed soon; the date in the payload */
	MAIL_RECONNECT,	       /* somebody has to sign in again; cause in the payload */
	MAIL_MFA_RESET,	       /* queued by the web: {"what":"mfa_reset","user":N,"by":name} */
	MAIL_SET_PASSWORD,     /* queued by the web: the mail holds a one-time link */
	MAIL_INVITATION,       /* the same; "by": who invites */
	MAIL_PASSWORD_SET,     /* queued by the web: the first one */
	MAIL_PASSWORD_CHANGED, /* queued by the web, as is the next: "detail" says what */
	MAIL_MFA_CHANGED,
	MAIL_RECOVERY_USED,  /* queued by the web: how many codes are left */
	MAIL_PASSKEY_COPIED, /* queued by the web: which passkey */
	MAIL_MFA_NUDGE,	     /* queued by the web: "by" an admin */
	MAIL_FACTOR_GUESSED, /* queued by the web: the password was right, the codes were not */
	MAIL_DIGEST,	     /* queued by job_digest.c: "from", "to" */
	MAIL__MAX
};

/* In the open transaction of the organisation. `detail` NULL: none. */
MUSTUSE bool mail_queue(struct worker *w, int64_t org_id, enum people who, int64_t but,
	enum mail_what what, const char *detail, struct err *e);

#endif
