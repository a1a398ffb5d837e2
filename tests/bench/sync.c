/*
 * Runs of the worker over a practice of any size, one at a time as told: the
 * worker's own code, role and row-level security, with a table of functions for
 * Xero that gives the list from memory. Beside it the floor: a raw COPY of the
 * same rows into tables of the same shape, and expat alone over the same bytes.
 *
 *   sync CLIENTS FILE      FILE gets the list; the database is GAP_TEST_PG's
 *
 * Says "ready DATABASE ORG OTHER_ORG TENANT", then reads a command a line and answers each with
 * "SECONDS WAL_KIB WORKER_MIB": empty, sync (whatever differs), change (1% of the clients, for the
 * next sync), copy, expat.
 */
#include "support/sync_world.h"

#include "base/clock.h"

#include <expat.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

enum { CLIENT_BYTES_MAX = 2048, PIECE = 16 * 1024, PATIENCE_S = 600 };

static struct list {
	char *text;
	size_t n, clients;
	char **changes; /* in every hundredth client: a letter that may change */
} list;

static int add_contact(char *to, int client, int nth)
{
	return snprintf(to, CLIENT_BYTES_MAX,
		"<Contact><UUID>%08x-%04x-4000-8000-%012x</UUID><IsPrimary>%s</IsPrimary>"
		"<Name>Contact %d of %d</Name><Salutation /><Addressee /><Mobile>+64 21 %07d</Mobile>"
		"<Email>person%d.%d@clients.example</Email><Phone>+64 9 %07d</Phone><Position />"
		"<IsDeleted>No</IsDeleted></Contact>",
		(unsigned)client * 2654435761u, 0xa0 + nth, (unsigned)client,
		nth == 0 ? "Yes" : "No", nth + 1, client, client * 2 + nth, client, nth,
		client * 2 + nth);
}

static int add_client(char *to, int i)
{
	int n = snprintf(to, CLIENT_BYTES_MAX,
		"<Client><UUID>%08x-00c0-4000-8000-%012x</UUID><Name>Harbour %d Holdings %c Limited</Name>"
		"<Title /><Gender /><FirstName /><LastName /><OtherName /><Email>office%d@clients.example</Email>"
		"<DateOfBirth /><Address>%d Queen Street</Address><City>Auckland</City><Region /><PostCode>1010</PostCode>"
		"<Country>New Zealand</Country><PostalAddress /><PostalCity /><PostalRegion /><PostalPostCode />"
		"<PostalCountry /><Phone>+64 9 %07d</Phone><Fax /><Website /><ReferralSource /><ExportCode />"
		"<IsProspect>No</IsProspect><IsArchived>No</IsArchived><IsDeleted>No</IsDeleted>"
		"<BusinessStructure>Company</BusinessStructure>"
		"<WebUrl>https://practicemanager.xero.com/Client/%d/Detail</WebUrl><Contacts>",
		(unsigned)i * 2654435761u, (unsigned)i, i * 7919 % 1000003, 'A', i, i, i, i);
	n += add_contact(to + n, i, 0);
	n += add_contact(to + n, i, 1);
	return n + snprintf(to + n, 64, "</Contacts></Client>");
}

static void make_list(size_t clients)
{
	static const char head[] = "<Response api-method=\"List\"><Status>OK</Status><Clients>";
	list.text = malloc(clients * CLIENT_BYTES_MAX + sizeof head + 64);
	list.changes = malloc((clients / 100 + 1) * sizeof *list.changes);
	if (list.text == NULL || list.changes == NULL)
		die("out of memory");
	list.n = (size_t)snprintf(list.text, sizeof head, "%s", head);
	for (list.clients = 0; list.clients < clients; list.clients++) {
		char *at = list.text + list.n;
		list.n += (size_t)add_client(at, (int)list.clients + 1);
		if (list.clients % 100 == 0)
			list.changes[list.clients / 100] = strstr(at, " A Limited") + 1;
	}
	list.n += (size_t)snprintf(list.text + list.n, 64, "</Clients></Response>");
}

static void write_list(const char *path)
{
	FILE *f = fopen(path, "wb");
	if (f == NULL || fwrite(list.text, 1, list.n, f) != list.n || fclose(f) != 0)
		die("%s cannot be written", path);
}

static void change_list(void)
{
	for (size_t i = 0; i <= (list.clients - 1) / 100; i++)
		*list.changes[i] = *list.changes[i] == 'Z' ? 'A' : (char)(*list.changes[i] + 1);
}

static bool give_list(void *self, struct arena *a, const struct secret *access,
	const char *tenant, const struct xero_sink *sink, struct xero_answer *w, struct err *e)
{
	(void)self, (void)a, (void)access, (void)tenant;
	*w = (struct xero_answer){.trouble = XERO_FINE, .status = 200, .day_left = -1};
	if (!sink->start(sink->user, "text/xml", "utf-8", e))
		return false;
	for (size_t at = 0; at < list.n; at += PIECE) {
		size_t n = list.n - at < PIECE ? list.n - at : PIECE;
		w->bytes += (int64_t)n;
		if (!sink->piece(sink->user, (struct str){list.text + at, n}, e) ||
			(at % (64 * PIECE) == 0 && sink->tick != NULL &&
				!sink->tick(sink->user, e)))
			return false;
	}
	return true;
}

