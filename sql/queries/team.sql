-- role: gap_web

-- name: team_get
-- user_id, last_login_at, codes_left, name, email, role, status, has_factor, has_password, has_app, passkeys, created_at,
-- nudged_at, was_reset: as user_list
SELECT u.user_id, epoch(u.last_login_at),
  (SELECT count(*) FROM recovery_code r WHERE r.org_id = u.org_id AND r.user_id = u.user_id),
  u.name, u.email, u.role, u.status,
  EXISTS (SELECT FROM factor f WHERE f.org_id = u.org_id AND f.user_id = u.user_id),
  u.password_hash IS NOT NULL,
  EXISTS (SELECT FROM totp_factor t WHERE t.org_id = u.org_id AND t.user_id = u.user_id),
  (SELECT count(*) FROM passkey k WHERE k.org_id = u.org_id AND k.user_id = u.user_id),
  epoch(u.created_at), epoch(u.nudged_at), u.mfa_reset_at IS NOT NULL
FROM app_user u
WHERE u.org_id = $1 AND u.user_id = $2;

-- name: team_admins
-- user_id of each admin who can log in, locked: of two admins who remove each other, the second
-- waits and then sees it
SELECT user_id FROM app_user
WHERE org_id = $1 AND role = 'admin' AND status = 'active' AND password_hash IS NOT NULL
ORDER BY user_id
FOR UPDATE;

-- name: team_set_role
-- touched; none when it is that already
UPDATE app_user SET role = $3 WHERE org_id = $1 AND user_id = $2 AND role <> $3;

-- name: team_set_status
-- touched; none when it is that already
UPDATE app_user SET status = $3 WHERE org_id = $1 AND user_id = $2 AND status <> $3;

-- name: team_nudge
-- touched: 0 when the user has a factor, or was reminded within a day
UPDATE app_user u SET nudged_at = now()
WHERE u.org_id = $1 AND u.user_id = $2 AND u.status = 'active' AND u.password_hash IS NOT NULL
  AND (u.nudged_at IS NULL OR u.nudged_at < now() - interval '1 day')
  AND NOT EXISTS (SELECT FROM factor f WHERE f.org_id = u.org_id AND f.user_id = u.user_id);
