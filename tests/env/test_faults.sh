#!/usr/bin/env bash
# Faults of the front, with the real nginx, web and database: a web that starts without database (3), one that is
# killed in the middle of a request (11), nginx reloaded and restarted under load (17), a socket that is gone
# (18), clients that drip (19). Names of results carry the numbers.
set -u
cd "$(dirname "$0")/../.." || exit
. tests/support/lib.sh
if [[ -z ${GAP_SANDBOX_URL:-} ]]; then
	exec tests/support/with_site "$BASH" "$0"
fi
site=$GAP_BASE_URL ca=$GAP_STATE_DIR/tls/ca.pem
run=$GAP_STATE_DIR/run
[[ ! -r $GAP_STATE_DIR/run.path ]] || run=$(<"$GAP_STATE_DIR/run.path")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fetch() { curl -s --noproxy '*' --max-time 40 --cacert "$ca" "$@"; }
get() { fetch -i "$@"; }
code() { fetch -o /dev/null -w '%{http_code}' "$@"; }
sql() { PGOPTIONS='-c search_path=gap' psql -qAtX -d "postgresql:///gap?host=$run&user=postgres" -c "$1"; }
pid_of() { cut -d ' ' -f 1 "$GAP_STATE_DIR/pid/$1"; }
children() { pgrep -P "$(pid_of web)" | sort -n; }
demo() { sed -n "s/.*\"$1\": {.*\"$2\": \"\([^\"]*\)\".*/\1/p" "$GAP_STATE_DIR/demo.json"; }
stranger="Cookie: __Host-gap-$GAP_PORT=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA" # of nobody's session
answers() { [[ $(code "$site/login") == 200 ]]; }

# --- 3: a web that starts while its database is away -------------------------------------------------
mkdir -p "$work/early" && chmod -R 777 "$work"
mapfile -t settings < <(tr '\0' '\n' <"/proc/$(pid_of web)/environ" | grep -E '^(GAP_|XERO_)')
owner=$(stat -c %u "/proc/$(pid_of web)")
early() { # as whom the site's own runs, on a socket of its own, over a database that is not there
	env -i PATH="$PATH" "${settings[@]}" GAP_RUN_DIR="$work/early" GAP_WEB_PROCESSES=2 \
		GAP_DATABASE_URL='postgresql:///gap?host=/nonexistent&user=gap_web' \
		setpriv --reuid="$owner" --clear-groups "${GAP_BUILD:-build}/gap-web" 2>"$work/early.log"
}
early &
early_pid=$!
is_listening() { [[ -S $work/early/web.sock ]]; }
if wait_for 5 is_listening; then ok 'fault 3: it starts'; else not_ok 'fault 3: it starts' && cat "$work/early.log"; fi
mv "$run/web.sock" "$run/web.away" && ln -s "$work/early/web.sock" "$run/web.sock"
page=$(get -H "$stranger" "$site/clients")
static=$(code "$site/static/css/errors.css")
mv "$run/web.away" "$run/web.sock"
has 'fault 3: pages say so calmly' "$page" '^HTTP/2 503'
has 'fault 3: with our page' "$page" 'We will be right back'
same 'fault 3: static files are there' 200 "$static"
same 'fault 3: nobody of it died' '' "$(grep child_ended "$work/early.log")"
pkill -TERM -P "$early_pid" gap-web || kill "$early_pid"
wait "$early_pid" 2>/dev/null

# --- 11: killed in the middle of a request -----------------------------------------------------------
before=$(children | wc -l)
sql 'BEGIN; LOCK TABLE session IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(4); COMMIT' >/dev/null &
holder=$!
is_locked() { [[ $(sql "SELECT count(*) FROM pg_locks WHERE relation = 'session'::regclass AND mode = 'AccessExclusiveLock' AND granted") == 1 ]]; }
wait_for 5 is_locked
get -H "$stranger" "$site/clients" >"$work/answer" &
asking=$!
is_waiting() { [[ $(sql "SELECT count(*) FROM pg_stat_activity WHERE usename = 'gap_web' AND wait_event_type = 'Lock'") == 1 ]]; }
check 'fault 11: a request is in the middle' wait_for 4 is_waiting
# Whose it is has one connection more open than its sisters.
victim=$(for pid in $(children); do printf '%s %s\n' "$(find "/proc/$pid/fd" -lname 'socket:*' | wc -l)" "$pid"; done | sort -n | tail -n 1 | cut -d ' ' -f 2)
began=$EPOCHREALTIME
kill -KILL "$victim"
same 'fault 11: others serve meanwhile' 200 "$(code "$site/login")"
wait "$asking"
has 'fault 11: its client gets a 502' "$(<"$work/answer")" '^HTTP/2 502'
has 'fault 11: with our page' "$(<"$work/answer")" 'The Gap is not answering'
is_whole() { (($(children | wc -l) == before)) && ! children | grep -qxF "$victim"; }
check 'fault 11: it is started again' wait_for 4 is_whole
same 'fault 11: within two seconds' yes "$(awk -v a="$began" -v b="$EPOCHREALTIME" 'BEGIN { print b - a < 2.5 ? "yes" : b - a " s" }')"
wait "$holder"
same 'fault 11: and serves' 303 "$(code -H "$stranger" "$site/clients")"

