# shellcheck shell=bash
# The example firm of a first start: an organisation, an admin and a member, and the sandbox's log-in
# at Xero, with passwords made at random and kept in $STATE/demo.json alone. Sourced by run.sh.

FIRM='Harbour & Vale Accountants'

# A password of 20 letters and digits without look-alikes: 115 bits.
password() {
	LC_ALL=C tr -dc 'abcdefghjkmnpqrstuvwxyz23456789ABCDEFGHJKLMNPQRSTUVWXYZ' < <(head -c 4096 /dev/urandom) | head -c 20
}

# add_user DATABASE ORG EMAIL NAME ROLE PASSWORD; the password is passed in a file, never as an argument.
add_user() {
	local file=$STATE/keys/password.new
	printf '%s\n' "$6" >"$file"
	admin "$1" user add --org "$2" --email "$3" --name "$4" --role "$5" --password-file "$file" >>"$STATE/log/admin.log" 2>&1 ||
		broke "The example firm could not be made" admin $?
	rm -f "$file"
}

make_demo() {
	[[ -n $SANDBOX && ! -e $STATE/demo.json ]] || return 0
	local database=$1 org admin_password member_password
	admin_password=$(password)
	member_password=$(password)
	org=$(admin "$database" org add "$FIRM" --zone Pacific/Auckland 2>>"$STATE/log/admin.log" | grep -oE '[0-9]+' | tail -n 1) && [[ -n $org ]] ||
		broke "The example firm could not be made" admin $?
	add_user "$database" "$org" holly@harbourvale.example 'Holly Harbour' admin "$admin_password"
	add_user "$database" "$org" vincent@harbourvale.example 'Vincent Vale' member "$member_password"
	cat >"$STATE/demo.json.new" <<-JSON
		{
		  "base_url": "$GAP_BASE_URL",
		  "organisation": "$FIRM",
		  "admin": {"email": "holly@harbourvale.example", "password": "$admin_password"},
		  "member": {"email": "vincent@harbourvale.example", "password": "$member_password"},
		  "xero": {"email": "holly@harbourvale.example", "password": "$(password)"}
		}
	JSON
	mv "$STATE/demo.json.new" "$STATE/demo.json"
}

# The port may differ from that of the first start.
refresh_demo() {
	[[ -e $STATE/demo.json ]] || return 0
	sed -i "s|\"base_url\": \"[^\"]*\"|\"base_url\": \"$GAP_BASE_URL\"|" "$STATE/demo.json"
}

# demo WHO FIELD: one value of demo.json, which has one person a line.
demo() { sed -n "s/.*\"$1\": {.*\"$2\": \"\([^\"]*\)\".*/\1/p" "$STATE/demo.json"; }
