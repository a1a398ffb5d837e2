/*
 * The log: one JSON object per line, on stderr.
 *
 *     {"at":"2026-11-22T06:00:00.123Z","level":"info","event":"sync.done","run":"17","clients":412}
 *
 *     log_info("sync.done", log_int("clients", n), log_text("practice", name));
 *
 * `event` is a dotted constant. Values that people typed or that Xero sent are
 * fields, never part of the event. Control characters are escaped, so no value
 * can forge a line. A struct secret cannot be logged. A line is cut at 4 KiB.
 */
#ifndef GAP_BASE_LOG_H
#define GAP_BASE_LOG_H

#include "base/err.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

struct log_field {
	const char *name; /* NULL ends the list */
	const char *text; /* NULL: the value is `number` */
	int64_t number;
};

#define log_text(name, value) ((struct log_field){(name), (value) == NULL ? "" : (value), 0})
#define log_int(name, value)  ((struct log_field){(name), NULL, (int64_t)(value)})

/*
 * Called as log_info(event) or log_info(event, field, field, ...); the other levels likewise.
 */
#define log_debug(event, ...) log_at(LOG_DEBUG, event, ##__VA_ARGS__)
#define log_info(event, ...)  log_at(LOG_INFO, event, ##__VA_ARGS__)
#define log_warn(event, ...)  log_at(LOG_WARN, event, ##__VA_ARGS__)
#define log_error(event, ...) log_at(LOG_ERROR, event, ##__VA_ARGS__)
#define log_at(level, event, ...) \
	log_write((level),        \
		(const struct log_field[]){{"event", (event), 0}, ##__VA_ARGS__, {0}})

/* Logs the error *e, at the level that err_rule names for its kind. */
void log_err(const char *event, const struct err *e);

void log_set_level(enum log_level least);
MUSTUSE bool log_level_parse(const char *s, enum log_level *level_r);

/* Used by the macros. The first field is the event. */
void log_write(enum log_level level, const struct log_field *fields);

/*
 * Sets a field that every later line of this process carries: "program", "request", "org" or
 * "run". A NULL value removes the field.
 */
void log_context(const char *name, const char *value);

#endif
