#!/usr/bin/env bash
# The benches in miniature: every figure that has a target can still be taken. Its values mean nothing.
. tests/support/lib.sh

figures=$(mktemp)
trap 'rm -f "$figures"' EXIT
if GAP_BENCH_TINY=1 tests/bench/run >"$figures" 2>"$figures.err"; then ok 'bench: it runs to its end'; else
	not_ok 'bench: it runs to its end'
	sed 's/^/    /' "$figures.err"
fi
rm -f "$figures.err"

taken() { grep -qE "^$1 +[0-9.]+ [A-Za-z/]+ +target .*(met|MISSED)$" "$figures"; }
while read -r name _; do
	check "bench: $name is taken" taken "$name"
done < <(grep -v '^#' tests/bench/targets.txt)
finish
