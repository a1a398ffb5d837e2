/* The form of the responses of this Xero: API problems, OAuth errors, pages. */
#ifndef GAP_SANDBOX_REPLY_H
#define GAP_SANDBOX_REPLY_H

#include "sandbox/site.h"

/* Sets status and type, with the headers that every response of the API has. */
void reply_begin(struct page *p, int status, const char *content_type);

/*
 * {"Type":null,"Title":...,"Status":...,"Detail":...,"Instance":...,"Extensions":{}}: the
 * gateway's format on every API. Instance is the correlation id.
 */
bool reply_problem(struct page *p, int status, const char *title, const char *detail);

/* 401 with www-authenticate: "invalid_token" or "insufficent_scope" (Xero's spelling). */
bool reply_unauthorized(struct page *p, const char *error, const char *detail);

/*
 * 429 without a body. `problem` is minute, day, concurrent or appminute; retry_after NULL:
 * without the header.
 */
bool reply_too_many(struct page *p, const char *problem, const char *retry_after);

/* <Response><Status>ERROR</Status><ErrorDescription>...: with any status, 200 included. */
bool reply_xml_error(struct page *p, int status, const char *description);

/* {"error":...}: 400, or 401 for invalid_client when the app used Basic. */
bool reply_oauth_error(struct page *p, int status, const char *error);

bool reply_text(struct page *p, int status, const char *text);

enum sandbox_template {
	SANDBOX_LAYOUT,
	SANDBOX_LOGIN,
	SANDBOX_CONSENT,
	SANDBOX_REFUSED,
	SANDBOX_MAINTENANCE,
	SANDBOX_PANEL,
	SANDBOX_TEMPLATE__MAX
};
extern const struct render_entry sandbox_templates[SANDBOX_TEMPLATE__MAX];

/* A page inside the layout. */
bool reply_page(struct page *p, enum sandbox_template id, const void *values, int status,
	const char *title);

/* Xero's own error page: "Error code: 500", and what it says. */
struct refused {
	const char *code;
	const char *text;
};
extern const struct tmpl_shape sandbox_refused_shape;
bool reply_refused(struct page *p, int status, const char *text);

/* A page instead of data: what a proxy in front of Xero sends when Xero is down. */
struct maintenance {
	const char *heading;
	const char *text;
};
extern const struct tmpl_shape sandbox_maintenance_shape;
bool reply_maintenance(struct page *p, int status);

/* Breaks the connection; nothing is sent, not even a header. */
bool reply_nothing(struct page *p);

#endif
