#!/usr/bin/env bash
# ASVS V4, 13.2 and 13.4 through the real nginx: requests that two readers could cut differently, methods,
# claims about who asks, and addresses that must not be there.
set -u
cd "$(dirname "$0")/../.." || exit
. tests/support/lib.sh
if [[ -z ${GAP_SANDBOX_URL:-} ]]; then
	exec tests/support/with_site "$BASH" "$0"
fi
site=$GAP_BASE_URL ca=$GAP_STATE_DIR/tls/ca.pem
get() { curl -s -i --noproxy '*' --max-time 10 --cacert "$ca" "$@"; }
code() { curl -s -o /dev/null -w '%{http_code}' --noproxy '*' --max-time 10 --cacert "$ca" "$@"; }
# Bytes as they stand, over TLS; ends when nginx closes, or after two seconds.
raw() { timeout 2 openssl s_client -quiet -connect "127.0.0.1:$GAP_PORT" -servername localhost -CAfile "$ca" -verify_return_error 2>/dev/null; }
sql() { PGOPTIONS="-c search_path=gap" psql -qAtX -d "postgresql:///gap?host=$(readlink -f "$GAP_STATE_DIR/run")&user=postgres" -c "$1"; }

# What arrived behind nginx: the addresses of the access log that nginx handed on, and the app's own log.
arrived() { cat "$GAP_STATE_DIR/nginx/access.log" "$GAP_STATE_DIR/log/web.log" | grep -c "$1"; }
answers() { grep -acE '^HTTP/1\.[01] [0-9]{3}'; }
printf 'GET /login HTTP/1.1\r\nHost: localhost\r\n\r\nGET /smuggled-for-proof HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' >"$GAP_STATE_DIR/two"
same 'v4_2_1: two requests are two answers, else the rest proves nothing' 2 "$(raw <"$GAP_STATE_DIR/two" | answers)"
has 'v4_2_1: and both arrive' "$(cat "$GAP_STATE_DIR/nginx/access.log")" 'smuggled-for-proof'

# shape NAME HEADERS BODY: one answer, and what hides in the body never arrives as a request.
inner='GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n'
shape() {
	local sent=$GAP_STATE_DIR/shape n
	printf '%b' "POST /login HTTP/1.1\r\nHost: localhost\r\n$2\r\n$3" >"$sent"
	n=$(raw <"$sent" | answers)
	if ((n <= 1)) && (($(arrived '"/smuggled"') == 0)); then ok "$1"; else
		not_ok "$1"
		printf '    %s answers, %s arrived\n' "$n" "$(arrived '"/smuggled"')"
	fi
}
chunk='0\r\n\r\n'
shape 'v4_2_1: Content-Length before chunked' 'Content-Length: 4\r\nTransfer-Encoding: chunked\r\n' "$chunk$inner"
shape 'v4_2_1: chunked before Content-Length' 'Transfer-Encoding: chunked\r\nContent-Length: 4\r\n' "$chunk$inner"
shape 'v4_2_1: chunked in other letters' 'Content-Length: 4\r\nTransfer-Encoding: cHuNkEd\r\n' "$chunk$inner"
shape 'v4_2_1: chunked and something else' 'Content-Length: 4\r\nTransfer-Encoding: identity, chunked\r\n' "$chunk$inner"
shape 'v4_2_1: chunked twice' 'Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n' "$chunk$inner"
shape 'v4_2_1: a coding nobody knows' 'Content-Length: 4\r\nTransfer-Encoding: xchunked\r\n' "$chunk$inner"
shape 'v4_2_1: a blank before the colon' 'Content-Length: 4\r\nTransfer-Encoding : chunked\r\n' "$chunk$inner"
shape 'v4_2_1: a tab before the value' 'Content-Length: 4\r\nTransfer-Encoding:\tchunked\r\n' "$chunk$inner"
shape 'v4_2_1: two lengths that differ' 'Content-Length: 0\r\nContent-Length: 44\r\n' "$inner"
shape 'v4_2_1: two lengths in one' 'Content-Length: 0, 44\r\n' "$inner"
shape 'v4_2_1: a length with a sign' 'Content-Length: +0\r\n' "$inner"
shape 'v4_2_1: a negative length' 'Content-Length: -1\r\n' "$inner"
shape 'v4_2_1: a hexadecimal length' 'Content-Length: 0x2c\r\n' "$inner"
shape 'v4_2_1: a length beyond 64 bits' 'Content-Length: 18446744073709551616\r\n' "$inner"
shape 'v4_2_1: a chunk size that is none' 'Transfer-Encoding: chunked\r\n' "zz\r\n$inner"
shape 'v4_2_1: a chunk size beyond 64 bits' 'Transfer-Encoding: chunked\r\n' "10000000000000000\r\n$inner"
shape 'v4_2_1: a chunk longer than it says' 'Transfer-Encoding: chunked\r\n' "1\r\nab\r\n$inner"
shape 'v4_2_2: a folded header line' 'X-A: b\r\n Transfer-Encoding: chunked\r\nContent-Length: 4\r\n' "$chunk$inner"
shape 'v4_2_2: a folded length' 'Content-Length:\r\n 4\r\n' "0\r\n\r\n$inner"
shape 'v4_2_2: a line feed alone hides a header' 'X-A: b\nContent-Length: 44\r\n' "$inner"
shape 'v4_2_2: a carriage return alone hides one' 'X-A: b\rTransfer-Encoding: chunked\r\nContent-Length: 44\r\n' "$inner"
shape 'v4_2_2: NUL in a name' 'Content-Length: 44\r\nX\0-A: b\r\n' "$inner"
has 'v4_2_2: HTTP/2 takes no Transfer-Encoding further' "$(get --http2 -H 'Transfer-Encoding: chunked' -d 'email=a&password=b' "$site/login")" '^HTTP/2 (4[0-9][0-9])'

