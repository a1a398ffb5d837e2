#include "sandbox/list.h"

#include "codec/when.h"
#include "sandbox/bearer.h"
#include "sandbox/bends.h"
#include "sandbox/limits.h"
#include "sandbox/reply.h"
#include "sandbox/stmt.h"

enum { LIST_PATIENCE_S = 1800 };

/* A document while it is written from the rows to the outlet. */
struct document {
	struct page *p;
	struct outlet out;
	struct record_wish wish;
	struct arena *scratch; /* memory of the record that is being read */
	struct record record;
	int64_t met, told; /* records read, records written */
	bool json, gathering;
	bool single; /* client.api/get: without <Clients> around the record */
};

/* Xero seems to compare query names without case; unknown names are ignored. */
static const char *query_value(const struct page *p, const char *name)
{
	for (size_t i = 0; i < p->q->query.n; i++)
		if (str_is_ci(str_of(p->q->query.pairs[i].name), name))
			return p->q->query.pairs[i].value;
	return NULL;
}

/*
 * Xero sends JSON only when both the query and Accept ask for it: Accept alone still gave XML.
 */
static bool wants_json(const struct page *p)
{
	const char *accept = request_header(p->q, "HTTP_ACCEPT");
	const char *features = request_header(p->q, "HTTP_XERO_FEATURES");
	return accept != NULL && str_starts(str_of(accept), "application/json") &&
	       features != NULL && strstr(features, "practice-strict-content-type") != NULL;
}

static void document_init(struct document *d, struct page *p, bool single)
{
	const char *fields = query_value(p, "fields"), *detailed = query_value(p, "detailed");
	*d = (struct document){.p = p,
		.scratch = arena_new(),
		.json = wants_json(p),
		.single = single,
		.wish = {.detailed = single ||
				     (detailed != NULL && str_is_ci(str_of(detailed), "true")),
			.has_fields = fields != NULL,
			.fields = fields,
			.web_url = !single}};
}

static void tell(struct document *d)
{
	struct buf *out = &d->out.buf;
	if (d->json) {
		buf_adds(out, d->told > 0 && !d->single ? "," : "");
		record_json(out, &d->record, &d->wish);
	} else {
		record_xml(out, &d->record, &d->wish);
	}
	d->told++;
}

static void open_clients(struct document *d)
{
	if (d->json || d->single || d->told > 0)
		return;
	buf_adds(&d->out.buf, "<Clients>");
	bend_before_clients(&d->out);
}

/* The record is complete: write it. False: the reader has disconnected. */
static bool finish_record(struct document *d)
{
	bool again;
	if (!d->gathering || bend_is_empty(d->p))
		return true;
	d->gathering = false;
	/* The app does not import prospects, so a fault in a prospect would not be seen. */
	bool prospect = strcmp(d->record.cell[COL_IS_PROSPECT], "t") == 0;
	int64_t place = prospect ? 0 : ++d->met;
	if (bend_leaves_out(d->p, place))
		return true;
	open_clients(d);
	bend_record(d->p, d->scratch, &d->record, place, &again);
	tell(d);
	if (again) {
		bend_again(d->p, d->scratch, &d->record);
		tell(d);
	}
	return outlet_flow(&d->out);
}

static bool on_row(void *user, const struct pg_rows *row, struct err *e)
{
	struct document *d = user;
	bool same =
		d->gathering && strcmp(d->record.cell[COL_SEQ], pg_text(row, 0, COL_SEQ)) == 0;
	if (!same) {
		if (!finish_record(d))
			return err_set(e, ERR_REFUSED, "Nobody reads on.");
		arena_reset(d->scratch);
		record_start(&d->record, d->scratch, row, 0);
		d->gathering = true;
	}
	record_add_contact(&d->record, d->scratch, row, 0);
	return true;
}

/*
 * The time in modifiedsince; 0 when absent: all clients. Xero's format is yyyy-MM-ddTHH:mm:ss,
 * UTC, without a zone.
 */
static bool modified_since(const struct page *p, int64_t *since_r)
{
	const char *text = query_value(p, "modifiedsince");
	*since_r = 0;
	return text == NULL || *text == '\0' || when_parse(str_of(text), since_r);
}

static void open_document(struct document *d)
{
	outlet_open(&d->out, d->p, d->json);
	if (d->json)
		buf_adds(&d->out.buf, d->single ? "{\"status\":\"OK\",\"client\":"
						: "{\"status\":\"OK\",\"clients\":[");
	else
		bend_opening(&d->out, d->single ? "Get" : "List");
}

