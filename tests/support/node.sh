#!/usr/bin/env bash
# Node for the browser tests. Without argument it installs their packages, pinned by the lock file,
# into build/node; with one it runs that script.
#
# Nothing lands in the tree: build/node/tests leads back to tests/, and Node, told to keep to that
# path, finds the packages beside it. So a script imports by plain name.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
dir=build/node

if (($#)); then
	exec node --preserve-symlinks --preserve-symlinks-main "$dir/$1" "${@:2}"
fi
mkdir -p "$dir"
if ! cmp -s tests/package-lock.json "$dir/installed-lock.json"; then
	cp tests/package.json tests/package-lock.json "$dir/"
	npm ci --prefix "$dir" --no-audit --no-fund --ignore-scripts
	cp tests/package-lock.json "$dir/installed-lock.json"
fi
ln -sfn ../../tests "$dir/tests"
