-- role: gap_web
-- A run is: run_id, started_at, ended_at, trigger, state, asked_by_name, cause_text, seen, added, changed,
-- archived, restored, unchanged, prospects, skipped, failed, calls, bytes.

-- name: run_list
-- runs before run $2 (0: from the newest), newest first
SELECT run_id, epoch(started_at), epoch(ended_at), trigger, state, asked_by_name, cause_text, seen, added,
  changed, archived, restored, unchanged, prospects, skipped, failed, calls, bytes
FROM sync_run
WHERE org_id = $1 AND run_id < coalesce(nullif($2::bigint, 0), 9223372036854775807)
ORDER BY run_id DESC LIMIT $3;

-- name: run_get
-- the run
SELECT run_id, epoch(started_at), epoch(ended_at), trigger, state, asked_by_name, cause_text, seen, added,
  changed, archived, restored, unchanged, prospects, skipped, failed, calls, bytes
FROM sync_run
WHERE org_id = $1 AND run_id = $2;

-- name: run_changes
-- client_id, run_id, at, client_name, field, old, new
SELECT h.client_id, h.run_id, epoch(h.at), c.name, h.field, h.old, h.new
FROM client_change h LEFT JOIN client c USING (org_id, client_id)
WHERE h.org_id = $1 AND h.run_id = $2
ORDER BY h.change_id LIMIT $3;

-- name: run_skips
-- xpm_id, name, rule, detail
SELECT xpm_id, name, rule, detail FROM run_skip
WHERE org_id = $1 AND run_id = $2
ORDER BY skip_id LIMIT $3;
