-- Log-in, consent, tokens, connections.

-- name: session_new
-- A session of a browser without a log-in.
INSERT INTO sandbox.session (token_hash) VALUES ($1)

-- name: session_find
-- Whether somebody has logged in, and who.
SELECT signed_in_at IS NOT NULL, person
FROM sandbox.session WHERE token_hash = $1 AND created_at > now() - interval '1 day'

-- name: session_open
-- A session of a browser with somebody logged in.
INSERT INTO sandbox.session (token_hash, person, signed_in_at) VALUES ($1, $2, now())

-- name: session_sign_out
-- Ends the log-ins of a person's browsers; their attempts stay.
UPDATE sandbox.session SET signed_in_at = NULL WHERE person = $1

-- name: person_list_off
-- The persons who are switched off.
SELECT person FROM sandbox.switched_off

-- name: person_off
-- May not log in any more.
INSERT INTO sandbox.switched_off (person, xero_userid) VALUES ($1, $2::uuid) ON CONFLICT DO NOTHING

-- name: person_on
-- May log in again; NULL: everybody.
DELETE FROM sandbox.switched_off WHERE $1::text IS NULL OR person = $1

-- name: person_is_off
-- A row when that user is switched off.
SELECT 1 FROM sandbox.switched_off WHERE xero_userid::text = $1

-- name: person_holds
-- For a user: number of connected practices, number of consents in force.
SELECT (SELECT count(*) FROM sandbox.connection c JOIN sandbox.tenant t USING (tenant_no)
    WHERE c.xero_userid = $1::uuid AND t.type = 'PRACTICEMANAGER'),
  (SELECT count(*) FROM sandbox.consent c WHERE c.xero_userid = $1::uuid AND c.revoked_at IS NULL)

-- name: attempt_move
-- Moves the attempts of a session to the session that replaces it.
UPDATE sandbox.attempt SET token_hash = $2 WHERE token_hash = $1

-- name: session_drop
-- Ends one session, with its attempts.
DELETE FROM sandbox.session WHERE token_hash = $1

-- name: session_tidy
-- Sessions end after a day.
DELETE FROM sandbox.session WHERE created_at < now() - interval '1 day'

-- name: session_clear
-- Ends all sessions.
DELETE FROM sandbox.session

-- name: attempt_new
-- Stores one request to the authorize endpoint.
INSERT INTO sandbox.attempt (attempt, token_hash, client_id, redirect_uri, scope, state, nonce, challenge)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)

-- name: attempt_find
-- What the app asked for; no row when answered, expired, or of another browser.
SELECT client_id, redirect_uri, scope, state, nonce, challenge
FROM sandbox.attempt
WHERE attempt = $1 AND token_hash = $2 AND answered_at IS NULL AND created_at > now() - interval '1 hour'

-- name: attempt_answer
-- Marks the attempt as answered; 0 rows when it was answered before.
UPDATE sandbox.attempt SET answered_at = now()
WHERE attempt = $1 AND token_hash = $2 AND answered_at IS NULL

-- name: consent_new
-- Returns the id of the new consent.
INSERT INTO sandbox.consent (xero_userid, auth_event_id, client_id, scope, nonce, auth_time)
SELECT $1::uuid, $2::uuid, a.client_id, $4, a.nonce, coalesce(s.signed_in_at, now())
FROM sandbox.attempt a JOIN sandbox.session s USING (token_hash) WHERE a.attempt = $3
RETURNING consent_id

-- name: connection_make
-- A practice that is connected again keeps its connection id and gets the new consent.
INSERT INTO sandbox.connection AS c (connection_id, xero_userid, tenant_no, tenant_id, auth_event_id)
SELECT $1::uuid, $2::uuid, t.tenant_no, t.tenant_id, $4::uuid
FROM sandbox.tenant t WHERE t.tenant_no = $3::integer
ON CONFLICT (xero_userid, tenant_id)
DO UPDATE SET auth_event_id = excluded.auth_event_id, updated_at = now()

-- name: connection_besides
-- A connection to an organisation from an earlier consent, so that an app cannot just use the first entry.
INSERT INTO sandbox.connection (connection_id, xero_userid, tenant_no, tenant_id, auth_event_id)
SELECT $1::uuid, $2::uuid, t.tenant_no, t.tenant_id, $3::uuid
FROM sandbox.tenant t WHERE t.type = 'ORGANISATION'
ON CONFLICT (xero_userid, tenant_id) DO NOTHING

