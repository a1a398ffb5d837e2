-- role: gap_web

-- name: one_time_look
-- organisation, user of a link that is valid
SELECT org_id, user_id FROM one_time_token WHERE token_hash = $1 AND ends_at > now();

-- name: one_time_person
-- e-mail address, name, organisation's name of whom the link is for
SELECT u.email, u.name, o.name FROM app_user u JOIN organisation o ON o.org_id = u.org_id
WHERE u.org_id = current_org() AND u.user_id = $1 AND u.status = 'active';

-- name: one_time_use
-- organisation, user; of parallel calls one gets the row
DELETE FROM one_time_token WHERE token_hash = $1 AND ends_at > now() RETURNING org_id, user_id;

-- name: one_time_forget
-- touched; all of a person's links, or (not NULL) those of one purpose
DELETE FROM one_time_token WHERE org_id = $1 AND user_id = $2 AND ($3::text IS NULL OR purpose = $3);

-- name: one_time_password
-- sets the password of an active user and their misses to 0; whether there was a password
-- before
UPDATE app_user u SET password_hash = $2, factor_misses = 0
FROM (SELECT org_id, user_id, password_hash IS NOT NULL AS had FROM app_user
  WHERE org_id = current_org() AND user_id = $1 AND status = 'active' FOR UPDATE) was
WHERE u.org_id = was.org_id AND u.user_id = was.user_id RETURNING was.had;

-- name: one_time_sessions
-- a new password ends every session
DELETE FROM session WHERE org_id = $1 AND user_id = $2;
