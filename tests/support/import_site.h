/* A client list as a file, brought to the site under test, looked through, and imported by the worker. */
#ifndef GAP_TESTS_IMPORT_SITE_H
#define GAP_TESTS_IMPORT_SITE_H

#include "support/site_test.h"
#include "support/site_worker.h"

#define HEADS "Client Name,First Name,Last Name,Client Email,Phone,Status,Primary\n"

/* A firm, and its member in a browser at the page that takes a file. */
void settle(struct firm *f, struct browser *b);
struct fcgi_answer send_file(struct browser *b, const char *csrf, const char *text);
/* The same, and there is a preview. */
void upload(struct browser *b, const char *text);

/* What the preview's "Import" sends. */
const char *import_form(struct browser *b);
/* "Import", and the worker's part of it. */
void import_by_worker(struct browser *b);
/* And back at the list. */
void import_all(struct browser *b);

#endif
