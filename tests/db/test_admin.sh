#!/usr/bin/env bash
# gap-admin, driven as an operator does: on a database of its own, from empty.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit
. tests/support/lib.sh

admin=${GAP_BUILD:-build}/gap-admin
database=gap_test_admin_$$
work=$(mktemp -d)
super() { psql -qAtX -v ON_ERROR_STOP=1 "$GAP_TEST_PG" "$@"; }
sql() { psql -qAtX -v ON_ERROR_STOP=1 "$GAP_TEST_PG&dbname=$database&options=-csearch_path%3Dgap" -c "$1"; }
trap 'super -c "DROP DATABASE IF EXISTS $database WITH (FORCE)" 2>/dev/null; rm -rf "$work"' EXIT
super -c "CREATE DATABASE $database OWNER gap_owner" || exit

export GAP_STATE_DIR=$work/state GAP_BASE_URL=https://gap.example GAP_LOG_LEVEL=warn
export GAP_DATABASE_URL="$GAP_TEST_PG&dbname=$database&user=gap_owner"
export GAP_TOKEN_KEY_FILE=$work/tokens.key GAP_TOTP_KEY_FILE=$work/totp.key
mkdir -p "$GAP_STATE_DIR"
umask 022

# run NAME STATUS ARGUMENT...: leaves the answer in $out, the complaint in $err.
run() {
	local name=$1 want=$2 got
	shift 2
	out=$("$admin" "$@" 2>"$work/err")
	got=$?
	err=$(<"$work/err")
	same "$name" "$want" "$got"
	((got == want)) || printf '    %s\n' "$out" "$err"
}

# --- wrong use -------------------------------------------------------------------------------------
run 'no command: status 2' 2
has 'no command: the usage' "$err" '^  gap-admin user add --org N --email EMAIL --name NAME --role admin\|member \[--password-file FILE\]$'
run 'help: status 0' 0 help
has 'help: on stdout' "$out" '^Usage:'
run 'an unknown command: status 2' 2 org remove
run 'a missing operand: status 2' 2 org add --zone UTC
has 'a missing operand: named' "$err" 'NAME is missing'
run 'a missing option: status 2' 2 org add Firm
has 'a missing option: named' "$err" '--zone is missing'
run 'an option without value: status 2' 2 org add Firm --zone
run 'an option twice: status 2' 2 org add Firm --zone UTC --zone UTC
run 'an option of another command: status 2' 2 org add Firm --zone UTC --email x@y.example
run 'a word too many: status 2' 2 migrate now
run 'a wrong key: status 2' 2 rotate-key everything
GAP_DATABASE_URL=mysql://x run 'a wrong setting: status 2' 2 health
has 'a wrong setting: named' "$err" 'GAP_DATABASE_URL'
GAP_DATABASE_URL="$GAP_TEST_PG&dbname=no_such_database" run 'no database: status 1' 1 migrate

# --- keys ------------------------------------------------------------------------------------------
run 'a key file is made' 0 rotate-key tokens
run 'the other one, too' 0 rotate-key totp
same 'a key file is its owner'\''s alone' 600 "$(stat -c %a "$work/tokens.key")"
has 'it holds one key' "$(<"$work/tokens.key")" '^1 [0-9a-f]{64}$'
has_not 'the key is not printed' "$out$err" '[0-9a-f]{64}'
run 'before the first migration no key is added' 2 rotate-key totp
has 'and the sentence says why' "$err" 'Run gap-admin migrate'

