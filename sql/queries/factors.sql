-- role: gap_web

-- name: totp_pending_set
-- touched; a newer secret replaces an older one
INSERT INTO totp_pending (org_id, user_id, sealed) VALUES ($1, $2, $3)
ON CONFLICT (org_id, user_id) DO UPDATE SET sealed = excluded.sealed, misses = 0, created_at = now();

-- name: totp_pending_get
-- sealed, misses, created_at
SELECT sealed, misses, epoch(created_at) FROM totp_pending WHERE org_id = $1 AND user_id = $2;

-- name: totp_pending_miss
-- misses, this one included
UPDATE totp_pending SET misses = misses + 1 WHERE org_id = $1 AND user_id = $2 RETURNING misses;

-- name: totp_prove
-- touched: 1, or 0 when no pending secret is recent enough
WITH proved AS (
  DELETE FROM totp_pending
  WHERE org_id = $1 AND user_id = $2 AND created_at > now() - make_interval(secs => $4)
  RETURNING org_id, user_id, sealed)
INSERT INTO totp_factor (org_id, user_id, sealed, last_step)
SELECT org_id, user_id, sealed, $3::bigint FROM proved
ON CONFLICT (org_id, user_id) DO UPDATE
SET sealed = excluded.sealed, last_step = excluded.last_step, confirmed_at = now();

-- name: totp_get
-- sealed, last_step, confirmed_at
SELECT sealed, last_step, epoch(confirmed_at) FROM totp_factor WHERE org_id = $1 AND user_id = $2;

-- name: totp_use_step
-- touched: 1, or 0 when this step or a later one was used. A used step more than $4 steps ahead
-- is ignored: our clock was wrong then
UPDATE totp_factor SET last_step = $3 WHERE org_id = $1 AND user_id = $2 AND (last_step < $3 OR last_step > $3 + $4::integer);

-- name: totp_reseal
-- touched: 0 when the stored box has changed meanwhile
UPDATE totp_factor SET sealed = $4 WHERE org_id = $1 AND user_id = $2 AND sealed = $3;

-- name: recovery_left
-- how many codes are left
SELECT count(*) FROM recovery_code WHERE org_id = $1 AND user_id = $2;

-- name: recovery_use
-- touched: 1, or 0 when there is no such code, or it was used
DELETE FROM recovery_code WHERE org_id = $1 AND user_id = $2 AND code_hash = $3;

-- name: recovery_clear
-- touched
DELETE FROM recovery_code WHERE org_id = $1 AND user_id = $2;

-- name: recovery_add
-- touched; $3 are the hashes, 32 bytes each
INSERT INTO recovery_code (org_id, user_id, code_hash)
SELECT $1, $2, substring($3::bytea FROM i * 32 + 1 FOR 32)
FROM generate_series(0, length($3::bytea) / 32 - 1) i;

-- name: recovery_clear_if_last
-- touched; deletes the codes when no factor is left: they only stand in for one
DELETE FROM recovery_code c WHERE c.org_id = $1 AND c.user_id = $2
  AND NOT EXISTS (SELECT FROM factor f WHERE f.org_id = c.org_id AND f.user_id = c.user_id);

-- name: factor_miss
-- misses, this one included; no row: there were $3 in a row already
UPDATE app_user SET factor_misses = factor_misses + 1
WHERE org_id = $1 AND user_id = $2 AND factor_misses < $3
RETURNING factor_misses;

-- name: factor_right
-- touched
UPDATE app_user SET factor_misses = 0 WHERE org_id = $1 AND user_id = $2 AND factor_misses > 0;

-- name: factors_remove
-- touched; removes TOTP, pending secret, passkeys, codes and the count of misses
-- role: gap_web gap_owner
WITH f AS (DELETE FROM totp_factor WHERE org_id = $1 AND user_id = $2),
p AS (DELETE FROM totp_pending WHERE org_id = $1 AND user_id = $2),
k AS (DELETE FROM passkey WHERE org_id = $1 AND user_id = $2),
u AS (UPDATE app_user SET factor_misses = 0 WHERE org_id = $1 AND user_id = $2)
DELETE FROM recovery_code WHERE org_id = $1 AND user_id = $2;
