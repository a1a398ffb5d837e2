/*
 * The controls, for people (the panel) and for tests (POST and state). faults.h is the manual.
 * Loopback only, by the client's address that nginx passes on.
 */
#ifndef GAP_SANDBOX_PANEL_H
#define GAP_SANDBOX_PANEL_H

#include "sandbox/site.h"

enum control {
	CTL_RESET,
	CTL_SIZE,
	CTL_SEED,
	CTL_PRACTICES,
	CTL_LATENCY_MS,
	CTL_EXPIRES_IN,
	CTL_TENANT_NAME,
	CTL_LIMITS,
	CTL_STRICT_REFRESH,
	CTL_SECOND_CONSENT,
	CTL_UNKNOWN_CLIENT,
	CTL_CLEAR,
	CTL_FAULT,
	CTL_FOR,
	CTL_TIMES,
	CTL_AFTER,
	CTL_ARG,
	CTL_ACT,
	CTL_WHO,
	CTL_EDIT,
	CTL_CLIENT,
	CTL_INTO,
	CTL_VALUE,
	CTL_COUNT,
	CTL_DAY,
	CTL__MAX
};
extern const struct field sandbox_controls[CTL__MAX];

/* POST /sandbox/faults */
bool sandbox_control(struct page *p, struct err *e);

/* GET /sandbox */
bool sandbox_panel(struct page *p, struct err *e);

/* The panel with `message`, the error in the form. */
bool panel_show(struct page *p, int status, const char *message, struct err *e);

/* GET /sandbox/state */
bool sandbox_state(struct page *p, struct err *e);

#endif
