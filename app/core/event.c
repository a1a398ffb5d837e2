#include "core/event.h"

#include <string.h>

static const struct {
	const char *event, *text;
} events[] = {
	{"client.added", "Added a client"},
	{"client.archived", "Archived a client"},
	{"client.changed", "Changed a client"},
	{"client.compared", "Compared a client with XPM"},
	{"client.restored", "Restored a client"},
	{"clients.exported", "Exported the client list"},
	{"clients.freed", "Made read-only records editable"},
	{"clients.removal_cancelled", "Cancelled the removal of clients"},
	{"clients.removed", "Removed a practice's clients"},
	{"confirm", "Confirmed who they are"},
	{"connect.begun", "Went to Xero to connect"},
	{"connect.practice", "Chose the practice"},
	{"connect.preview", "Answered the preview of an import"},
	{"connect.returned", "Came back from Xero"},
	{"connect.tested", "Tested the connection"},
	{"connection.ended", "Connection ended"},
	{"connection.lost", "Connection lost"},
	{"connection.made", "Connected"},
	{"connection.refused", "Connection refused"},
	{"database.restored", "Put back to an earlier state, from a backup"},
	{"denied", "Tried what is not allowed"},
	{"disconnect.asked", "Asked to disconnect"},
	{"audit.exported", "Exported this log"},
	{"fix.assigned", "Assigned what to put right in XPM"},
	{"fix.exported", "Exported what to put right in XPM"},
	{"handover.needed", "Who connected has left"},
	{"import.asked", "Asked for the import of a file"},
	{"import.applied", "Imported clients from a file"},
	{"import.cancelled", "Dropped the preview of an import"},
	{"import.previewed", "Brought a file of clients to look at"},
	{"login.mfa", "Second step of logging in"},
	{"login.password", "Password at log-in"},
	{"login.throttled", "Too many tries to log in"},
	{"logo.changed", "Changed the logo"},
	{"logo.removed", "Removed the logo"},
	{"logout", "Logged out"},
	{"match.asked", "Asked to match clients"},
	{"match.joined", "Clients matched"},
	{"match.parted", "Match undone"},
	{"match.refused", "Said that two clients are not the same"},
	{"match.undo_asked", "Asked to undo a match"},
	{"mfa.codes_renewed", "Made new recovery codes"},
	{"mfa.enabled", "Set up Multi-Factor Authentication"},
	{"mfa.grace_changed", "Changed the days of grace"},
	{"mfa.nudged", "Reminded somebody of Multi-Factor Authentication"},
	{"mfa.reset", "Reset somebody's Multi-Factor Authentication"},
	{"passkey.added", "Added a passkey"},
	{"passkey.copied", "A copied passkey was used"},
	{"passkey.removed", "Removed a passkey"},
	{"passkey.renamed", "Renamed a passkey"},
	{"password.changed", "Changed the password"},
	{"password.forgot", "Asked for a new password"},
	{"password.set", "Set a password by a link"},
	{"password.throttled", "Too many tries of a password"},
	{"practice.renamed", "Renamed the practice"},
	{"privacy.allowed", "Allowed a deleted client again"},
	{"privacy.asked", "Asked to delete a client for good"},
	{"privacy.deleted", "Deleted a client for good"},
	{"profile.changed", "Changed the profile"},
	{"review.decided", "Decided about a paused sync"},
	{"review.exported", "Exported a paused sync"},
	{"session.ended", "Ended sessions"},
	{"settings.changed", "Changed the organisation's settings"},
	{"standby.added", "Added a standby"},
	{"standby.asked", "Went to Xero to stand by"},
	{"standby.removed", "Standby removed"},
	{"standby.took_over", "Standby took over the connection"},
	{"sync.asked", "Asked for a sync"},
	{"sync.discarded", "Discarded a paused sync"},
	{"sync.run", "Sync"},
	{"syncs.exported", "Exported the sync history"},
	{"sync.undo_asked", "Asked to undo a sync"},
	{"sync.undone", "Sync undone"},
	{"hold.lifted", "Lifted a hold"},
	{"xero.untrusted", "Somebody else answered for Xero"},
	{"user.added", "Added somebody"},
	{"user.activated", "Let somebody in again"},
	{"user.deactivated", "Deactivated somebody"},
	{"user.invited", "Invited somebody"},
	{"user.role_changed", "Changed somebody's role"},
};

static const char *find(const char *event)
{
	for (size_t i = 0; i < ARRAY_LEN(events); i++)
		if (strcmp(events[i].event, event) == 0)
			return events[i].text;
	return NULL;
}

bool event_is_known(const char *event)
{
	return find(event) != NULL;
}

const char *event_text(const char *event)
{
	const char *text = find(event);
	return text == NULL ? event : text;
}

static const struct {
	const char *text, *patterns;
} groups[EVENT_GROUP__MAX] = {
	[EVENT_ALL] = {"All", ""},
	[EVENT_SIGN_IN] = {"Signing in",
		"login.% logout confirm session.% password.% mfa.% passkey.%"},
	[EVENT_CONNECTION] = {"Connection",
		"connect.% connection.% disconnect.% practice.% standby.% handover.%"},
	[EVENT_SYNCS] = {"Syncs", "sync.% review.% hold.%"},
	[EVENT_PEOPLE] = {"People and settings",
		"user.% profile.% settings.% mails.% audit.% database.%"},
	[EVENT_CLIENTS] = {"Clients", "client.% clients.% fix.% import.% match.% privacy.%"},
	[EVENT_TROUBLE] = {"Refused or failed", ""},
};

const char *const event_group_names[EVENT_GROUP__MAX + 1] = {
	"", "sign-in", "connection", "syncs", "people", "clients", "trouble", NULL};

const char *event_group_text(enum event_group g)
{
	return groups[g].text;
}

const char *event_group_patterns(enum event_group g)
{
	return groups[g].patterns;
}
