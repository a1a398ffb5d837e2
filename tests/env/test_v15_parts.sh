#!/usr/bin/env bash
# ASVS 15.1.2, 15.2.1, 15.2.3: what we are made of, whether an update waits for it, and what is not in
# the programs that go out.
set -u
cd "$(dirname "$0")/../.." || exit
. tests/support/lib.sh
build=${GAP_BUILD:-build}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

app/dev/sbom.sh >"$folder/sbom.json" 2>"$folder/errors"
same 'v15_1_2: the bill of materials is made' '' "$(cat "$folder/errors")"
check 'v15_1_2: it is a document' node -e '
	const bom = JSON.parse(require("fs").readFileSync(process.argv[1]));
	const names = bom.components.map((c) => c.name);
	for (const c of bom.components) if (!c.version || !/^pkg:deb\/debian\//.test(c.purl)) throw new Error(JSON.stringify(c));
	if (bom.bomFormat !== "CycloneDX" || new Set(names).size !== names.length) throw new Error(names.join(" "));' "$folder/sbom.json"
library() { ldd "$build"/gap-{web,worker,admin} | sed -n 's/.*=> \(\/[^ ]*\).*/\1/p' | sort -u | wc -l; }
has 'v15_1_2: every library is of some package' "$(wc -l < <(app/dev/sbom.sh packages)) $(library)" '^([3-9][0-9]|1[0-9][0-9]) '
for package in libcurl4 libssl3 libpq5 libexpat1 libargon2-1 liboath0 libcjson1 libseccomp2 libc6 nginx postgresql; do
	has "v15_1_2: $package is in it" "$(app/dev/sbom.sh packages)" "^$package [0-9]"
done

# An archive of our own, with and without a newer version of something we use.
mkdir -p "$folder/archive"
archive() { printf 'deb [trusted=yes] file:%s ./' "$folder/archive"; }
: >"$folder/archive/Packages"
output=$(app/dev/updates.sh "$(archive)")
same 'v15_2_1: no update is no failure' "0 No security update is waiting." "$? $output"
printf 'Package: libcurl4\nArchitecture: %s\nVersion: 99.0-1\nFilename: x.deb\nSize: 1\nSHA256: %064d\n\n' "$(dpkg --print-architecture)" 0 >"$folder/archive/Packages"
output=$(app/dev/updates.sh "$(archive)")
status=$?
has 'v15_2_1: a waiting one is named' "$output" '^libcurl4 .*: 99\.0-1 is waiting'
same 'v15_2_1: and fails the job' 1 "$status"
output=$(app/dev/updates.sh 'deb [trusted=yes] http://127.0.0.1:1 ./')
same 'v15_2_1: an archive out of reach is said, and is no answer' '0 skipped' "$? ${output%%:*}"

# What goes out: no page of the sandbox, no fault switch, no sample data, nothing for tests.
for program in web worker admin; do
	has_not "v15_2_3: gap-$program has no sandbox in it" "$(strings -n 6 "$build/gap-$program")" '/sandbox|Allow access|sandbox_[a-z]+_[a-z]+|INSERT INTO sandbox'
	has_not "v15_2_3: gap-$program has no test in it" "$(nm "$build/gap-$program" 2>/dev/null)" ' [TtDd] (cmocka|test_|fake_|stub_|site_test)'
	has_not "v15_2_3: gap-$program has no sample data in it" "$(strings -n 6 "$build/gap-$program")" 'Harbour Vale|harbourvale|Holly Harbour'
done
has_not 'v15_2_3: the image for production copies no sandbox and no test' \
	"$(awk '/^FROM/ { stage = $NF } stage == "app" || stage == "front"' app/Dockerfile)" 'COPY.*(sandbox|tests|/demo)'
has_not 'v15_2_3: no switch turns the second factor off' "$(strings -n 4 "$build/gap-web")" 'GAP_(NO_)?(MFA|2FA)|MFA_(OFF|DISABLE)|SKIP_MFA'
finish
