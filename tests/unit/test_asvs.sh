#!/usr/bin/env bash
# tests/support/asvs: what it says of rows, and each way a table can claim what it does not prove.
set -u
cd "$(dirname "$0")/../.." || exit
. tests/support/lib.sh
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

cat >"$folder/web-test_x.log" <<'LOG'
[ RUN      ] (it_holds)
[       OK ] (it_holds)
[  FAILED  ] it_breaks
[  SKIPPED ] it_waits
[  PASSED  ] 1 test(s).
LOG
printf 'ok - page: is whole\nok - twice\nnot ok - twice\nskip - data: not here\n' >"$folder/env-test_y.log"

# A whole table: every item in one row that is n/a, but what the test gives on stdin.
table() {
	cat >"$folder/table"
	tests/support/asvs "$folder" "$folder/table" 2>&1 | grep -vE 'item [0-9.]+ has no row|V17 has no row|rule [OTXKSW][0-9]+ has 0 rows'
}
says() { # says NAME PATTERN < table
	has "asvs: $1" "$(table)" "$2"
}
says 'a test that passed' '1\.1\.1 +L2 +passed +web/test_x:it_holds$' <<<$'1.1.1 | 2 | it\n    web/test_x:it_holds'
says 'a script'"'"'s case' '1\.1\.1 +L2 +passed +env/test_y:page: is whole$' <<<$'1.1.1 | 2 | it\n    env/test_y:page: is whole'
says 'a failed one' ' failed +web/test_x:it_breaks' <<<$'1.1.1 | 2 | it\n    web/test_x:it_breaks'
says 'a case twice counts as its worst' ' failed +env/test_y:twice' <<<$'1.1.1 | 2 | it\n    env/test_y:twice'
says 'all of a program are as good as the worst' ' failed +env/test_y:\*' <<<$'1.1.1 | 2 | it\n    env/test_y:*'
says 'a skipped one' ' skipped +web/test_x:it_waits' <<<$'1.1.1 | 2 | it\n    web/test_x:it_waits'
says 'a case that does not exist' ' no such test +web/test_x:it_dreams' <<<$'1.1.1 | 2 | it\n    web/test_x:it_dreams'
says 'a program that did not run' ' not run +web/test_z:it_holds' <<<$'1.1.1 | 2 | it\n    web/test_z:it_holds'
says 'all of a program that did not run' ' not run +web/test_z:\*' <<<$'1.1.1 | 2 | it\n    web/test_z:*'
says 'a row without a proof' 'FAIL +item 1\.1\.1 has no proof' <<<'1.1.1 | 2 | it'
says 'a row that says nothing' 'FAIL +item 1\.1\.1 does not say' <<<$'1.1.1 | 2\n    n/a: so'
says 'an item twice' 'FAIL +item 1\.1\.2 has two rows' <<<$'1.1.1-1.1.2 | 2 | it\n    n/a: so\n1.1.2 | 2 | it\n    n/a: so'
says 'a rule twice' 'FAIL +rule T3 has 2 rows' <<<$'T3 | - | it\n    n/a: so\nT3 | - | it\n    n/a: so'
says 'an item that is none' 'FAIL +ASVS 5\.0\.0 has no item 1\.1\.9' <<<$'1.1.9 | 2 | it\n    n/a: so'
says 'a range across sections' 'FAIL .*is no range' <<<$'1.1.1-1.2.1 | 2 | it\n    n/a: so'
says 'a document that is not there' 'FAIL +item 1\.1\.1: there is no nothing\.md' <<<$'1.1.1 | 2 | it\n    document: nothing.md, all of it'

# Only what is whole passes.
{
	printf '17 | 2 | V17\n    n/a: none\n'
	for rule in O{1..21} T{1..14} X{1..12} K{1..9} S{1..4} W{1..10}; do printf '%s | - | it\n    n/a: so\n' "$rule"; done
	while IFS=: read -r section n; do
		printf '%s.1-%s.%s | 1 | all\n    web/test_x:it_holds\n' "$section" "$section" "$n"
	done < <(grep -oE '[0-9]+\.[0-9]+:[0-9]+' tests/support/asvs)
} >"$folder/whole"
check 'asvs: a whole table passes' tests/support/asvs "$folder" "$folder/whole"
sed '$d' "$folder/whole" | sed '$d' >"$folder/short"
if tests/support/asvs "$folder" "$folder/short" >/dev/null; then not_ok 'asvs: a missing item fails'; else ok 'asvs: a missing item fails'; fi
sed '$s/it_holds/it_breaks/' "$folder/whole" >"$folder/broken"
if tests/support/asvs "$folder" "$folder/broken" >/dev/null; then not_ok 'asvs: a failed test fails'; else ok 'asvs: a failed test fails'; fi
finish
