#!/usr/bin/env bash
# make run: this copy's PostgreSQL, nginx, web, worker and sandbox, in the foreground, until Ctrl-C
# or SIGTERM. Everything it starts and writes hangs below one state folder.
#
#   GAP_STATE_DIR (var), GAP_PORT (8443): several copies side by side
#   XERO_CLIENT_ID: the real Xero; without it the sandbox and an example firm
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
export GAP_BUILD=${GAP_BUILD:-build}
. app/dev/state.sh
choose_port
choose_state

# Starts this script again as an unprivileged user, and asks the kernel for SIGTERM when make is
# killed, so that the run does not go on unseen. A script that starts us in the background leaves
# SIGINT ignored, which a shell cannot undo by itself; `env --default-signal` does.
if [[ -z ${GAP_RUN_PARENT:-} ]]; then
	choose_user
	GAP_RUN_PARENT=$PPID exec "${AS[@]}" setpriv --pdeathsig TERM env --default-signal=INT "$BASH" app/dev/run.sh
fi
[[ $GAP_RUN_PARENT == "$PPID" ]] || exit 0
unset GAP_RUN_PARENT

. app/dev/process.sh
. app/dev/cluster.sh
. app/dev/programs.sh
. app/dev/nginx.sh
. app/dev/demo.sh
umask 077
ulimit -c 0
SANDBOX=
[[ -n ${XERO_CLIENT_ID:-} ]] || SANDBOX=yes
declare -A BORN=() FALLS=()
PROGRAMS=(web worker ${SANDBOX:+sandbox})

# Only one run per state folder. An earlier run that is still stopping gets time to finish.
take_lock() {
	exec 9>"$STATE/lock"
	flock -w 2 9 || { [[ $(cat "$STATE/phase" 2>/dev/null) == stopping ]] && flock -w 20 9; } ||
		fail "Another make run uses $STATE. Stop it, or set GAP_STATE_DIR and GAP_PORT to run a second copy beside it."
	say running >"$STATE/phase"
}

port_is_free() {
	! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null ||
		fail "Port $1 is taken by another program. Set GAP_PORT to a free port; the one after it is used as well."
}

stop() {
	local status=$?
	trap '' INT TERM HUP
	say stopping >"$STATE/phase"
	stop_all
	drop_short_run
	((status)) || say 'Stopped.'
	exit "$status"
}

ready() {
	[[ $(curl -s -o "$STATE/log/readyz" -w '%{http_code}' --noproxy '*' --max-time 2 --cacert "$STATE/tls/ca.pem" \
		"https://localhost:$PORT/readyz") == 200 ]]
}
# Sets $ended to the exit status of a child; 0 when it is no longer known.
reap() {
	ended=0
	wait "${PID[$1]}" 2>/dev/null || ended=$?
	((ended != 127)) || ended=0
	return 0
}
wait_until_ready() {
	local name ended until=$((SECONDS + 30))
	until ready; do
		for name in "${!PID[@]}"; do
			running "$name" || { reap "$name" && broke "$name ended at once" "$name" "$ended"; }
		done
		((SECONDS < until)) || fail "Not ready after 30 seconds: $(head -c 400 "$STATE/log/readyz"). The logs are in $STATE/log/."
		sleep 0.1
	done
}

greet() {
	local bold='' plain='' at=${STATE#"$PWD"/}
	[[ ! -t 1 ]] || bold=$'\e[1m' plain=$'\e[0m'
	printf '\n  %sThe Gap is ready:%s %s\n\n' "$bold" "$plain" "$GAP_BASE_URL"
	if [[ -n $SANDBOX ]]; then
		printf '  %-10s %-32s %s\n' '' 'Email' 'Password'
		printf '  %-10s %-32s %s\n' Admin "$(demo admin email)" "$(demo admin password)" \
			Member "$(demo member email)" "$(demo member password)" Xero "$(demo xero email)" "$(demo xero password)"
		printf '\n  %s, an example firm. Xero is the sandbox here: no account needed.\n' "$FIRM"
		printf '  What Xero does is chosen at https://127.0.0.1:%s/sandbox\n' "$((PORT + 1))"
	else
		printf '  The real Xero, as the app %s.\n' "$XERO_CLIENT_ID"
		[[ -n $(sql gap -c 'SELECT 1 FROM gap.organisation LIMIT 1') ]] || printf '  %s\n' '' \
			'There is no organisation yet. In another terminal:' \
			'  app/dev/admin.sh org add "My Firm" --zone Pacific/Auckland' \
			'  app/dev/admin.sh user add --org 1 --email me@firm.example --name "My Name" --role admin' ''
	fi
	printf '  The browser warns of the certificate unless it trusts %s/tls/ca.pem.\n' "$at"
	printf '  Logs are in %s/log/. Ctrl-C stops everything.\n\n' "$at"
}

# A program that ends is started again: at once after a long life, slower after short ones. One that
# ends because of a setting, or five times in a row within ten seconds, ends the run.
supervise() {
	local name ended
	while :; do
		for name in "${!PID[@]}"; do running "$name" || break; done
		if running "$name"; then
			wait -n "${PID[@]}" 2>/dev/null || true
			continue
		fi
		reap "$name"
		((SECONDS - BORN[$name] < 10)) || FALLS[$name]=0
		FALLS[$name]=$((${FALLS[$name]:-0} + 1))
		((ended != 2 && FALLS[$name] < 5)) || broke "$name keeps ending" "$name" "$ended"
		say "$name ended with status $ended; starting it again."
		signal_group KILL "${PID[$name]}"
		((FALLS[$name] == 1)) || sleep "$((FALLS[$name] - 1))"
		launch "$name"
	done
}

take_lock
trap stop EXIT
trap 'exit 0' INT TERM HUP
mkdir -p "$STATE"/{log,keys,pid,tls,nginx}
end_leftovers
choose_run
port_is_free "$PORT"
[[ -z $SANDBOX ]] || port_is_free $((PORT + 1))
for log in "$STATE"/log/*.log; do [[ ! -s $log ]] || mv -f "$log" "$log.1"; done
find_postgres
make_cluster
drop_stale_pid
launch postgres
app/dev/tls.sh "$STATE/tls"
settings
render_nginx
launch nginx
wait_for_cluster
make_keys
fill make_demo
refresh_demo
for program in "${PROGRAMS[@]}"; do launch "$program"; done
wait_until_ready
greet
supervise
