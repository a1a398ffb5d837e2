-- A second admin's consent in reserve, and who connected.
-- role: gap_worker

-- name: standby_get
-- grant_id (0: none), connection at Xero, by, name, since, whether who connected is an active admin still, connected_by
SELECT coalesce(c.standby_grant_id, 0), c.standby_connection, c.standby_by, c.standby_name, epoch(c.standby_at),
  EXISTS (SELECT FROM app_user u WHERE u.org_id = c.org_id AND u.user_id = c.connected_by AND u.role = 'admin'
    AND u.status = 'active'), c.connected_by
FROM connection c WHERE c.org_id = $1;

-- name: standby_show
-- by, name, since, whether who connected is an active admin still, connected_by, why the newest try of an hour failed
-- role: gap_web
SELECT c.standby_by, c.standby_name, epoch(c.standby_at),
  EXISTS (SELECT FROM app_user u WHERE u.org_id = c.org_id AND u.user_id = c.connected_by AND u.role = 'admin'
    AND u.status = 'active'), c.connected_by,
  (SELECT CASE WHEN a.stage = 'failed' THEN coalesce(a.cause, 'standby') END FROM oauth_attempt a
    WHERE a.org_id = c.org_id AND a.standby AND a.created_at > now() - interval '1 hour'
    ORDER BY a.attempt_id DESC LIMIT 1)
FROM connection c WHERE c.org_id = $1;

-- name: standby_set
-- touched: 0 when the connection is to another practice by now, or by this grant
UPDATE connection SET standby_grant_id = $2, standby_connection = $3::uuid, standby_by = $4, standby_at = now(),
  standby_name = (SELECT name FROM app_user u WHERE u.org_id = $1 AND u.user_id = $4)
WHERE org_id = $1 AND tenant_id = $5::uuid AND grant_id <> $2;

-- name: standby_drop
-- touched: 1 when it was this one
UPDATE connection SET standby_grant_id = NULL, standby_connection = NULL, standby_by = NULL, standby_name = NULL,
  standby_at = NULL
WHERE org_id = $1 AND standby_grant_id = $2;

-- name: standby_promote
-- touched: 1 when grant $2 was the connection's and there was a standby; of several workers one
-- does it
UPDATE connection SET grant_id = standby_grant_id, xero_connection_id = standby_connection,
  connected_by = standby_by, connected_by_name = standby_name, standby_grant_id = NULL,
  standby_connection = NULL, standby_by = NULL, standby_name = NULL, standby_at = NULL
WHERE org_id = $1 AND grant_id = $2 AND standby_grant_id IS NOT NULL AND tenant_id IS NOT NULL;

-- name: standby_use
-- touched
INSERT INTO grant_use (org_id, grant_id, standby) VALUES ($1, $2, true)
ON CONFLICT (org_id, standby) DO UPDATE SET grant_id = excluded.grant_id;

-- name: standby_unuse
-- touched
DELETE FROM grant_use WHERE org_id = $1 AND standby;

-- name: attempt_is_standby
-- whether the attempt is for a standby
-- role: gap_web
SELECT standby FROM oauth_attempt WHERE attempt_id = $1 AND org_id = $2;

-- name: attempt_queue_standby
-- touched
-- role: gap_web
INSERT INTO job (org_id, kind, payload) VALUES ($1, 'standby', json_build_object('attempt', $2::bigint)::text);
