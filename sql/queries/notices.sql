-- role: gap_web

-- name: notice_list
-- notice_id, created_at, kind, body, link, read; newest first; $3: older than this one (0: all), $4: unread alone
SELECT notice_id, epoch(created_at), kind, body, link, read_at IS NOT NULL
FROM notice WHERE org_id = $1 AND user_id = $2 AND ($3::bigint = 0 OR notice_id < $3) AND (read_at IS NULL OR NOT $4)
ORDER BY notice_id DESC LIMIT $5;

-- name: notice_mark
-- its link; $4: read, else unread again; no row: no such notice of theirs
UPDATE notice SET read_at = CASE WHEN $4 THEN coalesce(read_at, now()) END
WHERE org_id = $1 AND user_id = $2 AND notice_id = $3 RETURNING link;

-- name: notice_read_all
-- touched
UPDATE notice SET read_at = now() WHERE org_id = $1 AND user_id = $2 AND read_at IS NULL;

-- name: notice_add
-- touched: one a person; $2: admins only
-- role: gap_web gap_worker
INSERT INTO notice (org_id, user_id, kind, body, link)
SELECT u.org_id, u.user_id, $3, $4, $5 FROM app_user u
WHERE u.org_id = $1 AND u.status = 'active' AND (u.role = 'admin' OR NOT $2);
