#!/usr/bin/env bash
# Fault 20: a program and a database of different builds. Each program says so in one sentence and does not start.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit
. tests/support/lib.sh

database=gap_test_versions_$$
work=$(mktemp -d)
super() { psql -qAtX -v ON_ERROR_STOP=1 "$GAP_TEST_PG" "$@"; }
sql() { psql -qAtX -v ON_ERROR_STOP=1 "$GAP_TEST_PG&dbname=$database&user=gap_owner&options=-csearch_path%3Dgap" -c "$1"; }
trap 'super -c "DROP DATABASE IF EXISTS $database WITH (FORCE)" 2>/dev/null; rm -rf "$work"' EXIT
super -c "CREATE DATABASE $database TEMPLATE gap_template OWNER gap_owner" || exit
export GAP_STATE_DIR=$work GAP_RUN_DIR=$work GAP_BASE_URL=https://gap.example
export GAP_TOKEN_KEY_FILE=$work/tokens.key GAP_TOTP_KEY_FILE=$work/totp.key
export XERO_CLIENT_ID=0123456789ABCDEF0123456789ABCDEF XERO_CLIENT_SECRET=not-much-of-a-secret
for key in tokens totp; do
	GAP_DATABASE_URL="$GAP_TEST_PG&dbname=$database&user=gap_owner" "${GAP_BUILD:-build}/gap-admin" rotate-key $key >/dev/null
done

# refused WHAT SENTENCE: neither program starts.
refused() {
	local program out status
	for program in web worker; do
		out=$(GAP_DATABASE_URL="$GAP_TEST_PG&dbname=$database&user=gap_$program" timeout 10 "${GAP_BUILD:-build}/gap-$program" 2>&1)
		status=$?
		same "fault 20: gap-$program does not start on $1" 2 "$status"
		has "fault 20: and says why" "$out" "$2"
	done
}
newest=$(sql 'SELECT max(version) FROM schema_migration')
sql "INSERT INTO schema_migration (version, name, checksum) VALUES ($newest + 1, 'newer', '\x00')"
refused 'a newer database' "at version $((newest + 1)) and this program knows only $newest\. Use the newer program\."
sql "DELETE FROM schema_migration WHERE version >= $newest"
refused 'an older database' "at version $((newest - 1)) and this program needs $newest\. Run gap-admin migrate\."
finish
