-- role: gap_owner gap_worker
-- One-time links are used in one_time.sql.

-- name: invite_add
-- touched; valid for $5 seconds; deletes the user's older links of the same purpose
INSERT INTO one_time_token (token_hash, org_id, user_id, purpose, ends_at)
VALUES ($1, $2, $3, $4, now() + make_interval(secs => $5));
