#!/usr/bin/env bash
# gap-admin for the copy that `make run` has started: app/dev/admin.sh org add "My Firm" --zone Pacific/Auckland
# It uses GAP_STATE_DIR and GAP_PORT as `make run` does.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
export GAP_BUILD=${GAP_BUILD:-build}
. app/dev/state.sh
choose_port
choose_state
if [[ -z ${GAP_ADMIN_AGAIN:-} ]]; then
	choose_user
	GAP_ADMIN_AGAIN=yes exec "${AS[@]}" env "$BASH" app/dev/admin.sh "$@"
fi
unset GAP_ADMIN_AGAIN

. app/dev/process.sh
. app/dev/cluster.sh
. app/dev/programs.sh
. app/dev/demo.sh
umask 077
SANDBOX=
find_run
[[ -S $RUN/.s.PGSQL.5432 ]] || fail "Nothing runs in $STATE. Start it with make run, in another terminal."
settings
admin gap "$@"
