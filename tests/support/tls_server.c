#include "support/tls_server.h"

#include "io/file.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { HEARD_MAX = 4 * 1024 * 1024, PATIENCE_S = 30 };

struct tls_peer {
	struct arena *arena;
	SSL_CTX *ctx;
	SSL *ssl; /* NULL: plain */
	int fd;
	int log_fd;
};

static struct {
	char folder[32];
	const char *file;
	EVP_PKEY *key;
	X509 *certificate;
	struct arena *arena;
} ca;

/* ---- certificates ---- */

static void extend(X509 *x, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX ctx;
	X509V3_set_ctx(&ctx, issuer, x, NULL, NULL, 0);
	X509_EXTENSION *ext = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	if (ext == NULL || X509_add_ext(x, ext, -1) != 1)
		die("tls_server: extension %d", nid);
	X509_EXTENSION_free(ext);
}

/* issuer NULL: signed by its own key. */
static X509 *make_certificate(EVP_PKEY *key, const char *name, long from_s, long to_s,
	X509 *issuer, EVP_PKEY *issuer_key)
{
	static long serial = 1;
	X509 *x = X509_new();
	X509_NAME *subject = X509_NAME_new();
	if (x == NULL || subject == NULL ||
		X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
			(const unsigned char *)name, -1, -1, 0) != 1)
		die("tls_server: no certificate");
	X509_set_version(x, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(x), serial++);
	X509_gmtime_adj(X509_getm_notBefore(x), from_s);
	X509_gmtime_adj(X509_getm_notAfter(x), to_s);
	X509_set_subject_name(x, subject);
	X509_set_issuer_name(x, issuer == NULL ? subject : X509_get_subject_name(issuer));
	X509_set_pubkey(x, key);
	X509_NAME_free(subject);
	if (issuer == NULL)
		extend(x, x, NID_basic_constraints, "critical,CA:TRUE");
	if (strchr(name, '.') != NULL || strcmp(name, "localhost") == 0)
		extend(x, issuer == NULL ? x : issuer, NID_subject_alt_name,
			strcmp(name, "localhost") == 0 ? "DNS:localhost,IP:127.0.0.1"
						       : "DNS:other.example.org");
	if (X509_sign(x, issuer == NULL ? key : issuer_key, EVP_sha256()) == 0)
		die("tls_server: not signed");
	return x;
}

static void make_ca(void)
{
	if (ca.key != NULL)
		return;
	ca.arena = arena_new();
	(void)snprintf(ca.folder, sizeof ca.folder, "/tmp/gap-test-tls.XXXXXX");
	if (mkdtemp(ca.folder) == NULL)
		die("tls_server: no folder");
	ca.file = arena_printf(ca.arena, "%s/ca.pem", ca.folder);
	ca.key = EVP_EC_gen("P-256");
	ca.certificate = make_certificate(ca.key, "Test CA", -3600, 3600, NULL, NULL);
	FILE *f = fopen(ca.file, "w");
	if (f == NULL || PEM_write_X509(f, ca.certificate) != 1 || fclose(f) != 0)
		die("tls_server: the CA is not written");
}

void tls_server_forget_ca(void)
{
	if (ca.key == NULL)
		return;
	(void)unlink(ca.file);
	(void)rmdir(ca.folder);
	X509_free(ca.certificate);
	EVP_PKEY_free(ca.key);
	arena_free(&ca.arena);
	memset(&ca, 0, sizeof ca);
}

