-- role: gap_web

-- name: held_run
-- run, started_at, live clients; how many of them to archive and to blank (an empty list:
-- nothing is stored, it means all); edits to replace; cause; no row: nothing is held
SELECT r.run_id, extract(epoch FROM r.started_at)::bigint, c.live_clients,
  CASE WHEN r.cause = 'empty' THEN r.would_go ELSE
    (SELECT count(*) FROM held_change h WHERE h.org_id = r.org_id AND h.run_id = r.run_id AND h.kind = 'archive') END,
  (SELECT count(*) FROM held_change h WHERE h.org_id = r.org_id AND h.run_id = r.run_id AND h.kind = 'blank'),
  (SELECT count(*) FROM held_edit h WHERE h.org_id = r.org_id AND h.run_id = r.run_id),
  r.cause
FROM sync_run r JOIN connection c ON c.org_id = r.org_id
WHERE r.org_id = $1 AND r.state = 'held' ORDER BY r.run_id DESC LIMIT 1;

-- name: held_changes
-- client, name, kind, detail; by name
SELECT h.client_id, c.name, h.kind, h.detail
FROM held_change h JOIN client c ON c.org_id = h.org_id AND c.client_id = h.client_id
WHERE h.org_id = $1 AND h.run_id = $2 ORDER BY c.name, h.client_id LIMIT $3;
