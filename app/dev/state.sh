# shellcheck shell=bash
# Chooses the state folder of a copy and the user that its programs run as. Sourced; sets
#
#   STATE  absolute path of the state folder       (GAP_STATE_DIR, default var)
#   RUN    absolute path of the unix sockets' folder
#   PORT   the site's port; the sandbox takes the next one
#   AS     for root: words before a command that make it run as an unprivileged user

say() { printf '%s\n' "$*"; }
fail() {
	printf '\n%s\n' "$*" >&2
	exit 1
}
# For a wrong setting: prints a sentence that names it, and exits with status 2.
refuse() {
	printf '\n%s\n' "$*" >&2
	exit 2
}

choose_port() {
	PORT=${GAP_PORT:-8443}
	[[ $PORT =~ ^[0-9]{4,5}$ ]] && ((PORT >= 1024 && PORT <= 65534)) ||
		refuse "GAP_PORT must be a number from 1024 to 65534; it is \"$PORT\"."
}

# A folder with anything else in it is refused, because the owner of all its files is changed below.
choose_state() {
	STATE=${GAP_STATE_DIR:-var}
	[[ $STATE == /* ]] || STATE=$PWD/$STATE
	if [[ -e $STATE && ! -e $STATE/.gap-state && -n $(ls -A "$STATE" 2>&1) ]]; then
		refuse "GAP_STATE_DIR names $STATE, which holds something else. Name an empty folder, or one that does not exist yet."
	fi
	mkdir -p "$STATE" && : >>"$STATE/.gap-state" || refuse "GAP_STATE_DIR names $STATE, which cannot be written."
	STATE=$(cd "$STATE" && pwd -P)
	chmod 700 "$STATE"
}

# PostgreSQL refuses to run as root, and nothing else here needs root. Started by root, the run becomes
# the owner of the repository (`sudo make run`), or postgres when that owner is root. When that user
# cannot enter the folders (a clone below /root), a user namespace hides uid 0: the run then owns what
# root owns, but has no capability outside the namespace.
choose_user() {
	AS=()
	((EUID == 0)) || return 0
	local user group owner
	user=$(stat -c %U .)
	[[ $user != root && $user != UNKNOWN ]] || user=postgres
	group=$(id -gn "$user")
	owner=$user
	AS=(setpriv "--reuid=$user" "--regid=$group" --init-groups --inh-caps=-all --no-new-privs)
	if ! can_pass "$user"; then
		owner=root
		AS=(unshare --user "--map-user=$user" "--map-group=$group" -- setpriv --no-new-privs)
		"${AS[@]}" true 2>/dev/null ||
			fail "PostgreSQL does not run as root, and the user $user may not enter $PWD or $STATE." \
				"Move the repository, or set GAP_STATE_DIR, to a folder that others may enter, such as one below /srv."
	fi
	[[ $(stat -c %U "$STATE") == "$owner" ]] || chown -hR "$owner:$(id -gn "$owner")" "$STATE"
}

# Can the user enter the folder above the state folder (whose own owner changes below), and read what a
# run needs?
can_pass() {
	# shellcheck disable=SC2016
	setpriv "--reuid=$1" "--regid=$(id -g "$1")" --clear-groups sh -c '
		cd "$1" && cd "$2" && test -x "$3/gap-web" && test -r sql/roles.sql && test -r static/css/errors.css
	' sh "${STATE%/*}/" "$PWD" "$GAP_BUILD" 2>/dev/null
}

# A unix socket's path has at most 107 bytes, and addresses carry plain characters only.
choose_run() {
	RUN=${GAP_RUN_DIR:-$STATE/run}
	local longest=$RUN/.s.PGSQL.5432
	drop_short_run
	if ((${#longest} > 107)) || [[ $RUN == *[!A-Za-z0-9/._-]* ]]; then
		RUN=$(mktemp -d /tmp/gap-run.XXXXXX)
		say "$RUN" >"$STATE/run.path"
	fi
	mkdir -p "$RUN"
	# 0700 is the wall of the cluster, too: whoever reaches its socket may be any role (trust).
	chmod 700 "$RUN"
}
find_run() {
	RUN=${GAP_RUN_DIR:-$STATE/run}
	[[ ! -r $STATE/run.path ]] || RUN=$(<"$STATE/run.path")
}
drop_short_run() {
	local short
	[[ -r $STATE/run.path ]] || return 0
	short=$(<"$STATE/run.path")
	[[ $short != /tmp/gap-run.?????? ]] || rm -rf "$short"
	rm -f "$STATE/run.path"
}
