#!/usr/bin/env bash
# What nginx does in front of the site: TLS, headers on every answer, its own error pages, limits, the
# log-in queue, and what it keeps to itself.
set -u
cd "$(dirname "$0")/../.." || exit
. tests/support/lib.sh
if [[ -z ${GAP_SANDBOX_URL:-} ]]; then
	exec tests/support/with_site "$BASH" "$0"
fi
site=$GAP_BASE_URL ca=$GAP_STATE_DIR/tls/ca.pem
get() { curl -s -i --noproxy '*' --max-time 10 --cacert "$ca" "$@"; }
code() { curl -s -o /dev/null -w '%{http_code}' --noproxy '*' --max-time 10 --cacert "$ca" "$@"; }
raw() { printf '%b' "$1" | openssl s_client -quiet -connect "127.0.0.1:$GAP_PORT" -servername localhost -CAfile "$ca" -verify_return_error 2>/dev/null; }
names=(strict-transport-security x-content-type-options x-frame-options referrer-policy cross-origin-opener-policy
	cross-origin-resource-policy permissions-policy content-security-policy)
every_header() { # NAME ANSWER: each once, and nothing that tells versions
	local header missing=
	for header in "${names[@]}"; do
		[[ $(grep -ciE "^$header: ." <<<"$2") == 1 ]] || missing+=" $header"
	done
	same "$1: every security header, once" '' "$missing"
	has_not "$1: no version told" "$2" '^([Ss]erver: nginx/|[Xx]-[Pp]owered-[Bb]y)'
}

answer=$(get "$site/login")
has 'page: HTTP/2' "$answer" '^HTTP/2 200'
every_header page "$answer"
has_not 'page: the policy allows nothing inline' "$answer" "unsafe-(inline|eval)"
has 'page: is compressed' "$(get -H 'Accept-Encoding: gzip' "$site/login" | tr -d '\0')" '^content-encoding: gzip'

answer=$(get "$site/static/css/errors.css?v=1")
every_header 'static' "$answer"
has 'static: a versioned file never changes' "$answer" '^cache-control: .*immutable'
has 'static: another is asked for again' "$(get "$site/static/css/errors.css")" '^cache-control: no-cache'
same 'static: Bootstrap is there' 200 "$(code "$site/static/vendor/bootstrap/css/bootstrap.min.css")"
answer=$(get "$site/static/nothing.css")
has 'static: nothing there is 404' "$answer" '^HTTP/2 404'
has 'static: with our page' "$answer" 'There is no such page'
every_header '404' "$answer"
has 'static: only read' "$(get -X POST -d a=b "$site/static/css/errors.css")" '^HTTP/2 405'
same 'static: nothing above it' 400 "$(code --path-as-is "$site/static/..%2f..%2f..%2fetc/passwd")"
same 'static: error pages are not addresses' 404 "$(code "$site/static/errors/502.html")"

answer=$(head -c 70000 /dev/zero | tr '\0' a | get -X POST --data-binary @- "$site/login")
has '413: over 64 KiB' "$answer" '^HTTP/2 413'
has '413: our page' "$answer" 'That is too large'
every_header '413' "$answer"

answer=$(raw 'GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n')
has '400: broken request' "$answer" '^HTTP/1.1 400'
every_header '400' "$answer"
has '400: NUL in the address' "$(raw 'GET /a%00b HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')" '^HTTP/1.1 400'
same 'host: another name gets no answer' '' "$(raw 'GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n')"
has 'host: plain HTTP is led to TLS' "$(get "http://localhost:$GAP_PORT/login")" "^Location: https://localhost:$GAP_PORT/login"

shakes() { openssl s_client -connect "127.0.0.1:$GAP_PORT" -servername localhost -CAfile "$ca" "$@" </dev/null 2>/dev/null; }
has 'tls: 1.3' "$(shakes -tls1_3)" '^New, TLSv1.3'
has 'tls: 1.2 with forward secrecy' "$(shakes -tls1_2)" 'Cipher is ECDHE-ECDSA-AES256-GCM-SHA384'
has_not 'tls: no 1.1' "$(shakes -tls1_1 -cipher 'ALL:@SECLEVEL=0')" '^New, TLS'
has_not 'tls: no CBC' "$(shakes -tls1_2 -cipher 'ECDHE-ECDSA-AES256-SHA384:AES256-SHA')" '^New, TLS'
has_not 'tls: no session tickets' "$(shakes -tls1_2)" 'TLS session ticket:'
has 'tls: the certificate has both names' "$(openssl x509 -in "$GAP_STATE_DIR/tls/site.pem" -noout -ext subjectAltName)" 'DNS:localhost, IP Address:127.0.0.1'
has 'tls: its authority may speak for loopback alone' "$(openssl x509 -in "$ca" -noout -text)" 'Name Constraints: critical'

