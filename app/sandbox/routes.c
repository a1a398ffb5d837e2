#include "sandbox/routes.h"

#include "sandbox/claims.h"
#include "sandbox/connections.h"
#include "sandbox/identity.h"
#include "sandbox/list.h"
#include "sandbox/panel.h"
#include "sandbox/token.h"

#define PANEL(method, path, f, ...)                                                    \
	{                                                                              \
		METHOD_##method, path, f, SANDBOX_GATES(GATE_LOOPBACK, ENDPOINT_NONE), \
			__VA_ARGS__                                                    \
	}
#define AT(method, path, f, gate, endpoint, ...)                                           \
	{                                                                                  \
		METHOD_##method, path, f, SANDBOX_GATES(GATE_##gate, ENDPOINT_##endpoint), \
			__VA_ARGS__                                                        \
	}

const struct route sandbox_routes[] = {
	AT(GET, "/identity/connect/authorize", sandbox_authorize, ANYONE, AUTHORIZE,
		ROUTE_FIELDS(sandbox_authorize_fields)),
	AT(GET, "/identity/login", sandbox_login_page, ANYONE, NONE,
		ROUTE_FIELDS(sandbox_login_page_fields)),
	AT(POST, "/identity/login", sandbox_login, FORM, NONE,
		ROUTE_FIELDS(sandbox_login_fields)),
	AT(GET, "/identity/consent", sandbox_consent_page, ANYONE, NONE,
		ROUTE_FIELDS(sandbox_attempt_field)),
	AT(POST, "/identity/consent", sandbox_consent, FORM, NONE,
		ROUTE_FIELDS(sandbox_consent_fields)),
	AT(POST, "/connect/token", sandbox_token, ANYONE, TOKEN,
		ROUTE_FIELDS(sandbox_token_fields)),
	AT(POST, "/connect/revocation", sandbox_revoke, ANYONE, REVOKE,
		ROUTE_FIELDS(sandbox_revoke_fields)),
	AT(GET, "/.well-known/openid-configuration", sandbox_discovery, ANYONE, NONE, NULL, 0),
	AT(GET, "/.well-known/openid-configuration/jwks", sandbox_jwks, ANYONE, JWKS, NULL, 0),
	AT(GET, "/connections", sandbox_connections, TOKEN, CONNECTIONS,
		ROUTE_FIELDS(sandbox_connections_fields)),
	AT(DELETE, "/connections/{connection}", sandbox_connection_delete, TOKEN, DELETE, NULL,
		0),
	AT(GET, "/practicemanager/3.1/client.api/list", sandbox_list, TOKEN, LIST, NULL, 0),
	AT(GET, "/practicemanager/3.1/client.api/get/{uuid}", sandbox_get, TOKEN, GET, NULL, 0),

	PANEL(GET, "/sandbox", sandbox_panel, NULL, 0),
	PANEL(GET, "/sandbox/state", sandbox_state, NULL, 0),
	PANEL(POST, "/sandbox/faults", sandbox_control, ROUTE_FIELDS(sandbox_controls)),
};
const size_t sandbox_routes_n = ARRAY_LEN(sandbox_routes);
