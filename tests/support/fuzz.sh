#!/usr/bin/env bash
# One fuzzer for GAP_FUZZ_SECONDS (10): tests/support/fuzz.sh fuzz_NAME. It starts from the corpus in
# tests/fuzz/corpus/NAME; what it learns stays in build/fuzz, what breaks it is kept there and named.
# A line /* FUZZFLAGS: … */ in its source adds flags of libFuzzer's. `make test` begins with the same seed
# every time, so that what it finds there it finds for everybody; `make fuzz` and LONG=1 go ways of their own.
set -uo pipefail
name=$1
stem=${name#fuzz_}
found=build/fuzz/found/$stem
mkdir -p "$found" "build/fuzz/learnt/$stem"
corpus=("build/fuzz/learnt/$stem")
[[ ! -d tests/fuzz/corpus/$stem ]] || corpus+=("tests/fuzz/corpus/$stem")

read -ra flags < <(sed -n 's|^/\* FUZZFLAGS: \(.*\) \*/|\1|p' "tests/fuzz/$name.c")

seconds=${GAP_FUZZ_SECONDS:-10} seed=${GAP_FUZZ_SEED:-1}
[[ ${LONG:-0} != 1 ]] || { seconds=$((seconds * 60)) && seed=0; }
if timeout $((seconds + 60)) "build/fuzz/tests/fuzz/$name" -max_total_time="$seconds" -timeout=5 -rss_limit_mb=1024 \
	-seed="$seed" -verbosity=0 -print_final_stats=1 -artifact_prefix="$found/" "${flags[@]}" "${corpus[@]}"; then
	printf 'ok - %s: %s s\n' "$name" "$seconds"
else
	printf 'not ok - %s: %s\n' "$name" "$(find "$found" -type f -newer "build/fuzz/tests/fuzz/$name" | tail -n 1)"
	exit 1
fi
