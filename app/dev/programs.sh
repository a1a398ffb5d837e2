# shellcheck shell=bash
# The environment of each program of ours: the shared settings, its own database address, and only its
# own secrets. Sourced; needs state.sh, process.sh, cluster.sh.

settings() {
	export GAP_STATE_DIR=$STATE GAP_RUN_DIR=$RUN GAP_PORT=$PORT
	export GAP_BASE_URL=${GAP_BASE_URL:-https://localhost:$PORT}
	[[ -z ${GAP_DATABASE_URL:-} ]] || say 'GAP_DATABASE_URL is not used here: make run has a cluster of its own.'
	unset GAP_DATABASE_URL GAP_DATABASE_URL_FILE
	if [[ -z $SANDBOX ]]; then
		[[ -n ${XERO_CLIENT_SECRET:-}${XERO_CLIENT_SECRET_FILE:-} ]] ||
			refuse 'XERO_CLIENT_SECRET (or XERO_CLIENT_SECRET_FILE) must be set beside XERO_CLIENT_ID.'
		return 0
	fi
	local xero=https://127.0.0.1:$((PORT + 1)) keys=$STATE/keys
	[[ -s $keys/client_id ]] || openssl rand -hex 16 | tr a-f A-F >"$keys/client_id"
	[[ -s $keys/client_secret ]] || password >"$keys/client_secret"
	unset XERO_CLIENT_SECRET
	XERO_CLIENT_ID=$(<"$keys/client_id")
	export XERO_CLIENT_ID XERO_CLIENT_SECRET_FILE=$keys/client_secret XERO_CA_FILE=$STATE/tls/ca.pem
	export XERO_AUTHORIZE_URL=$xero/identity/connect/authorize XERO_TOKEN_URL=$xero/connect/token
	export XERO_REVOKE_URL=$xero/connect/revocation XERO_ISSUER=$xero XERO_API_URL=$xero
	export XERO_JWKS_URL=$xero/.well-known/openid-configuration/jwks
}

# words PROGRAM DATABASE: fills WORDS with the command and environment that come before the arguments.
words() {
	local keys=$STATE/keys
	local -a mine=() not_mine=(-u XERO_CLIENT_SECRET -u XERO_CLIENT_SECRET_FILE -u GAP_SMTP_URL -u GAP_SMTP_URL_FILE)
	case $1 in
	web) mine=("GAP_TOTP_KEY_FILE=$keys/totp.key") ;;
	worker) mine=("GAP_TOKEN_KEY_FILE=$keys/tokens.key") not_mine=() ;;
	admin) mine=("GAP_TOTP_KEY_FILE=$keys/totp.key" "GAP_TOKEN_KEY_FILE=$keys/tokens.key") ;;
	sandbox)
		mine=("GAP_SANDBOX_BASE_URL=$XERO_API_URL" "GAP_SANDBOX_CLIENT_ID=$XERO_CLIENT_ID"
			"GAP_SANDBOX_CLIENT_SECRET_FILE=$keys/client_secret" "GAP_SANDBOX_LOGIN_FILE=$STATE/demo.json"
			"GAP_SANDBOX_REDIRECT_URI=$GAP_BASE_URL/oauth/xero/callback")
		;;
	esac
	local role=gap_$1
	[[ $role != gap_admin ]] || role=gap_owner
	WORDS=(env "${not_mine[@]}" "GAP_DATABASE_URL=$(url "$2" "$role")" "${mine[@]}" "$GAP_BUILD/gap-$1")
}

admin() {
	words admin "$1"
	"${WORDS[@]}" "${@:2}"
}

# launch NAME: starts it, the first time and again.
launch() {
	BORN[$1]=$SECONDS
	case $1 in
	postgres) start_cluster ;;
	nginx) start nginx TERM /usr/sbin/nginx -p "$STATE/nginx/" -c nginx.conf -e stderr ;;
	*)
		words "$1" gap
		start "$1" TERM "${WORDS[@]}"
		;;
	esac
}

# The two keys that encrypt secrets at rest: one for the worker, one for the web.
make_keys() {
	local kind
	for kind in tokens totp; do
		[[ -s $STATE/keys/$kind.key ]] || admin postgres rotate-key $kind >>"$STATE/log/admin.log" 2>&1 ||
			broke "The key for $kind could not be made" admin $?
	done
}
