#include "io/pg_int.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>

enum { AWAY_MS = 1000, PING_MS = 2000, SCRIPT_S = 600, TICK_MS = 1000 };

void pg_while_waiting(struct pg *db, void (*tick)(void *user), void *user)
{
	db->meanwhile = (struct wire_meanwhile){tick, user};
}

int wire_poll(const struct wire_meanwhile *m, int fd, short events, int64_t ms, short *seen_r)
{
	struct pollfd p = {.fd = fd, .events = events};
	int64_t most = m->tick == NULL ? INT_MAX : TICK_MS;
	int n = poll(&p, 1, ms < 0 ? 0 : ms > most ? (int)most : (int)ms);
	*seen_r = p.revents;
	if (n == 0 && ms > 0 && m->tick != NULL)
		m->tick(m->user);
	return n < 0 && errno == EINTR ? 0 : n;
}

bool pg_listen(struct pg *db, const char *channel, struct err *e)
{
	if (channel[strspn(channel, "abcdefghijklmnopqrstuvwxyz_")] != '\0' ||
		db->n_channels == PG_CHANNELS_MAX)
		bug("pg_listen: %s", channel);
	const char *text = arena_printf(db->home, "LISTEN %s", channel);
	struct wire_reply ignored;
	/* Stored even if it fails now: each new connection listens again. */
	db->channels[db->n_channels++] = text;
	if (!pg_ready(db, e))
		return false;
	return pg_simple(db, text, &ignored, e) || pg_fell(db);
}

bool pg_wait(struct pg *db, int other_fd, int timeout_ms, bool *noticed_r, struct err *e)
{
	*noticed_r = false;
	if (!pg_ready(db, e)) {
		struct pollfd p = {.fd = other_fd, .events = POLLIN};
		(void)poll(&p, 1, timeout_ms < AWAY_MS ? timeout_ms : AWAY_MS);
		return false;
	}
	if (db->missed) {
		db->missed = false;
		*noticed_r = true;
		return true;
	}
	return wire_wait(db->wire, other_fd, timeout_ms, noticed_r, e) || pg_fell(db);
}

bool pg_ping(struct pg *db)
{
	struct err e;
	struct wire_reply ignored;
	if (db->tx != TX_NONE || db->busy)
		return wire_state(db->wire) != WIRE_DOWN;
	if (!pg_ready(db, &e))
		return false;
	wire_patience(db->wire, PING_MS);
	bool ok = pg_simple(db, "", &ignored, &e) || pg_fell(db);
	wire_patience(db->wire, WIRE_PATIENCE_MS);
	return ok;
}

bool pg_may_repeat(const struct pg *db)
{
	return db->passing && !db->wrote;
}

void pg_mark(struct pg *db)
{
	db->wrote = db->passing = false;
}

int64_t pg_trips(const struct pg *db)
{
	return db->trips;
}

bool pg_script(struct pg *db, const char *text, struct err *e)
{
	pg_patience(db, SCRIPT_S);
	if (!pg_clear_way(db, -1, e))
		return false;
	return wire_script(db->wire, text, e) || pg_fell(db);
}

bool pg_prepare_all(struct pg *db, struct err *e)
{
	for (size_t i = 0; i < db->n; i++) {
		int params = 0;
		if (!pg_clear_way(db, (int)i, e) ||
			!wire_params(db->wire, db->table[i].name, &params, e))
			return pg_fell(db);
		if (params != db->table[i].params)
			return err_set(e, ERR_INTERNAL,
				"%s takes %d arguments, its text says %d.", db->table[i].name,
				params, db->table[i].params);
	}
	return true;
}

const char *pg_constraint(const struct pg *db)
{
	return wire_constraint(db->wire);
}
