-- role: gap_web

-- name: passkey_challenge_set
-- touched; a new challenge replaces an older one
UPDATE session SET passkey_challenge = $2, passkey_challenge_at = now() WHERE session_id = $1;

-- name: passkey_challenge_take
-- the hash, once: of parallel uses one gets it. $2: how many seconds it was good for
WITH open AS (
  SELECT session_id, passkey_challenge FROM session
  WHERE session_id = $1 AND passkey_challenge IS NOT NULL
    AND passkey_challenge_at > now() - make_interval(secs => $2)
  FOR UPDATE)
UPDATE session s SET passkey_challenge = NULL, passkey_challenge_at = NULL FROM open o
WHERE s.session_id = o.session_id
RETURNING o.passkey_challenge;

-- name: passkey_handle
-- the user handle given to authenticators, 16 bytes
SELECT uuid_send(user_handle) FROM app_user WHERE org_id = $1 AND user_id = $2;

-- name: passkey_list
-- passkey_id, credential_id, alg, public_key, sign_count, backup_eligible, backed_up, name, created_at, used_at
SELECT passkey_id, credential_id, alg, public_key, sign_count, backup_eligible, backed_up, name,
  epoch(created_at), epoch(used_at)
FROM passkey WHERE org_id = $1 AND user_id = $2 AND ($3::bigint IS NULL OR passkey_id = $3)
ORDER BY passkey_id;

-- name: passkey_add
-- passkey_id; no row when the user has $10 already; unique violation: some user has registered
-- it
INSERT INTO passkey (org_id, user_id, credential_id, alg, public_key, sign_count, backup_eligible, backed_up, name)
SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9
WHERE (SELECT count(*) FROM passkey WHERE org_id = $1 AND user_id = $2) < $10
RETURNING passkey_id;

-- name: passkey_use
-- touched: 1, or 0 when the counter did not increase, so there is a copy of the passkey. $4:
-- the new counter
UPDATE passkey SET sign_count = $4, backed_up = $5, used_at = now()
WHERE org_id = $1 AND user_id = $2 AND passkey_id = $3
  AND (sign_count < $4 OR (sign_count = 0 AND $4 = 0));

-- name: passkey_rename
-- touched
UPDATE passkey SET name = $4 WHERE org_id = $1 AND user_id = $2 AND passkey_id = $3;

-- name: passkey_remove
-- touched
DELETE FROM passkey WHERE org_id = $1 AND user_id = $2 AND passkey_id = $3;
