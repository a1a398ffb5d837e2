#include "base/log.h"
#include "codec/json.h"
#include "codec/when.h"
#include "io/file.h"
#include "core/mail_choice.h"
#include "core/schedule.h"
#include "store/invites.h"
#include "worker/mail.h"
#include "worker/digest.h"
#include "worker/letter.h"

#include <errno.h>
#include <sys/stat.h>

/* With the back-off of schedule_again_s: most of a day. */
enum { MAIL_TRIES = 40 };

/*
 * What a mail says. The link's path is appended to GAP_BASE_URL; purpose not NULL: the mail has
 * a one-time link.
 */
struct mail_words {
	const char *name, *subject, *text, *path, *purpose;
	int life_s;
};

static const struct mail_words words[MAIL__MAX] = {
	[MAIL_MFA_REQUIRED] = {"mfa_required", "Set up Multi-Factor Authentication",
		"Your organisation now syncs clients from Xero Practice Manager. Everyone who "
		"uses The Gap therefore needs Multi-Factor Authentication. You will be asked to "
		"set it up at your next log-in; it takes two minutes and any authenticator app "
		"will do.",
		"/login", NULL, 0},
	[MAIL_SYNC_FAILING] = {"sync_failing", "Clients are not being updated",
		"The last three syncs from Xero Practice Manager did not finish. The clients "
		"shown in The Gap are those of the last good sync. We keep trying; the page "
		"below says what is in the way.",
		"/settings/integrations", NULL, 0},
	[MAIL_SYNC_HEALED] = {"sync_healed", "Clients are up to date again",
		"Syncing from Xero Practice Manager works again. There is nothing for you to do.",
		"/clients", NULL, 0},
	[MAIL_SYNC_HELD] = {"sync_held", "Sync paused. Review changes",
		"Nothing of the last sync from Xero Practice Manager was applied. Look at the "
		"changes and decide.",
		"/settings/integrations/review", NULL, 0},
	[MAIL_STANDBY] = {"standby", "The standby has taken over the connection",
		"Xero Practice Manager stays connected through another admin's log-in. Consider "
		"adding a new standby.",
		"/settings/integrations", NULL, 0},
	[MAIL_HANDOVER] = {"handover", "Choose a new connector for Xero Practice Manager",
		"Syncs go on for now, but they hang on the Xero log-in of somebody who has left. "
		"Select Hand over and sign in at Xero with yours.",
		"/settings/integrations", NULL, 0},
	[MAIL_EDITS] = {"edits", "Sync paused. Review changes",
		"Xero Practice Manager is connected again. Some clients were edited in The Gap "
		"meanwhile. Nothing was replaced: look at the list, then let the sync go on.",
		"/settings/integrations/edits", NULL, 0},
	[MAIL_REMOVAL] = {"removal", "Clients will be removed soon",
		"When Xero Practice Manager was disconnected, an admin chose to remove its "
		"clients from The Gap. Until then any admin can cancel the removal.",
		"/settings/integrations", NULL, 0},
	[MAIL_RECONNECT] = {"reconnect", "Reconnect Xero Practice Manager",
		"Clients are no longer updated from Xero Practice Manager. Your clients and "
		"their links are kept.",
		"/settings/integrations", NULL, 0},
	[MAIL_MFA_RESET] = {"mfa_reset", "Your Multi-Factor Authentication was reset",
		"An admin of your organisation has reset your Multi-Factor Authentication. You "
		"will be asked to set it up again at your next log-in. If you did not expect "
		"this, tell your admin at once.",
		"/login", NULL, 0},
	[MAIL_SET_PASSWORD] = {"set_password", "Set your password",
		"Somebody, probably you, asked for a link to set a new password. It works once, "
		"within the next hour, and only the newest one does. If it was not you, do "
		"nothing: your password stays as it is.",
		"/password/reset/", "set_password", INVITE_RESET_LIFE_S},
	[MAIL_INVITATION] = {"invitation", "You are invited to The Gap",
		"You have been given access to The Gap. Set your password with the link below; "
		"it works once, within seven days.",
		"/invite/", "invitation", INVITE_LIFE_S},
	[MAIL_PASSWORD_SET] = {"password_set", "Your password was set",
		"A password was chosen for your account in The Gap, with the link that was made "
		"for you. You can log in with it now. If it was not you, tell your admin at once.",
		"/login", NULL, 0},
	[MAIL_PASSWORD_CHANGED] = {"password_changed", "Your password was changed",
		"The password of your account in The Gap was changed, and everywhere else you "
		"were logged out. If it was not you, select Forgot password on the log-in page "
		"to choose a new one, and tell your admin at once.",
		"/login", NULL, 0},
	[MAIL_MFA_CHANGED] = {"mfa_changed", "Your Multi-Factor Authentication was changed",
		"Somebody, probably you, changed the Multi-Factor Authentication of your account "
		"in The Gap. If it was not you, change your password and tell your admin at "
		"once.",
		"/profile", NULL, 0},
	[MAIL_RECOVERY_USED] = {"recovery_used", "A recovery code was used",
		"Somebody, probably you, logged in to The Gap with one of your recovery codes. "
		"If it was not you, change your password, make new recovery codes, and tell "
		"your admin at once. If you lost your authenticator, set up another one now.",
		"/profile", NULL, 0},
	[MAIL_PASSKEY_COPIED] = {"passkey_copied", "A passkey was refused",
		"A passkey of yours was used that counts fewer uses than we have seen. That is "
		"what happens when somebody has made a copy of it, so nobody was let in. Remove "
		"this passkey in your profile, change your password, and tell your admin.",
		"/profile", NULL, 0},
	[MAIL_MFA_NUDGE] = {"mfa_nudge", "Please set up Multi-Factor Authentication",
		"Your account in The Gap is not protected by a second factor yet. It takes about "
		"a minute: log in and follow the page below, with any authenticator app or a "
		"passkey.",
		"/mfa/setup", NULL, 0},
	[MAIL_FACTOR_GUESSED] = {"factor_guessed", "Somebody tried to log in as you",
		"Somebody entered your password and then several wrong codes. They were not let "
		"in. If it was not you, your password is known: select Forgot password on the "
		"log-in page to choose a new one, and tell your admin.",
		"/login", NULL, 0},
	[MAIL_DIGEST] = {"digest", "Summary of your client syncs",
		"This is what the syncs from Xero Practice Manager have done.", "/syncs", NULL,
		0},
};

