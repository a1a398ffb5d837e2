/* gap-admin: organisations and users. */
#include "main/admin.h"

#include "codec/passwd.h"
#include "core/password.h"
#include "io/file.h"
#include "store/factors.h"
#include "store/invites.h"
#include "store/jobs.h"
#include "store/sessions.h"
#include "store/users.h"

bool admin_org_add(struct admin *x, struct err *e)
{
	int64_t org_id = 0;
	if (!pg_begin(x->db, 0, e))
		return false;
	bool ok = orgs_add(x->db, x->operand, x->options[ADMIN_ZONE], &org_id, e) &&
		  admin_log(x, org_id, "organisation.added", x->operand, e);
	if (!admin_end(x, ok, e))
		return false;
	(void)printf("%s is organisation\n%lld\n", x->operand, (long long)org_id);
	return true;
}

/* The file's first line; the line feed is not part of the password. */
static bool hash_password(
	struct admin *x, const struct password_of *of, const char **hash_r, struct err *e)
{
	const struct secret *file;
	char *hash;
	*hash_r = NULL;
	if (x->options[ADMIN_PASSWORD_FILE] == NULL)
		return true;
	if (!file_read_secret(
		    x->arena, x->options[ADMIN_PASSWORD_FILE], PASSWD_BYTES_MAX + 2, &file, e))
		return false;
	struct str text = secret_open(file);
	while (text.n > 0 && (text.p[text.n - 1] == '\n' || text.p[text.n - 1] == '\r'))
		text.n--;
	const struct secret *password = secret_new(x->arena, text.p, text.n);
	if (!password_check(x->arena, password, of, e) ||
		!passwd_hash(x->arena, password, &hash, e))
		return false;
	*hash_r = hash;
	return true;
}

static bool add_user(
	struct admin *x, const struct user_new *u, const char **token_r, struct err *e)
{
	int64_t user_id = 0;
	if (!users_add(x->db, u, &user_id, e) ||
		!admin_log(x, u->org_id, "user.added", u->email_norm, e))
		return false;
	const struct invite_new invite = {.org_id = u->org_id,
		.user_id = user_id,
		.purpose = "set_password",
		.life_s = INVITE_LIFE_S};
	return u->password_hash != NULL || invites_add(x->db, x->arena, &invite, token_r, e);
}

bool admin_user_add(struct admin *x, struct err *e)
{
	struct user_new u = {.email = x->options[ADMIN_EMAIL], .name = x->options[ADMIN_NAME]};
	struct org org;
	char *norm;
	const char *token = NULL;
	if (!admin_org(x, &u.org_id, e) || !user_email_norm(x->arena, u.email, &norm, e))
		return false;
	if (!user_role_parse(x->options[ADMIN_ROLE], &u.role))
		return err_set(e, ERR_INVALID, "--role must be admin or member.");
	u.email_norm = norm;
	if (!orgs_get(x->db, x->arena, u.org_id, &org, e))
		return false;
	const struct password_of of = {u.name, u.email, org.name};
	if (!hash_password(x, &of, &u.password_hash, e) || !pg_begin(x->db, u.org_id, e))
		return false;
	if (!admin_end(x, add_user(x, &u, &token, e), e))
		return false;
	(void)printf("%s is %s %s of %s.\n", norm, u.role == USER_ADMIN ? "an" : "a",
		user_role_name(u.role), org.name);
	if (token != NULL)
		(void)printf("Within 7 days the password can be set, once, at\n%s/invite/%s\n",
			conf_text(x->conf, CONF_BASE_URL), token);
	return true;
}

/* The worker sends the mail: the user must be told of the reset (ASVS 6.3.7). */
static bool tell_user(struct admin *x, const struct account *account, struct err *e)
{
	bool added;
	const char *payload = arena_printf(x->arena,
		"{\"what\":\"mfa_reset\",\"user\":%lld,\"by\":\"the operator of The Gap\"}",
		(long long)account->user_id);
	return jobs_add(x->db, account->org_id, "mail", payload, NULL, 0, &added, e);
}

bool admin_user_reset_mfa(struct admin *x, struct err *e)
{
	struct account account;
	char *norm;
	struct str reason = str_trim(str_of(x->options[ADMIN_REASON]));
	if (str_empty(reason))
		return err_set(e, ERR_INVALID, "--reason must say why; it is kept.");
	if (!user_email_norm(x->arena, x->options[ADMIN_EMAIL], &norm, e) ||
		!users_account(x->db, x->arena, norm, &account, e))
		return false;
	if (account.org_id == 0)
		return err_set(e, ERR_NOT_FOUND, "No user has the email %s.", norm);
	const char *detail = arena_printf(
		x->arena, "%s: %.*s", norm, (int)(reason.n > 500 ? 500 : reason.n), reason.p);
	if (!pg_begin(x->db, account.org_id, e))
		return false;
	bool ok = factors_remove(x->db, account.org_id, account.user_id, e) &&
		  users_mfa_was_reset(x->db, account.org_id, account.user_id, e) &&
		  sessions_end_others(x->db, account.org_id, account.user_id, 0, e) &&
		  tell_user(x, &account, e) &&
		  admin_log(x, account.org_id, "mfa.reset", detail, e);
	if (!admin_end(x, ok, e))
		return false;
	(void)printf("%s has no authenticator any more and is logged out. The next log-in asks"
		     " to set one up.\n",
		norm);
	return true;
}
