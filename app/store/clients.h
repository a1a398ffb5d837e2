/*
 * The Clients area: the list in keyset pages, search, one client with its contacts, and edits
 * made by hand. Rows synced from the connected practice are view only. The database role cannot
 * write them; these functions check first and refuse with ERR_CONFLICT and a sentence that says
 * why.
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
	CLIENTS_PROSPECTS, /* added by hand; a sync leaves XPM's prospects out */
	CLIENTS_SINCE,	   /* changed since the user last looked (store/look.h); not searched */
	CLIENTS_FILTER__MAX
};

/* Rows that are equal in the chosen order are sorted by name. */
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
	bool held; /* an undo put it back, and syncs leave it so until XPM sends something else */
	int flags;
	int64_t changed_at;
	int64_t rank; /* sort rank before the name; part of the next page's key */
};

struct client_query {
	enum client_filter filter;
	const char *words; /* search; NULL or "": none */
	enum client_order order;
	/*
	 * Keyset: rows after the row with this name, id and rank; before it when `back` is set.
	 * key_name NULL: from the start.
	 */
	const char *key_name;
	int64_t key_id, key_rank;
	bool back;
	/* For CLIENTS_SINCE: the user who looks; changes made by user_name are left out. */
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
	const char *
		also; /* other clients with this contact, "A, B", each name in bidi isolates; NULL: none */
};
struct client_view {
	int64_t client_id;
	const char *name, *status, *xpm_id, *web_url, *archived_reason;
	bool synced, view_only;
	int64_t archived_at, changed_at;
	int flags;
	int64_t held_run;   /* run_id of the undo that holds it (store/undo.h); 0: not held */
	int64_t fix_id;	    /* its open line of the list "Fix in XPM"; 0: none */
	const char *fix_by; /* the person that line is assigned to; NULL: nobody */
	bool paired;	    /* pair_of_client finds a pair to show */
	/*
	 * The newest successful run that read the whole list; 0: none. Only of live clients of
	 * the connected practice.
	 */
	int64_t checked_run, checked_at;
	bool check_changed; /* that run changed the client */
	bool check_missed; /* that run's list lacked the client, and XPM has not said why yet */
	const struct contact_row *contacts;
	size_t n_contacts;
};
/*
 * ERR_NOT_FOUND: no such client in this organisation; another organisation's id gives the same
 * error.
 */
MUSTUSE bool clients_get(struct pg *db, struct arena *a, int64_t org_id, int64_t client_id,
	struct client_view *v_r, struct err *e);

struct history_row {
	int64_t change_id, run_id /* 0: by hand */, at;
	const char *field, *old, *new, *by_name;
};
/* The history of one client, newest first; before_id 0: from the newest. */
struct client_history {
	int64_t before_id;
	int limit;
	const struct history_row *rows;
	size_t n;
};
/*
 * As clients_get, with the history in the same round trip. The caller sets before_id and limit
 * of *h; rows and n are filled.
 */
MUSTUSE bool clients_get_with(struct pg *db, struct arena *a, int64_t org_id, int64_t client_id,
	struct client_view *v_r, struct client_history *h, struct err *e);

struct client_edit {
	const char *name, *status;		  /* "client" or "prospect" */
	const char *contact_name, *email, *phone; /* the primary contact; name "" = none */
};
/*
 * ERR_CONFLICT: a practice is connected, or a client with the same name and e-mail address
 * exists.
 */
MUSTUSE bool clients_add(struct pg *db, int64_t org_id, const struct client_edit *c,
	int64_t *client_id_r, struct err *e);
/* ERR_CONFLICT: the client is view only; the error says why. */
MUSTUSE bool clients_change(struct pg *db, int64_t org_id, int64_t client_id,
	const struct client_edit *c, struct err *e);
MUSTUSE bool clients_archive(
	struct pg *db, int64_t org_id, int64_t client_id, bool archive, struct err *e);

/*
 * The contact's name as the list shows it; NULL when the flags say that there is no usable
 * primary contact ("No Primary Contact").
 */
const char *clients_contact_shown(const char *name, int flags);

/* Does the organisation have any client? Chooses between a list and its empty state. */
MUSTUSE bool clients_any(struct pg *db, int64_t org_id, bool *any_r, struct err *e);

/*
 * Streams every row of the filter and the search, for the CSV. The key of *q is ignored; rank
 * is not set.
 */
MUSTUSE bool clients_each(struct pg *db, int64_t org_id, const struct client_query *q,
	bool (*row)(void *user, const struct client_row *r, struct err *e), void *user,
	struct err *e);

#endif
