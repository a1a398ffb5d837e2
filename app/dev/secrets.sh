#!/usr/bin/env bash
# docker-compose: makes what is missing in secrets/, for root alone: a password for each program, and
# a certificate for this machine, to be replaced by your own (secrets/tls/site.pem, site.key).
# Only root can enter the folder; each file in it is readable for the user of the container that gets it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
((EUID == 0)) || { printf 'Run this as root (sudo app/dev/secrets.sh): secrets/ is for root alone.\n' >&2 && exit 1; }
. app/dev/demo.sh
umask 077
mkdir -p secrets
chmod 700 secrets

make_secret() { [[ -s secrets/$1 ]] || printf '%s\n' "$2" >"secrets/$1"; }
make_secret postgres_password "$(password)"
for role in owner web worker sandbox; do
	make_secret "${role}_database_url" "postgresql:///gap?host=/run/postgresql&user=gap_$role&password=$(password)"
done
make_secret xero_client_secret "$(password)"
make_secret sandbox_login "{\"xero\": {\"email\": \"holly@harbourvale.example\", \"password\": \"$(password)\"}}"
app/dev/tls.sh secrets/tls sandbox # its name among the containers
chmod 644 secrets/* secrets/tls/* 2>/dev/null || true
chmod 700 secrets/tls
chmod 600 secrets/tls/ca.key
printf 'secrets/ is complete. The value from Xero goes into secrets/xero_client_secret.\n'