# --- migrate ---------------------------------------------------------------------------------------
run 'health of an empty database: status 2' 2 health
has 'says what to do' "$err" 'Run gap-admin migrate'
run 'migrate from empty' 0 migrate
run 'migrate again' 0 migrate
has 'says that nothing was to do' "$out" 'already'
mkdir "$work/changed" && cp sql/migrations/*.sql "$work/changed" && echo '-- more' >>"$work/changed/0001_house.sql"
GAP_MIGRATION_DIR=$work/changed run 'a changed migration: status 2' 2 migrate
has 'a changed migration: named' "$err" '0001_house.sql was changed after it was applied'

# --- organisations and users -----------------------------------------------------------------------
run 'an organisation is added' 0 org add 'Harbour & Vale' --zone Pacific/Auckland
org=$(tail -n 1 <<<"$out")
has 'its number stands alone on the last line' "$org" '^[0-9]+$'
same 'and its chain begins with that' 1 "$(sql "SELECT count(*) FROM audit_event WHERE event = 'organisation.added' AND org_id = $org")"
run 'a zone that does not exist: status 2' 2 org add Firm --zone Mars/Olympus
run 'a name that is too long: status 2' 2 org add "$(printf 'x%.0s' {1..121})" --zone UTC
same 'nothing of these was added' 1 "$(sql 'SELECT count(*) FROM organisation')"

run 'a user without a password gets a link' 0 user add --org "$org" --email ' Holly@Harbour.Example' --name 'Holly H' --role admin
has 'the link is an address of the site' "$out" '^https://gap\.example/invite/[A-Za-z0-9_-]{22}$'
token=$(sed -n 's|.*/invite/||p' <<<"$out")
hash=$(printf '%s==' "$token" | tr '_-' '/+' | base64 -d | sha256sum | cut -d' ' -f1)
same 'only its hash is kept' "$hash" "$(sql "SELECT encode(token_hash, 'hex') FROM one_time_token")"
same 'for seven days' 604800 "$(sql 'SELECT epoch(ends_at) - epoch(created_at) FROM one_time_token')"
same 'no password is set' '' "$(sql 'SELECT password_hash FROM app_user')"
run 'the same address again: status 1' 1 user add --org "$org" --email holly@harbour.example --name H --role member
has 'the same address again: said' "$err" 'already in use'

printf 'correct horse battery\r\n' >"$work/password" && chmod 600 "$work/password"
run 'a user with a password file' 0 user add --org "$org" --email max@harbour.example --name 'Max M' --role member --password-file "$work/password"
has_not 'gets no link' "$out" invite
has 'the password is hashed' "$(sql "SELECT password_hash FROM app_user WHERE name = 'Max M'")" '^\$argon2id\$v=19\$m=19456,t=2,p=1\$'
printf 'short\n' >"$work/password"
run 'a password that is too short: status 2' 2 user add --org "$org" --email a@b.example --name A --role member --password-file "$work/password"
chmod 644 "$work/password"
if ((EUID != 0)); then
	run 'a password file that others read: status 2' 2 user add --org "$org" --email a@b.example --name A --role member --password-file "$work/password"
fi
run 'a password file that is not there: status 1' 1 user add --org "$org" --email a@b.example --name A --role member --password-file "$work/none"
run 'a role that is none: status 2' 2 user add --org "$org" --email a@b.example --name A --role owner
run 'an address that is none: status 2' 2 user add --org "$org" --email nowhere --name A --role member
run 'an organisation that is none: status 2' 2 user add --org x --email a@b.example --name A --role member
run 'an organisation that is not there: status 1' 1 user add --org 999 --email a@b.example --name A --role member
same 'nothing of these was added' 2 "$(sql 'SELECT count(*) FROM app_user')"

# --- a lost authenticator --------------------------------------------------------------------------
sql "INSERT INTO totp_factor SELECT org_id, user_id, '\x0100000001', 1 FROM app_user;
	INSERT INTO recovery_code SELECT org_id, user_id, 'x' FROM app_user;
	INSERT INTO session (token_hash, org_id, user_id, level, ends_at, peer, user_agent)
	SELECT email::bytea, org_id, user_id, 2, now() + interval '1 hour', 'p', 'a' FROM app_user"
run 'a reset without a reason: status 2' 2 user reset-mfa --email max@harbour.example --reason ' '
run 'a reset of nobody: status 1' 1 user reset-mfa --email nobody@harbour.example --reason lost
run 'a reset' 0 user reset-mfa --email MAX@harbour.example --reason 'phone in the harbour'
same 'removes the factor, codes and sessions of that user alone' '1 1 1' "$(sql "SELECT concat_ws(' ', (SELECT count(*) FROM totp_factor),
	(SELECT count(*) FROM recovery_code), (SELECT count(*) FROM session))")"
