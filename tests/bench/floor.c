/*
 * The floor of a page: libfcgi that answers every request with the same bytes,
 * in as many processes as gap-web has. No session, no database, no template.
 *
 *   floor SOCKET FILE PROCESSES     until SIGTERM
 */
#include <fcgiapp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PAGE_MAX = 256 * 1024, BACKLOG = 511 };

static char page[PAGE_MAX];
static int page_bytes;

static bool read_page(const char *path)
{
	FILE *f = fopen(path, "rb");
	if (f == NULL)
		return false;
	page_bytes = (int)fread(page, 1, sizeof page, f);
	return fclose(f) == 0 && page_bytes > 0;
}

static int serve(int listen_fd)
{
	FCGX_Request r;
	if (FCGX_InitRequest(&r, listen_fd, 0) != 0)
		return 1;
	while (FCGX_Accept_r(&r) == 0) {
		(void)FCGX_FPrintF(r.out,
			"Status: 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"
			"Content-Length: %d\r\nCache-Control: no-store\r\n\r\n",
			page_bytes);
		(void)FCGX_PutStr(page, page_bytes, r.out);
		FCGX_Finish_r(&r);
	}
	return 0;
}

int main(int argc, char **argv)
{
	if (argc != 4 || !read_page(argv[2]) || FCGX_Init() != 0) {
		(void)fprintf(stderr, "floor SOCKET FILE PROCESSES\n");
		return 2;
	}
	(void)umask(0);
	int fd = FCGX_OpenSocket(argv[1], BACKLOG);
	if (fd < 0)
		return 1;
	for (long n = strtol(argv[3], NULL, 10); n > 0; n--)
		if (fork() == 0) {
			(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
			_exit(serve(fd));
		}
	while (wait(NULL) > 0)
		;
	return 0;
}
