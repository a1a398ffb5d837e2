/*
 * One JSON object a line on stderr:
 *
 *     {"at":"2026-11-22T06:00:00.123Z","level":"info","event":"sync.done","run":"17","clients":412}
 *
 *     log_info("sync.done", log_int("clients", n), log_text("practice", name));
 *
 * `event` is a dotted constant; values that people typed or Xero sent are
 * fields, never part of it. Control characters are escaped, so no value can
 * forge a line. There is no way to log a struct secret. A line is cut at 4 KiB.
 */
#ifndef GAP_BASE_LOG_H
#define GAP_BASE_LOG_H

#include "base/err.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

struct log_field {
	const char *name; /* NULL ends the list */
	const char *text; /* NULL: number */
	int64_t number;
};

#define log_text(name, value) ((struct log_field){(name), (value) == NULL ? "" : (value), 0})
#define log_int(name, value)  ((struct log_field){(name), NULL, (int64_t)(value)})

/* log_info(event) or log_info(event, field, field, ...); the same for the others. */
#define log_debug(event, ...) log_at(LOG_DEBUG, event, ##__VA_ARGS__)
#define log_info(event, ...)  log_at(LOG_INFO, event, ##__VA_ARGS__)
#define log_warn(event, ...)  log_at(LOG_WARN, event, ##__VA_ARGS__)
#define log_error(event, ...) log_at(LOG_ERROR, event, ##__VA_ARGS__)
#define log_at(level, event, ...) \
	log_write((level),        \
		(const struct log_field[]){{"event", (event), 0}, ##__VA_ARGS__, {0}})

/* One line for a failed thing, at the level the kind's rule names. */
void log_err(const char *event, const struct err *e);

void log_set_level(enum log_level least);
MUSTUSE bool log_level_parse(const char *s, enum log_level *level_r);

/* What the macros call; `fields` begins with the event. */
void log_write(enum log_level level, const struct log_field *fields);

/* Fields on every later line of this process: "program", "request", "org", "run". NULL removes. */
void log_context(const char *name, const char *value);

#endif
