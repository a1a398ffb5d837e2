#include "base/err.h"

#include "base/log.h"

#include <stdarg.h>

static const struct err_rule rules[ERR__MAX] = {
	[ERR_NONE] = {"none", 200, LOG_DEBUG, RETRY_NEVER},
	[ERR_INVALID] = {"invalid", 422, LOG_INFO, RETRY_NEVER},
	[ERR_MALFORMED] = {"malformed", 400, LOG_INFO, RETRY_NEVER},
	[ERR_DENIED] = {"denied", 403, LOG_WARN, RETRY_NEVER},
	[ERR_NOT_FOUND] = {"not_found", 404, LOG_INFO, RETRY_NEVER},
	[ERR_METHOD] = {"method", 405, LOG_INFO, RETRY_NEVER},
	[ERR_CONFLICT] = {"conflict", 409, LOG_INFO, RETRY_NEVER},
	[ERR_TOO_LARGE] = {"too_large", 413, LOG_INFO, RETRY_NEVER},
	[ERR_LIMITED] = {"limited", 429, LOG_WARN, RETRY_LATER},
	[ERR_UNAVAILABLE] = {"unavailable", 503, LOG_ERROR, RETRY_LATER},
	[ERR_UPSTREAM] = {"upstream", 502, LOG_WARN, RETRY_LATER},
	[ERR_REFUSED] = {"refused", 502, LOG_WARN, RETRY_NEVER},
	[ERR_UNCERTAIN] = {"uncertain", 503, LOG_ERROR, RETRY_LATER},
	[ERR_CONFIG] = {"config", 500, LOG_ERROR, RETRY_NEVER},
	[ERR_INTERNAL] = {"internal", 500, LOG_ERROR, RETRY_NEVER},
};

bool err_set_at(
	struct err *e, enum err_kind kind, const char *file, int line, const char *fmt, ...)
{
	*e = (struct err){.kind = kind, .file = file, .line = line};
	va_list ap;
	va_start(ap, fmt);
	(void)vsnprintf(e->text, sizeof e->text, fmt, ap);
	va_end(ap);
	return false;
}

const struct err_rule *err_rule(enum err_kind kind)
{
	if (kind < 0 || kind >= ERR__MAX)
		bug("err_rule: kind %d", (int)kind);
	return &rules[kind];
}
