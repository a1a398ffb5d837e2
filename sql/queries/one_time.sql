-- role: gap_web

-- name: one_time_look
-- organisation, user of a link that is still good
SELECT org_id, user_id FROM one_time_token WHERE token_hash = $1 AND ends_at > now();

-- name: one_time_email
-- the e-mail address the link is for
SELECT email FROM app_user WHERE org_id = current_org() AND user_id = $1 AND status = 'active';

-- name: one_time_use
-- organisation, user; of parallel uses one gets the row
DELETE FROM one_time_token WHERE token_hash = $1 AND ends_at > now() RETURNING org_id, user_id;

-- name: one_time_password
-- sets the password of an active user
UPDATE app_user SET password_hash = $2
WHERE org_id = current_org() AND user_id = $1 AND status = 'active';

-- name: one_time_sessions
-- a new password ends every session
DELETE FROM session WHERE org_id = $1 AND user_id = $2;
