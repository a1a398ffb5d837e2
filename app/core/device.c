#include "core/device.h"

#include "base/str.h"

struct mark {
	const char *sign, *name;
};

/*
 * The first match counts: a browser whose header contains the names of others comes before
 * them.
 */
static const struct mark browsers[] = {
	{"Edg/", "Edge"},
	{"EdgA/", "Edge"},
	{"EdgiOS/", "Edge"},
	{"OPR/", "Opera"},
	{"SamsungBrowser/", "Samsung Internet"},
	{"Vivaldi/", "Vivaldi"},
	{"CriOS/", "Chrome"},
	{"FxiOS/", "Firefox"},
	{"Firefox/", "Firefox"},
	{"Chrome/", "Chrome"},
	{"Safari/", "Safari"},
	{"curl/", "curl"},
};

/* Android's header also contains Linux, and that of iOS "like Mac OS X". */
static const struct mark systems[] = {
	{"Android", "Android"},
	{"iPhone", "iPhone"},
	{"iPad", "iPad"},
	{"Windows", "Windows"},
	{"CrOS", "ChromeOS"},
	{"Macintosh", "Mac"},
	{"Linux", "Linux"},
};

static const char *find(const struct mark *marks, size_t n, const char *text)
{
	for (size_t i = 0; i < n; i++)
		if (strstr(text, marks[i].sign) != NULL)
			return marks[i].name;
	return NULL;
}

const char *device_name(struct arena *a, const char *user_agent)
{
	const char *text = user_agent == NULL ? "" : user_agent;
	const char *browser = find(browsers, ARRAY_LEN(browsers), text);
	const char *system = find(systems, ARRAY_LEN(systems), text);
	if (browser == NULL && system == NULL)
		return "Unknown browser";
	if (system == NULL)
		return browser;
	return arena_printf(
		a, "%s on %s", browser == NULL ? "Unknown browser" : browser, system);
}
