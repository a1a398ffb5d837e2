-- role: gap_web
-- A run is: run_id, started_at, ended_at, trigger, state, asked_by_name, cause_text, seen, added, changed,
-- archived, restored, unchanged, prospects, skipped, failed, calls, bytes, duration_ms, slot, would_go, excluded.
-- Pages are by key and streams are pages without a limit ($n 0): the index gives the order.

-- name: run_list
-- runs before run $2 (0: from the newest), newest first; $4 result, $5 trigger, $6 and $7 moments from and
-- until, each NULL for any; $8 only those that changed something
SELECT run_id, epoch(started_at), epoch(ended_at), trigger, state, asked_by_name, cause_text, seen, added,
  changed, archived, restored, unchanged, prospects, skipped, failed, calls, bytes,
  (extract(epoch FROM ended_at - started_at) * 1000)::bigint, epoch(slot), would_go, excluded
FROM sync_run
WHERE org_id = $1 AND run_id < coalesce(nullif($2::bigint, 0), 9223372036854775807)
  AND ($4::text IS NULL OR state = $4) AND ($5::text IS NULL OR trigger = $5)
  AND ($6::bigint IS NULL OR started_at >= to_timestamp($6)) AND ($7::bigint IS NULL OR started_at < to_timestamp($7))
  AND (NOT $8::boolean OR added + changed + archived + restored > 0)
ORDER BY run_id DESC LIMIT nullif($3::bigint, 0);

-- name: run_get
-- the run
SELECT run_id, epoch(started_at), epoch(ended_at), trigger, state, asked_by_name, cause_text, seen, added,
  changed, archived, restored, unchanged, prospects, skipped, failed, calls, bytes,
  (extract(epoch FROM ended_at - started_at) * 1000)::bigint, epoch(slot), would_go, excluded
FROM sync_run
WHERE org_id = $1 AND run_id = $2;

-- name: run_after
-- run_id, started_at, trigger of the run that came next
SELECT run_id, epoch(started_at), trigger FROM sync_run
WHERE org_id = $1 AND run_id > $2
ORDER BY run_id LIMIT 1;

-- name: run_calls
-- calls of the last 24 hours for any purpose; and the calls of one sync: the average of the
-- last ten that called Xero, rounded up
SELECT coalesce((SELECT sum(calls) FROM call_meter WHERE org_id = $1 AND at > now() - interval '1 day'), 0),
  coalesce((SELECT ceil(avg(r.calls)) FROM (SELECT calls FROM sync_run WHERE org_id = $1 AND calls > 0
    ORDER BY run_id DESC LIMIT 10) r), 0)::bigint;

-- name: run_changes
-- client_id, run_id, at, client_name, field, old, new, change_id; those after change $3, in order, of kind $4
-- (NULL: any)
SELECT h.client_id, h.run_id, epoch(h.at), c.name, h.field, h.old, h.new, h.change_id
FROM (SELECT * FROM client_change x
  WHERE x.org_id = $1 AND x.run_id = $2 AND x.change_id > $3
    AND ($4::text IS NULL OR $4 = CASE WHEN x.field = 'client' THEN 'new' WHEN x.field = 'archived' THEN 'archived'
      WHEN x.field = 'primary' OR x.field LIKE 'contact%' THEN 'contacts' ELSE 'details' END)
  ORDER BY x.change_id LIMIT nullif($5::bigint, 0)) h
LEFT JOIN client c ON c.org_id = h.org_id AND c.client_id = h.client_id
ORDER BY h.change_id;

-- name: run_changes_found
-- the same of the clients that the search for $6 finds, live and archived
SELECT h.client_id, h.run_id, epoch(h.at), c.name, h.field, h.old, h.new, h.change_id
FROM (SELECT * FROM client_change x
  WHERE x.org_id = $1 AND x.run_id = $2 AND x.change_id > $3
    AND ($4::text IS NULL OR $4 = CASE WHEN x.field = 'client' THEN 'new' WHEN x.field = 'archived' THEN 'archived'
      WHEN x.field = 'primary' OR x.field LIKE 'contact%' THEN 'contacts' ELSE 'details' END)
    AND x.client_id IN (SELECT client_search(lower($6), NULL, 0, 0, '', 0, false, 2147483647))
  ORDER BY x.change_id LIMIT nullif($5::bigint, 0)) h
LEFT JOIN client c ON c.org_id = h.org_id AND c.client_id = h.client_id
ORDER BY h.change_id;

-- name: run_skips
-- xpm_id, name, rule, detail, client_id, web_url, skip_id; those after skip $3, in order. $4: failures, the
-- records that XPM gave no clear answer about or was not asked about yet (core/client.h enum client_rule), else those that a rule left
-- out. Ours of the same XPM id names what XPM left unnamed, and has the link
SELECT s.xpm_id, coalesce(nullif(s.name, ''), c.name), s.rule, s.detail, c.client_id, c.web_url, s.skip_id
FROM (SELECT * FROM run_skip x
  WHERE x.org_id = $1 AND x.run_id = $2 AND x.skip_id > $3 AND (x.rule IN ('undecided', 'not_asked')) = $4::boolean
  ORDER BY x.skip_id LIMIT nullif($5::bigint, 0)) s
LEFT JOIN client c ON c.org_id = s.org_id
  AND c.tenant_id = (SELECT r.tenant_id FROM sync_run r WHERE r.org_id = $1 AND r.run_id = $2)
  AND c.xpm_id = CASE WHEN s.xpm_id ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN s.xpm_id::uuid END
ORDER BY s.skip_id;