static bool close_document(struct document *d, struct err *e)
{
	struct buf *out = &d->out.buf;
	if (!d->json && !bend_after_clients(&d->out, &d->record, &d->wish, e))
		return false;
	if (d->json)
		buf_adds(out, d->single ? "}" : "]}");
	else if (!d->single && d->told > 0)
		buf_adds(out, "</Clients>");
	else if (!d->single && !sandbox_fault_is(d->p, "no-clients"))
		buf_adds(out, "<Clients />");
	if (!d->json)
		bend_closing(&d->out);
	outlet_close(&d->out);
	return true;
}

static bool stream(struct document *d, int tenant_no, int64_t since, struct err *e)
{
	const struct pg_arg args[] = {PG_INT(tenant_no), PG_INT(since)};
	struct page *p = d->p;
	if (!pg_begin(p->db, 0, e))
		return false;
	pg_patience(p->db, LIST_PATIENCE_S);
	open_document(d);
	int stmt = sandbox_fault_is(p, "reversed") ? SANDBOX_STMT_CLIENT_LIST_REVERSED
						   : SANDBOX_STMT_CLIENT_LIST;
	bool ok = pg_each(p->db, stmt, e, args, ARRAY_LEN(args), on_row, d) &&
		  pg_commit(p->db, e) && finish_record(d);
	if (!ok && pg_in_transaction(p->db))
		pg_rollback(p->db);
	/*
	 * A fault may cut the list on purpose; a list that failed for another reason must not
	 * look complete.
	 */
	if (!ok && !d->out.over) {
		p->s->abort = true;
		return false;
	}
	return close_document(d, e);
}

static bool list_answer(struct page *p, int tenant_no, struct err *e)
{
	struct document d;
	int64_t since;
	if (sandbox_fault_is(p, "status-error"))
		return reply_xml_error(
			p, 200, *p->fault.arg == '\0' ? "An error occurred" : p->fault.arg);
	if (!modified_since(p, &since))
		return reply_xml_error(p, 200, "Invalid modifiedsince date");
	document_init(&d, p, false);
	bool ok = stream(&d, tenant_no, since, e);
	arena_free(&d.scratch);
	return ok;
}

static bool unknown_client(struct page *p)
{
	if (strcmp(p->settings.unknown_client, "404") == 0)
		return reply_text(p, 404, "The resource you're looking for cannot be found");
	if (strcmp(p->settings.unknown_client, "500") == 0)
		return reply_xml_error(p, 500, "An unexpected error has occurred");
	return reply_xml_error(p, 200, "Invalid client identifier");
}

static void tell_one(struct document *d)
{
	bool again;
	if (!d->json && record_wants(&d->wish, "WebUrl")) {
		buf_adds(&d->out.buf, "<WebUrl>");
		record_web_url(&d->out.buf, &d->record);
		buf_adds(&d->out.buf, "</WebUrl>");
	}
	d->wish.web_url = d->json;
	bend_record(d->p, d->scratch, &d->record, 1, &again);
	tell(d);
}

static bool get_answer(struct page *p, int tenant_no, struct err *e)
{
	struct document d;
	struct pg_rows rows;
	if (sandbox_fault_is(p, "status-error"))
		return reply_xml_error(
			p, 200, *p->fault.arg == '\0' ? "An error occurred" : p->fault.arg);
	if (!pg_query(p->db, SANDBOX_STMT_CLIENT_GET, &rows, e, PG_INT(tenant_no),
		    PG_TEXT(p->q->param[0])))
		return false;
	if (rows.n == 0)
		return unknown_client(p);
	document_init(&d, p, true);
	record_start(&d.record, d.scratch, &rows, 0);
	for (size_t i = 0; i < rows.n; i++)
		record_add_contact(&d.record, d.scratch, &rows, i);
	open_document(&d);
	tell_one(&d);
	bool ok = close_document(&d, e);
	arena_free(&d.scratch);
	return ok;
}

static bool for_tenant(
	struct page *p, bool (*answer)(struct page *, int, struct err *), struct err *e)
{
	int tenant_no;
	bool answered;
	if (!bearer_tenant(p, &tenant_no, &answered, e))
		return false;
	if (answered)
		return true;
	if (!limits_enter(p, tenant_no, &answered, e))
		return false;
	if (answered)
		return true;
	bool ok = answer(p, tenant_no, e);
	limits_leave(p, tenant_no);
	return ok;
}

bool sandbox_list(struct page *p, struct err *e)
{
	return for_tenant(p, list_answer, e);
}

bool sandbox_get(struct page *p, struct err *e)
{
	return for_tenant(p, get_answer, e);
}