filler() { head -c "$1" /dev/zero | tr '\0' a; }
for size in 8200 65536; do
	same "v4_2_5: a header of $size bytes gets one answer" 1 "$({
		printf 'GET /login HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX-A: '
		filler "$size"
		printf '\r\n\r\n'
	} | raw | grep -acE '^HTTP/1\.1 400')"
	same "v4_2_5: so does an address of $size bytes" 1 "$({
		printf 'GET /'
		filler "$size"
		printf ' HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'
	} | raw | grep -acE '^HTTP/1\.1 (400|414)')"
done
same 'v4_2_5: and a cookie of 6000 bytes is still nobody' 303 "$(code -H "Cookie: __Host-gap-$GAP_PORT=$(filler 6000)" "$site/clients")"

for method in PUT DELETE PATCH OPTIONS PROPFIND get; do
	has "v4_1_4: $method" "$(code -X "$method" "$site/login")" '^(400|405)$'
done
has 'v4_1_4: TRACE' "$(printf 'TRACE /login HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' | raw)" '^HTTP/1\.1 405'
has 'v4_1_4: CONNECT' "$(printf 'CONNECT localhost:443 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n' | raw)" '^HTTP/1\.1 (400|405)'
has 'v4_1_4: a method of 2 KB' "$(code -X "$(filler 2048 | tr a A)" "$site/login")" '^(400|405)$'

same 'v4_1_2: plain HTTP leads a reader on' "301" "$(code "http://localhost:$GAP_PORT/login")"
same 'v4_1_2: and refuses a form' 403 "$(code -d 'email=a&password=b' "http://localhost:$GAP_PORT/login")"

