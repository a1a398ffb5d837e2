-- role: gap_web gap_owner

-- name: login_find
-- org_id, user_id; no row for an unknown address
SELECT org_id, user_id FROM login WHERE email_norm = $1;

-- name: user_account
-- password_hash, active, has_factor, name
SELECT u.password_hash, u.status = 'active',
  EXISTS (SELECT FROM factor f WHERE f.org_id = u.org_id AND f.user_id = u.user_id), u.name
FROM app_user u
WHERE u.org_id = $1 AND u.user_id = $2;

-- name: user_logged_in
-- touched
UPDATE app_user SET last_login_at = now() WHERE org_id = $1 AND user_id = $2;

-- name: user_set_password
-- touched
UPDATE app_user SET password_hash = $3 WHERE org_id = $1 AND user_id = $2;

-- name: user_set_name
-- touched
UPDATE app_user SET name = $3 WHERE org_id = $1 AND user_id = $2;

-- name: user_zone
-- the person's own zone, NULL: as the organisation's; the organisation's
SELECT u.time_zone, o.time_zone FROM app_user u JOIN organisation o ON o.org_id = u.org_id
WHERE u.org_id = $1 AND u.user_id = $2;

-- name: user_set_zone
-- touched; NULL: as the organisation's
UPDATE app_user SET time_zone = $3 WHERE org_id = $1 AND user_id = $2;

-- name: user_close_banner
-- touched
UPDATE app_user SET banner_closed_at = now() WHERE org_id = $1 AND user_id = $2;

-- name: user_add
-- user_id; the address is taken: unique violation of login
WITH u AS (
  INSERT INTO app_user (org_id, email, name, role, password_hash) VALUES ($1, $2, $4, $5, $6)
  RETURNING org_id, user_id)
INSERT INTO login (email_norm, org_id, user_id) SELECT $3, u.org_id, u.user_id FROM u
RETURNING user_id;

-- name: user_mfa_was_reset
-- touched; that somebody else took the second factor away, until it is set up again
UPDATE app_user SET mfa_reset_at = now() WHERE org_id = $1 AND user_id = $2;

-- name: user_list
-- user_id, last_login_at, codes_left, name, email, role, status, has_factor, has_password, has_app, passkeys,
-- created_at, nudged_at, was_reset
SELECT u.user_id, epoch(u.last_login_at),
  (SELECT count(*) FROM recovery_code r WHERE r.org_id = u.org_id AND r.user_id = u.user_id),
  u.name, u.email, u.role, u.status,
  EXISTS (SELECT FROM factor f WHERE f.org_id = u.org_id AND f.user_id = u.user_id),
  u.password_hash IS NOT NULL,
  EXISTS (SELECT FROM totp_factor t WHERE t.org_id = u.org_id AND t.user_id = u.user_id),
  (SELECT count(*) FROM passkey k WHERE k.org_id = u.org_id AND k.user_id = u.user_id),
  epoch(u.created_at), epoch(u.nudged_at), u.mfa_reset_at IS NOT NULL
FROM app_user u
WHERE u.org_id = $1
ORDER BY lower(u.name), u.user_id;

-- name: user_count_without_factor
-- how many active users have no second factor
SELECT count(*) FROM app_user u
WHERE u.org_id = $1 AND u.status = 'active'
  AND NOT EXISTS (SELECT FROM factor f WHERE f.org_id = u.org_id AND f.user_id = u.user_id);

-- name: user_admin_names
-- name of each active admin but $2
SELECT u.name FROM app_user u
WHERE u.org_id = $1 AND u.role = 'admin' AND u.status = 'active' AND u.user_id <> $2
ORDER BY lower(u.name), u.user_id;
