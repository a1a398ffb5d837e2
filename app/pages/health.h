/* For machines: liveness, readiness, metrics; and the CSP reports that browsers send. */
#ifndef GAP_PAGES_HEALTH_H
#define GAP_PAGES_HEALTH_H

#include "pages/page.h"

bool health_live(struct page *p, struct err *e);
bool health_ready(struct page *p, struct err *e);
bool health_metrics(struct page *p, struct err *e);
bool health_csp_report(struct page *p, struct err *e);

#endif
