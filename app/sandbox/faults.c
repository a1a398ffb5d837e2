#include "sandbox/faults.h"

#include "base/clock.h"
#include "sandbox/stmt.h"

#include <poll.h>
#include <signal.h>

enum { NAP_MS = 100 };

const char *const endpoint_names[ENDPOINT__MAX + 1] = {
	[ENDPOINT_NONE] = "",
	[ENDPOINT_LIST] = "list",
	[ENDPOINT_GET] = "get",
	[ENDPOINT_TOKEN] = "token",
	[ENDPOINT_CONNECTIONS] = "connections",
	[ENDPOINT_AUTHORIZE] = "authorize",
	[ENDPOINT_JWKS] = "jwks",
	[ENDPOINT_REVOKE] = "revoke",
	[ENDPOINT_DELETE] = "delete",
};

#define AT(e)	 (1U << ENDPOINT_##e)
#define DOCUMENT (AT(LIST) | AT(GET))
#define API	 (DOCUMENT | AT(CONNECTIONS) | AT(DELETE))
#define MACHINE	 (API | AT(TOKEN) | AT(JWKS) | AT(REVOKE))
#define EVERY	 (MACHINE | AT(AUTHORIZE))

const struct fault_kind fault_kinds[] = {
	/* answers.c: another response instead of the correct one */
	{"400", EVERY, NULL, "400, Status ERROR as XML."},
	{"401", MACHINE, NULL, "401, AuthenticationUnsuccessful."},
	{"401-expired", MACHINE, NULL, "401, TokenExpired."},
	{"401-scope", API, NULL, "401, insufficent_scope (Xero's spelling)."},
	{"403", EVERY, NULL,
		"403, AuthenticationUnsuccessful: the practice is not for this log-in."},
	{"404", EVERY, NULL, "404 as text."},
	{"429", EVERY, "Retry-After as it is sent, or none (22)",
		"429 with an empty body, minute limit. Try 0, -5, 999999999, soon, or an HTTP date."},
	{"429-day", API, "Retry-After (66975)", "429, the day's limit."},
	{"429-concurrent", API, NULL, "429, too many at once, without Retry-After."},
	{"429-app", API, "Retry-After (30)", "429, the app's limit over all practices."},
	{"500", EVERY, NULL, "500, an exception of XPM's as XML."},
	{"500-junk", EVERY, NULL, "500, JSON that is broken."},
	{"500-html", EVERY, NULL, "500, an HTML page."},
	{"502", EVERY, NULL, "502, an HTML page."},
	{"503", EVERY, NULL, "503, ServiceNotAvailable."},
	{"503-text", EVERY, NULL, "503, offline for maintenance, as text."},
	{"504", EVERY, NULL, "504, an HTML page."},
	{"html", EVERY, NULL, "200, a maintenance page instead of data."},
	{"empty-body", EVERY, NULL, "200 with the right type and no byte."},
	{"204", EVERY, NULL, "204."},
	{"redirect", EVERY, "where to (https://example.org/)", "302 to another address."},
	{"slow", EVERY, "milliseconds (5000)", "The right answer, late."},
	{"hang", EVERY, "seconds (60)", "Nothing for a while, then the connection breaks."},
	{"drop", EVERY, NULL, "The connection breaks without an answer."},

	/* bends.c: the correct response, changed while it is sent */
	{"cut", DOCUMENT, "bytes that still arrive (2000)",
		"The connection breaks inside the body."},
	{"cut-quietly", DOCUMENT, "bytes that still arrive (2000)",
		"The body ends early and the transfer looks complete."},
	{"long-length", DOCUMENT, "bytes promised too many (1000)",
		"Content-Length promises more than comes; up to 4 MB of body."},
	{"drip", DOCUMENT, "bytes a second (1)", "The body trickles; up to 4 MB of it."},
	{"stall", DOCUMENT, "bytes before it (2000)",
		"The body stops for a minute, then breaks."},
	{"endless", DOCUMENT, "megabytes (1024)",
		"Clients without end, then the connection breaks."},
	{"type", DOCUMENT | AT(TOKEN) | AT(CONNECTIONS),
		"Content-Type (application/octet-stream)",
		"A wrong Content-Type, or none (arg none)."},
	{"charset", DOCUMENT, "charset (utf-16)", "The header names another charset."},
	{"utf-16", DOCUMENT, NULL, "A body in UTF-16, and the header says so."},
	{"latin-1", DOCUMENT, NULL, "A body in ISO-8859-1 that says utf-8: not UTF-8 at all."},
	{"root", DOCUMENT, "its name (Answer)", "Another root element."},
	{"status-error", DOCUMENT, "ErrorDescription (An error occurred)",
		"200, Status ERROR."},
	{"no-status", DOCUMENT, NULL, "No Status element."},
	{"no-clients", DOCUMENT, NULL, "Status OK and no Clients element at all."},
	{"empty-list", DOCUMENT, NULL, "<Clients />: no client."},
	{"not-closed", DOCUMENT, NULL,
		"The last end tag is missing; the transfer looks complete."},
	{"trailing", DOCUMENT, NULL, "A second root behind the first."},
	{"next-page", DOCUMENT, NULL, "Pagination that names a next page: this is not all."},
	{"reversed", AT(LIST), NULL, "The clients in the opposite order."},
	{"repeated", AT(LIST), NULL, "Every client twice, equal: pages that overlap."},
	{"left-out", AT(LIST), "which client (1)", "The list lacks one that get knows."},
	{"doctype", DOCUMENT, NULL, "A DOCTYPE with an external entity."},
	{"bombs", DOCUMENT, NULL, "A DOCTYPE with entities in entities."},
	{"deep", DOCUMENT, "elements (100000)", "Elements within elements."},
	{"attributes", DOCUMENT, "how many (1000000)", "A start tag with too many attributes."},
	{"huge-text", DOCUMENT, "megabytes (64)", "One text without end."},
	{"bad-utf8", DOCUMENT, NULL, "A byte in a name that is not UTF-8."},
	{"nul", DOCUMENT, NULL, "A NUL byte in a name."},
	{"surrogate", DOCUMENT, NULL, "A lone surrogate in a name, encoded."},
	{"control", DOCUMENT, NULL, "A raw control character in a name."},

	/* records.c: one client with wrong data; arg says which, from 1 (default 1) */
	{"duplicate-uuid", DOCUMENT, "which client (1)", "The client comes twice, equal."},
	{"duplicate-differs", DOCUMENT, "which client (1)",
		"The client comes twice, the second time under another name."},
	{"missing-uuid", DOCUMENT, "which client (1)", "No UUID element."},
	{"bad-uuid", DOCUMENT, "which client (1)", "A UUID that is too short."},
	{"upper-uuid", DOCUMENT, "which client (1)", "UUIDs in capitals."},
	{"no-name", DOCUMENT, "which client (1)", "No Name element."},
	{"blank-name", DOCUMENT, "which client (1)", "A Name of blanks."},
	{"long-name", DOCUMENT, "bytes (10240)", "The first client's Name is that long."},
	{"control-name", DOCUMENT, "which client (1)", "A line break and a tab in the Name."},
	{"two-primaries", DOCUMENT, "which client (1)", "Two contacts, both primary."},
	{"none-primary", DOCUMENT, "which client (1)", "Two contacts, none primary."},
	{"duplicate-contact", DOCUMENT, "which client (1)", "The same contact twice."},
	{"contact-no-uuid", DOCUMENT, "which client (1)", "A contact without UUID."},
	{"contact-bad-uuid", DOCUMENT, "which client (1)",
		"A contact whose UUID is too short."},
	{"many-contacts", DOCUMENT, "how many (600)",
		"The first client has that many contacts."},
	{"no-contacts", DOCUMENT, "which client (1)", "No Contacts element."},

	/* token.c, claims.c */
	{"oauth", AT(TOKEN) | AT(REVOKE),
		"the error word (invalid_grant); invalid_client, unauthorized_client, invalid_scope",
		"400 with an OAuth error."},
	{"lost-answer", AT(TOKEN), NULL, "It happens, but no answer arrives."},
	{"not-json", AT(TOKEN) | AT(CONNECTIONS), NULL, "200 with half a JSON document."},
	{"no-refresh-token", AT(TOKEN), NULL, "No refresh_token in the answer."},
	{"no-id-token", AT(TOKEN), NULL, "No id_token in the answer."},
	{"no-access-token", AT(TOKEN), NULL, "No access_token in the answer."},
	{"expires-in", AT(TOKEN), "the value as it stands in JSON (0)",
		"A strange expires_in. Try -1, 1e12, \"x\", null."},
	{"no-expires-in", AT(TOKEN), NULL, "No expires_in in the answer."},
	{"fewer-scopes", AT(TOKEN), NULL, "The tokens lack every practicemanager scope."},
	{"id-nonce", AT(TOKEN), NULL, "An id_token with another nonce."},
	{"id-audience", AT(TOKEN), NULL, "An id_token for another app."},
	{"id-issuer", AT(TOKEN), NULL, "An id_token of another issuer."},
	{"id-expired", AT(TOKEN), NULL, "An id_token that expired an hour ago."},
	{"id-signature", AT(TOKEN), NULL, "An id_token whose signature is wrong."},
	{"id-unsigned", AT(TOKEN), NULL, "An id_token with alg none."},

	/* connections.c */
	{"no-connections", AT(CONNECTIONS), NULL, "An empty array."},
	{"no-practice", AT(CONNECTIONS), NULL, "Only the ORGANISATION entry."},
	{"no-event", AT(CONNECTIONS), NULL,
		"Entries without authEventId; the filter is ignored."},

	/* authorize.c, consent.c */
	{"unknown-client", AT(AUTHORIZE), NULL,
		"Xero's own page: unauthorized_client : Unknown client or client not enabled."},
	{"scope-refused", AT(AUTHORIZE), NULL,
		"Xero's own page: unauthorized_client : Invalid scope for client."},
	{"server-error", AT(AUTHORIZE), NULL, "Back at once with error=server_error."},
	{"wrong-state", AT(AUTHORIZE), NULL, "Back at once with a code and another state."},
	{"no-code", AT(AUTHORIZE), NULL, "Back at once with the state and no code."},

	/* keys.c */
	{"no-keys", AT(JWKS), NULL, "A JWKS without keys."},
	{"other-key", AT(JWKS), NULL,
		"A JWKS with a key that signed nothing, under the same kid."},
};
const size_t fault_kinds_n = ARRAY_LEN(fault_kinds);

