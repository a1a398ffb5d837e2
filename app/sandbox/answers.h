/* Faults that are another answer instead of the right one. */
#ifndef GAP_SANDBOX_ANSWERS_H
#define GAP_SANDBOX_ANSWERS_H

#include "sandbox/site.h"

/* Answers in place of the handler when such a fault waits. False: nothing of the kind; go on. */
bool answer_with_fault(struct page *p);

#endif
