/*
 * A TLS server for tests that says exactly what a test wants, byte by byte, and
 * ends as badly as wanted. Each start is a process of its own on a free port of
 * loopback; it serves one connection after the other until stopped. Its
 * certificates come from a CA made at run time.
 */
#ifndef GAP_TESTS_TLS_SERVER_H
#define GAP_TESTS_TLS_SERVER_H

#include "base/str.h"

#include <sys/types.h>

enum tls_certificate {
	TLS_GOOD, /* for localhost and 127.0.0.1 */
	TLS_OTHER_HOST,
	TLS_EXPIRED,
	TLS_SELF_SIGNED,
	TLS_OLD,  /* speaks TLS 1.0 and nothing newer */
	TLS_HALF, /* leaves in the middle of the handshake */
	TLS_NONE  /* plain text */
};

struct tls_peer;

/* One connection, in the server's process; when it returns, TLS and TCP are closed properly. */
typedef void (*tls_talk)(struct tls_peer *p);

struct tls_server {
	pid_t pid;
	int port;
	const char *ca_file;
	const char *log_file; /* what it received */
};

/* `begin_plain`: TLS starts with tls_upgrade(). Ends the process when anything is wrong. */
struct tls_server tls_server_start(
	struct arena *a, enum tls_certificate certificate, bool begin_plain, tls_talk talk);
void tls_server_stop(struct tls_server *s);
/* Removes the CA. At the end of the program. */
void tls_server_forget_ca(void);

/* "https://localhost:PORT/path" */
const char *tls_server_url(struct arena *a, const struct tls_server *s, const char *path);
/* All that it received so far. */
struct str tls_server_log(struct arena *a, const struct tls_server *s);

/* For talk: */
struct str tls_hear_request(struct tls_peer *p); /* head and body; empty: the peer left */
struct str tls_hear_line(struct tls_peer *p); /* without its line end; p NULL: the peer left */
void tls_say(struct tls_peer *p, struct str bytes);
void tls_pause(int ms);
bool tls_upgrade(struct tls_peer *p);
/*
 * A body in gzip that never ends: `first` as it is, then `fill` (ASCII) for ever, 1 byte for 158.
 * Until the peer has gone.
 */
void tls_say_bomb(struct tls_peer *p, struct str first, char fill);
bool tls_is_heard(struct tls_peer *p); /* false: the peer has gone */
void tls_reset(struct tls_peer *p);    /* TCP reset, now */
void tls_vanish(struct tls_peer *p);   /* TCP end without TLS's farewell */

#endif
