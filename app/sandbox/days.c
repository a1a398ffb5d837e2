#include "sandbox/edits.h"

#include "sandbox/stmt.h"

struct happening {
	int day;
	struct edit edit;
};

/*
 * Clients are named by their place among the live ones: when an earlier line removes a client,
 * the later ones move up.
 */
static const struct happening happenings[] = {
	{2, {.what = "rename", .client = "#3", .value = "Renamed Overnight Ltd"}},
	{2, {.what = "contact-email",
		    .client = "  Stray Blanks Holdings Ltd ",
		    .value = "moved@example.org"}},
	{2, {.what = "contact-phone",
		    .client = "Whānau Tītoki Kererū Ltd",
		    .value = "+64 9 555 0199"}},
	{2, {.what = "merge", .client = "#20", .into = "#21"}},
	{3, {.what = "add-client", .value = "Brand New Beginnings Ltd"}},
	{3, {.what = "add-contact",
		    .client = "Brand New Beginnings Ltd",
		    .value = "Isla Plumtree"}},
	{3, {.what = "archive", .client = "#30"}},
	{3, {.what = "delete", .client = "#31"}},
	{4, {.what = "vanish", .client = "#40"}},
	{4, {.what = "move-contact", .client = "Brand New Beginnings Ltd", .into = "#1"}},
	{4, {.what = "add-contact", .client = "#1", .value = "Otto Sandpiper"}},
	{4, {.what = "primary", .client = "#1"}},
	{5, {.what = "return"}},
	{5, {.what = "unarchive"}},
	{6, {.what = "rename", .client = "Renamed Overnight Ltd", .value = "Swapped For Now"}},
	{6, {.what = "rename",
		    .client = "Brand New Beginnings Ltd",
		    .value = "Renamed Overnight Ltd"}},
	{6, {.what = "rename",
		    .client = "Swapped For Now",
		    .value = "Brand New Beginnings Ltd"}},
	{6, {.what = "share-contact", .client = "Whānau Tītoki Kererū Ltd", .into = "#2"}},
	{7, {.what = "archive", .client = "#50", .count = "15%"}},
	{8, {.what = "unarchive", .count = "15%"}},
};

bool day_play(struct pg *db, struct arena *a, int day, struct err *e)
{
	size_t touched;
	for (size_t i = 0; i < ARRAY_LEN(happenings); i++)
		if (happenings[i].day == day &&
			!edit_apply(db, a, &happenings[i].edit, &touched, e))
			return false;
	return pg_exec(db, SANDBOX_STMT_SETTING_DAY, NULL, e, PG_INT(day));
}
