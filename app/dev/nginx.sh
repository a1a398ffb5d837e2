# shellcheck shell=bash
# Writes the configuration of this copy's nginx from nginx/nginx.conf. Sourced; needs state.sh.

render_nginx() {
	local dir=$STATE/nginx names=${GAP_BASE_URL#https://}
	names=${names%%[:/]*}
	[[ $names == localhost ]] || names="localhost $names"
	mkdir -p "$dir/tmp"
	ln -sfn "$PWD/nginx" "$dir/gap"
	ln -sfn "$PWD/static" "$dir/static"
	ln -sfn "$STATE/tls" "$dir/tls"
	local -a edit=(-e "s|@RUN@|$RUN|" -e "s|@PORT@|$PORT|" -e "s|@SANDBOX_PORT@|$((PORT + 1))|" -e "s|@NAMES@|$names|")
	[[ -n $SANDBOX ]] || edit+=(-e '/#sandbox-begin/,/#sandbox-end/d')
	# ::1 is the last line of a table that is missing where IPv6 is switched off.
	grep -qs '^0\{31\}1 ' /proc/net/if_inet6 || edit+=(-e '/#ipv6$/d')
	sed "${edit[@]}" nginx/nginx.conf >"$dir/nginx.conf"
}
