/*
 * client.api/list and client.api/get/{uuid} of the XPM API 3.1
 * (developer.xero.com/documentation/api/practice-manager-3-1/).
 */
#ifndef GAP_SANDBOX_LIST_H
#define GAP_SANDBOX_LIST_H

#include "sandbox/site.h"

bool sandbox_list(struct page *p, struct err *e);
bool sandbox_get(struct page *p, struct err *e);

#endif
