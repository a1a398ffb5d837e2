#include "support/fake_request.h"

static const char *param(void *user, const char *cgi_name)
{
	const struct fake_request *fake = user;
	for (const char *const *p = fake->params; *p != NULL; p += 2)
		if (strcmp(p[0], cgi_name) == 0)
			return p[1];
	return NULL;
}

static bool body(void *user, struct arena *a, size_t max, struct str *body_r, struct err *e)
{
	const struct fake_request *fake = user;
	if (fake->body_fault != NULL) {
		*e = *fake->body_fault;
		return false;
	}
	if (fake->body.n > max)
		return err_set(e, ERR_TOO_LARGE, "Too large.");
	*body_r = (struct str){arena_copy(a, fake->body.p, fake->body.n), fake->body.n};
	return true;
}

struct request_source fake_request_source(struct fake_request *fake)
{
	return (struct request_source){.param = param, .body = body, .user = fake};
}

struct request fake_request_of(
	struct arena *a, const char *method, const char *uri, const char *form)
{
	struct fake_request *fake = arena_new_of(a, struct fake_request);
	const char **params = arena_array(a, const char *, 7);
	const char *const words[] = {"REQUEST_METHOD", method, "REQUEST_URI", uri,
		"CONTENT_TYPE", "application/x-www-form-urlencoded", NULL};
	memcpy(params, words, sizeof words);
	*fake = (struct fake_request){.params = params, .body = str_of(form)};
	struct request_source source = fake_request_source(fake);
	struct request r;
	struct err e = {0};
	if (!request_judge(a, &source, &r, &e))
		bug("the test's own request is refused: %s", e.text);
	return r;
}
