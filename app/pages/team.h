/*
 * Org Settings > Team members: the list for everybody; for admins one person's page, inviting,
 * roles, access, and resetting another person's second factor. Each such change ends the
 * sessions of that person.
 */
#ifndef GAP_PAGES_TEAM_H
#define GAP_PAGES_TEAM_H

#include "pages/page.h"
#include "store/team.h"

extern const struct tmpl_shape team_shape, member_shape, invite_shape, reset_mfa_shape;

enum { TEAM_FILTER, TEAM_QUERY__MAX };
extern const struct field team_query[TEAM_QUERY__MAX];
enum { INVITE_NAME, INVITE_EMAIL, INVITE_ROLE, INVITE__MAX };
extern const struct field invite_fields[INVITE__MAX];
enum { ROLE_NAME, ROLE__MAX };
extern const struct field role_fields[ROLE__MAX];

/* "member", "admin": the numbers of enum user_role. For fields. */
extern const char *const team_roles[];

bool team_show(struct page *p, struct err *e);

/*
 * /settings/team/invite. invite_again sends the same mail again to a person who has not
 * accepted yet.
 */
bool invite_show(struct page *p, struct err *e);
bool invite_post(struct page *p, struct err *e);
bool invite_again(struct page *p, struct err *e);

/* /settings/team/{id}... */
bool member_show(struct page *p, struct err *e);
bool member_role(struct page *p, struct err *e);
bool member_deactivate(struct page *p, struct err *e);
bool member_activate(struct page *p, struct err *e);
/* Mails a reminder of the second factor, at most once a day per person. */
bool member_nudge(struct page *p, struct err *e);
bool reset_mfa_show(struct page *p, struct err *e);
bool reset_mfa_post(struct page *p, struct err *e);

/* What the list and the person's page show about a person. */
struct member_words {
	const char *role, *mfa, *tone;
	/* Which factors; without a factor, when one is due, or NULL */
	const char *how;
	const struct moment *last;   /* last log-in; NULL: never */
	const struct moment *nudged; /* NULL: not within a day */
	bool is_self, disabled, invited, may_nudge;
};
struct member_words member_words(struct page *p, const struct user_row *r);

/* The person with the number {id}, or ERR_NOT_FOUND. */
MUSTUSE bool team_person(struct page *p, struct user_row *r_r, struct err *e);
/* /settings/team/{id} */
const char *team_address(struct page *p, int64_t user_id);

#endif