const struct fault_kind *fault_kind_find(const char *name)
{
	for (size_t i = 0; i < fault_kinds_n; i++)
		if (strcmp(fault_kinds[i].name, name) == 0)
			return &fault_kinds[i];
	return NULL;
}

static struct settings settings_of(const struct pg_rows *r)
{
	return (struct settings){
		.size = pg_int(r, 0, 0),
		.seed = pg_int(r, 0, 1),
		.practices = (int)pg_int(r, 0, 2),
		.latency_ms = (int)pg_int(r, 0, 3),
		.expires_in = (int)pg_int(r, 0, 4),
		.tenant_name = pg_text(r, 0, 5),
		.limits = pg_bool(r, 0, 6),
		.strict_refresh = pg_bool(r, 0, 7),
		.second_consent = pg_text(r, 0, 8),
		.unknown_client = pg_text(r, 0, 9),
		.day = (int)pg_int(r, 0, 10),
		.generation = (int)pg_int(r, 0, 11),
	};
}

static bool one_row(const struct pg_rows *r, struct err *e)
{
	if (r->n == 1)
		return true;
	return err_set(e, ERR_CONFIG, "The sandbox has no settings: run gap-sandbox migrate.");
}

bool fault_settings(struct pg *db, struct settings *settings_r, struct err *e)
{
	struct pg_rows r;
	if (!pg_query(db, SANDBOX_STMT_SETTINGS, &r, e) || !one_row(&r, e))
		return false;
	*settings_r = settings_of(&r);
	return true;
}