static SSL_CTX *make_context(enum tls_certificate kind)
{
	if (kind == TLS_NONE)
		return NULL;
	EVP_PKEY *key = EVP_EC_gen("P-256");
	bool self = kind == TLS_SELF_SIGNED, expired = kind == TLS_EXPIRED;
	X509 *x = make_certificate(key,
		kind == TLS_OTHER_HOST ? "other.example.org" : "localhost",
		expired ? -7200 : -3600, expired ? -3600 : 3600, self ? NULL : ca.certificate,
		ca.key);
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
	if (ctx == NULL || SSL_CTX_use_certificate(ctx, x) != 1 ||
		SSL_CTX_use_PrivateKey(ctx, key) != 1)
		die("tls_server: no context");
	X509_free(x);
	EVP_PKEY_free(key);
	if (kind == TLS_OLD) {
		SSL_CTX_set_security_level(ctx, 0);
		if (SSL_CTX_set_min_proto_version(ctx, TLS1_VERSION) != 1 ||
			SSL_CTX_set_max_proto_version(ctx, TLS1_VERSION) != 1)
			die("tls_server: no TLS 1.0");
	}
	return ctx;
}

/* ---- the server's process ---- */

bool tls_upgrade(struct tls_peer *p)
{
	p->ssl = SSL_new(p->ctx);
	if (p->ssl != NULL && SSL_set_fd(p->ssl, p->fd) == 1 && SSL_accept(p->ssl) == 1)
		return true;
	SSL_free(p->ssl);
	p->ssl = NULL;
	return false;
}

/* The first bytes of an answer to the greeting, and away. */
static void half_a_handshake(struct tls_peer *p)
{
	static const unsigned char begun[] = {0x16, 3, 3, 0, 0x7A, 2, 0, 0, 0x76, 3, 3};
	char greeting[4096];
	if (read(p->fd, greeting, sizeof greeting) > 0)
		(void)!write(p->fd, begun, sizeof begun);
}

static int hear(struct tls_peer *p, char *to, int n)
{
	if (p->fd < 0)
		return 0;
	int got = p->ssl != NULL ? SSL_read(p->ssl, to, n) : (int)read(p->fd, to, (size_t)n);
	if (got > 0 && write(p->log_fd, to, (size_t)got) != got)
		_exit(3);
	return got;
}

void tls_say(struct tls_peer *p, struct str bytes)
{
	while (bytes.n != 0 && p->fd >= 0) {
		int piece = bytes.n > 16384 ? 16384 : (int)bytes.n;
		int n = p->ssl != NULL ? SSL_write(p->ssl, bytes.p, piece)
				       : (int)write(p->fd, bytes.p, (size_t)piece);
		if (n <= 0)
			return;
		bytes = str_sub(bytes, (size_t)n, bytes.n);
	}
}

struct str tls_hear_line(struct tls_peer *p)
{
	char line[4096];
	size_t n = 0;
	while (n < sizeof line && hear(p, line + n, 1) == 1)
		if (line[n++] == '\n')
			return (struct str){arena_strndup(p->arena, line, n), n - (n > 1) - 1};
	return (struct str){NULL, 0};
}

static size_t content_length(const char *head)
{
	const char *at = strcasestr(head, "\r\ncontent-length: ");
	int64_t n = 0;
	if (at == NULL)
		return 0;
	at += strlen("\r\ncontent-length: ");
	return str_to_i64((struct str){at, strcspn(at, "\r")}, &n) ? (size_t)n : 0;
}

struct str tls_hear_request(struct tls_peer *p)
{
	char *text = arena_alloc(p->arena, HEARD_MAX);
	size_t n = 0, want = SIZE_MAX;
	while (n < want && n < HEARD_MAX - 1) {
		if (hear(p, text + n, 1) != 1)
			return (struct str){"", 0};
		n++;
		if (want == SIZE_MAX && n >= 4 && memcmp(text + n - 4, "\r\n\r\n", 4) == 0)
			want = n + content_length(text);
	}
	return (struct str){text, n};
}

void tls_pause(int ms)
{
	(void)poll(NULL, 0, ms);
}

bool tls_is_heard(struct tls_peer *p)
{
	struct pollfd f = {.fd = p->fd, .events = POLLRDHUP};
	return p->fd >= 0 && poll(&f, 1, 0) >= 0 &&
	       (f.revents & (POLLRDHUP | POLLHUP | POLLERR)) == 0;
}

