/* Faults that replace the correct response by another one. */
#ifndef GAP_SANDBOX_ANSWERS_H
#define GAP_SANDBOX_ANSWERS_H

#include "sandbox/site.h"

/*
 * Responds in place of the handler when such a fault waits for this call. False: there is none,
 * and the handler must respond.
 */
bool answer_with_fault(struct page *p);

#endif
