-- Attempts to connect, as the worker processes them.
-- role: gap_worker

-- name: exchange_claim
-- code, verifier, nonce, user_id, preview; code and verifier are wiped in this statement
WITH taken AS (SELECT attempt_id, code, verifier FROM oauth_attempt
  WHERE attempt_id = $1 AND org_id = $2 AND stage = 'returned' AND code IS NOT NULL AND ends_at > now() FOR UPDATE)
UPDATE oauth_attempt a SET code = NULL, verifier = NULL FROM taken t WHERE a.attempt_id = t.attempt_id
RETURNING t.code, t.verifier, a.nonce, a.user_id, a.preview;

-- name: exchange_look
-- stage, grant_id, user_id, whether it has expired, the connection's state before, preview
SELECT stage, coalesce(grant_id, 0), user_id, ends_at <= now(), came_from, preview FROM oauth_attempt
WHERE attempt_id = $1 AND org_id = $2;

-- name: exchange_stage
-- touched; $3 stage, $4 cause, $5 grant (0: unchanged), $6 the connection's state before (NULL:
-- unchanged)
UPDATE oauth_attempt SET stage = $3, cause = $4, code = NULL, verifier = NULL,
  grant_id = CASE WHEN $5 = 0 THEN grant_id ELSE $5 END, came_from = coalesce($6, came_from)
WHERE attempt_id = $1 AND org_id = $2;

-- name: exchange_choice_add
-- touched
INSERT INTO oauth_choice (org_id, attempt_id, idx, tenant_id, xero_connection_id, tenant_name, preselected)
VALUES ($1, $2, $3, $4::uuid, $5::uuid, $6, $7);

-- name: exchange_choices
-- idx, tenant_id, xero_connection_id, tenant_name, preselected
SELECT idx, tenant_id, xero_connection_id, tenant_name, preselected FROM oauth_choice
WHERE org_id = $1 AND attempt_id = $2 ORDER BY idx;

-- name: exchange_choices_drop
-- touched
DELETE FROM oauth_choice WHERE org_id = $1 AND attempt_id = $2;