static void hang_up(struct tls_peer *p)
{
	SSL_free(p->ssl);
	p->ssl = NULL;
	if (p->fd >= 0)
		(void)close(p->fd);
	p->fd = -1;
}

void tls_reset(struct tls_peer *p)
{
	struct linger now = {.l_onoff = 1, .l_linger = 0};
	(void)setsockopt(p->fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
	hang_up(p);
}

void tls_vanish(struct tls_peer *p)
{
	(void)shutdown(p->fd, SHUT_WR);
	hang_up(p);
}

/* Waits for the other end, so that our close does not turn into a reset. */
static void say_goodbye(struct tls_peer *p)
{
	char sink[512];
	if (p->ssl != NULL)
		(void)SSL_shutdown(p->ssl);
	if (p->fd >= 0 && shutdown(p->fd, SHUT_WR) == 0)
		while (read(p->fd, sink, sizeof sink) > 0)
			;
	hang_up(p);
}

static void serve(int listen_fd, struct tls_peer *p, enum tls_certificate kind,
	bool begin_plain, tls_talk talk)
{
	const struct timeval patience = {.tv_sec = PATIENCE_S};
	for (;;) {
		p->fd = accept(listen_fd, NULL, NULL);
		if (p->fd < 0)
			continue;
		(void)setsockopt(p->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
		(void)setsockopt(p->fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
		if (kind == TLS_HALF)
			half_a_handshake(p);
		else if (p->ctx == NULL || begin_plain || tls_upgrade(p))
			talk(p);
		say_goodbye(p);
		arena_reset(p->arena);
	}
}

static int listen_on_loopback(int *port_r)
{
	struct sockaddr_in to = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t n = sizeof to;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&to, sizeof to) != 0 || listen(fd, 16) != 0 ||
		getsockname(fd, (struct sockaddr *)&to, &n) != 0)
		die("tls_server: no port");
	*port_r = ntohs(to.sin_port);
	return fd;
}

struct tls_server tls_server_start(
	struct arena *a, enum tls_certificate certificate, bool begin_plain, tls_talk talk)
{
	static int starts;
	struct tls_server s = {.pid = -1};
	make_ca();
	s.ca_file = ca.file;
	s.log_file = arena_printf(a, "%s/log.%d", ca.folder, starts++);
	int fd = listen_on_loopback(&s.port);
	int log_fd = open(s.log_file, O_CREAT | O_APPEND | O_WRONLY | O_CLOEXEC, 0600);
	struct tls_peer p = {.fd = -1, .log_fd = log_fd, .ctx = make_context(certificate)};
	pid_t parent = getpid();
	s.pid = fork();
	if (s.pid < 0 || log_fd < 0)
		die("tls_server: not started");
	if (s.pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(0);
		(void)signal(SIGPIPE, SIG_IGN);
		p.arena = arena_new();
		serve(fd, &p, certificate, begin_plain, talk);
	}
	SSL_CTX_free(p.ctx);
	(void)close(fd);
	(void)close(log_fd);
	return s;
}

void tls_server_stop(struct tls_server *s)
{
	if (s->pid <= 0)
		return;
	(void)kill(s->pid, SIGKILL);
	(void)waitpid(s->pid, NULL, 0);
	(void)unlink(s->log_file);
	s->pid = -1;
}

const char *tls_server_url(struct arena *a, const struct tls_server *s, const char *path)
{
	return arena_printf(a, "https://localhost:%d%s", s->port, path);
}

struct str tls_server_log(struct arena *a, const struct tls_server *s)
{
	struct str text;
	struct err e;
	/* It may grow while it is read: then it is read again. */
	for (int tries = 0; !file_read(a, s->log_file, HEARD_MAX, &text, &e); tries++) {
		if (tries == 100)
			die("%s", e.text);
		tls_pause(10);
	}
	return text;
}
