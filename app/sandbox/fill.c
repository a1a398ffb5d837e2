#include "sandbox/fill.h"

#include "base/clock.h"
#include "codec/when.h"
#include "sandbox/claims.h"
#include "sandbox/practice.h"
#include "sandbox/stmt.h"

enum { SECOND_SHARE = 5, SECOND_MIN = 20, FILL_PATIENCE_S = 600 };

static const char *const tenant_names[] = {
	"Harbour & Vale Accountants", "Southern Ledger Ltd", "Harbour & Vale Office Ltd"};

/* The state of one COPY over all clients of a practice. */
struct pass {
	struct pg *db;
	struct arena *scratch; /* reset after each client */
	struct practice_plan plan;
	int64_t size, now;
	size_t own_before; /* number of contacts of the client before this one */
};

static const char *number(struct pass *s, int64_t n)
{
	return arena_printf(s->scratch, "%lld", (long long)n);
}

static const char *flag(bool b)
{
	return b ? "t" : "f";
}

static bool copy_client(struct pass *s, const struct made_client *c, struct err *e)
{
	const char *const cells[] = {number(s, s->plan.tenant_no), number(s, c->i), c->uuid,
		c->name, c->first_name, c->last_name, c->email, c->born, c->address, c->city,
		c->region, c->post_code, c->country, c->phone, c->website, c->manager,
		c->structure, c->business_number, c->client_code, flag(c->is_person),
		flag(c->has_tax), flag(c->is_prospect), flag(c->is_archived),
		flag(c->is_deleted), when_rfc3339(s->scratch, s->now - c->age_s)};
	return pg_copy_row(s->db, cells, ARRAY_LEN(cells), e);
}

static bool copy_contacts(struct pass *s, const struct made_client *c, struct err *e)
{
	for (size_t k = 0; k < c->n; k++) {
		const struct made_contact *m = &c->contacts[k];
		const char *const cells[] = {number(s, s->plan.tenant_no),
			number(s, practice_contact_no(c->i, k)), m->uuid, m->name,
			m->salutation, m->addressee, m->mobile, m->email, m->phone,
			flag(m->is_deleted)};
		if (!pg_copy_row(s->db, cells, ARRAY_LEN(cells), e))
			return false;
	}
	return true;
}

static bool copy_link(struct pass *s, int64_t client, size_t ord, int64_t contact,
	const struct made_contact *m, struct err *e)
{
	const char *const cells[] = {number(s, s->plan.tenant_no), number(s, client),
		number(s, (int64_t)ord + 1), number(s, contact),
		flag(m != NULL && m->is_primary), m == NULL ? "" : m->position};
	return pg_copy_row(s->db, cells, ARRAY_LEN(cells), e);
}

static bool copy_links(struct pass *s, const struct made_client *c, struct err *e)
{
	for (size_t k = 0; k < c->n; k++)
		if (!copy_link(s, c->i, k, practice_contact_no(c->i, k), &c->contacts[k], e))
			return false;
	bool shares = c->shares && s->own_before > 0;
	s->own_before = c->n;
	return !shares || copy_link(s, c->i, c->n, practice_contact_no(c->i - 1, 0), NULL, e);
}

static bool run_pass(struct pass *s, enum sandbox_stmt copy,
	bool (*row)(struct pass *s, const struct made_client *c, struct err *e), struct err *e)
{
	struct made_client c;
	s->own_before = 0;
	if (!pg_copy_start(s->db, (int)copy, e))
		return false;
	for (int64_t i = 1; i <= s->size; i++) {
		arena_reset(s->scratch);
		practice_client(s->scratch, &s->plan, i, &c);
		if (!row(s, &c, e))
			return false;
	}
	return pg_copy_end(s->db, NULL, e);
}

static bool fill_one(struct pg *db, int tenant_no, int64_t seed, int64_t size, struct err *e)
{
	struct pass s = {.db = db,
		.scratch = arena_new(),
		.plan = {.seed = seed, .tenant_no = tenant_no},
		.size = size,
		.now = clock_now()};
	bool ok = run_pass(&s, SANDBOX_STMT_CLIENT_COPY, copy_client, e) &&
		  run_pass(&s, SANDBOX_STMT_CONTACT_COPY, copy_contacts, e) &&
		  run_pass(&s, SANDBOX_STMT_LINK_COPY, copy_links, e);
	arena_free(&s.scratch);
	return ok;
}

/*
 * The tenant ids do not depend on size and seed: a practice that is generated again stays
 * connected.
 */
static const char *first_tenant_id(struct arena *a, size_t index)
{
	const struct practice_plan plan = {.seed = 0};
	return practice_uuid(a, &plan, "tenant", (int64_t)index);
}

bool fill_tenants(struct pg *db, struct err *e)
{
	struct arena *scratch = arena_new();
	bool ok = true;
	for (size_t k = 0; ok && k < ARRAY_LEN(tenant_names); k++)
		ok = pg_exec(db, SANDBOX_STMT_TENANT_PUT, NULL, e, PG_INT((int64_t)k + 1),
			PG_TEXT(first_tenant_id(scratch, k)),
			PG_TEXT(k < 2 ? "PRACTICEMANAGER" : "ORGANISATION"),
			PG_TEXT(tenant_names[k]));
	arena_free(&scratch);
	return ok;
}

bool fill_new_tenant(struct pg *db, struct arena *a, struct err *e)
{
	char *id;
	return keys_uuid(a, &id, e) &&
	       pg_exec(db, SANDBOX_STMT_TENANT_PUT, NULL, e, PG_INT(1), PG_TEXT(id),
		       PG_TEXT("PRACTICEMANAGER"), PG_TEXT(tenant_names[0])) &&
	       pg_exec(db, SANDBOX_STMT_CONNECTION_CLEAR_OLD, NULL, e);
}

bool fill_practices(struct pg *db, const struct settings *settings, struct err *e)
{
	int64_t second = settings->size / SECOND_SHARE;
	pg_patience(db, FILL_PATIENCE_S);
	return pg_exec(db, SANDBOX_STMT_PRACTICE_CLEAR_LINKS, NULL, e) &&
	       pg_exec(db, SANDBOX_STMT_PRACTICE_CLEAR_CONTACTS, NULL, e) &&
	       pg_exec(db, SANDBOX_STMT_PRACTICE_CLEAR_CLIENTS, NULL, e) &&
	       fill_one(db, 1, settings->seed, settings->size, e) &&
	       fill_one(db, 2, settings->seed, second < SECOND_MIN ? SECOND_MIN : second, e) &&
	       pg_exec(db, SANDBOX_STMT_SETTING_DAY, NULL, e, PG_INT(1)) &&
	       pg_exec(db, SANDBOX_STMT_PRACTICE_ANALYZE, NULL, e);
}