bool mail_queue(struct worker *w, int64_t org_id, enum people who, int64_t but,
	enum mail_what what, const char *detail, struct err *e)
{
	const struct person *rows = NULL;
	size_t n = 0;
	if (!mail_people(w->db, w->arena, org_id, who, but, &rows, &n, e))
		return false;
	for (size_t i = 0; i < n; i++) {
		struct buf payload;
		bool added = false;
		buf_init(&payload, w->arena, 4096);
		buf_printf(&payload,
			"{\"what\":\"%s\",\"user\":%lld,\"detail\":", words[what].name,
			(long long)rows[i].user_id);
		json_add_string(&payload, detail);
		buf_addc(&payload, '}');
		if (!jobs_add(w->db, org_id, "mail", payload.data, NULL, 0, &added, e))
			return false;
	}
	return true;
}

static const struct mail_words *words_of(const char *name)
{
	for (size_t i = 0; i < MAIL__MAX; i++)
		if (name != NULL && strcmp(words[i].name, name) == 0)
			return &words[i];
	return NULL;
}

/* May this text be in a header? A mail address never needs more than these characters. */
static bool header_safe(const char *s)
{
	for (; *s != '\0'; s++)
		if ((unsigned char)*s < 0x21 || *s == 0x7F || *s == '<' || *s == '>' ||
			*s == ',')
			return false;
	return true;
}

static bool one_time_link(struct worker *w, int64_t org_id, int64_t user_id,
	const struct mail_words *m, const char **link_r, struct err *e)
{
	const struct invite_new n = {org_id, user_id, m->purpose, m->life_s};
	const char *token = NULL;
	if (!invites_add(w->db, w->arena, &n, &token, e))
		return false;
	*link_r = arena_printf(w->arena, "%s%s%s", w->set->base_url, m->path, token);
	return true;
}

/* Without a mail server, each mail becomes a file, for the operator and for tests. */
static bool keep_mail(struct worker *w, int64_t id, struct str text, struct err *e)
{
	const char *dir = arena_printf(w->arena, "%s/mail", w->set->state_dir);
	if (mkdir(dir, 0700) != 0 && errno != EEXIST)
		return err_set(e, ERR_CONFIG, "The folder %s cannot be made.", dir);
	return file_write(arena_printf(w->arena, "%s/%lld-%lld.eml", dir, (long long)w->clock(),
				  (long long)id),
		text, 0600, e);
}

/* The sentence for a cause; other details are names that users typed. */
static const char *detail_of(struct worker *w, const struct job *j, const struct mail_words *m)
{
	const char *detail = job_text(w, j, "detail"), *named = job_text(w, j, "by");
	const char *by = named == NULL ? NULL : str_isolate(w->arena, named);
	if (m == &words[MAIL_RECONNECT])
		return connection_cause_text(connection_cause_parse(detail));
	if (m == &words[MAIL_MFA_RESET] && by != NULL)
		return arena_printf(w->arena, "It was reset by %s.", by);
	if (m == &words[MAIL_MFA_NUDGE] && by != NULL)
		return arena_printf(w->arena, "%s asks you to.", by);
	if (m == &words[MAIL_INVITATION] && by != NULL)
		return arena_printf(w->arena, "You were invited by %s.", by);
	return detail;
}

