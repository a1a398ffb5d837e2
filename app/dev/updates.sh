#!/usr/bin/env bash
# Is a security update of Debian waiting for something we are made of? (make updates; ASVS 15.2.1)
#
#   app/dev/updates.sh [SOURCE]   SOURCE: a line of sources.list, for another archive
#
# Status 1, with one line per package, when there is one; 0 when there is none. When the archive cannot
# be reached it says "skipped" and why, with status 0, so that the build does not fail. The package
# lists of the system are neither used nor changed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
. /etc/os-release
source=${1:-deb http://deb.debian.org/debian-security $VERSION_CODENAME-security main}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir -p "$folder"/{state/lists/partial,cache/archives/partial}
printf '%s\n' "$source" >"$folder/sources.list"
options=(-o Dir::State="$folder/state" -o Dir::State::status=/var/lib/dpkg/status -o Dir::Cache="$folder/cache"
	-o Dir::Etc::sourcelist="$folder/sources.list" -o Dir::Etc::sourceparts=- -o APT::Update::Error-Mode=any
	-o APT::Sandbox::User= -o Acquire::http::Timeout=10 -o Acquire::https::Timeout=10 -o Acquire::Retries=0 -o Acquire::Languages=none)

if ! apt-get -qq "${options[@]}" update >"$folder/log" 2>&1 </dev/null; then
	printf 'skipped: the archive cannot be read: %s\n' "$(head -n 1 "$folder/log")"
	exit 0
fi
pending=0
while read -r package version; do
	candidate=$(apt-cache "${options[@]}" policy "$package" | sed -n 's/^ *Candidate: //p')
	if [[ -n $candidate ]] && dpkg --compare-versions "$candidate" gt "$version"; then
		printf '%s %s: %s is waiting\n' "$package" "$version" "$candidate"
		pending=1
	fi
done < <(app/dev/sbom.sh packages)
((!pending)) || exit 1
printf 'No security update is waiting.\n'
