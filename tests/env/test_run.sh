#!/usr/bin/env bash
# make run, as a person lives with it: first start, stop, start again, killed in every way, two at a
# time, taken ports, and as root, as root below a closed folder, as an ordinary user.
set -u
cd "$(dirname "$0")/../.." || exit
. tests/support/lib.sh
unset "${!XERO_@}"
folder=$(mktemp -d)
chmod 755 "$folder"

begin() { # begin NAME STATE PORT [WORDS...]: starts a copy, in $site; its output is in STATE.out
	local name=$1 state=$2 port=$3
	shift 3
	running_state=$state
	GAP_STATE_DIR=$state GAP_PORT=$port "$@" app/dev/run.sh >"$state.out" 2>&1 &
	site=$!
	if wait_for 60 greeted "$state.out" && kill -0 "$site" 2>/dev/null; then ok "$name"; else
		not_ok "$name"
		cat "$state.out"
	fi
}
greeted() { grep -q 'Ctrl-C' "$1" || ! kill -0 "$site" 2>/dev/null; }
fetch() { curl -s -o /dev/null -w '%{http_code}' --noproxy '*' --max-time 5 --cacert "$1/tls/ca.pem" "$2"; }
# Each program leads a session of its own, named in its pid file; PostgreSQL's children follow theirs.
sessions() { cut -d ' ' -f 1 "$1"/pid/*; }
nobody_left() { [[ -z $(sessions_alive) ]]; }
sessions_alive() { sed -E 's/^([0-9]+) \(.*\) [^Z] [0-9]+ [0-9]+ ([0-9]+) .*/\2/;t;d' /proc/[0-9]*/stat 2>/dev/null | grep -xF "$alive"; }
halt() { # halt SIGNAL; leaves the exit status in $status, and what ran then in $alive
	alive=$(sessions "$running_state")
	kill "-$1" "$site"
	wait "$site" 2>/dev/null
	status=$?
}
pid_of() { cut -d ' ' -f 1 "$1/pid/$2"; }

clean_up() {
	[[ -z ${site:-} ]] || { kill "$site" && wait "$site"; } 2>/dev/null
	[[ -z ${blocker:-} ]] || kill "$blocker" 2>/dev/null
	rm -rf "$folder"
}
trap clean_up EXIT

port=$(free_ports)
state=$folder/first
begin 'run: a first start gets ready' "$state" "$port"
same 'run: the site answers under its certificate' 200 "$(fetch "$state" "https://localhost:$port/readyz")"
has_not 'run: the sandbox answers at the next port' "$(fetch "$state" "https://127.0.0.1:$((port + 1))/")" '^(000|502)$'
same 'run: demo.json is for its owner alone' 600 "$(stat -c %a "$state/demo.json")"
same 'run: so are the keys' '600 600 400' "$(stat -c %a "$state"/keys/{tokens,totp}.key "$state/tls/ca.key" | paste -sd ' ')"
has 'run: demo.json has the shape of the contract' "$(tr -d '\n' <"$state/demo.json")" \
	'"base_url": "https://localhost:'"$port"'", *"organisation": "[^"]+", *"admin": \{"email": "[^"]+", "password": "[^"]{12,}"\}, *"member": \{.*\}, *"xero": \{'
told() { tr '\0' '\n' <"/proc/$(pid_of "$state" "$1")/environ"; }
if ((EUID == 0)); then
	has_not 'run: the web is not told what is the worker'\''s' "$(told web)" 'SECRET|TOKEN_KEY|SMTP'
	has_not 'run: the worker is not told what is the web'\''s' "$(told worker)" 'TOTP'
	has 'run: each has its own role in the database' "$(told web) $(told worker) $(told sandbox)" 'user=gap_sandbox'
fi
has_not 'run: no program runs as root' "$(for p in postgres nginx web worker sandbox; do stat -c %u "/proc/$(pid_of "$state" $p)"; done)" '^0$'
if command -v ss >/dev/null; then
	has_not 'run: it listens on loopback alone' "$(ss -Hltn | awk '{ print $4 }' | grep -E ":($port|$((port + 1)))$")" '^(0\.0\.0\.0|\*|\[::\])'
fi

GAP_STATE_DIR=$state GAP_PORT=$port timeout 20 app/dev/run.sh >"$folder/second" 2>&1
same 'run: a second one in the same folder is refused' 1 $?
has 'run: with a sentence' "$(cat "$folder/second")" '^Another make run uses .*GAP_STATE_DIR'

worker=$(pid_of "$state" worker)
kill -KILL "$worker"
worker_is_back() { [[ $(pid_of "$state" worker) != "$worker" ]] && kill -0 "$(pid_of "$state" worker)"; }
check 'run: a worker that dies is started again' wait_for 10 worker_is_back
kill -KILL "$(pid_of "$state" web)"
site_is_back() { [[ $(fetch "$state" "https://localhost:$port/readyz") == 200 ]]; }
check 'run: a web that dies is started again' wait_for 10 site_is_back

halt TERM
same 'run: SIGTERM ends it with status 0' 0 "$status"
check 'run: and leaves no process' wait_for 3 nobody_left
login=$(cat "$state/demo.json")

began=$EPOCHREALTIME
begin 'run: a second start gets ready' "$state" "$port"
same 'run: within five seconds' yes "$(awk -v a="$began" -v b="$EPOCHREALTIME" 'BEGIN { print b - a < 5 ? "yes" : b - a " s" }')"
same 'run: with the same log-ins' "$login" "$(cat "$state/demo.json")"

halt KILL
check 'run: SIGKILL leaves no process either' wait_for 15 nobody_left
begin 'run: and the next start works' "$state" "$port"
for p in nginx web worker sandbox postgres; do kill -STOP "$(pid_of "$state" $p)"; done
halt KILL
begin 'run: after SIGKILL with everything frozen, too' "$state" "$port"
same 'run: and serves' 200 "$(fetch "$state" "https://localhost:$port/readyz")"
halt INT
same 'run: Ctrl-C ends it with status 0' 0 "$status"

GAP_STATE_DIR=$state GAP_PORT=$port make -s run >"$state.out" 2>&1 &
site=$!
check 'run: through make' wait_for 120 grep -q Ctrl-C "$state.out"
halt KILL
check 'run: when make is killed, everything ends' wait_for 15 nobody_left
site=

nc_port=$(free_ports)
perl -MIO::Socket::INET -e '$s = IO::Socket::INET->new(LocalAddr => "127.0.0.1", LocalPort => shift, Listen => 5) or die; sleep 60' "$nc_port" &
blocker=$!
is_taken() { (exec 3<>"/dev/tcp/127.0.0.1/$nc_port") 2>/dev/null; }
wait_for 5 is_taken
GAP_STATE_DIR=$folder/taken GAP_PORT=$nc_port timeout 20 app/dev/run.sh >"$folder/out" 2>&1
same 'run: a taken port ends it' 1 $?
has 'run: with a sentence that names GAP_PORT' "$(cat "$folder/out")" "^Port $nc_port is taken.*GAP_PORT"
GAP_PORT=http GAP_STATE_DIR=$folder/x timeout 20 app/dev/run.sh >"$folder/out" 2>&1
has 'run: so does a port that is none' "$(cat "$folder/out")" '^GAP_PORT must be a number'
XERO_CLIENT_ID=app GAP_STATE_DIR=$folder/x timeout 60 app/dev/run.sh >"$folder/out" 2>&1
same 'run: a missing setting ends it with status 2' 2 $?
has 'run: and one sentence that names it' "$(cat "$folder/out")" '^XERO_CLIENT_SECRET .*must be set'
GAP_SYNC_TIMES=soon GAP_PORT=$(free_ports) GAP_STATE_DIR=$folder/x timeout 60 app/dev/run.sh >"$folder/out" 2>&1
same 'run: so does a wrong one' 2 $?
has 'run: with the program'\''s own sentence' "$(cat "$folder/out")" '^GAP_SYNC_TIMES must be'
mkdir "$folder/full" && touch "$folder/full/mine"
GAP_STATE_DIR=$folder/full timeout 20 app/dev/run.sh >"$folder/out" 2>&1
has 'run: a folder that holds something else is not taken' "$(cat "$folder/out")" 'which holds something else'

deep="$folder/a folder, with a name & of more than a hundred and seven bytes $(printf 'x%.0s' {1..80})"
mkdir -p "$deep"
port=$(free_ports)
begin 'run: a long and odd path works' "$deep/state" "$port"
short=$(cat "$deep/state/run.path")
halt TERM
same 'run: and its short folder goes' gone "$([[ -e $short ]] || echo gone)"
site=

if ((EUID != 0)); then
	skip 'run: as root, below a closed folder: not root'
	skip 'run: as an ordinary user: this whole test was'
else
	closed=$(mktemp -d)
	port=$(free_ports)
	begin 'run: root, state below a folder closed to others' "$closed/state" "$port"
	halt TERM
	check 'run: and it stops' wait_for 3 nobody_left
	rm -rf "$closed"

	if setpriv --reuid=nobody --regid=nogroup --clear-groups test -x "${GAP_BUILD:-build}/gap-web"; then
		install -d -o nobody "$folder/nobody"
		touch "$folder/nobody/state.out"
		begin 'run: an ordinary user' "$folder/nobody/state" "$(free_ports)" \
			setpriv --reuid=nobody --regid=nogroup --clear-groups
		same 'run: everything is theirs' nobody "$(find "$folder/nobody/state" -printf '%u\n' | sort -u | paste -sd ' ')"
		halt TERM
	else
		skip 'run: an ordinary user: others may not enter this repository'
	fi
fi
site=
finish
