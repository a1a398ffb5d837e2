/*
 * The Clients area: pages of the list by key, search, one client with contacts,
 * and what may be written by hand. Synced rows refuse every write: the database role
 * cannot, and these functions say why (ERR_CONFLICT) before it has to.
 */
#ifndef GAP_STORE_CLIENTS_H
#define GAP_STORE_CLIENTS_H

#include "core/client.h"
#include "io/pg.h"

enum client_filter {
	CLIENTS_ALL,
	CLIENTS_NO_PRIMARY,
	CLIENTS_ATTENTION,
	CLIENTS_ARCHIVED,
	CLIENTS_XPM,
	CLIENTS_BY_HAND,
	CLIENTS_PROSPECTS, /* by hand: those of XPM are left out (rule D12) */
	CLIENTS_SINCE, /* changed since somebody last looked (store/look.h), archived ones too; not searched */
	CLIENTS_FILTER__MAX
};

/* Rows that an order has no opinion about go by name. */
enum client_order {
	CLIENTS_BY_NAME,
	CLIENTS_BY_NAME_DOWN,
	CLIENTS_BY_CHANGE, /* the latest change first */
	CLIENTS_BY_SOURCE, /* by hand: prospects, then clients; then XPM's */
	CLIENTS_ORDER__MAX
};

enum { CLIENTS_PAGE = 50 };

struct client_row {
	int64_t client_id;
	const char *name, *status;
	const char *contact_name; /* NULL: "No Primary Contact" */
	const char *email, *phone;
	bool synced; /* came from XPM (has an XPM id) */
	bool view_only;
	bool archived;
	bool held; /* after an undo (rulings 30) */
	int flags;
	int64_t changed_at;
	int64_t rank; /* what its order goes by before the name, for the next page's key */
};

struct client_query {
	enum client_filter filter;
	const char *words; /* search; NULL or "": none */
	enum client_order order;
	/* Keyset: rows after (or, back, before) the row of this name, id and rank. name NULL: from the start. */
	const char *key_name;
	int64_t key_id, key_rank;
	bool back;
	/* CLIENTS_SINCE: who looks. */
	int64_t user_id;
	const char *user_name;
};
struct client_page {
	const struct client_row *rows;
	size_t n;
	bool more_before, more_after;
};
MUSTUSE bool clients_page(struct pg *db, struct arena *a, int64_t org_id,
	const struct client_query *q, struct client_page *page_r, struct err *e);

struct contact_row {
	int64_t contact_id;
	const char *name, *email, *phone;
	bool is_primary;
	const char *also; /* other clients it belongs to, "A, B", each isolated; NULL */
};
struct client_view {
	int64_t client_id;
	const char *name, *status, *xpm_id, *web_url, *archived_reason;
	bool synced, view_only;
	int64_t archived_at, changed_at;
	int flags;
	int64_t held_run;   /* the undo that holds it (rulings 30); 0: none */
	int64_t fix_id;	    /* its open line under Fix in XPM; 0: none */
	const char *fix_by; /* who takes care of that; NULL: nobody */
	bool paired;	    /* pair_of_client has something to tell */
	/* The newest good run that read the whole list, of a live client of the connected practice; 0: none. */
	int64_t checked_run, checked_at;
	bool check_changed; /* it changed the client */
	bool check_missed;  /* the client was not in the list, and XPM has not said why yet */
	const struct contact_row *contacts;
	size_t n_contacts;
};
/* ERR_NOT_FOUND, the same for another organisation's id. */
MUSTUSE bool clients_get(struct pg *db, struct arena *a, int64_t org_id, int64_t client_id,
	struct client_view *v_r, struct err *e);

struct history_row {
	int64_t change_id, run_id /* 0: by hand */, at;
	const char *field, *old, *new, *by_name;
};
/* What happened to one client, newest first; before_id 0: from the newest. */
struct client_history {
	int64_t before_id;
	int limit;
	const struct history_row *rows;
	size_t n;
};
/* With its history in the same round trip: before_id and limit of *h are asked for, rows and n are filled. */
MUSTUSE bool clients_get_with(struct pg *db, struct arena *a, int64_t org_id, int64_t client_id,
	struct client_view *v_r, struct client_history *h, struct err *e);

struct client_edit {
	const char *name, *status;		  /* "client" or "prospect" */
	const char *contact_name, *email, *phone; /* the primary contact; name "" = none */
};
/* ERR_CONFLICT while a practice is connected, or for the same name and e-mail again. */
MUSTUSE bool clients_add(struct pg *db, int64_t org_id, const struct client_edit *c,
	int64_t *client_id_r, struct err *e);
/* ERR_CONFLICT with the reason on a view-only record. */
MUSTUSE bool clients_change(struct pg *db, int64_t org_id, int64_t client_id,
	const struct client_edit *c, struct err *e);
MUSTUSE bool clients_archive(
	struct pg *db, int64_t org_id, int64_t client_id, bool archive, struct err *e);

/* Whom the list shows for these flags: NULL ("No Primary Contact", rule D10) or the name. */
const char *clients_contact_shown(const char *name, int flags);

/* Does the organisation have any client at all? For the empty states. */
MUSTUSE bool clients_any(struct pg *db, int64_t org_id, bool *any_r, struct err *e);

/* Streams every row of filter and words, for the CSV; the key plays no part, its rows have no rank. */
MUSTUSE bool clients_each(struct pg *db, int64_t org_id, const struct client_query *q,
	bool (*row)(void *user, const struct client_row *r, struct err *e), void *user,
	struct err *e);

#endif
