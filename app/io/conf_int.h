/* Inside io/conf only: a row of the table, and the kinds of values. */
#ifndef GAP_IO_CONF_INT_H
#define GAP_IO_CONF_INT_H

#include "io/conf.h"

enum conf_kind {
	KIND_TEXT,     /* printable ASCII */
	KIND_PATH,     /* no control characters */
	KIND_NUMBER,   /* from `least` to `most` */
	KIND_SIZE,     /* bytes; a suffix K, M, G means 1024, 1024^2, 1024^3 */
	KIND_DURATION, /* 30m, 900s, 2h, 1d; no unit: seconds. Stored as seconds */
	KIND_FLAG,     /* on, off */
	KIND_LEVEL,    /* debug, info, warn, error */
	KIND_URL,      /* https, no query */
	KIND_ORIGIN,   /* https, no path */
	KIND_DATABASE, /* a libpq URI; may hold a password */
	KIND_SMTP,     /* smtp:// or smtps://; a secret */
	KIND_SECRET,
	KIND_TIMES,	/* 06:00,18:00 */
	KIND_ADDRESSES, /* 127.0.0.1, ::1 */
	KIND_MAIL	/* one e-mail address */
};

struct conf_setting {
	const char *name;
	enum conf_kind kind;
	unsigned readers; /* bits of enum conf_program */
	const char *by_default;
	int64_t least, most; /* of numbers, bytes, seconds */
	const char *about;
};

struct conf_value {
	bool is_set;
	const char *text;
	int64_t number;
	const struct secret *secret;
};

/* Checks `text` and fills *v. ERR_CONFIG with a whole sentence that contains no secret. */
MUSTUSE bool conf_judge(struct arena *a, const struct conf_setting *s, struct str text,
	struct conf_value *v, struct err *e);

/*
 * Is every host of the libpq URI a unix socket? gap-web opens no TCP connection, unless the
 * operator allows it.
 */
bool conf_is_local_database(struct str uri);

#endif