/* "Clients not updated since": read when the mail is sent, in the recipient's time zone. */
static bool add_since(struct worker *w, const struct job *j, const char *zone, struct letter *l,
	struct err *e)
{
	int64_t at = 0;
	if (!last_good_run(w->db, j->org_id, &at, e))
		return false;
	if (at != 0)
		l->detail = arena_printf(w->arena, "They have not been updated since %s.",
			when_show(w->arena, zone, at));
	return true;
}

/* *worth_r false: there is nothing to report any more. */
static bool compose(struct worker *w, const struct job *j, const struct mail_words *m,
	const struct person *to, struct letter *l_r, bool *worth_r, struct err *e)
{
	*worth_r = true;
	*l_r = (struct letter){.id = j->job_id,
		.to_email = to->email,
		.to_name = to->name,
		.subject = m->subject,
		.text = m->text,
		.detail = detail_of(w, j, m),
		.link = arena_printf(w->arena, "%s%s", w->set->base_url, m->path),
		.link_words = m->purpose == NULL ? "Open The Gap" : "Set your password",
		.choice = mail_is_choice(m->name) || m == &words[MAIL_DIGEST]};
	if (m == &words[MAIL_SYNC_FAILING])
		return add_since(w, j, to->zone, l_r, e);
	if (m == &words[MAIL_DIGEST])
		return digest_compose(w, j, to->zone, l_r, worth_r, e);
	return m->purpose == NULL || one_time_link(w, j->org_id, to->user_id, m, &l_r->link, e);
}

static bool deliver(struct worker *w, const struct letter *l, struct str text, struct err *e)
{
	if (w->set->smtp_url == NULL)
		return keep_mail(w, l->id, text, e);
	return http_send_mail(
		w->http, w->set->smtp_url, w->set->mail_from, l->to_email, text, e);
}

/* Not accepted for a temporary reason: a mail server may be away for most of a day. */
static bool try_later(const struct job *j, const struct err *why, struct job_end *end_r)
{
	if (why->kind != ERR_UPSTREAM || j->attempts >= MAIL_TRIES)
		return false;
	end_r->later_s = schedule_again_s(j->attempts);
	log_warn("mail.later", log_int("job", j->job_id), log_int("attempt", j->attempts),
		log_text("why", why->text));
	return true;
}

static bool not_known(const struct job *j)
{
	log_error("mail.uncertain", log_int("job", j->job_id), log_int("org", j->org_id));
	return true;
}

/*
 * A mail is sent at most once. The job is marked before the mail server is called, and the mark
 * is cleared only when the server certainly has not accepted the mail. If this process dies or
 * the answer is lost, the mark stays, and the mail is not sent again: its news is also in the
 * bell, or the user can ask again.
 */
static bool hand_over(struct worker *w, const struct job *j, const struct letter *l,
	struct str text, struct job_end *end_r, struct err *e)
{
	struct err why;
	bool may = false;
	if (!jobs_hand(w->db, j->job_id, w->name, &may, e))
		return false;
	if (!may)
		return not_known(j);
	if (deliver(w, l, text, &why))
		return true;
	if (why.kind == ERR_UNCERTAIN)
		return not_known(j);
	if (!jobs_unhand(w->db, j->job_id, w->name, e))
		return false;
	*e = why;
	return try_later(j, &why, end_r);
}

bool job_mail(struct worker *w, const struct job *j, struct job_end *end_r, struct err *e)
{
	const struct mail_words *m = words_of(job_text(w, j, "what"));
	struct letter l;
	struct person to;
	struct str text;
	bool worth;
	if (m == NULL) {
		log_error("mail.unknown", log_text("payload", j->payload));
		return true;
	}
	if (!mail_person(w->db, j->org_id, job_number(w, j, "user"), &to, e))
		return false;
	/*
	 * The user was removed or disabled meanwhile; or the address cannot be in a header; or
	 * they do not want this mail.
	 */
	if (to.user_id == 0 || !header_safe(to.email) || mail_is_off(to.mails_off, m->name))
		return true;
	if (!compose(w, j, m, &to, &l, &worth, e))
		return false;
	if (!worth)
		return true;
	if (!letter_write(w, &l, &text, e))
		return false;
	log_info("mail.send", log_text("what", m->name), log_int("user", to.user_id));
	return hand_over(w, j, &l, text, end_r, e);
}