same 'has the user told' "mfa_reset $(sql "SELECT user_id FROM app_user WHERE name = 'Max M'")" \
	"$(sql "SELECT concat_ws(' ', payload::json ->> 'what', payload::json ->> 'user') FROM job WHERE kind = 'mail'")"
sql 'DELETE FROM job'
same 'and keeps the reason' 'max@harbour.example: phone in the harbour' "$(sql "SELECT detail FROM audit_event WHERE event = 'mfa.reset'")"

# --- rotation --------------------------------------------------------------------------------------
sql "INSERT INTO xero_grant (xero_userid, sealed, key_id, access_ends_at, scopes) VALUES (gen_random_uuid(), '', 1, now(), '')"
chmod 400 "$work/totp.key"
first=$(<"$work/totp.key")
run 'a newer key is added' 0 rotate-key totp
same 'below the older one' "$first" "$(head -n 1 "$work/totp.key")"
has 'with the next number' "$(tail -n 1 "$work/totp.key")" '^2 [0-9a-f]{64}$'
same 'the mode is kept' 400 "$(stat -c %a "$work/totp.key")"
same 'nothing else lies beside it' 2 "$(find "$work" -name '*.key*' | wc -l)"
same 'and the chain of the installation knows' 'totp: key 2' "$(sql "SELECT detail FROM audit_event WHERE org_id = 0 AND event = 'key.rotated'")"

# --- health ----------------------------------------------------------------------------------------
run 'without a worker it is not well: status 1' 1 health
has 'the worker is why' "$out" '^worker +BAD'
sql "INSERT INTO worker_heartbeat VALUES ('w', '1')"
run 'with one it is well' 0 health
has 'the database' "$out" '^database +ok +version [0-9]+$'
has 'what the older key still seals' "$out" '^totp +ok +key 2 seals; 1 secrets remain'
has 'what the newest token key seals' "$out" '^tokens +ok +key 1 seals; 0 secrets remain'
sql "INSERT INTO job (kind, due_at) VALUES ('late', now() - interval '1 hour')"
run 'a queue that nobody empties: status 1' 1 health
has 'the queue is why' "$out" '^queue +BAD +1 due'
sql 'DELETE FROM job'
GAP_TOTP_KEY_FILE=$work/none run 'a key that is not there: status 1' 1 health
sql "INSERT INTO schema_migration (version, name, checksum) VALUES (999, 'x', '')"
run 'a database of a newer program: status 2' 2 health
has 'says so' "$err" 'Use the newer program'
sql 'DELETE FROM schema_migration WHERE version = 999'

# --- configuration ---------------------------------------------------------------------------------
XERO_CLIENT_SECRET=very-secret run 'the configuration is printed' 0 config
has 'with what is set' "$out" '^GAP_BASE_URL=https://gap\.example'
has_not 'secrets are not' "$out" very-secret

# --- audit -----------------------------------------------------------------------------------------
run 'the chains are whole' 0 audit verify
has 'the installation'\''s' "$out" '^The installation: 1 rows, whole\.$'
has 'the organisation'\''s' "$out" "^Organisation $org: 4 rows, whole\.$"
run 'one chain is exported' 0 audit export --org "$org"
same 'a line a row' 4 "$(wc -l <<<"$out")"
has 'each one JSON' "$(tail -n 1 <<<"$out")" '^\{.*"event" : "mfa\.reset".*\}$'
run 'all are' 0 audit export
same 'with the installation'\''s first' 5 "$(wc -l <<<"$out")"
run 'of an organisation that is not there: status 1' 1 audit verify --org 999
sql "UPDATE audit_event SET detail = 'other' WHERE event = 'user.added' AND seq = 2"
run 'a row that was changed: status 1' 1 audit verify
has 'is named' "$out" "^Organisation $org: BROKEN at row 2 \(4 rows\)\.$"
if [[ -e /dev/full ]]; then
	"$admin" audit export >/dev/full 2>"$work/err"
	same 'an answer that cannot be written: status 1' 1 $?
fi

exit $((${failures:-0} > 0))
