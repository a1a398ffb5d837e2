-- role: gap_web

-- name: notice_list
-- notice_id, created_at, kind, body, link, read; newest first
SELECT notice_id, epoch(created_at), kind, body, link, read_at IS NOT NULL
FROM notice WHERE org_id = $1 AND user_id = $2
ORDER BY notice_id DESC LIMIT 100;

-- name: notice_read_all
-- touched
UPDATE notice SET read_at = now() WHERE org_id = $1 AND user_id = $2 AND read_at IS NULL;

-- name: notice_add
-- touched: one a person; $2: admins only
-- role: gap_web gap_worker
INSERT INTO notice (org_id, user_id, kind, body, link)
SELECT u.org_id, u.user_id, $3, $4, $5 FROM app_user u
WHERE u.org_id = $1 AND u.status = 'active' AND (u.role = 'admin' OR NOT $2);
