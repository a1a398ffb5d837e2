#!/usr/bin/env bash
# Fault 72 with PostgreSQL's own tools: dumped yesterday, read back today. Names of results carry the number.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit
. tests/support/lib.sh

database=gap_test_restore_$$
work=$(mktemp -d)
super() { psql -qAtX -v ON_ERROR_STOP=1 "$GAP_TEST_PG" "$@"; }
as() { psql -qAtX -v ON_ERROR_STOP=1 "$GAP_TEST_PG&dbname=$database&user=$1&options=-csearch_path%3Dgap" -c "$2"; }
trap 'super -c "DROP DATABASE IF EXISTS $database WITH (FORCE)" 2>/dev/null; rm -rf "$work"' EXIT
super -c "CREATE DATABASE $database TEMPLATE gap_template OWNER gap_owner" || exit

export GAP_STATE_DIR=$work GAP_LOG_LEVEL=warn GAP_BASE_URL=https://gap.example
export GAP_DATABASE_URL="$GAP_TEST_PG&dbname=$database&user=gap_owner"
admin=${GAP_BUILD:-build}/gap-admin
log_in() {
	as postgres "INSERT INTO session (token_hash, org_id, user_id, level, ends_at, peer, user_agent)
		SELECT sha256(random()::text::bytea), org_id, user_id, 2, now() + interval '1 hour', 'p', 'a' FROM app_user"
}
in_now() { as postgres 'SELECT count(*) FROM session'; }

"$admin" org add Firm --zone UTC >/dev/null
"$admin" user add --org 1 --email ada@firm.example --name Ada --role admin >/dev/null
log_in
as gap_worker 'SELECT pulse_take(0)' >/dev/null
same 'restore: a worker that looks ends nothing' 1 "$(in_now)"
pg_dump -Fc -f "$work/dump" "$GAP_TEST_PG&dbname=$database"
seen=$(as gap_worker 'SELECT max(pulse) FROM generate_series(1, 40) n, pulse_take(n * 0)')

super -c "DROP DATABASE $database WITH (FORCE)" -c "CREATE DATABASE $database OWNER gap_owner"
pg_restore --exit-on-error -d "$GAP_TEST_PG&dbname=$database" "$work/dump"
same 'fault 72: the dump brings a session back' 1 "$(in_now)"
has 'fault 72: a worker finds that' "$(as gap_worker "SELECT restored FROM pulse_take($seen)")" '^t$'
same 'fault 72: the session is over' 0 "$(in_now)"
log_in
same 'fault 72: it is found once' f "$(as gap_worker "SELECT restored FROM pulse_take($seen)")"
same 'fault 72: who logs in after it stays in' 1 "$(in_now)"
same 'fault 72: the operator may say so too' 'Everyone is logged out; links and used codes are void. Admins have been told.' "$("$admin" restored)"
same 'fault 72: with the same end' 0 "$(in_now)"
same 'fault 72: both stand in the audit chain' 1 "$(as postgres "SELECT count(*) FROM audit_event WHERE event = 'database.restored' AND org_id = 0")"
same 'fault 72: which is whole' '' "$("$admin" audit verify | grep -v whole)"
finish
