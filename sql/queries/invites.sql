-- role: gap_owner gap_worker
-- One-time links are used in one_time.sql.

-- name: invite_add
-- touched; $5 seconds it lives; the user's older links of the same purpose die
INSERT INTO one_time_token (token_hash, org_id, user_id, purpose, ends_at)
VALUES ($1, $2, $3, $4, now() + make_interval(secs => $5));
