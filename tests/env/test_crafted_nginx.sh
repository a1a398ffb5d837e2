#!/usr/bin/env bash
# Broken and doubtful HTTP through the real nginx: every request has one answer at most, no 5xx and no
# wait, nothing hidden inside another request is ever served, no process dies, no table changes.
set -u
cd "$(dirname "$0")/../.." || exit
. tests/support/lib.sh
if [[ -z ${GAP_SANDBOX_URL:-} ]]; then
	exec tests/support/with_site "$BASH" "$0"
fi
PGHOST=$(realpath "$GAP_STATE_DIR/run")
export PGHOST PGUSER=postgres PGDATABASE=gap
# All tables but those that count tries and record them, and what the worker does by the clock.
state() {
	psql -qAtX <<-'SQL'
		SELECT format('SELECT %L, md5(coalesce(string_agg(t::text, ''|'' ORDER BY t::text), '''')) FROM gap.%I t;', relname, relname)
		FROM pg_class WHERE relnamespace = 'gap'::regnamespace AND relkind = 'r' AND relname NOT IN
		('throttle', 'audit_event', 'audit_head', 'worker_heartbeat', 'job') ORDER BY relname
		\gexec
	SQL
}
web=$(cut -d ' ' -f 1 "$GAP_STATE_DIR/pid/web")
web_pids() { cat "/proc/$web/task/$web/children"; }

before=$(state) pids=$(web_pids)
has 'there are tables to look at' "$before" '^app_user\|'
has 'there are processes to look at' "$pids" '[0-9]+ [0-9]+'
tests/support/node.sh >/dev/null 2>&1
timeout 300 tests/support/node.sh tests/support/crafted_nginx.mjs || failures=$((${failures:-0} + 1))
same 'no table changed' "$before" "$(state)"
same 'no process of the web died' "$pids" "$(web_pids)"
has_not 'nothing smuggled was served' "$(cat "$GAP_STATE_DIR/nginx/access.log")" '"path":"/smuggled'
has_not 'no bug was met' "$(cat "$GAP_STATE_DIR/log/web.log")" '"event":"bug"|prefork.child_ended'
finish
