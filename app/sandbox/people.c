#include "sandbox/people.h"

#include "codec/json.h"
#include "io/file.h"
#include "sandbox/claims.h"
#include "sandbox/site.h"
#include "sandbox/stmt.h"

enum { LOGIN_FILE_MAX = 64 * 1024 };

const char *const person_names[PERSON__MAX + 1] = {
	[PERSON_OWNER] = "owner",
	[PERSON_MANAGER] = "manager",
	[PERSON_OUTSIDER] = "outsider",
};

/* NULL mailbox: the address in the log-in file itself. */
static const struct {
	const char *label, *mailbox;
	bool sees_practices;
} kinds[PERSON__MAX] = {
	[PERSON_OWNER] = {"Practice owner", NULL, true},
	[PERSON_MANAGER] = {"Practice manager", "manager", true},
	[PERSON_OUTSIDER] = {"Someone without a practice", "someone", false},
};

enum person_no person_named(const char *name)
{
	int no = PERSON_OWNER;
	while (no < PERSON__MAX && strcmp(person_names[no], name) != 0)
		no++;
	return (enum person_no)no;
}

static bool read_file(struct page *p, struct people *people, struct err *e)
{
	const char *path = conf_text(p->site->conf, CONF_SANDBOX_LOGIN_FILE);
	const struct secret *text;
	const struct json *root;
	if (!file_read_secret(p->arena, path, LOGIN_FILE_MAX, &text, e) ||
		!json_parse(p->arena, secret_open(text), &root, e))
		return false;
	const struct json *xero = json_get(root, "xero");
	if (xero == NULL)
		xero = root;
	people->email = json_text(json_get(xero, "email"));
	people->password = json_text(json_get(xero, "password"));
	if (people->email != NULL && people->password != NULL)
		return true;
	return err_set(e, ERR_CONFIG,
		"GAP_SANDBOX_LOGIN_FILE: %s holds no e-mail and password for \"xero\".", path);
}

static void fill_in(struct arena *a, struct people *people)
{
	struct str mailbox, domain;
	(void)str_cut(str_of(people->email), '@', &mailbox, &domain);
	for (int no = PERSON_OWNER; no < PERSON__MAX; no++) {
		const char *email = people->email;
		if (kinds[no].mailbox != NULL)
			email = arena_printf(
				a, "%s@%.*s", kinds[no].mailbox, (int)domain.n, domain.p);
		people->of[no] = (struct person){.no = (enum person_no)no,
			.label = kinds[no].label,
			.email = email,
			.xero_userid = claims_uuid_of(a, email),
			.sees_practices = kinds[no].sees_practices};
	}
}

bool people_load(struct page *p, struct people *people_r, struct err *e)
{
	struct pg_rows r;
	*people_r = (struct people){.email = NULL};
	if (!read_file(p, people_r, e) || !pg_query(p->db, SANDBOX_STMT_PERSON_LIST_OFF, &r, e))
		return false;
	fill_in(p->arena, people_r);
	for (size_t i = 0; i < r.n; i++) {
		enum person_no no = person_named(pg_text(&r, i, 0));
		if (no != PERSON__MAX)
			people_r->of[no].is_off = true;
	}
	return true;
}

bool person_switch(struct page *p, const struct person *who, bool off, struct err *e)
{
	const char *name = person_names[who->no];
	if (!off)
		return pg_exec(p->db, SANDBOX_STMT_PERSON_ON, NULL, e, PG_TEXT(name));
	return pg_exec(p->db, SANDBOX_STMT_PERSON_OFF, NULL, e, PG_TEXT(name),
		       PG_TEXT(who->xero_userid)) &&
	       pg_exec(p->db, SANDBOX_STMT_SESSION_SIGN_OUT, NULL, e, PG_TEXT(name)) &&
	       pg_exec(p->db, SANDBOX_STMT_CONSENT_REVOKE, NULL, e,
		       PG_TEXT(who->xero_userid)) &&
	       pg_exec(p->db, SANDBOX_STMT_CONNECTION_CLEAR, NULL, e,
		       PG_TEXT(who->xero_userid));
}
