-- role: gap_web
-- Sessions stand before organisations: the token's hash names one.

-- name: session_find
-- session_id, org_id, user_id, level, created_at, fresh_at, factor_misses, return_to, flash_kind, flash_text,
-- whether the last sign of life is a minute old; no row when it is unknown or over. It enters the organisation
-- for what comes in the same transaction: session_known
SELECT session_id, org_id, user_id, level, created_at, fresh_at, factor_misses, return_to,
  flash_kind, flash_text, seen_at < now() - interval '1 minute',
  set_config('gap.org_id', org_id::text, true), set_config('gap.user_id', user_id::text, true)
FROM session
WHERE token_hash = $1 AND ends_at > now() AND seen_at > now() - make_interval(secs => $2::integer);

-- name: session_known
-- email, name, role, created_at, organisation's name, zone, mfa_required_at, mfa_grace_days, data_version,
-- has_factor, banner_closed, unread, news as it was told last if that still holds (look_news), and the
-- connection_line. No row when the user is not active
SELECT u.email, u.name, u.role, u.created_at, o.name, coalesce(u.time_zone, o.time_zone),
  o.mfa_required_at, o.mfa_grace_days, o.data_version,
  u.has_factor,
  coalesce(u.banner_closed_at > x.cause_at, false),
  (SELECT count(*) FROM notice n WHERE n.org_id = u.org_id AND n.user_id = u.user_id AND n.read_at IS NULL),
  CASE WHEN l.news_version = o.data_version AND l.looked_at > now() - interval '5 minutes' THEN l.news END,
  x.*
FROM app_user u
JOIN organisation o ON o.org_id = u.org_id
LEFT JOIN connection_line x ON x.org_id = u.org_id
LEFT JOIN client_look l ON l.org_id = u.org_id AND l.user_id = u.user_id
WHERE u.org_id = current_org() AND u.user_id = nullif(current_setting('gap.user_id', true), '')::bigint
  AND u.status = 'active';

-- name: session_alive
-- touched
UPDATE session SET seen_at = now() WHERE session_id = $1;

-- name: session_add
-- session_id
INSERT INTO session (token_hash, org_id, user_id, level, ends_at, return_to, peer, user_agent)
VALUES ($1, $2, $3, $4::smallint, now() + make_interval(secs => $5), $6, $7, left($8, 300))
RETURNING session_id;

-- name: session_rise
-- touched: 1, or 0 when it has ended. The absolute end counts from the log-in
UPDATE session SET token_hash = $2, level = 2, fresh_at = now(), seen_at = now(), factor_misses = 0,
  ends_at = created_at + make_interval(secs => $3)
WHERE session_id = $1 AND ends_at > now();

-- name: session_freshen
-- touched
UPDATE session SET fresh_at = now() WHERE session_id = $1;

-- name: session_end
-- touched
DELETE FROM session WHERE session_id = $1;

-- name: session_end_others
-- touched
DELETE FROM session WHERE org_id = $1 AND user_id = $2 AND session_id <> $3;

-- name: session_end_own
-- touched: 1, or 0 when it is not this person's, or over
DELETE FROM session WHERE org_id = $1 AND user_id = $2 AND session_id = $3;

-- name: session_count_miss
-- factor_misses; no row when it is over
UPDATE session SET factor_misses = factor_misses + 1 WHERE session_id = $1 RETURNING factor_misses;

-- name: session_flash
-- touched
UPDATE session SET flash_kind = $2, flash_text = $3 WHERE session_id = $1;

-- name: session_return_to
-- touched
UPDATE session SET return_to = $2 WHERE session_id = $1;

-- name: session_list
-- session_id, created_at, seen_at, peer, user_agent; youngest sign of life first
SELECT session_id, epoch(created_at), epoch(seen_at), peer, user_agent
FROM session
WHERE org_id = $1 AND user_id = $2 AND ends_at > now() AND seen_at > now() - make_interval(secs => $3)
ORDER BY seen_at DESC, session_id DESC
LIMIT 200;

-- name: throttle_lock
-- misses, last_at, now, since; the row is locked until the transaction ends
INSERT INTO throttle (bucket) VALUES ($1)
ON CONFLICT (bucket) DO UPDATE SET bucket = excluded.bucket
RETURNING misses, epoch(last_at), epoch(clock_timestamp()), epoch(since);

-- name: throttle_set
-- touched
UPDATE throttle SET misses = $2, last_at = clock_timestamp(),
  since = CASE WHEN $2 = 1 THEN clock_timestamp() ELSE since END
WHERE bucket = $1;

-- name: throttle_forgive
-- touched; takes back the last count, since the guess was right
UPDATE throttle SET misses = misses - 1 WHERE bucket = $1 AND misses > 0;

-- name: throttle_clear
-- touched
DELETE FROM throttle WHERE bucket = $1;

-- name: throttle_know
-- touched
INSERT INTO known_address (email_hash, peer) VALUES ($1, $2)
ON CONFLICT (email_hash, peer) DO UPDATE SET seen_at = now();

-- name: throttle_knows
-- one row when it is
SELECT 1 FROM known_address WHERE email_hash = $1 AND peer = $2;
