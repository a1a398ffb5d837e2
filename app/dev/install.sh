#!/usr/bin/env bash
# What `make install` does: puts the three programs, what they read, the units and nginx's files below
# DESTDIR. PREFIX is /usr by default; units and nginx's files are changed to another one.
#
#   app/dev/install.sh BUILD PREFIX [DESTDIR]
#
# It makes no account, no database and no key, and starts nothing: README.md, "Run it for real".
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
build=$1 prefix=$2 root=${3:-}
share=$root$prefix/share/gap

folder() { # FROM TO: every file of it, for all to read
	(cd "$1" && find . -type f -print0) | while IFS= read -r -d '' file; do
		install -D -m 644 "$1/$file" "$2/$file"
	done
}
# FROM TO: with the prefix that was chosen
placed() {
	install -d "$2"
	for file in "$1"/*; do
		sed "s#/usr/bin/gap-#$prefix/bin/gap-#; s#/usr/share/gap#$prefix/share/gap#" "$file" |
			install -m 644 /dev/stdin "$2/${file##*/}"
	done
}

install -D -t "$root$prefix/bin" "$build"/gap-{web,worker,admin}
folder templates "$share/templates"
folder static "$share/static"
rm -r "$share/static/readme"
folder sql/migrations "$share/sql/migrations"
install -m 644 sql/roles.sql "$share/sql"
placed app/systemd "$root/lib/systemd/system"
placed nginx "$root/etc/nginx/gap"
