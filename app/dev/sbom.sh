#!/usr/bin/env bash
# What the programs are made of, from dpkg: a CycloneDX bill of materials on stdout.
#
#   app/dev/sbom.sh            the document (make sbom keeps it as build/sbom.json)
#   app/dev/sbom.sh packages   "package version", one a line
#
# It lists every library that our programs load, directly or through another library, and the programs
# that run beside ours.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
build=${GAP_BUILD:-build}
programs=("$build"/gap-{web,worker,admin})
beside=(nginx postgresql libjs-bootstrap5 tzdata ca-certificates)

# dpkg lists some files under /lib and others under /usr/lib, so both paths are looked up.
owners() {
	ldd "${programs[@]}" | sed -n 's/.*=> \(\/[^ ]*\).*/\1/p' | sort -u | xargs -r realpath |
		sed 'p; s|^/usr/lib/|/lib/|; t; s|^/lib/|/usr/lib/|' | sort -u |
		xargs -r dpkg-query -S 2>/dev/null | sed 's/: .*//; s/:[a-z0-9]*$//' || true
}
packages() {
	{ owners && printf '%s\n' "${beside[@]}"; } | sort -u |
		xargs -r dpkg-query -W -f '${db:Status-Status} ${Package} ${Version}\n' 2>/dev/null |
		sed -n 's/^installed //p' | sort -u
}

if [[ ${1:-} == packages ]]; then
	packages
	exit
fi
packages | awk -v at="$(date -u +%Y-%m-%dT%H:%M:%SZ)" '
	BEGIN {
		print "{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.5\",\"version\":1,"
		printf "\"metadata\":{\"timestamp\":\"%s\",\"component\":{\"type\":\"application\",\"name\":\"the-gap\"}},\n", at
		printf "\"components\":["
	}
	{
		printf "%s\n{\"type\":\"library\",\"name\":\"%s\",\"version\":\"%s\",\"purl\":\"pkg:deb/debian/%s@%s\"}", (NR > 1 ? "," : ""), $1, $2, $1, $2
	}
	END { print "\n]}" }'
