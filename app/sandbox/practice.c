#include "sandbox/practice.h"

#include "sandbox/claims.h"
#include "sandbox/words.h"

enum { DAY_S = 24 * 60 * 60 };

/*
 * SplitMix64 (Steele, Lea, Flood 2014): one seed per client, so that any client can be made
 * alone.
 */
struct dice {
	uint64_t state;
};

static uint64_t roll(struct dice *d)
{
	uint64_t z = d->state += 0x9E3779B97F4A7C15U;
	z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
	z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
	return z ^ (z >> 31);
}

static size_t roll_below(struct dice *d, size_t n)
{
	return (size_t)(roll(d) % n);
}

/* True with a probability of 1 in n. */
static bool one_in(struct dice *d, size_t n)
{
	return roll_below(d, n) == 0;
}

static const char *pick(struct dice *d, const struct words *w)
{
	return w->word[roll_below(d, w->n)];
}

const char *practice_uuid(
	struct arena *a, const struct practice_plan *plan, const char *what, int64_t number)
{
	return claims_uuid_of(a, arena_printf(a, "%lld/%d/%s/%lld", (long long)plan->seed,
					 plan->tenant_no, what, (long long)number));
}

int64_t practice_contact_no(int64_t i, size_t k)
{
	return i * PRACTICE_CONTACTS_MAX + (int64_t)k;
}

/* "aroha.tidewell17@example.org" */
static const char *email_of(
	struct arena *a, struct dice *d, const char *given, const char *family, int64_t number)
{
	static const char *const ends[] = {"com", "org", "net"};
	return arena_printf(a, "%s.%s%lld@example.%s", str_lower(a, str_of(given)),
		str_lower(a, str_of(family)), (long long)number,
		ends[roll_below(d, ARRAY_LEN(ends))]);
}

static const char *phone_of(struct arena *a, struct dice *d, const struct town *t)
{
	return arena_printf(a, "%s%02d", t->phone, (int)roll_below(d, 100));
}

static void make_place(struct arena *a, struct dice *d, struct made_client *c)
{
	const struct town *t = &towns[roll_below(d, towns_n)];
	c->city = t->name;
	c->region = t->region;
	c->post_code = t->post_code;
	c->country = t->country;
	c->address = one_in(d, 5)
			     ? ""
			     : arena_printf(a, "%d %s %s", 1 + (int)roll_below(d, 240),
				       pick(d, &words_street), pick(d, &words_street_kind));
	c->phone = one_in(d, 3) ? "" : phone_of(a, d, t);
}

static void make_person(struct arena *a, struct dice *d, struct made_client *c)
{
	c->is_person = true;
	c->first_name = pick(d, &words_first);
	c->last_name = pick(d, &words_last);
	c->name = one_in(d, 3) ? arena_printf(a, "%s, %s", c->last_name, c->first_name)
			       : arena_printf(a, "%s %s", c->first_name, c->last_name);
	c->structure = "Individual";
	c->email = one_in(d, 2) ? "" : email_of(a, d, c->first_name, c->last_name, c->i);
	c->born = arena_printf(a, "%04d-%02d-%02dT00:00:00", 1940 + (int)roll_below(d, 65),
		1 + (int)roll_below(d, 12), 1 + (int)roll_below(d, 28));
}

static void make_firm(struct arena *a, struct dice *d, struct made_client *c)
{
	static const char *const ends[] = {"Ltd", "Limited", "Pty Ltd", "Partnership"};
	const char *family = pick(d, &words_last);
	switch (roll_below(d, 8)) {
	case 0:
		c->name = arena_printf(a, "The %s Family Trust", family);
		c->structure = "Trust";
		break;
	case 1:
		c->name = arena_printf(
			a, "%s & %s %s", family, pick(d, &words_last), pick(d, &words_trade));
		c->structure = "Partnership";
		break;
	case 2:
		c->name = arena_printf(a, "%s %s Ltd", family, pick(d, &words_trade));
		c->structure = "Company";
		break;
	default:
		c->name = arena_printf(a, "%s %s %s", pick(d, &words_fancy),
			pick(d, &words_trade), ends[roll_below(d, ARRAY_LEN(ends))]);
		c->structure = "Company";
		break;
	}
	c->website = one_in(d, 4)
			     ? arena_printf(a, "https://www.example.com/%lld", (long long)c->i)
			     : "";
}

static void make_flags(struct dice *d, struct made_client *c)
{
	size_t lot = roll_below(d, 100);
	c->is_archived = lot < 6;
	c->is_deleted = lot >= 6 && lot < 8;
	c->is_prospect = lot >= 8 && lot < 12;
	c->has_tax = !one_in(d, 6);
	c->age_s = (int64_t)(1 + roll_below(d, 900)) * DAY_S;
}

static void make_contact(struct arena *a, const struct practice_plan *plan, struct dice *d,
	struct made_client *c, size_t k)
{
	struct made_contact *m = &c->contacts[k];
	bool own = c->is_person && k == 0;
	const char *given = own ? c->first_name : pick(d, &words_first);
	const char *family = own ? c->last_name : pick(d, &words_last);
	*m = (struct made_contact){
		.uuid = practice_uuid(a, plan, "contact", practice_contact_no(c->i, k)),
		.name = arena_printf(a, "%s %s", given, family),
		.salutation = one_in(d, 3) ? given : "",
		.addressee = one_in(d, 4) ? arena_printf(a, "%.1s %s", given, family) : "",
		.mobile = one_in(d, 2) ? pick(d, &words_mobile) : "",
		.email = one_in(d, 7)
				 ? ""
				 : email_of(a, d, given, family, practice_contact_no(c->i, k)),
		.phone = one_in(d, 2) ? phone_of(a, d, &towns[roll_below(d, towns_n)]) : "",
		.position = pick(d, &words_position),
	};
}

/* 1 in 8 clients has no contact, 1 in 12 has two to four, the others have one. */
static size_t how_many_contacts(struct dice *d)
{
	size_t lot = roll_below(d, 24);
	if (lot < 3)
		return 0;
	return lot < 5 ? 2 + roll_below(d, 3) : 1;
}

static void make_contacts(struct arena *a, const struct practice_plan *plan, struct dice *d,
	struct made_client *c)
{
	c->n = how_many_contacts(d);
	for (size_t k = 0; k < c->n; k++)
		make_contact(a, plan, d, c, k);
	if (c->n > 0 && !one_in(d, 4))
		c->contacts[roll_below(d, c->n)].is_primary = true;
	c->shares = c->i > 1 && one_in(d, 12);
}

void practice_client(
	struct arena *a, const struct practice_plan *plan, int64_t i, struct made_client *c_r)
{
	struct dice d = {(uint64_t)plan->seed * 1000003U + (uint64_t)plan->tenant_no * 7919U +
			 (uint64_t)i * 2654435761U};
	*c_r = (struct made_client){.i = i,
		.first_name = "",
		.last_name = "",
		.email = "",
		.born = "",
		.website = "",
		.uuid = practice_uuid(a, plan, "client", i)};
	if (one_in(&d, 3))
		make_person(a, &d, c_r);
	else
		make_firm(a, &d, c_r);
	make_place(a, &d, c_r);
	make_flags(&d, c_r);
	c_r->manager = pick(&d, &words_manager);
	c_r->business_number =
		c_r->is_person ? ""
			       : arena_printf(a, "00 000 %03lld %03lld",
					 (long long)(i / 1000 % 1000), (long long)(i % 1000));
	c_r->client_code = arena_printf(a, "C%05lld", (long long)i);
	make_contacts(a, plan, &d, c_r);
	practice_oddity(a, c_r);
}