get "$site/login?secret=q7Zq" >/dev/null
get "$site/invite/s3cr3tT0ken" >/dev/null
get "$site/password/reset/s3cr3tT0ken" >/dev/null
has 'log: addresses are there' "$(cat "$GAP_STATE_DIR/nginx/access.log")" '"path":"/login"'
has_not 'log: without query and one-time links' "$(cat "$GAP_STATE_DIR/nginx/access.log" "$GAP_STATE_DIR/log/nginx.log")" 'q7Zq|s3cr3tT0ken'

# A storm of log-ins, made by stopping who serves them: the queue holds twenty and a few, the next is
# told to come back, and everybody else is served as soon as the web goes on.
web=$(cut -d ' ' -f 1 "$GAP_STATE_DIR/pid/web")
before=$(($(wc -l <"$GAP_STATE_DIR/nginx/access.log")))
kill -STOP -- "-$web"
for ((i = 0; i < 24; i++)); do
	code -X POST -d 'email=a&password=b' "$site/login" >/dev/null &
	storm+=("$!")
done
refused() { sed -n "$((before + 1)),\$p" "$GAP_STATE_DIR/nginx/access.log" | grep -q '"status":429'; }
wait_for 5 refused
answer=$(get -X POST -d 'email=a&password=b' "$site/login")
has '429: a full queue' "$answer" '^HTTP/2 429'
has '429: says when to come back' "$answer" '^retry-after: 5'
has '429: our page' "$answer" 'Too many requests'
every_header '429' "$answer"
kill -CONT -- "-$web"
wait "${storm[@]}"
same '429: and it passes' 200 "$(code "$site/login")"

# A storm of real passwords, each hashed: nobody who only looks waits for it, and nobody gets a 5xx.
storm=()
answers=$(mktemp)
for ((i = 0; i < 36; i++)); do
	code -X POST -d "email=nobody$i@firm.example&password=seven+wet+stones" -w '%{http_code}\n' "$site/login" >>"$answers" &
	storm+=("$!")
done
slowest=$(for ((i = 0; i < 10; i++)); do
	curl -s -o /dev/null -w '%{time_total}\n' --noproxy '*' --max-time 10 --cacert "$ca" "$site/login"
done | sort -n | tail -n 1)
wait "${storm[@]}"
check "storm: a page takes less than two seconds ($slowest s)" awk -v s="$slowest" 'BEGIN { exit s < 2 ? 0 : 1 }'
same 'storm: wrong passwords and full queues, nothing else' '' "$(grep -vE '^(422|429)+$' "$answers")"
has 'storm: some were served' "$(cat "$answers")" '422'
rm -f "$answers"

# gap-web gone: its socket refuses, and nginx speaks for itself.
mv "$GAP_STATE_DIR/run/web.sock" "$GAP_STATE_DIR/run/web.away"
answer=$(get "$site/login")
mv "$GAP_STATE_DIR/run/web.away" "$GAP_STATE_DIR/run/web.sock"
has '502: our page' "$answer" 'The Gap is not answering'
every_header '502' "$answer"

# Both gone: no queue is full, and a log-in says the same.
for socket in web auth; do mv "$GAP_STATE_DIR/run/$socket.sock" "$GAP_STATE_DIR/run/$socket.away"; done
answer=$(get -X POST -d 'email=a&password=b' "$site/login")
for socket in web auth; do mv "$GAP_STATE_DIR/run/$socket.away" "$GAP_STATE_DIR/run/$socket.sock"; done
has '502 of a log-in: no queue is blamed' "$answer" '^HTTP/2 502'
has '502 of a log-in: our page' "$answer" 'The Gap is not answering'
every_header '502 of a log-in' "$answer"
# By address: more than forty at once, and ten a second, is more than a person does.
for address in /login/mfa /settings/integrations/connect /oauth/xero/callback; do
	answers=$(curl -s -o /dev/null -w '%{http_code}\n' -Z --parallel-max 50 --noproxy '*' --max-time 30 --cacert "$ca" "$site$address?n=[1-200]" | sort | uniq -c)
	has "limit: $address" "$answers" '429$'
	has "limit: $address, but not at once" "$answers" '(303|405)$'
	has_not "limit: $address, and nothing else" "$answers" '(5..|000)$'
	same "limit: $address, and nobody waits elsewhere" 303 "$(code "$site/clients")"
	sleep 5
done
same '502 of a log-in: the question beside it is no address' 404 "$(code "$site/-there")"
finish
