-- role: gap_web

-- name: connection_get
-- the connection_line
-- role: gap_web gap_worker
SELECT * FROM connection_line WHERE org_id = $1;

-- name: connection_disconnect
-- touched: 1 when the job was queued and the state changed ($2: states it may leave); $3: what
-- happens to the records
WITH moved AS (
  UPDATE connection SET state = 'disconnecting', cause = 'disconnected', cause_at = now()
  WHERE org_id = $1 AND state = ANY ($2::text[])
  RETURNING org_id)
INSERT INTO job (org_id, kind, payload)
SELECT org_id, 'disconnect', json_build_object('choice', $3::text, 'user', $4::bigint)::text FROM moved;

-- name: connection_set_label
-- touched
INSERT INTO connection (org_id, label) VALUES ($1, $2)
ON CONFLICT (org_id) DO UPDATE SET label = excluded.label;

-- name: connection_connecting
-- the state before ($2: states it may leave); no row: it may not be left
WITH was AS (SELECT state FROM connection WHERE org_id = $1 FOR UPDATE),
moved AS (
  INSERT INTO connection (org_id, state) SELECT $1, 'connecting' FROM (SELECT count(*) FROM was) locked
  ON CONFLICT (org_id) DO UPDATE SET state = 'connecting', cause = NULL, cause_at = NULL
    WHERE connection.state = ANY ($2::text[])
  RETURNING org_id)
SELECT coalesce((SELECT state FROM was), 'not_connected') FROM moved;

-- name: connection_note_cause
-- touched; changes nothing while the connection is live or an attempt is in progress
INSERT INTO connection (org_id, cause, cause_at) VALUES ($1, $2, now())
ON CONFLICT (org_id) DO UPDATE SET cause = excluded.cause, cause_at = excluded.cause_at
  WHERE connection.state IN ('not_connected', 'needs_reconnect');

-- name: attempt_add
-- touched; closes the session's earlier open attempts, so that two tabs make one connection
WITH older AS (
  UPDATE oauth_attempt SET stage = 'failed', cause = 'expired', verifier = NULL
  WHERE session_id = $2 AND stage = 'open')
INSERT INTO oauth_attempt (state_hash, session_id, org_id, user_id, nonce, verifier, preview, standby)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8);

-- name: attempt_take
-- attempt_id; of parallel calls one gets it. $4: the code
UPDATE oauth_attempt SET stage = 'returned', code = $4
WHERE state_hash = $3 AND org_id = $1 AND session_id = $2 AND stage = 'open' AND ends_at > now()
RETURNING attempt_id;

-- name: attempt_refuse
-- attempt_id; $4: the cause
UPDATE oauth_attempt SET stage = 'failed', cause = $4, verifier = NULL
WHERE state_hash = $3 AND org_id = $1 AND session_id = $2 AND stage = 'open' AND ends_at > now()
RETURNING attempt_id;

-- name: attempt_drop
-- touched; the attempt is used up, since the connection is busy with another one
UPDATE oauth_attempt SET stage = 'failed', code = NULL, verifier = NULL WHERE attempt_id = $1 AND org_id = $2;

-- name: attempt_refusal
-- the cause of the newest attempt of the last hour, if it was refused
SELECT cause FROM (SELECT stage, cause FROM oauth_attempt
  WHERE org_id = $1 AND NOT standby AND created_at > now() - interval '1 hour'
  ORDER BY attempt_id DESC LIMIT 1) a
WHERE stage = 'failed' AND cause IS NOT NULL;

-- name: attempt_queue
-- touched; $3: the connection's state before
INSERT INTO job (org_id, kind, payload)
VALUES ($1, 'connect', json_build_object('attempt', $2::bigint, 'from', $3::text)::text);

-- name: attempt_choices
-- attempt_id, idx, tenant_name, preselected; of the newest attempt first
SELECT c.attempt_id, c.idx, nullif(c.tenant_name, ''), c.preselected
FROM oauth_choice c
JOIN oauth_attempt a ON a.attempt_id = c.attempt_id AND a.org_id = c.org_id
WHERE c.org_id = $1 AND a.stage = 'choosing'
ORDER BY c.attempt_id DESC, c.idx;

-- name: attempt_choose
-- touched: 1 when the job was queued. $3: idx of the choice, -1: none of them
WITH taken AS (
  UPDATE oauth_attempt a SET stage = 'returned'
  WHERE a.org_id = $1 AND a.attempt_id = $2 AND a.stage = 'choosing'
    AND ($3::integer = -1 OR EXISTS (SELECT FROM oauth_choice c
      WHERE c.org_id = a.org_id AND c.attempt_id = a.attempt_id AND c.idx = $3::integer))
    AND EXISTS (SELECT FROM connection n WHERE n.org_id = a.org_id AND n.state = 'choosing')
  RETURNING a.attempt_id),
moved AS (
  UPDATE connection n SET state = 'connecting', cause = NULL, cause_at = NULL
  FROM taken WHERE n.org_id = $1)
INSERT INTO job (org_id, kind, payload)
SELECT $1, 'choose', json_build_object('attempt', attempt_id, 'idx', $3::integer)::text FROM taken;
