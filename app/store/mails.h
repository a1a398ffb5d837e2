/*
 * Which mails a user wants; and the summary of syncs: who wants it, up to when they have had
 * it, what it reports.
 */
#ifndef GAP_STORE_MAILS_H
#define GAP_STORE_MAILS_H

#include "core/mail_choice.h"
#include "io/pg.h"

struct mail_wishes {
	const char *off; /* mails switched off, "sync_held,sync_healed" (core/mail_choice.h) */
	enum mail_digest digest;
};
MUSTUSE bool mail_wishes(
	struct pg *db, int64_t org_id, int64_t user_id, struct mail_wishes *m_r, struct err *e);
MUSTUSE bool mail_wishes_set(struct pg *db, int64_t org_id, int64_t user_id,
	const struct mail_wishes *m, struct err *e);

struct digest_person {
	int64_t user_id;
	enum mail_digest digest;
	const char *zone;
	int64_t since,
		until; /* since: when the user switched it on; until: end of the last summary, 0: none yet */
};
MUSTUSE bool digest_people(struct pg *db, struct arena *a, int64_t org_id,
	const struct digest_person **rows_r, size_t *n_r, struct err *e);

/*
 * Moves the user's window to `until`, in the transaction that queues the mail. *first_r false:
 * another worker did so first.
 */
MUSTUSE bool digest_advance(struct pg *db, int64_t org_id, int64_t user_id, int64_t until,
	bool *first_r, struct err *e);

struct digest_counts {
	int64_t runs, good, failed, held;
	int64_t added, changed, archived, restored,
		problems; /* problems: of the run with the most */
};
/* Counts the runs that ended in [from, to). */
MUSTUSE bool digest_runs(struct pg *db, int64_t org_id, int64_t from, int64_t to,
	struct digest_counts *c_r, struct err *e);

#endif
