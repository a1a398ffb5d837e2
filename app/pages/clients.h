/*
 * The Clients area: the list with search, filters and keyset pages; one client; adding and
 * editing by hand; CSV.
 */
#ifndef GAP_PAGES_CLIENTS_H
#define GAP_PAGES_CLIENTS_H

#include "pages/page.h"
#include "store/clients.h"
#include "store/connections.h"

extern const struct tmpl_shape clients_shape, clients_rows_shape, client_shape,
	client_form_shape;

enum {
	LIST_WORDS,
	LIST_FILTER,
	LIST_AFTER,
	LIST_BEFORE,
	LIST_KEY,
	LIST_WATCH,
	LIST_SORT,
	LIST_RANK,
	LIST__MAX
};
extern const struct field clients_query[LIST__MAX];
enum {
	FORM_NAME,
	FORM_STATUS,
	FORM_CONTACT,
	FORM_CONTACT_LAST,
	FORM_EMAIL,
	FORM_PHONE,
	FORM__MAX
};
extern const struct field client_fields[FORM__MAX];

enum { CLIENT_BEFORE, CLIENT_QUERY__MAX };
extern const struct field client_query[CLIENT_QUERY__MAX];

bool clients_list(struct page *p, struct err *e);
bool clients_status(struct page *p, struct err *e);
bool clients_csv(struct page *p, struct err *e);
/* Marks every change up to now as seen by this person. */
bool clients_seen(struct page *p, struct err *e);
bool client_show(struct page *p, struct err *e);
bool client_new(struct page *p, struct err *e);
bool client_new_post(struct page *p, struct err *e);
bool client_edit(struct page *p, struct err *e);
bool client_edit_post(struct page *p, struct err *e);
bool client_archive(struct page *p, struct err *e);
bool client_restore(struct page *p, struct err *e);

/*
 * ERR_CONFLICT, with a sentence for the user, while a practice is connected: clients come from
 * XPM then, and none is added by hand.
 */
MUSTUSE bool clients_by_hand(struct page *p, struct err *e);

/* POST /syncs: "Update Xero Clients". */
bool sync_now(struct page *p, struct err *e);

/*
 * The answer of /clients/status: the key changes when the data, the run or the connection has
 * changed.
 */
const char *clients_status_key(struct page *p, const struct connection *c);
/* Filter and order by their names in an address. NULL: all clients; sorted by name. */
struct list_address {
	const char *filter, *sort;
};
/*
 * Renders the rows of one page of the list, with the links to the pages beside it; NULL markup
 * when there are no rows. The process keeps a page without search words until the data version
 * changes. `last` is the time of the last sync, as the rows show it.
 */
MUSTUSE bool clients_rows(struct page *p, const struct client_query *q,
	const struct list_address *at, const struct moment *last, struct html *rows_r,
	struct err *e);

/* The columns of a client in a CSV file, and one row; `user` is the struct download. */
enum { CLIENTS_CSV_COLUMNS = 6 };
extern const char *const clients_csv_heads[CLIENTS_CSV_COLUMNS];
bool clients_csv_row(void *user, const struct client_row *r, struct err *e);

/* The list page again, with this status and this bar. */
MUSTUSE bool clients_list_with(
	struct page *p, int status, const char *bar_kind, const char *bar_text, struct err *e);

#endif