# --- 17: nginx reloaded, then restarted, under load --------------------------------------------------
# By HTTP/1.1: an HTTP/2 connection that has not asked yet is told to go away, and it takes a browser to ask anew.
load() { while [[ ! -e $work/enough ]]; do printf '%s\n' "$(code --http1.1 "$site/login")"; done >>"$work/load.$1"; }
for i in 1 2 3; do load "$i" & loads+=("$!"); done
for i in 1 2 3 4; do
	sleep 0.4
	kill -HUP "$(pid_of nginx)"
done
sleep 0.6
touch "$work/enough"
wait "${loads[@]}"
same 'fault 17: a reload fails no request' '' "$(cat "$work"/load.* | grep -v '^200$')"
if (($(cat "$work"/load.* | wc -l) > 20)); then ok 'fault 17: of many'; else not_ok "fault 17: of many: $(cat "$work"/load.* | wc -l)"; fi

jar=$work/jar
code -c "$jar" -X POST --data-urlencode "email=$(demo admin email)" --data-urlencode "password=$(demo admin password)" "$site/login" >/dev/null
csrf=$(fetch -b "$jar" "$site/clients/new" | sed -n 's/.*name="csrf" value="\([^"]*\)".*/\1/p' | head -n 1)
add() { printf '%s %s\n' "$1" "$(code -b "$jar" -X POST --data-urlencode "csrf=$csrf" -d "name=Restart+$1&status=client" "$site/clients/new")"; }
add 0 >"$work/added"
same 'fault 17: a form is taken' '0 303' "$(<"$work/added")"
for ((i = 1; i <= 40; i++)); do
	add "$i" >>"$work/added"
	((i != 8)) || kill -KILL "$(pid_of nginx)"
done
wait_for 10 answers
same 'fault 17: a restart costs connections, nothing else' '' "$(grep -vE ' (303|000)$' "$work/added")"
if (($(grep -c ' 303$' "$work/added") > 5)); then ok 'fault 17: and it is over'; else not_ok 'fault 17: and it is over'; fi
same 'fault 17: nothing happened twice' '' "$(sql "SELECT name FROM client WHERE name LIKE 'Restart %' GROUP BY name HAVING count(*) > 1")"
same 'fault 17: what was answered did happen' '' "$(comm -23 <(sed -n 's/ 303$//p' "$work/added" | sort) <(sql "SELECT substring(name FROM 9) FROM client WHERE name LIKE 'Restart %'" | sort))"

# --- 19: clients that drip ---------------------------------------------------------------------------
slowest() { for ((i = 0; i < 20; i++)); do fetch -o /dev/null -w '%{time_total}\n' "$site/login"; done | sort -n | tail -n 1; }
alone=$(slowest)
drip() { # a header line a second, never the last; ends when nginx has had enough
	{ printf 'GET /login HTTP/1.1\r\nHost: localhost\r\n' && while sleep 1; do printf 'X-A: b\r\n' || break; done; } |
		timeout 40 openssl s_client -quiet -connect "127.0.0.1:$GAP_PORT" -servername localhost -CAfile "$ca" >/dev/null 2>&1
}
trickle() { # a log-in whose body never comes whole
	{ printf 'POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\nemail=' && sleep 38; } |
		timeout 40 openssl s_client -quiet -connect "127.0.0.1:$GAP_PORT" -servername localhost -CAfile "$ca" >/dev/null 2>&1
}
drips=()
for ((i = 0; i < 20; i++)); do
	drip &
	drips+=("$!")
	trickle &
	drips+=("$!")
done
sleep 2
beside=$(slowest)
check "fault 19: others do not notice ($alone s alone, $beside s beside 40)" awk -v a="$alone" -v b="$beside" 'BEGIN { exit b < 1 + 3 * a ? 0 : 1 }'
same 'fault 19: a log-in gets through as well' 422 "$(code -X POST -d 'email=c@d.example&password=seven+wet+stones' "$site/login")"
same 'fault 19: no process of the web is held' 0 "$(sql "SELECT count(*) FROM pg_stat_activity WHERE usename = 'gap_web' AND state <> 'idle'")"
connected() { ss -Htn state established "sport = :$GAP_PORT" | wc -l; }
is_quiet() { (($(connected) <= 2)); }
check 'fault 19: nginx ends them all' wait_for 25 is_quiet
kill "${drips[@]}" 2>/dev/null
wait "${drips[@]}" 2>/dev/null

# --- 18: the socket is gone --------------------------------------------------------------------------
rm "$run/web.sock"
answer=$(get "$site/login")
has 'fault 18: a 502' "$answer" '^HTTP/2 502'
has 'fault 18: with our page' "$answer" 'The Gap is not answering'
has 'fault 18: and its headers' "$answer" '^content-security-policy: '
check 'fault 18: it heals by itself' wait_for 25 answers
has 'fault 18: there was an alarm' "$(cat "$GAP_STATE_DIR"/log/web.log*)" '"level":"error".*"event":"prefork.socket_gone"'
finish
