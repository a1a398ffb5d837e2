# shellcheck shell=bash
# The PostgreSQL cluster of a run: made, started and filled, all inside the state folder. It never
# touches a cluster of the system: it listens on no network address, and its socket lies in a folder
# that only its own user may enter. Sourced; needs state.sh, process.sh.
#
# `trust` is safe only here: the folder (0700) protects the socket, and who can enter it owns the data
# files anyway. A real installation uses passwords or peer mapping.

unset "${!PG@}"
SUPER=postgres

url() { printf 'postgresql:///%s?host=%s&user=%s' "$1" "$RUN" "$2"; }
sql() { PGOPTIONS='-c client_min_messages=warning' psql -qAtX -v ON_ERROR_STOP=1 -d "$(url "$1" $SUPER)" "${@:2}"; }

# Uses the major version of PostgreSQL that made the cluster.
find_postgres() {
	local major
	if [[ -r $STATE/pg/PG_VERSION ]]; then
		major=$(<"$STATE/pg/PG_VERSION")
	else
		# shellcheck disable=SC2012
		major=$(ls /usr/lib/postgresql 2>/dev/null | sort -n | tail -n 1)
	fi
	PGBIN=/usr/lib/postgresql/$major/bin
	[[ -x $PGBIN/postgres ]] ||
		fail "$STATE/pg was made by PostgreSQL $major, which is not installed: install postgresql-$major, or move the folder away to start anew."
}

# Made under another name and then renamed, so that an interrupted first start leaves no half cluster.
make_cluster() {
	[[ ! -e $STATE/pg ]] || return 0
	rm -rf "$STATE/pg.new"
	"$PGBIN/initdb" --pgdata="$STATE/pg.new" --username=$SUPER --auth=trust --encoding=UTF8 \
		--locale=C.UTF-8 --data-checksums "$@" >"$STATE/log/initdb.log" 2>&1 ||
		fail "PostgreSQL's initdb failed: $(tail -n 3 "$STATE/log/initdb.log")"
	mv "$STATE/pg.new" "$STATE/pg"
}

# After a crash of the machine, another process of the same user may have the number that is written
# in postmaster.pid, and PostgreSQL then refuses to start. The file is removed only when no process works
# in the folder, because it also keeps a second server away while children of a first one still run.
drop_stale_pid() {
	local pid
	[[ -e $STATE/pg/postmaster.pid ]] || return 0
	read -r pid <"$STATE/pg/postmaster.pid" || true
	if [[ $(readlink "/proc/${pid:-0}/cwd") == "$STATE/pg" ]]; then
		end postgres INT 20 "$pid"
	elif ! readlink /proc/[0-9]*/cwd | grep -qxF "$STATE/pg"; then
		rm -f "$STATE/pg/postmaster.pid"
	fi
}

start_cluster() {
	start postgres INT "$PGBIN/postgres" -D "$STATE/pg" -k "$RUN" -c listen_addresses= \
		-c unix_socket_permissions=0700 -c cluster_name=gap -c timezone=UTC -c log_timezone=UTC \
		-c log_line_prefix='%m %u@%d ' -c max_connections=100 "$@"
}
wait_for_cluster() {
	local until=$((SECONDS + 60))
	until "$PGBIN/pg_isready" -q -h "$RUN"; do
		running postgres && ((SECONDS < until)) ||
			broke "PostgreSQL did not start" postgres 1
		sleep 0.05
	done
}

# migrate DATABASE: roles, schema, and the sandbox's own schema where there is a sandbox.
migrate() {
	sql "$1" -f sql/roles.sql >/dev/null
	sql "$1" -c "ALTER DATABASE $1 OWNER TO gap_owner"
	admin "$1" migrate >>"$STATE/log/admin.log" 2>&1 ||
		broke "The migration failed" admin $?
	[[ -n ${SANDBOX:-} ]] || return 0
	sql "$1" -c 'CREATE SCHEMA IF NOT EXISTS sandbox AUTHORIZATION gap_sandbox' \
		-c "GRANT CONNECT ON DATABASE $1 TO gap_sandbox"
	words sandbox "$1"
	"${WORDS[@]}" migrate >>"$STATE/log/admin.log" 2>&1 ||
		broke "The sandbox's migration failed" admin $?
}

# fill COMMAND: makes the database under another name and renames it when it is complete, so that an
# interrupted first start begins again. COMMAND gets the name of the database.
fill() {
	if [[ -n $(sql postgres -c "SELECT 1 FROM pg_database WHERE datname = 'gap'") ]]; then
		migrate gap
		"$1" gap
		return
	fi
	sql postgres -c 'DROP DATABASE IF EXISTS gap_new' -c 'CREATE DATABASE gap_new'
	rm -f "$STATE/demo.json"
	migrate gap_new
	"$1" gap_new
	sql postgres -c 'ALTER DATABASE gap_new RENAME TO gap'
}
