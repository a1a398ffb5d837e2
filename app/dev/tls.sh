#!/usr/bin/env bash
# Makes the certificate of a copy on this machine.
#
#   app/dev/tls.sh DIR [NAME...]    DIR/ca.pem, ca.key, site.pem, site.key
#
# The authority is made on first start. It may certify only this machine's loopback names (and NAMEs),
# so a browser that trusts it trusts it for no other site. The certificate of the site is renewed a
# month before it expires.
set -euo pipefail
umask 077
dir=$1
names=$(printf ',DNS:%s' localhost "${@:2}")
mkdir -p "$dir"
cd "$dir"

key() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1" 2>/dev/null; }

if [[ ! -s ca.pem || ! -s ca.key ]]; then
	rm -f site.pem
	key ca.key
	openssl req -x509 -new -key ca.key -days 3650 -subj '/O=The Gap/CN=The Gap on this machine' -out ca.pem.new \
		-addext 'basicConstraints=critical,CA:TRUE,pathlen:0' -addext 'keyUsage=critical,keyCertSign,cRLSign' \
		-addext "nameConstraints=critical${names//,DNS/,permitted;DNS},permitted;IP:127.0.0.0/255.0.0.0,permitted;IP:::1/FFFF:FFFF:FFFF:FFFF:FFFF:FFFF:FFFF:FFFF"
	mv ca.pem.new ca.pem
fi

month=$((30 * 24 * 3600))
if [[ ! -s site.pem || ! -s site.key ]] || ! openssl x509 -in site.pem -noout -checkend $month >/dev/null; then
	key site.key
	openssl req -new -key site.key -subj '/O=The Gap/CN=localhost' |
		openssl x509 -req -CA ca.pem -CAkey ca.key -set_serial "0x$(openssl rand -hex 16 | sed 's/^./1/')" -days 397 \
			-out site.pem.new -extfile <(printf '%s\n' 'basicConstraints=critical,CA:FALSE' \
				'keyUsage=critical,digitalSignature' 'extendedKeyUsage=serverAuth' \
				"subjectAltName=${names#,},IP:127.0.0.1,IP:::1" 'authorityKeyIdentifier=keyid' \
				'subjectKeyIdentifier=hash') 2>/dev/null
	mv site.pem.new site.pem
fi
chmod 400 ca.key
chmod 600 site.key
chmod 644 ca.pem site.pem
