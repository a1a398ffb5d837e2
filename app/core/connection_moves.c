#include "core/connection.h"

#include "base/str.h"

/* A cell of the table in the header: the number of the move, and the state it leads to. */
struct move {
	int number;
	enum connection_state to;
};

#define N_C CONNECTION_NOT_CONNECTED
#define CON CONNECTION_CONNECTING
#define CHO CONNECTION_CHOOSING
#define IMP CONNECTION_FIRST_IMPORT
#define LIV CONNECTION_LIVE
#define DEG CONNECTION_DEGRADED
#define HEL CONNECTION_HELD
#define REC CONNECTION_NEEDS_RECONNECT
#define DIS CONNECTION_DISCONNECTING

static const struct move moves[CONNECTION_EVENT__MAX][CONNECTION__MAX] = {
	[CONNECTION_CALLBACK] = {[N_C] = {1, CON},
		[REC] = {2, CON},
		[LIV] = {3, CON},
		[DEG] = {4, CON},
		[HEL] = {5, CON}},
	[CONNECTION_BACK_NOT_CONNECTED] = {[CON] = {6, N_C}},
	[CONNECTION_BACK_FIRST_IMPORT] = {[CON] = {7, IMP}},
	[CONNECTION_BACK_LIVE] = {[CON] = {8, LIV}},
	[CONNECTION_BACK_DEGRADED] = {[CON] = {9, DEG}},
	[CONNECTION_BACK_HELD] = {[CON] = {10, HEL}},
	[CONNECTION_BACK_NEEDS_RECONNECT] = {[CON] = {11, REC}},
	[CONNECTION_OFFERED] = {[CON] = {12, CHO}},
	[CONNECTION_CHOSEN] = {[CHO] = {13, CON}},
	[CONNECTION_TAKEN] = {[CON] = {14, IMP}},
	[CONNECTION_RUN_GOOD] = {[IMP] = {15, LIV},
		[LIV] = {16, LIV},
		[DEG] = {17, LIV},
		[HEL] = {18, LIV},
		[REC] = {19, LIV}},
	[CONNECTION_RUN_FAILED] = {[IMP] = {20, IMP},
		[LIV] = {21, DEG},
		[DEG] = {22, DEG},
		[HEL] = {23, HEL},
		[REC] = {24, REC}},
	[CONNECTION_RUN_HELD] = {[IMP] = {25, HEL},
		[LIV] = {26, HEL},
		[DEG] = {27, HEL},
		[HEL] = {28, HEL},
		[REC] = {29, HEL}},
	[CONNECTION_DISCARDED] = {[HEL] = {30, LIV}},
	[CONNECTION_LOST] = {[IMP] = {31, REC},
		[LIV] = {32, REC},
		[DEG] = {33, REC},
		[HEL] = {34, REC},
		[REC] = {35, REC}},
	[CONNECTION_MISCONFIGURED] = {[IMP] = {36, IMP},
		[LIV] = {37, LIV},
		[DEG] = {38, DEG},
		[HEL] = {39, HEL},
		[REC] = {40, REC}},
	[CONNECTION_REMOVED] = {[IMP] = {41, N_C},
		[LIV] = {42, N_C},
		[DEG] = {43, N_C},
		[HEL] = {44, N_C},
		[REC] = {45, N_C}},
	[CONNECTION_DISCONNECT] = {[IMP] = {46, DIS},
		[LIV] = {47, DIS},
		[DEG] = {48, DIS},
		[HEL] = {49, DIS},
		[REC] = {50, DIS}},
	[CONNECTION_OUR_END] = {[DIS] = {51, DIS}},
	[CONNECTION_TOLD] = {[DIS] = {52, N_C}},
};

int connection_move_number(enum connection_state from, enum connection_event event)
{
	return moves[event][from].number;
}

bool connection_step(enum connection_state from, enum connection_event event,
	enum connection_state *to_r, struct err *e)
{
	if (moves[event][from].number == 0)
		return err_set(e, ERR_CONFLICT,
			"The connection to Xero Practice Manager has changed meanwhile. Reload "
			"the page to see its state.");
	*to_r = moves[event][from].to;
	return true;
}

bool connection_may_move(enum connection_state from, enum connection_state to)
{
	for (size_t ev = 0; ev < CONNECTION_EVENT__MAX; ev++)
		if (moves[ev][from].number != 0 && moves[ev][from].to == to)
			return true;
	return false;
}

static const char *list(const bool in[CONNECTION__MAX], char out[CONNECTION_LIST_BYTES])
{
	size_t n = 0;
	out[n++] = '{';
	for (int s = 0; s < CONNECTION__MAX; s++)
		if (in[s])
			n += (size_t)snprintf(out + n, CONNECTION_LIST_BYTES - n, "%s%s",
				n > 1 ? "," : "",
				connection_state_name((enum connection_state)s));
	(void)snprintf(out + n, CONNECTION_LIST_BYTES - n, "}");
	return out;
}

const char *connection_leaves(enum connection_event event, char out[CONNECTION_LIST_BYTES])
{
	bool in[CONNECTION__MAX];
	for (int s = 0; s < CONNECTION__MAX; s++)
		in[s] = moves[event][s].number != 0;
	return list(in, out);
}

const char *connection_before(enum connection_state to, char out[CONNECTION_LIST_BYTES])
{
	bool in[CONNECTION__MAX];
	for (int s = 0; s < CONNECTION__MAX; s++)
		in[s] = connection_may_move((enum connection_state)s, to);
	return list(in, out);
}

const char *connection_running(char out[CONNECTION_LIST_BYTES])
{
	bool in[CONNECTION__MAX];
	for (int s = 0; s < CONNECTION__MAX; s++)
		in[s] = connection_runs((enum connection_state)s, false);
	return list(in, out);
}
