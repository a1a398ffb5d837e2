# shellcheck shell=bash
# For test scripts: results that tests/run counts, and small helpers. Sourced.

ok() { printf 'ok - %s\n' "$*"; }
not_ok() {
	printf 'not ok - %s\n' "$*"
	failures=$((${failures:-0} + 1))
}
skip() { printf 'skip - %s\n' "$*"; }

# check NAME COMMAND...: one result by the command's status; its output is shown when it failed.
check() {
	local name=$1 output
	shift
	if output=$("$@" 2>&1); then ok "$name"; else
		not_ok "$name"
		printf '%s\n' "$output" | sed 's/^/    /'
	fi
}

# none: fails, showing them, when lines come in.
none() { ! grep . >&2; }

# same NAME EXPECTED ACTUAL
same() {
	if [[ $2 == "$3" ]]; then ok "$1"; else
		not_ok "$1"
		printf '    expected: %s\n    but got:  %s\n' "$2" "$3"
	fi
}
# has NAME TEXT PATTERN: an extended regular expression, line by line.
has() {
	if grep -qE -- "$3" <<<"$2"; then ok "$1"; else
		not_ok "$1"
		printf '    nothing matches %s in:\n%s\n' "$3" "$(head -c 2000 <<<"$2" | sed 's/^/    /')"
	fi
}
has_not() {
	if ! grep -qE -- "$3" <<<"$2"; then ok "$1"; else
		not_ok "$1"
		printf '    %s matches in:\n%s\n' "$3" "$(grep -E -- "$3" <<<"$2" | head -n 5 | sed 's/^/    /')"
	fi
}

# Two free ports in a row, below the range that outgoing connections take theirs from.
free_ports() {
	local port
	while :; do
		port=$((10000 + (RANDOM * 32768 + RANDOM) % 22000))
		(exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || (exec 3<>"/dev/tcp/127.0.0.1/$((port + 1))") 2>/dev/null || break
	done
	printf '%s' "$port"
}

# wait_for SECONDS COMMAND...
wait_for() {
	local until=$((SECONDS + $1))
	shift
	until "$@"; do
		((SECONDS < until)) || return 1
		sleep 0.1
	done
}

finish() { exit $((${failures:-0} > 0)); }