-- name: connection_list
-- id, authEventId, tenant id, type, name, time created and time changed (seven decimals).
SELECT c.connection_id, c.auth_event_id, c.tenant_id, t.type, t.name,
  to_char(c.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US') || '0',
  to_char(c.updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US') || '0'
FROM sandbox.connection c JOIN sandbox.tenant t USING (tenant_no)
WHERE c.xero_userid = $1::uuid AND ($2::text IS NULL OR c.auth_event_id::text = lower($2))
ORDER BY t.type, c.created_at, c.tenant_no

-- name: connection_all
-- id, tenant id, type, name, authEventId, user.
SELECT c.connection_id, c.tenant_id, t.type, t.name, c.auth_event_id, c.xero_userid
FROM sandbox.connection c JOIN sandbox.tenant t USING (tenant_no) ORDER BY t.type, c.created_at

-- name: connection_tenant
-- The practice with that tenant id, when this user is connected to it.
SELECT t.tenant_no FROM sandbox.connection c JOIN sandbox.tenant t USING (tenant_no, tenant_id)
WHERE c.xero_userid = $1::uuid AND t.tenant_id::text = lower($2) AND t.type = 'PRACTICEMANAGER'

-- name: connection_delete
-- Deletes one connection; 0 rows when it is gone already.
DELETE FROM sandbox.connection WHERE xero_userid = $1::uuid AND connection_id::text = lower($2)

-- name: connection_clear
-- Deletes the connections of a user, or all (NULL).
DELETE FROM sandbox.connection WHERE $1::uuid IS NULL OR xero_userid = $1

-- name: tenant_list
-- The practices on the consent page: number, tenant id, name, whether it is connected.
SELECT t.tenant_no, t.tenant_id, t.name,
  EXISTS (SELECT FROM sandbox.connection c WHERE c.tenant_id = t.tenant_id AND c.xero_userid = $1::uuid)
FROM sandbox.tenant t
WHERE t.type = 'PRACTICEMANAGER' AND t.tenant_no <= $2::integer ORDER BY t.tenant_no

-- name: tenant_put
-- Adds a practice or organisation, or gives it a new tenant id.
INSERT INTO sandbox.tenant (tenant_no, tenant_id, type, name) VALUES ($1::integer, $2::uuid, $3, $4)
ON CONFLICT (tenant_no) DO UPDATE SET tenant_id = excluded.tenant_id, name = excluded.name

-- name: code_new
-- The one-time code of a consent.
INSERT INTO sandbox.code (code_hash, consent_id, redirect_uri, challenge)
SELECT $1, $2::bigint, a.redirect_uri, a.challenge FROM sandbox.attempt a WHERE a.attempt = $3

-- name: code_claim
-- consent id, redirect URI, challenge; no row when the code is used, expired or unknown.
UPDATE sandbox.code SET used_at = now()
WHERE code_hash = $1 AND used_at IS NULL AND created_at > now() - interval '5 minutes'
RETURNING consent_id, redirect_uri, challenge

-- name: consent_find
-- id, user, authentication event, client, scope, nonce, time of log-in.
SELECT consent_id, xero_userid, auth_event_id, client_id, scope, nonce,
  extract(epoch FROM auth_time)::bigint
FROM sandbox.consent WHERE consent_id = $1::bigint AND revoked_at IS NULL

-- name: consent_end_others
-- Ends the other consents of the same user.
UPDATE sandbox.consent o SET revoked_at = now() FROM sandbox.consent c
WHERE c.consent_id = $1::bigint AND o.xero_userid = c.xero_userid AND o.consent_id <> c.consent_id
  AND o.revoked_at IS NULL

-- name: consent_revoke
-- Ends the consents of a user, or all (NULL), and with them their refresh tokens.
UPDATE sandbox.consent SET revoked_at = now()
WHERE revoked_at IS NULL AND ($1::uuid IS NULL OR xero_userid = $1)

-- name: consent_clear
-- Deletes all consents, with their codes and tokens.
DELETE FROM sandbox.consent

-- name: refresh_new
-- One more refresh token of a consent.
INSERT INTO sandbox.refresh (token_hash, consent_id) VALUES ($1, $2::bigint)

-- name: refresh_exchange
-- A refresh token ends when it is not used for sixty days. Its first exchange starts a grace period
-- of thirty minutes, in which it may be exchanged again; with $2 there is no grace period.
UPDATE sandbox.refresh r SET exchanged_at = coalesce(r.exchanged_at, now())
FROM sandbox.consent c
WHERE r.token_hash = $1 AND c.consent_id = r.consent_id AND c.revoked_at IS NULL
  AND r.created_at > now() - interval '60 days'
  AND (r.exchanged_at IS NULL OR (NOT $2::boolean AND r.exchanged_at > now() - interval '30 minutes'))
RETURNING r.consent_id

-- name: refresh_age
-- Scripted: ends every grace period that has begun.
UPDATE sandbox.refresh SET exchanged_at = exchanged_at - interval '31 minutes'
WHERE exchanged_at IS NOT NULL

-- name: refresh_revoke
-- Ends the consent of this token and every connection of its user; an unknown token changes nothing.
WITH gone AS (
  UPDATE sandbox.consent c SET revoked_at = coalesce(c.revoked_at, now())
  FROM sandbox.refresh r WHERE r.token_hash = $1 AND c.consent_id = r.consent_id
  RETURNING c.xero_userid
)
DELETE FROM sandbox.connection n USING gone WHERE n.xero_userid = gone.xero_userid

-- name: token_counts
-- Numbers: live consents, refresh tokens, exchanged refresh tokens, unused codes.
SELECT (SELECT count(*) FROM sandbox.consent WHERE revoked_at IS NULL),
  (SELECT count(*) FROM sandbox.refresh),
  (SELECT count(*) FROM sandbox.refresh WHERE exchanged_at IS NOT NULL),
  (SELECT count(*) FROM sandbox.code WHERE used_at IS NULL)

-- name: key_add
-- A key to sign with from now on.
INSERT INTO sandbox.signing_key (kid, pem) VALUES ($1, $2)

-- name: key_newest
-- kid, PEM.
SELECT kid, pem FROM sandbox.signing_key ORDER BY key_id DESC LIMIT 1

-- name: connection_clear_old
-- Deletes connections to a tenant id that does not exist any more.
DELETE FROM sandbox.connection c USING sandbox.tenant t
WHERE t.tenant_no = c.tenant_no AND t.tenant_id <> c.tenant_id
