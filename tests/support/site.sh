#!/usr/bin/env bash
# A whole site of its own for one command, as `make run` makes it, on free ports and in a folder that
# goes afterwards: tests/support/site.sh COMMAND...
# The command finds GAP_STATE_DIR, GAP_PORT, GAP_BASE_URL, GAP_SANDBOX_URL and NODE_EXTRA_CA_CERTS.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit
. tests/support/lib.sh
folder=$(mktemp -d)
chmod 755 "$folder"
export GAP_STATE_DIR=$folder/state
GAP_PORT=$(free_ports)
export GAP_PORT
export GAP_BASE_URL=https://localhost:$GAP_PORT GAP_SANDBOX_URL=https://127.0.0.1:$((GAP_PORT + 1))

app/dev/run.sh >"$folder/out" 2>&1 &
site=$!
stop() {
	kill "$site" 2>/dev/null
	wait "$site"
	[[ ${status:-1} == 0 ]] || tail -n 30 "$folder/out" "$GAP_STATE_DIR"/log/*.log
	rm -rf "$folder"
}
trap stop EXIT
trap 'exit 130' INT TERM HUP

is_ready() { ! kill -0 "$site" 2>/dev/null || grep -q 'Ctrl-C' "$folder/out"; }
wait_for 60 is_ready && kill -0 "$site" || { cat "$folder/out" && exit 1; }
export NODE_EXTRA_CA_CERTS=$GAP_STATE_DIR/tls/ca.pem
"$@" &
wait $!
status=$?
exit $status