# A log-in that claims to come from elsewhere is written down as what it is.
email=$(sed -n 's/.*"member".*"email": *"\([^"]*\)".*/\1/p' "$GAP_STATE_DIR/demo.json")
password=$(sed -n 's/.*"member".*"password": *"\([^"]*\)".*/\1/p' "$GAP_STATE_DIR/demo.json")
claims=(-H 'X-Forwarded-For: 203.0.113.66' -H 'X-Real-IP: 203.0.113.66' -H 'Forwarded: for=203.0.113.66' -H 'X-User: 1' -H 'Remote-User: admin' -H 'X-Forwarded-Host: evil.example')
has 'v4_1_3: a log-in with forged claims' "$(get "${claims[@]}" --data-urlencode "email=$email" --data-urlencode "password=$password" "$site/login")" '^HTTP/2 303'
same 'v4_1_3: its session has the true address' 127.0.0.1 "$(sql 'SELECT peer FROM session ORDER BY session_id DESC LIMIT 1' | sed 's/^::1$/127.0.0.1/')"
same 'v4_1_3: so does the audit' 0 "$(sql "SELECT count(*) FROM audit_event WHERE peer LIKE '203.%'")"
has_not 'v4_1_3: and no log knows the claims' "$(cat "$GAP_STATE_DIR/nginx/access.log" "$GAP_STATE_DIR/log/web.log")" '203\.0\.113\.66|evil\.example'

for path in /.git/config /.git/HEAD /.env /.htaccess /Makefile /README.md /app/main/web.c /nginx/site.conf /sql/roles.sql /sql/migrations/0001_house.sql \
	/templates/layout.html /tests/run /static/app.css~ /static/.htaccess /static/app.css.bak /demo.json /var/demo.json /keys/totp.key /tls/ca.key /gap.conf \
	/server-status /nginx_status /status /debug /phpinfo.php /swagger /actuator; do
	same "v13_4_1: $path is not there" 404 "$(code "$site$path")"
done
for path in /static/ /static/css/ /static/errors/ /static/vendor/ /static/vendor/bootstrap/; do
	has "v13_4_3: $path is not listed" "$(code "$site$path")" '^(403|404)$'
done
for path in /readyz /metrics; do
	has "v13_4_5: $path answers loopback" "$(code "$site$path")" '^200$'
done
for path in / /login /nope /static/app.css /static/nope; do
	has_not "v13_4_6: $path tells no version" "$(get "$site$path")" '([Nn]ginx|PostgreSQL|OpenSSL|gap-web)[/ ][0-9]|^[Xx]-[Pp]owered-[Bb]y|^[Ss]erver: nginx/'
done
same 'v13_4_7: an unknown ending is no file' 404 "$(code "$site/static/app.c")"

# What serves is confined: no way to a network for the web, no way to start a program for either.
family() { # PROGRAM: its processes, the parent first
	local parent children
	parent=$(cut -d ' ' -f 1 "$GAP_STATE_DIR/pid/$1")
	read -ra children <"/proc/$parent/task/$parent/children"
	printf '%s\n' "$parent" "${children[@]}"
}
confined() { # PROGRAM: how its processes, the parent too, stand to seccomp
	family "$1" | while read -r pid; do sed -n 's/^Seccomp:[[:space:]]*//p' "/proc/$pid/status"; done | sort -u
}
filters() { # PROGRAM: how many filters hold in its children
	family "$1" | tail -n +2 | while read -r pid; do sed -n 's/^Seccomp_filters:[[:space:]]*//p' "/proc/$pid/status"; done | sort -u
}
for program in web worker; do
	same "v13_2_5: every process of gap-$program is confined" 2 "$(confined "$program")"
done
same 'v15_2_5: whoever reads what Xero sends has a filter of its own besides' 2 "$(filters worker)"
inet() { # of the web's processes: descriptors that are sockets of an internet family
	family web | while read -r pid; do find "/proc/$pid/fd" -lname 'socket:*' -printf '%l\n'; done | tr -dc '0-9\n' | sort -u |
		grep -xFf - <(awk 'FNR > 1 { print $10 }' /proc/net/tcp /proc/net/tcp6 /proc/net/udp /proc/net/udp6)
}
if ((EUID == 0)); then
	same 'v13_2_5: and no process of gap-web has a network socket' '' "$(inet)"
else
	skip 'v13_2_5: and no process of gap-web has a network socket: only root may look'
fi
finish
