#!/usr/bin/env bash
# Installs the Debian packages that are missing, in one call.
#
#   app/dev/packages.sh          what building and running needs
#   app/dev/packages.sh test     and what the tests need
#   app/dev/packages.sh build    what building alone needs
#
# The installation must start no service: Debian's postgresql would open port 5432, and its nginx
# port 80. During the call policy-rc.d refuses every start, and a first postgresql makes no cluster of
# its own; then both files are put back as they were.
set -euo pipefail

build=(gcc libc6-dev make mawk libfcgi-dev libpq-dev libcurl4-openssl-dev libssl-dev libcjson-dev
	libexpat1-dev liboath-dev libargon2-dev libqrencode-dev libutf8proc-dev libseccomp-dev
	libfido2-dev)
run=(nginx postgresql openssl curl ca-certificates libjs-bootstrap5 tzdata util-linux)
test=(libcmocka-dev clang libclang-rt-14-dev clang-format universal-ctags shellcheck git
	binutils docker-compose tidy chromium fonts-dejavu-core oathtool zbar-tools systemd wrk)

wanted=("${build[@]}")
[[ ${1:-} == build ]] || wanted+=("${run[@]}")
if [[ ${1:-} == test ]]; then
	wanted+=("${test[@]}")
	# A Node of at least 18 that is already there serves; else Debian's.
	if ! command -v npm >/dev/null || ! node -e 'process.exit(parseInt(process.versions.node) < 18 ? 1 : 0)'; then
		wanted+=(nodejs npm)
	fi
fi

installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' 2>/dev/null | sed -n 's/^installed //p')
missing=()
for p in "${wanted[@]}"; do
	grep -qxF "$p" <<<"$installed" || missing+=("$p")
done
((${#missing[@]})) || exit 0

root=()
if ((EUID != 0)); then
	command -v sudo >/dev/null || {
		printf 'These packages are missing, and installing them needs root (sudo is not here): %s\n' "${missing[*]}" >&2
		printf 'As root: apt-get install -y --no-install-recommends %s\n' "${missing[*]}" >&2
		exit 1
	}
	root=(sudo)
fi

printf 'Installing %s\n' "${missing[*]}"
"${root[@]}" bash -s -- "${missing[@]}" <<'AS_ROOT'
set -eu
policy=/usr/sbin/policy-rc.d
cluster=/etc/postgresql-common/createcluster.conf
shipped=/usr/share/postgresql-common/createcluster.conf
kept=$(mktemp -d)
made_cluster_conf=

put_back() {
	if [ -e "$kept/policy" ]; then mv -f "$kept/policy" "$policy"; else rm -f "$policy"; fi
	if [ -e "$kept/cluster" ]; then
		cp -p "$kept/cluster" "$cluster"
	elif [ -n "$made_cluster_conf" ] && [ -e "$shipped" ]; then
		sed 's/^ssl =.*/ssl = on/' "$shipped" >"$cluster"
		rm -f "$cluster.ucf-dist"
	elif [ -n "$made_cluster_conf" ]; then
		rm -f "$cluster"
	fi
	rm -rf "$kept"
}
trap put_back EXIT
trap 'exit 1' INT TERM HUP

[ ! -e "$policy" ] || cp -p "$policy" "$kept/policy"
printf '#!/bin/sh\nexit 101\n' >"$policy"
chmod 755 "$policy"
if [ -e "$cluster" ]; then
	cp -p "$cluster" "$kept/cluster"
	printf '\ncreate_main_cluster = false\n' >>"$cluster"
else
	mkdir -p "${cluster%/*}"
	printf 'create_main_cluster = false\n' >"$cluster"
	made_cluster_conf=yes
fi

export DEBIAN_FRONTEND=noninteractive UCF_FORCE_CONFFOLD=1
apt() { apt-get -q -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-confold "$@" </dev/null; }
apt update
apt install -y --no-install-recommends "$@"
AS_ROOT
