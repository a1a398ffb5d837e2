#!/usr/bin/env bash
# A private, throw-away PostgreSQL for the tests, in $GAP_STATE_DIR, until SIGTERM or the end of its
# parent. When it answers, $GAP_STATE_DIR/url holds the superuser's address, and gap_template is a
# migrated database to copy: CREATE DATABASE x TEMPLATE gap_template OWNER gap_owner.
# Run again in the same folder, it finds its databases again. It forgets everything when the machine
# stops: no fsync, unless GAP_TEST_DURABLE is set (the benches).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
. app/dev/state.sh
choose_port
choose_state
if [[ -z ${GAP_TEST_PARENT:-} ]]; then
	choose_user
	GAP_TEST_PARENT=$PPID exec "${AS[@]}" setpriv --pdeathsig TERM "$BASH" tests/support/cluster.sh
fi
. app/dev/process.sh
. app/dev/cluster.sh
. app/dev/programs.sh
. app/dev/demo.sh
umask 077
SANDBOX=yes

stop() {
	trap '' INT TERM HUP
	stop_all
	drop_short_run
}
trap stop EXIT
trap 'exit 0' INT TERM HUP

mkdir -p "$STATE"/{log,keys,pid}
choose_run
find_postgres
make_cluster --no-sync
forget=(-c fsync=off -c synchronous_commit=off -c full_page_writes=off)
[[ -z ${GAP_TEST_DURABLE:-} ]] || forget=()
start_cluster "${forget[@]}" -c max_connections=200
wait_for_cluster
settings
make_keys
if [[ -z $(sql postgres -c "SELECT 1 FROM pg_database WHERE datname = 'gap_template'") ]]; then
	sql postgres -c 'CREATE DATABASE gap_template'
	migrate gap_template
fi
printf '%s\n' "$(url postgres $SUPER)" >"$STATE/url.new"
mv "$STATE/url.new" "$STATE/url"
wait