bool fault_arrive(struct pg *db, enum endpoint at, struct settings *settings_r,
	struct fault *fault_r, struct err *e)
{
	struct pg_rows r;
	if (!pg_query(db, SANDBOX_STMT_ARRIVE, &r, e, PG_TEXT(endpoint_names[at])) ||
		!one_row(&r, e))
		return false;
	*settings_r = settings_of(&r);
	*fault_r = (struct fault){.arg = "", .number = -1};
	if (pg_null(&r, 0, 12))
		return true;
	fault_r->name = pg_text(&r, 0, 12);
	fault_r->arg = pg_text(&r, 0, 13);
	if (!str_to_i64(str_of(fault_r->arg), &fault_r->number))
		fault_r->number = -1;
	return true;
}

int64_t fault_number(const struct fault *f, int64_t otherwise)
{
	return f->number < 0 ? otherwise : f->number;
}

/*
 * Signals are blocked while a request is served, so a fault that sleeps must look for a pending
 * one.
 */
static bool stop_is_pending(void)
{
	sigset_t waiting;
	return sigpending(&waiting) == 0 &&
	       (sigismember(&waiting, SIGTERM) == 1 || sigismember(&waiting, SIGINT) == 1);
}

bool fault_sleep(int64_t ms)
{
	int64_t until = clock_mono_ms() + ms;
	for (int64_t left = ms; left > 0; left = until - clock_mono_ms()) {
		if (stop_is_pending())
			return false;
		(void)poll(NULL, 0, left < NAP_MS ? (int)left : NAP_MS);
	}
	return true;
}
