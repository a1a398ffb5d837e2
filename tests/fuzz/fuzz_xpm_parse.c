/*
 * The first byte says how the rest is read: X and G as XML, J as JSON, G for one
 * client. Whole and byte by byte give the same verdict and the same clients, and
 * what the judge takes is fit to store.
 */
#include "codec/hash.h"
#include "xpm/parse.h"
#include "fuzz/fuzz.h"

struct outcome {
	bool good;
	int64_t clients;
	unsigned char all[HASH_BYTES];
	struct hash_stream *hash;
};

static void add(struct outcome *o, const char *text)
{
	must(text == NULL || str_utf8_valid(str_of(text)));
	hash_stream_add(o->hash, str_of(text));
}

static void check_record(struct outcome *o, const struct client_record *r)
{
	int primaries = 0;
	must(strlen(r->uuid) == 36 && *r->name != '\0' && strlen(r->name) <= CLIENT_NAME_MAX);
	add(o, r->name);
	for (size_t i = 0; i < r->n_contacts; i++) {
		const struct client_contact *c = &r->contacts[i];
		primaries += c->is_primary;
		must(strlen(c->uuid) == 36 && c->name != NULL);
		must(c->email == NULL || *c->email != '\0');
		add(o, c->name);
		add(o, c->email);
		add(o, c->phone);
	}
	must(primaries <= 1);
}

static bool on_client(
	void *user, struct arena *scratch, const struct xpm_client *c, struct err *e)
{
	struct outcome *o = user;
	struct client_record r;
	(void)e;
	o->clients++;
	add(o, c->uuid);
	add(o, c->name);
	if (client_judge(scratch, c, &r) != CLIENT_FINE)
		return true;
	check_record(o, &r);
	must(str_utf8_valid(str_of(client_search_text(scratch, &r))));
	return true;
}

static bool feed(struct xpm_parse *p, struct str text, size_t piece, struct err *e)
{
	for (size_t at = 0; at < text.n; at += piece)
		if (!xpm_parse_feed(p, str_sub(text, at, piece), e))
			return false;
	return xpm_parse_end(p, e);
}

static struct outcome run(char how, struct str text, size_t piece)
{
	struct arena *a = arena_new();
	struct outcome o = {.hash = hash_stream_new(a)};
	struct xpm_parse *p = NULL;
	struct err e = {0};
	enum xpm_document what = how == 'G' ? XPM_GET : XPM_LIST;
	const char *type = how == 'J' ? "application/json" : "text/xml";
	must(xpm_parse_new(a, what, type, "utf-8", on_client, &o, &p, &e));
	o.good = feed(p, text, piece, &e);
	must(o.good || e.kind != ERR_NONE);
	hash_stream_end(o.hash, o.all);
	arena_free(&a);
	return o;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	struct str text = {(const char *)data + 1, size - 1};
	struct outcome whole = run((char)data[0], text, size),
		       bytes = run((char)data[0], text, 1);
	must(whole.good == bytes.good);
	if (whole.good)
		must(whole.clients == bytes.clients &&
			memcmp(whole.all, bytes.all, sizeof whole.all) == 0);
	return 0;
}
