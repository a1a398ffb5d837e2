-- Testing the connection. $1 is the organisation where nothing else is said.
-- role: gap_web

-- name: rehearse_ask
-- touched: 1 unless one was asked for within $3 seconds. $2: by whom
INSERT INTO connection_test AS t (org_id, by_name) VALUES ($1, $2)
ON CONFLICT (org_id) DO UPDATE SET asked_at = now(), by_name = excluded.by_name, ended_at = NULL, lines = '[]'
  WHERE t.asked_at < now() - make_interval(secs => $3);

-- name: rehearse_get
-- asked_at, by whom, ended_at (0: not yet), seconds until the next may be asked for with $2 between
SELECT epoch(asked_at), by_name, coalesce(epoch(ended_at), 0),
  greatest(ceil(extract(epoch FROM asked_at + make_interval(secs => $2) - now())), 0)::bigint
FROM connection_test WHERE org_id = $1;

-- name: rehearse_lines
-- what, ok, says
SELECT r.what, r.ok, r.says FROM connection_test t, jsonb_to_recordset(t.lines) r (what text, ok boolean, says text)
WHERE t.org_id = $1;

-- name: rehearse_end
-- touched; $2 the lines as JSON
-- role: gap_worker
UPDATE connection_test SET ended_at = now(), lines = $2::jsonb WHERE org_id = $1;

-- name: rehearse_client
-- the XPM id of a live client of practice $2; none: nothing is stored yet
-- role: gap_worker
SELECT xpm_id FROM client WHERE org_id = $1 AND tenant_id = $2::uuid AND archived_at IS NULL LIMIT 1;

-- name: rehearse_budget
-- calls that practice $1 has had in its day
-- role: gap_worker
SELECT CASE WHEN day_at > now() - interval '24 hours' THEN day_calls ELSE 0 END FROM xero_budget WHERE tenant_id = $1::uuid;
