-- role: gap_owner
-- One-time links are used in one_time.sql.

-- name: invite_add
-- touched; the user's older links of the same purpose die
WITH older AS (DELETE FROM one_time_token WHERE org_id = $2 AND user_id = $3 AND purpose = $4)
INSERT INTO one_time_token (token_hash, org_id, user_id, purpose, ends_at)
VALUES ($1, $2, $3, $4, now() + make_interval(secs => $5));
