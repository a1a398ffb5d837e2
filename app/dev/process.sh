# shellcheck shell=bash
# The programs of a run: started, watched, stopped, and found again by the next run when this one
# was killed. Sourced; needs STATE.
#
# Each program leads its own session, so that Ctrl-C reaches run.sh only, and asks the kernel for a
# signal when run.sh dies. A program that survives even that is found by its pid file, which holds the
# pid and the start time: no other process has both before the next boot.

declare -A PID=()

boot() { tr -d '\n' </proc/sys/kernel/random/boot_id; }

# The start time, field 22 of /proc/PID/stat. The name in field 2 may contain blanks and parentheses.
start_time() {
	local stat fields
	{ read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 1
	read -ra fields <<<"${stat##*) }"
	[[ ${fields[0]} != Z ]] && printf '%s' "${fields[19]}"
}

# start NAME SIGNAL COMMAND...; SIGNAL is what ends the program at once and in order.
start() {
	local name=$1 signal=$2
	shift 2
	setsid setpriv --pdeathsig "$signal" "$@" >>"$STATE/log/$name.log" 2>&1 </dev/null 9>&- &
	PID[$name]=$!
	printf '%s %s %s %s\n' "$!" "$(start_time $!)" "$signal" "$(boot)" >"$STATE/pid/$name"
}

running() { [[ -n ${PID[$1]:-} ]] && start_time "${PID[$1]}" >/dev/null; }

# Signals the whole group, which also has the children of a parent that was killed.
signal_group() { kill "-$1" -- "-$2" 2>/dev/null || kill "-$1" "$2" 2>/dev/null || true; }
group_alive() { kill -0 -- "-$1" 2>/dev/null; }

# end NAME SIGNAL SECONDS PID: asks, waits, then kills. A zombie of ours counts as alive until reaped.
end() {
	local name=$1 signal=$2 tenths=$(($3 * 10)) pid=$4
	# The leader first: it ends its own children in order.
	kill "-$signal" "$pid" 2>/dev/null || signal_group "$signal" "$pid"
	signal_group CONT "$pid"
	while start_time "$pid" >/dev/null && ((tenths-- > 0)); do sleep 0.1; done
	tenths=10
	while group_alive "$pid" && [[ $name != postgres ]] && ((tenths-- > 0)); do
		signal_group TERM "$pid"
		sleep 0.1
	done
	! group_alive "$pid" || signal_group KILL "$pid"
	wait "$pid" 2>/dev/null || true
	rm -f "$STATE/pid/$name"
}

# nginx stops first, so that no new request arrives; PostgreSQL last, when no program needs it.
stop_all() {
	local name pid jobs=()
	for name in nginx sandbox worker web; do
		pid=${PID[$name]:-}
		[[ -n $pid ]] || continue
		end "$name" TERM 12 "$pid" &
		jobs+=($!)
	done
	((${#jobs[@]} == 0)) || wait "${jobs[@]}" || true
	[[ -z ${PID[postgres]:-} ]] || end postgres INT 20 "${PID[postgres]}"
}

# Ends the programs that an earlier run of this state folder left behind. A live pid with another start
# time belongs to somebody else. A group whose leader has ended keeps its number until it is empty.
end_leftovers() {
	local file name pid born signal booted now
	for file in "$STATE"/pid/*; do
		[[ -e $file ]] || continue
		name=${file##*/}
		read -r pid born signal booted <"$file" || true
		if [[ ${booted:-} == "$(boot)" ]]; then
			now=$(start_time "$pid") || now=
			if [[ $now == "$born" ]] || { [[ -z $now ]] && group_alive "$pid"; }; then
				end "$name" "$signal" 12 "$pid"
			fi
		fi
		rm -f "$file"
	done
}

# broke WHAT LOG STATUS: ends the run. A program that ends because of a setting (status 2) has said so
# in its last line, and there is nothing to add.
broke() {
	(($3 != 2)) || refuse "$(tail -n 1 "$STATE/log/$2.log")"
	fail "$1 (status $3); $STATE/log/$2.log ends with:"$'\n'"$(tail -n 5 "$STATE/log/$2.log" | sed 's/^/  /')"
}
