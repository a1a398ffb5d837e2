#!/usr/bin/env bash
# Compiler and linker flags as make variables: app/dev/flags.sh COMPILER [SANITIZERS]
# Warnings are errors. The hardening follows the OpenSSF guide; options that only newer compilers have
# are used when the compiler accepts them. With sanitizers there is no FORTIFY (the two do not work
# together) and no warning: sanitized code causes false ones, and the plain build reports the real ones.
set -euo pipefail
cc=$1 sanitizers=${2:-}
command -v "$cc" >/dev/null || exit 1 # make asks before packages.sh has run

warn='-Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition
	-Wpointer-arith -Wcast-qual -Wwrite-strings -Wvla -Walloca -Wformat=2 -Wundef -Wconversion
	-Wsign-conversion -Wswitch-enum -Wnull-dereference -Wimplicit-fallthrough
	-Werror=format-security -Werror=implicit -Werror=incompatible-pointer-types -Werror=int-conversion'
warn_if_known='-Wtrampolines -Wbidi-chars=any -Wstack-usage=65536'

harden='-fno-common -fno-delete-null-pointer-checks -fno-strict-overflow -fno-strict-aliasing
	-fstack-protector-strong -fstack-clash-protection -fcf-protection=full -fPIE'
harden_if_known='-ftrivial-auto-var-init=zero -fzero-call-used-regs=used-gpr -fstrict-flex-arrays=3
	-fzero-init-padding-bits=all'
fortify='-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3'

link='-pie -Wl,-z,relro,-z,now,-z,noexecstack,-z,nodlopen,-z,separate-code
	-Wl,--as-needed,--no-copy-dt-needed-entries'

known() {
	local flag
	for flag; do
		! "$cc" -Werror "$flag" -x c -fsyntax-only /dev/null 2>/dev/null || printf '%s ' "$flag"
	done
}

print() { printf '%s := %s\n' "$1" "$(tr -s '\n\t' ' ' <<<"$2")"; }

# shellcheck disable=SC2086
if [[ -n $sanitizers ]]; then
	sanitize="-fsanitize=$sanitizers -fno-sanitize-recover=all -fno-omit-frame-pointer"
	print OPTIMIZE '-O1 -g'
	print WARN -w
	print HARDEN "-fno-common -fPIE $sanitize"
	print LINK "-pie -Wl,--as-needed ${sanitize/fuzzer-no-link,/}"
else
	print OPTIMIZE '-O2 -g'
	print WARN "$warn $(known $warn_if_known)"
	print HARDEN "$harden $(known $harden_if_known) $fortify"
	print LINK "$link"
fi
