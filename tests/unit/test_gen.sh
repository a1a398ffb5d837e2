#!/usr/bin/env bash
# sql/gen.awk: the statement table out of query files, and each way a query file can be wrong.
set -u
cd "$(dirname "$0")/../.." || exit
. tests/support/lib.sh
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

gen() { # gen WORDS... <query text: what gen.awk prints, its complaints first
	cat >"$folder/q.sql"
	(cd "$folder" && awk -f "$OLDPWD/sql/gen.awk" "$@" q.sql 2>&1)
}
refuses() { # refuses NAME PATTERN <query text
	local out status
	out=$(gen -v OUT=h)
	status=$?
	has "$1" "$out" "$2"
	same "$1: ends with status 1 and prints no header" '1 0' "$status $(grep -c '#ifndef' <<<"$out")"
}

good=$(
	cat <<'SQL'
-- Clients.

-- name: client_by_id
-- id, name;
-- none when another's
SELECT id, "name", E'\n;$9', 'it''s $8' -- $7 ;
  FROM client
  -- a comment inside
 WHERE id = $1 AND x = $2;

-- name: touch
-- touched
UPDATE x SET a = $1, b = $1;

-- name: touch_and_tell
-- id
WITH t AS (DELETE FROM x RETURNING id) SELECT id FROM t;

-- name: lock
-- id, updated: 'UPDATE'
SELECT id, updated, 'UPDATE' FROM x FOR NO KEY UPDATE;

-- name: call
-- one row
-- writes
SELECT write_it();

-- name: note
-- none
-- may repeat
DELETE FROM x
SQL
)
header=$(gen -v OUT=h <<<"$good")
has 'the enum names every statement' "$header" '^	STMT_CLIENT_BY_ID, /\* id, name; none when another'"'"'s \*/$'
has 'and their number' "$header" '^	STMT__MAX$'
has 'the guard comes from the header' "$header" '^#ifndef GAP_STORE_STMT_H$'
has 'the table is declared' "$header" '^extern const struct pg_stmt stmt_table\[STMT__MAX\];$'
other=$(gen -v OUT=h -v PREFIX=sandbox_ <<<"$good")
has 'a prefix goes to the enum' "$other" '^enum sandbox_stmt \{$'
has 'to its names' "$other" '^	SANDBOX_STMT_TOUCH,'
has 'to the table' "$other" 'pg_stmt sandbox_stmt_table\[SANDBOX_STMT__MAX\]'
has 'to the guard' "$other" '^#ifndef GAP_SANDBOX_STMT_H$'
has 'the table includes its header' "$(gen -v OUT=c -v PREFIX=sandbox_ <<<"$good")" '^#include "sandbox/stmt.h"$'
has 'a header may be named' "$(gen -v OUT=c -v HEADER=a/b.h <<<"$good")" '^#include "a/b.h"$'

table=$(gen -v OUT=c <<<"$good")
mkdir -p "$folder/store"
printf '%s\n' "$header" >"$folder/store/stmt.h"
{
	printf '%s\n' "$table"
	cat <<'C'
#include <stdio.h>
int main(void)
{
	for (int i = 0; i < STMT__MAX; i++)
		printf("%s|%s|%d%s\n", stmt_table[i].name, stmt_table[i].text, stmt_table[i].params,
			stmt_table[i].writes ? "|writes" : "");
	return 0;
}
C
} >"$folder/t.c"
cc -Wall -Werror -Iapp -I"$folder" -o "$folder/t" "$folder/t.c"
expected=$(
	cat <<'TEXT'
client_by_id|SELECT id, "name", E'\n;$9', 'it''s $8' -- $7 ;
  FROM client
 WHERE id = $1 AND x = $2|2
touch|UPDATE x SET a = $1, b = $1|1|writes
touch_and_tell|WITH t AS (DELETE FROM x RETURNING id) SELECT id FROM t|0|writes
lock|SELECT id, updated, 'UPDATE' FROM x FOR NO KEY UPDATE|0
call|SELECT write_it()|0|writes
note|DELETE FROM x|0
TEXT
)
same 'the compiled table holds the texts, the counts, and which statements write' "$expected" "$("$folder/t")"

refuses 'a name given twice' '^q.sql:4: statement a stands already at q.sql:1$' <<'SQL'
-- name: a
-- x
SELECT 1
-- name: a
-- x
SELECT 1
SQL
refuses 'a statement without a name' "^q.sql:2: a statement without '-- name:'" <<'SQL'
-- nothing here
SELECT 1
SQL
refuses 'two statements under one name' '^q.sql:4: a second statement under the name a$' <<'SQL'
-- name: a
-- x
SELECT 1;
SELECT 2;
SQL
refuses 'two statements on a line' '^q.sql:3: a second statement' <<'SQL'
-- name: a
-- x
SELECT 1; SELECT 2
SQL
refuses 'a name with capitals' "^q.sql:1: 'Client' is no name" <<'SQL'
-- name: Client
-- x
SELECT 1
SQL
refuses 'a statement that does not say what it returns' '^q.sql:1: statement a does not say what it returns$' <<'SQL'
-- name: a
SELECT 1
SQL
refuses 'a name without a statement' '^q.sql:1: statement a is empty$' <<'SQL'
-- name: a
-- x
SQL
refuses 'an argument left out' '^q.sql:1: statement a leaves out \$2$' <<'SQL'
-- name: a
-- x
SELECT $1, $3
SQL
finish
