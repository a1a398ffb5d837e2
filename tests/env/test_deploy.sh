#!/usr/bin/env bash
# What an operator gets: hardened programs, units that systemd accepts and scores well, a compose file
# and an nginx configuration that their readers accept.
set -u
cd "$(dirname "$0")/../.." || exit
. tests/support/lib.sh
build=${GAP_BUILD:-build}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

for program in web worker admin sandbox; do
	file=$build/gap-$program
	header=$(readelf -hW "$file") dynamic=$(readelf -dW "$file") segments=$(readelf -lW "$file") symbols=$(nm -D --undefined-only "$file")
	has "gap-$program: position independent" "$header" 'Type: +DYN'
	has "gap-$program: bound at start" "$dynamic" 'FLAGS_1.*NOW.*PIE'
	has "gap-$program: relocations read-only" "$segments" 'GNU_RELRO'
	has_not "gap-$program: no executable stack" "$segments" 'GNU_STACK.*RWE'
	has "gap-$program: stack protector" "$symbols" '__stack_chk_fail'
	has "gap-$program: fortified" "$symbols" '__[a-z]+_chk\b'
	has_not "gap-$program: no banned function" "$symbols" ' (strcpy|strcat|sprintf|vsprintf|gets|strtok|system|popen)(@|$)'
done
libraries() { readelf -dW "$build/gap-$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'; }
has_not 'gap-web: no HTTP client in it' "$(libraries web)" 'curl'
has_not 'gap-worker: no password hash, no second factor, no FastCGI in it' "$(libraries worker)" 'argon|oath|fcgi'

for unit in gap-web:0.5 gap-worker:1.5; do
	name=${unit%:*} limit=${unit#*:}
	sed "s|^ExecStart=.*|ExecStart=/bin/true|" "app/systemd/$name.service" >"$folder/$name.service"
	check "$name.service: systemd knows every word" systemd-analyze verify --recursive-errors=yes "$folder/$name.service"
	check "$name.service: exposure at most $limit" systemd-analyze security --offline=true --threshold="$(awk "BEGIN { print $limit * 10 }")" "$folder/$name.service"
done

# What is installed is whole: a program that starts there finds all that it reads.
check 'make install: into a folder of its own' app/dev/install.sh "$build" /opt/gap "$folder/root"
same 'make install: three programs, and no sandbox' 'gap-admin gap-web gap-worker' "$(cd "$folder/root/opt/gap/bin" && echo *)"
for part in templates sql/migrations; do
	check "make install: $part as here" diff -r "$part" "$folder/root/opt/gap/share/gap/$part"
done
same 'make install: static as here, without the picture of the README' "Only in static: readme" "$(diff -r static "$folder/root/opt/gap/share/gap/static")"
installed=$(grep -rhoE '/(usr|opt/gap)/(bin/gap-|share/gap)' "$folder/root/lib" "$folder/root/etc" | sort | uniq -c | sed -E 's/ +[0-9]+ //' | paste -sd' ')
same 'make install: units and nginx name where it was installed' '/opt/gap/bin/gap- /opt/gap/share/gap' "$installed"
check 'make install: again, over itself' app/dev/install.sh "$build" /opt/gap "$folder/root"
config=$(cd "$folder/root/opt/gap/share/gap" && env -i PATH=/usr/bin:/bin GAP_STATE_DIR="$folder/state" ../../bin/gap-admin config 2>&1)
has 'make install: the programs run there' "$config" 'GAP_BASE_URL'

check 'docker-compose: the file is accepted' docker-compose config -q
check 'docker-compose: with the sandbox, too' docker-compose --env-file app/dev/sandbox.env --profile sandbox config -q
for service in $(docker-compose --profile sandbox --profile admin config --services); do
	text=$(docker-compose --profile sandbox --profile admin config | awk -v s="  $service:" '$0 == s { on = 1; next } /^  [a-z]/ || /^[a-z]/ { on = 0 } on')
	same "docker-compose: $service is closed up" '3' "$(grep -cE 'read_only: true|no-new-privileges:true|^ +- ALL$' <<<"$text")"
done

# nginx reads the production file as it stands, but for what only a host of its own has.
app/dev/tls.sh "$folder/tls"
mkdir -p "$folder/conf"
ln -s "$PWD/nginx" "$folder/conf/gap"
sed -E -e "s#/etc/letsencrypt/live/[^/]*/(fullchain|chain).pem#$folder/tls/site.pem#; s#/etc/letsencrypt/live/[^/]*/privkey.pem#$folder/tls/site.key#" \
	-e "s#/var/log/nginx#$folder#; s#listen (\[::\]:)?(80|443)#listen unix:$folder/\2.sock#; /listen.*\[::\]/d" nginx/production.conf |
	awk '!/listen/ || !seen[server, $0]++; /^server/ { server++ }' >"$folder/conf/gap.conf"
printf 'pid %s/pid; error_log stderr; events {} http { include /etc/nginx/mime.types; include gap.conf; }\n' "$folder" >"$folder/conf/nginx.conf"
check 'nginx: production.conf is accepted' nginx -t -q -e stderr -c "$folder/conf/nginx.conf"
# What nginx is hardened by, each in force where production reads it.
text=$(nginx -T -q -e stderr -c "$folder/conf/nginx.conf" 2>&1)
while read -r words; do
	check "nginx: production has $words" grep -qF -- "$words" <<<"$text"
done <<'END'
server_tokens off;
absolute_redirect off;
merge_slashes on;
client_max_body_size 64k;
client_header_timeout 10s;
client_body_timeout 10s;
send_timeout 15s;
large_client_header_buffers 4 8k;
limit_req zone=by_address burst=40 nodelay;
limit_conn connections 100;
fastcgi_pass_request_headers off;
fastcgi_param HTTP_PROXY "";
fastcgi_request_buffering on;
fastcgi_next_upstream off;
fastcgi_hide_header X-Powered-By;
ssl_protocols TLSv1.2 TLSv1.3;
ssl_session_tickets off;
ssl_stapling on;
ssl_reject_handshake on;
return 444;
END
sed "s# /tmp/# $folder/#; s#/run/secrets/site_certificate#$folder/tls/site.pem#; s#/run/secrets/site_key#$folder/tls/site.key#; s#listen 844#listen 127.0.0.1:844#" nginx/compose.conf >"$folder/conf/compose.conf"
check 'nginx: compose.conf is accepted' nginx -t -q -e stderr -c "$folder/conf/compose.conf"
finish
