/* What the tests of matching share: clients by hand, decisions, and the whole list as text. */
#ifndef GAP_TEST_MATCH_CASES_H
#define GAP_TEST_MATCH_CASES_H

#include "store/match.h"
#include "support/sync_cases.h"

const char *twins_rows(void);
const char *twins_history(void);
const char *twins_list_at(const char *moment);
const char *twins_synced(void);
int64_t twins_by_hand(const char *name, const char *email);
int64_t twins_client_of(int xpm);
const struct match_by *twins_ada(void);
void twins_ask(int64_t hand, int64_t twin);
int64_t twins_newest_pair(void);
void twins_wish(int64_t pair, enum pair_wish what);
void twins_only_match_jobs(void);

#endif
