-- The list "Fix in XPM". $1 is the organisation. A line is: part (0: mine, 1: others), fix_id,
-- client_id (0: a skipped record), name, reasons, rule, record_xpm, opened_at, assignee (0:
-- nobody who is active), assignee's name, web_url, closed_at, closed_run, when that run began.
-- Filters: $7 by reason (0: any, a bit of the flags, -1: skipped records), $8 by assignee (0:
-- any, -1: nobody).

-- name: fix_follow
-- writes
-- nothing; opens and closes lines after run $1 of practice $2 has changed clients
-- role: gap_worker
SELECT fix_follow($1, $2::uuid);

-- name: fix_follow_skips
-- writes
-- nothing; opens and closes lines for the records run $1 skipped. $2: the run stored all it
-- skipped
-- role: gap_worker
SELECT fix_follow_skips($1, $2);

-- name: fix_page
-- open lines after the key ($3 part, $4 name, $5 fix_id), those of user $2 first
-- role: gap_web
SELECT i.part, i.fix_id, coalesce(i.client_id, 0), i.name, i.reasons, i.rule, i.record_xpm, epoch(i.opened_at),
  coalesce(u.user_id, 0), u.name, c.web_url, 0, 0, 0
FROM (
  (SELECT 0 AS part, f.* FROM fix_item f
  WHERE $3::integer = 0 AND f.org_id = $1 AND f.closed_at IS NULL AND f.assignee = $2
    AND (f.name, f.fix_id) > ($4, $5::bigint)
    AND ($7::integer = 0 OR f.reasons & greatest($7, 0) <> 0 OR $7 < 0 AND f.rule IS NOT NULL)
    AND ($8::bigint = 0 OR f.assignee = $8)
  ORDER BY f.name, f.fix_id LIMIT $6)
  UNION ALL
  (SELECT 1, f.* FROM fix_item f
  WHERE f.org_id = $1 AND f.closed_at IS NULL AND f.assignee IS DISTINCT FROM $2
    AND (f.name, f.fix_id) > (CASE WHEN $3 = 0 THEN '' ELSE $4 END, CASE WHEN $3 = 0 THEN 0 ELSE $5::bigint END)
    AND ($7::integer = 0 OR f.reasons & greatest($7, 0) <> 0 OR $7 < 0 AND f.rule IS NOT NULL)
    AND ($8::bigint = 0 OR f.assignee = $8 OR $8 = -1 AND NOT EXISTS (SELECT FROM app_user x
      WHERE x.org_id = f.org_id AND x.user_id = f.assignee AND x.status = 'active'))
  ORDER BY f.name, f.fix_id LIMIT $6)) i
LEFT JOIN client c ON c.org_id = i.org_id AND c.client_id = i.client_id
LEFT JOIN app_user u ON u.org_id = i.org_id AND u.user_id = i.assignee AND u.status = 'active'
ORDER BY i.part, i.name, i.fix_id LIMIT $6;

-- name: fix_each
-- every open line that matches the filters $2 and $3, by name
-- role: gap_web
SELECT 1, f.fix_id, coalesce(f.client_id, 0), f.name, f.reasons, f.rule, f.record_xpm, epoch(f.opened_at),
  coalesce(u.user_id, 0), u.name, c.web_url, 0, 0, 0
FROM fix_item f
LEFT JOIN client c ON c.org_id = f.org_id AND c.client_id = f.client_id
LEFT JOIN app_user u ON u.org_id = f.org_id AND u.user_id = f.assignee AND u.status = 'active'
WHERE f.org_id = $1 AND f.closed_at IS NULL
  AND ($2::integer = 0 OR f.reasons & greatest($2, 0) <> 0 OR $2 < 0 AND f.rule IS NOT NULL)
  AND ($3::bigint = 0 OR u.user_id = $3 OR $3 = -1 AND u.user_id IS NULL)
ORDER BY f.name, f.fix_id;

-- name: fix_closed
-- closed lines older than fix_id $2 (0: from the newest), newest first
-- role: gap_web
SELECT 1, f.fix_id, coalesce(f.client_id, 0), f.name, f.reasons, f.rule, f.record_xpm, epoch(f.opened_at),
  coalesce(u.user_id, 0), u.name, c.web_url, epoch(f.closed_at), coalesce(f.closed_run, 0), epoch(r.started_at)
FROM fix_item f
LEFT JOIN client c ON c.org_id = f.org_id AND c.client_id = f.client_id
LEFT JOIN app_user u ON u.org_id = f.org_id AND u.user_id = f.assignee AND u.status = 'active'
LEFT JOIN sync_run r ON r.org_id = f.org_id AND r.run_id = f.closed_run
WHERE f.org_id = $1 AND f.closed_at IS NOT NULL AND ($2::bigint = 0 OR (f.closed_at, f.fix_id) <
  (SELECT x.closed_at, x.fix_id FROM fix_item x WHERE x.org_id = $1 AND x.fix_id = $2))
ORDER BY f.closed_at DESC, f.fix_id DESC LIMIT $3;

-- name: fix_get
-- the line
-- role: gap_web
SELECT 1, f.fix_id, coalesce(f.client_id, 0), f.name, f.reasons, f.rule, f.record_xpm, epoch(f.opened_at),
  coalesce(u.user_id, 0), u.name, c.web_url, epoch(f.closed_at), coalesce(f.closed_run, 0), epoch(r.started_at)
FROM fix_item f
LEFT JOIN client c ON c.org_id = f.org_id AND c.client_id = f.client_id
LEFT JOIN app_user u ON u.org_id = f.org_id AND u.user_id = f.assignee AND u.status = 'active'
LEFT JOIN sync_run r ON r.org_id = f.org_id AND r.run_id = f.closed_run
WHERE f.org_id = $1 AND f.fix_id = $2;

-- name: fix_counts
-- open lines, and those of user $2; each count stops at $3
-- role: gap_web
SELECT (SELECT count(*) FROM (SELECT FROM fix_item WHERE org_id = $1 AND closed_at IS NULL LIMIT $3) a),
  (SELECT count(*) FROM (SELECT FROM fix_item WHERE org_id = $1 AND closed_at IS NULL AND assignee = $2 LIMIT $3) m);

-- name: fix_assign
-- touched: 1 when the line is open and $3 is an active user of the organisation (0: nobody);
-- $4: who assigns it
-- role: gap_web
UPDATE fix_item SET assignee = nullif($3::bigint, 0), assigned_at = now(), assigned_by = $4
WHERE org_id = $1 AND fix_id = $2 AND closed_at IS NULL AND ($3::bigint = 0 OR EXISTS (
  SELECT FROM app_user u WHERE u.org_id = $1 AND u.user_id = $3 AND u.status = 'active'));

-- name: fix_notice
-- touched: 1 unless user $2 has the same notice unread
-- role: gap_web
INSERT INTO notice (org_id, user_id, kind, body, link)
SELECT $1, $2, 'fix_assigned', $3, $4
WHERE NOT EXISTS (SELECT FROM notice n WHERE n.org_id = $1 AND n.user_id = $2 AND n.kind = 'fix_assigned'
  AND n.read_at IS NULL);

-- name: fix_people
-- user_id, name: active people, by name
-- role: gap_web
SELECT user_id, name FROM app_user WHERE org_id = $1 AND status = 'active' ORDER BY name, user_id LIMIT 500;