/* ---- the floor ---- */

static const char *const tables[] = {"contact", "client", "client_contact"};

/* Tables of the same shape, indexes, checks and foreign keys, without policies. */
static void make_floor(void)
{
	(void)db_do("CREATE SCHEMA floor");
	for (size_t i = 0; i < ARRAY_LEN(tables); i++)
		(void)db_do(arena_printf(g.home,
			"CREATE TABLE floor.%s (LIKE gap.%s INCLUDING ALL)", tables[i],
			tables[i]));
	(void)db_do(
		"ALTER TABLE floor.client_contact"
		" ADD FOREIGN KEY (org_id, client_id) REFERENCES floor.client ON DELETE CASCADE,"
		" ADD FOREIGN KEY (org_id, contact_id) REFERENCES floor.contact ON DELETE CASCADE");
}

static void save_rows(const char *file)
{
	(void)db_do("TRUNCATE floor.client, floor.contact, floor.client_contact");
	for (size_t i = 0; i < ARRAY_LEN(tables); i++)
		(void)db_do(
			arena_printf(g.home, "COPY %s TO '%s.%s'", tables[i], file, tables[i]));
}

/* One transaction, as patient as a run's own. */
static void copy_rows(const char *file)
{
	struct err e;
	if (!pg_begin(d.super, 0, &e))
		die("%s", e.text);
	pg_patience(d.super, PATIENCE_S);
	for (size_t i = 0; i < ARRAY_LEN(tables); i++)
		(void)db_do(arena_printf(
			g.home, "COPY floor.%s FROM '%s.%s'", tables[i], file, tables[i]));
	if (!pg_commit(d.super, &e))
		die("%s", e.text);
}

static void ignore_start(void *user, const char *name, const char **attributes)
{
	(void)user, (void)name, (void)attributes;
}
static void ignore_end(void *user, const char *name)
{
	(void)user, (void)name;
}
static void ignore_text(void *user, const char *text, int n)
{
	(void)user, (void)text, (void)n;
}

static void parse_list(void)
{
	XML_Parser p = XML_ParserCreate("UTF-8");
	XML_SetElementHandler(p, ignore_start, ignore_end);
	XML_SetCharacterDataHandler(p, ignore_text);
	for (size_t at = 0; at < list.n; at += PIECE) {
		size_t n = list.n - at < PIECE ? list.n - at : PIECE;
		if (XML_Parse(p, list.text + at, (int)n, at + n == list.n) != XML_STATUS_OK)
			die("expat refuses the list");
	}
	XML_ParserFree(p);
}

/* ---- the commands ---- */

static void empty(void)
{
	(void)db_do(
		"TRUNCATE client, contact, client_contact, client_change, run_skip, sync_run CASCADE");
	(void)db_do("DELETE FROM job");
	(void)db_do("DELETE FROM connection");
	(void)db_do("DELETE FROM grant_use");
	(void)db_do("DELETE FROM tenant_claim");
	(void)db_do("DELETE FROM xero_grant");
	world_connect();
	(void)db_do("SELECT pg_stat_reset()");
}

static void run(const char *what, const char *file)
{
	if (strcmp(what, "empty") == 0)
		empty();
	else if (strcmp(what, "change") == 0)
		change_list();
	else if (strcmp(what, "copy") == 0)
		copy_rows(file);
	else if (strcmp(what, "expat") == 0)
		parse_list();
	else if (strcmp(world_sync("{\"trigger\":\"manual\"}"), "complete") != 0)
		die("the run ended as %s: %s",
			db_ask("SELECT state FROM sync_run ORDER BY run_id DESC LIMIT 1"),
			db_ask("SELECT cause_text FROM sync_run ORDER BY run_id DESC LIMIT 1"));
}

static double seconds(void)
{
	struct timespec t;
	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void obey(const char *what, const char *file)
{
	if (strcmp(what, "copy") == 0)
		save_rows(file);
	int64_t from = db_number("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn");
	double began = seconds();
	run(what, file);
	double took = seconds() - began;
	int64_t wal = db_number("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn") - from;
	(void)printf("%.6f %.1f\n", took, (double)wal / 1024);
	(void)fflush(stdout);
}

int main(int argc, char **argv)
{
	char line[64];
	void *state = NULL;
	if (argc != 3)
		die("sync CLIENTS FILE");
	make_list((size_t)strtoull(argv[1], NULL, 10));
	write_list(argv[2]);
	(void)world_set_up(&state);
	(void)world_begin(&state);
	g.x->xero.list = give_list;
	make_floor();
	empty();
	(void)printf("ready %s %lld %lld %s\n", d.name, (long long)d.org,
		(long long)d.other_org, g.x->tenants[0].tenant);
	(void)fflush(stdout);
	while (fgets(line, sizeof line, stdin) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		obey(line, argv[2]);
	}
	(void)world_end(&state);
	return world_tear_down(&state);
}
