/*
 * The other half of the product beside the site under test: what the worker makes of a job that a page has queued,
 * in the test's own process, without an Xero and without mails.
 */
#ifndef GAP_TESTS_SITE_WORKER_H
#define GAP_TESTS_SITE_WORKER_H

/* Does the jobs of this kind that are due, with the rights of gap_worker; how many. Others stay, for a day. */
int site_work(const char *kind);

#endif
