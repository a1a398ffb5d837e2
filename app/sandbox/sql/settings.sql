-- How this Xero behaves, its faults, and the counts of its calls.

-- name: arrive
-- Called once per call of an endpoint: counts it, takes the oldest fault that waits there, returns the settings.
WITH counted AS (
  INSERT INTO sandbox.call AS c (endpoint, calls) VALUES ($1, 1)
  ON CONFLICT (endpoint) DO UPDATE SET calls = c.calls + 1
), next AS (
  SELECT fault_id, skip FROM sandbox.fault
  WHERE endpoint = $1 AND (times IS NULL OR times > 0)
  ORDER BY fault_id LIMIT 1 FOR UPDATE
), taken AS (
  UPDATE sandbox.fault f SET
    skip = greatest(f.skip - 1, 0),
    times = f.times - (next.skip = 0)::int,
    fired = f.fired + (next.skip = 0)::int
  FROM next WHERE f.fault_id = next.fault_id
  RETURNING CASE WHEN next.skip = 0 THEN f.name END AS name, f.arg
)
SELECT s.size, s.seed, s.practices, s.latency_ms, s.expires_in, s.tenant_name, s.limits,
  s.strict_refresh, s.second_consent, s.unknown_client, s.day, s.generation, t.name, t.arg
FROM sandbox.setting s LEFT JOIN taken t ON true

-- name: settings
-- The settings as in arrive, without a fault.
SELECT size, seed, practices, latency_ms, expires_in, tenant_name, limits, strict_refresh,
  second_consent, unknown_client, day, generation
FROM sandbox.setting

-- name: setting_change
-- NULL leaves a setting as it is.
UPDATE sandbox.setting SET
  size = coalesce($1::integer, size), seed = coalesce($2::bigint, seed),
  practices = coalesce($3::integer, practices), latency_ms = coalesce($4::integer, latency_ms),
  expires_in = coalesce($5::integer, expires_in), tenant_name = coalesce($6::text, tenant_name),
  limits = coalesce($7::boolean, limits),
  strict_refresh = coalesce($8::boolean, strict_refresh),
  second_consent = coalesce($9::text, second_consent),
  unknown_client = coalesce($10::text, unknown_client)

-- name: setting_reset
-- Back to how a new Xero behaves.
UPDATE sandbox.setting SET size = 300, seed = 1, practices = 1, latency_ms = 0, expires_in = 1800,
  tenant_name = 'shown', limits = true, strict_refresh = false, second_consent = 'keeps',
  unknown_client = 'error', day = 1

-- name: setting_day
-- The scripted day that was played last.
UPDATE sandbox.setting SET day = $1::integer

-- name: tokens_expire
-- Every access token issued so far has expired.
UPDATE sandbox.setting SET generation = generation + 1

-- name: fault_add
-- Adds one fault after those that wait already.
INSERT INTO sandbox.fault (endpoint, name, arg, skip, times)
VALUES ($1, $2, $3, $4::integer, $5::integer)

-- name: fault_clear
-- NULL clears every endpoint's.
DELETE FROM sandbox.fault WHERE $1::text IS NULL OR endpoint = $1

-- name: fault_list
-- id, endpoint, name, arg, calls to let through, times left (NULL: always), times it occurred.
SELECT fault_id, endpoint, name, arg, skip, times, fired FROM sandbox.fault ORDER BY fault_id

-- name: call_list
-- endpoint, calls.
SELECT endpoint, calls FROM sandbox.call ORDER BY endpoint

-- name: call_clear
-- Sets the call counts to zero.
DELETE FROM sandbox.call

-- name: usage_count
-- Counts one call. Returns what the tenant and the app have used in the current minute and day, and
-- the seconds until each ends: the tenant's row first, then the app's.
WITH used AS (
  INSERT INTO sandbox.usage AS u (tenant, minute, minute_calls, day, day_calls)
  SELECT t.name, date_trunc('minute', now()), 1, date_trunc('day', now()), 1
  FROM (VALUES ($1::text), ('app')) AS t (name)
  ON CONFLICT (tenant) DO UPDATE SET
    minute_calls = CASE WHEN u.minute = excluded.minute THEN u.minute_calls ELSE 0 END + 1,
    day_calls = CASE WHEN u.day = excluded.day THEN u.day_calls ELSE 0 END + 1,
    minute = excluded.minute, day = excluded.day
  RETURNING tenant, minute_calls, day_calls
)
SELECT minute_calls, day_calls,
  ceil(extract(epoch FROM date_trunc('minute', now()) + interval '1 minute' - now()))::bigint,
  ceil(extract(epoch FROM date_trunc('day', now()) + interval '1 day' - now()))::bigint
FROM used ORDER BY tenant = 'app'

-- name: usage_clear
-- Sets the used limits to zero.
DELETE FROM sandbox.usage

-- name: slot_take
-- Takes one of the five concurrency places; this database connection holds it until slot_leave or its end.
SELECT slot FROM generate_series(1, 5) AS slot
WHERE pg_try_advisory_lock(hashtext('sandbox' || $1), slot) LIMIT 1

-- name: slot_leave
-- Releases the place; returns whether it was held.
SELECT pg_advisory_unlock(hashtext('sandbox' || $1), $2::integer)

-- name: migration_lock
-- One migration at a time.
SELECT pg_advisory_xact_lock(hashtext('sandbox migration'), 0)

-- name: migration_table
-- Whether any migration has run.
SELECT to_regclass('sandbox.migration') IS NOT NULL

-- name: migration_known
-- A row when this migration has run.
SELECT 1 FROM sandbox.migration WHERE name = $1

-- name: migration_note
-- Notes that this migration has run.
INSERT INTO sandbox.migration (name) VALUES ($1)
