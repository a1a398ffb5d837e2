#include "base/clock.h"
#include "base/log.h"
#include "codec/b64.h"
#include "codec/json.h"
#include "codec/random.h"
#include "codec/when.h"
#include "io/file.h"
#include "worker/mail.h"

#include <errno.h>
#include <sys/stat.h>

enum {
	MAIL_MAX = 64 * 1024,
	LINK_BYTES = 16,
	RESET_LIFE_S = 3600,
	INVITE_LIFE_S = 7 * 24 * 3600
};

/* What a mail says. The link's path is appended to GAP_BASE_URL; purpose: it is a one-time link. */
struct mail_words {
	const char *name, *subject, *text, *path, *purpose;
	int life_s;
};

static const struct mail_words words[MAIL__MAX] = {
	[MAIL_MFA_REQUIRED] = {"mfa_required", "Set up Multi-Factor Authentication",
		"Your organisation now syncs clients from Xero Practice Manager. Everyone who "
		"uses The Gap therefore needs Multi-Factor Authentication. You will be asked to "
		"set it up at your next login; it takes two minutes and any authenticator app "
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
	[MAIL_SYNC_HELD] = {"sync_held", "Sync paused: please review changes",
		"A sync from Xero Practice Manager would archive or blank many of your clients, "
		"so nothing of it was applied. Look at the list and decide.",
		"/settings/integrations/review", NULL, 0},
	[MAIL_STANDBY] = {"standby", "The standby has taken over the connection",
		"Xero Practice Manager stays connected through another admin's log-in. Consider "
		"adding a new standby.",
		"/settings/integrations", NULL, 0},
	[MAIL_HANDOVER] = {"handover", "Choose a new connector for Xero Practice Manager",
		"Syncs go on for now, but they hang on the Xero log-in of somebody who has left. "
		"Select Hand over and sign in at Xero with yours.",
		"/settings/integrations", NULL, 0},
	[MAIL_EDITS] = {"edits", "Connected again: please look at the edits made meanwhile",
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
		"will be asked to set it up again at your next login. If you did not expect "
		"this, tell your admin at once.",
		"/login", NULL, 0},
	[MAIL_SET_PASSWORD] = {"set_password", "Set your password",
		"Somebody, probably you, asked for a link to set a new password. It works once, "
		"within the next hour, and only the newest one does. If it was not you, do "
		"nothing: your password stays as it is.",
		"/password/reset/", "set_password", RESET_LIFE_S},
	[MAIL_INVITATION] = {"invitation", "You are invited to The Gap",
		"You have been given access to The Gap. Set your password with the link below; "
		"it works once, within seven days.",
		"/invite/", "invitation", INVITE_LIFE_S},
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

/* What a header may hold; a mail address never needs more. */
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
	unsigned char bytes[LINK_BYTES], hash[HASH_BYTES];
	if (!random_bytes(bytes, sizeof bytes, e))
		return false;
	hash_sha256(bytes, sizeof bytes, hash);
	*link_r = arena_printf(w->arena, "%s%s%s", w->set->base_url, m->path,
		b64url_encode(w->arena, bytes, sizeof bytes));
	return one_time_add(w->db, org_id, user_id, m->purpose, hash, m->life_s, e);
}

static struct str write_mail(struct worker *w, const struct person *to,
	const struct mail_words *m, const char *detail, const char *link, int64_t id)
{
	struct buf b;
	struct when_date d = when_in_zone("UTC", w->clock());
	static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
	static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul",
		"Aug", "Sep", "Oct", "Nov", "Dec"};
	const char *host = strstr(w->set->base_url, "//");
	buf_init(&b, w->arena, MAIL_MAX);
	buf_printf(&b, "From: The Gap <%s>\r\nTo: <%s>\r\nSubject: %s\r\n", w->set->mail_from,
		to->email, m->subject);
	buf_printf(&b, "Date: %s, %d %s %d %02d:%02d:%02d +0000\r\n", days[d.weekday], d.day,
		months[d.month - 1], d.year, d.hour, d.minute, d.second);
	buf_printf(&b, "Message-ID: <job-%lld@%.*s>\r\n", (long long)id,
		host == NULL ? 0 : (int)strcspn(host + 2, ":/"), host == NULL ? "" : host + 2);
	buf_adds(&b,
		"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
		"Content-Transfer-Encoding: 8bit\r\nAuto-Submitted: auto-generated\r\n\r\n");
	buf_printf(&b, "Hello %s,\r\n\r\n%s\r\n\r\n", to->name, m->text);
	if (detail != NULL && *detail != '\0')
		buf_printf(&b, "%s\r\n\r\n", detail);
	buf_printf(&b, "%s\r\n\r\nThe Gap\r\n", link);
	return buf_str(&b);
}

/* Without a mail server: a file a mail, for the operator's eyes and for tests. */
static bool keep_mail(struct worker *w, int64_t id, struct str text, struct err *e)
{
	const char *dir = arena_printf(w->arena, "%s/mail", w->set->state_dir);
	if (mkdir(dir, 0700) != 0 && errno != EEXIST)
		return err_set(e, ERR_CONFIG, "The folder %s cannot be made.", dir);
	return file_write(arena_printf(w->arena, "%s/%lld-%lld.eml", dir, (long long)w->clock(),
				  (long long)id),
		text, 0600, e);
}

/* The sentence of a cause; other details are names that somebody typed. */
static const char *detail_of(struct worker *w, const struct job *j, const struct mail_words *m)
{
	const char *detail = job_text(w, j, "detail"), *by = job_text(w, j, "by");
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

bool job_mail(struct worker *w, const struct job *j, struct job_end *end_r, struct err *e)
{
	const struct mail_words *m = words_of(job_text(w, j, "what"));
	struct person to;
	(void)end_r;
	if (m == NULL) {
		log_error("mail.unknown", log_text("payload", j->payload));
		return true;
	}
	if (!mail_person(w->db, j->org_id, job_number(w, j, "user"), &to, e))
		return false;
	/* Gone or disabled meanwhile; or an address no header may hold. */
	if (to.user_id == 0 || !header_safe(to.email))
		return true;
	const char *link = arena_printf(w->arena, "%s%s", w->set->base_url, m->path);
	if (m->purpose != NULL && !one_time_link(w, j->org_id, to.user_id, m, &link, e))
		return false;
	struct str text = write_mail(w, &to, m, detail_of(w, j, m), link, j->job_id);
	log_info("mail.send", log_text("what", m->name), log_int("user", to.user_id));
	if (w->set->smtp_url == NULL)
		return keep_mail(w, j->job_id, text, e);
	return http_send_mail(w->http, w->set->smtp_url, w->set->mail_from, to.email, text, e);
}
