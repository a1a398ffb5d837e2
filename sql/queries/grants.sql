-- Grants (Xero's token sets) and what depends on them: claims of practices, removals, call
-- budgets. For the worker only.
-- role: gap_worker

-- name: grant_get
-- sealed, generation, seconds the access token is still valid, scopes, whether a process
-- refreshes it now, whether an answer was lost, seconds of back-off, whether it is dead,
-- xero_userid, days since the last refresh
SELECT sealed, generation, floor(extract(epoch FROM access_ends_at - now()))::bigint, scopes,
  refresh_owner IS NOT NULL AND refresh_began_at > now() - interval '45 seconds',
  refresh_began_at IS NOT NULL, greatest(0, ceil(extract(epoch FROM cool_until - now())))::bigint,
  dead_at IS NOT NULL, xero_userid, floor(extract(epoch FROM now() - refreshed_at) / 86400)::bigint
FROM xero_grant WHERE grant_id = $1;

-- name: grant_claim
-- touched: 1 when the caller has the claim; committed before the request is sent
UPDATE xero_grant SET refresh_began_at = now(), refresh_owner = $3
WHERE grant_id = $1 AND generation = $2 AND dead_at IS NULL
  AND (refresh_owner IS NULL OR refresh_began_at < now() - interval '45 seconds')
  AND (cool_until IS NULL OR cool_until <= now());

-- name: grant_store
-- touched: 0 when a newer generation is stored, or the grant was deleted. $5: the access
-- token's life in seconds
UPDATE xero_grant SET sealed = $3, key_id = $4, access_ends_at = now() + make_interval(secs => $5),
  scopes = CASE WHEN $6 = '' THEN scopes ELSE $6 END, generation = generation + 1, refreshed_at = now(),
  refresh_began_at = NULL, refresh_owner = NULL, cool_until = NULL, dead_at = NULL
WHERE grant_id = $1 AND generation = $2;

-- name: grant_release
-- touched; gives up the claim without new tokens, with 30 seconds of back-off; $4: the answer
-- was lost
UPDATE xero_grant SET refresh_owner = NULL, refresh_began_at = CASE WHEN $4 THEN refresh_began_at END,
  cool_until = now() + interval '30 seconds'
WHERE grant_id = $1 AND generation = $2 AND refresh_owner = $3;

-- name: grant_dead
-- touched: 0 when a newer generation is stored
UPDATE xero_grant SET dead_at = now(), refresh_owner = NULL, refresh_began_at = NULL
WHERE grant_id = $1 AND generation = $2;

-- name: grant_put
-- grant_id; a new consent replaces the tokens of that Xero user
INSERT INTO xero_grant AS g (xero_userid, sealed, key_id, access_ends_at, scopes)
VALUES ($1::uuid, $2, $3, now() + make_interval(secs => $4), $5)
ON CONFLICT (xero_userid) DO UPDATE SET sealed = excluded.sealed, key_id = excluded.key_id,
  access_ends_at = excluded.access_ends_at, scopes = excluded.scopes, generation = g.generation + 1,
  refreshed_at = now(), refresh_began_at = NULL, refresh_owner = NULL, cool_until = NULL, dead_at = NULL
RETURNING grant_id;

-- name: grant_use
-- touched; makes the organisation's connection use this grant
INSERT INTO grant_use (org_id, grant_id) VALUES ($1, $2)
ON CONFLICT (org_id, standby) DO UPDATE SET grant_id = excluded.grant_id;

-- name: grant_unuse
-- touched
DELETE FROM grant_use WHERE org_id = $1;

-- name: grant_in_use
-- whether a connection, a pending removal or an open choice needs it
SELECT EXISTS (SELECT FROM grant_use WHERE grant_id = $1)
  OR EXISTS (SELECT FROM xero_removal WHERE grant_id = $1 AND ends_at > now())
  OR EXISTS (SELECT FROM oauth_attempt WHERE grant_id = $1 AND stage IN ('choosing', 'returned') AND ends_at > now());

-- name: grant_forget
-- touched; deletes it only when nothing needs it
DELETE FROM xero_grant g WHERE g.grant_id = $1
  AND NOT EXISTS (SELECT FROM grant_use u WHERE u.grant_id = g.grant_id)
  AND NOT EXISTS (SELECT FROM xero_removal r WHERE r.grant_id = g.grant_id AND r.ends_at > now())
  AND NOT EXISTS (SELECT FROM oauth_attempt a WHERE a.grant_id = g.grant_id
    AND a.stage IN ('choosing', 'returned') AND a.ends_at > now());

-- name: grant_orphans
-- grant_id of grants nothing needs
SELECT g.grant_id FROM xero_grant g
WHERE NOT EXISTS (SELECT FROM grant_use u WHERE u.grant_id = g.grant_id)
  AND NOT EXISTS (SELECT FROM xero_removal r WHERE r.grant_id = g.grant_id AND r.ends_at > now())
  AND NOT EXISTS (SELECT FROM oauth_attempt a WHERE a.grant_id = g.grant_id
    AND a.stage IN ('choosing', 'returned') AND a.ends_at > now())
  AND g.refreshed_at < now() - interval '15 minutes' LIMIT 100;

-- name: grant_old_keys
-- grant_id, sealed, generation, xero_userid of grants sealed with another key than $1
SELECT grant_id, sealed, generation, xero_userid FROM xero_grant WHERE key_id <> $1 LIMIT 100;

-- name: grant_reseal
-- touched; the same tokens under the newest key
UPDATE xero_grant SET sealed = $3, key_id = $4 WHERE grant_id = $1 AND generation = $2 AND refresh_owner IS NULL;

-- name: removal_add
-- removal_id
INSERT INTO xero_removal (org_id, grant_id, xero_connection_id) VALUES ($1, $2, $3::uuid) RETURNING removal_id;

-- name: removal_get
-- org_id, grant_id, xero_connection_id, whether its 24 hours are over
SELECT org_id, grant_id, xero_connection_id, ends_at <= now() FROM xero_removal WHERE removal_id = $1;

-- name: removal_done
-- touched
DELETE FROM xero_removal WHERE removal_id = $1;

-- name: claim_tenant
-- touched: 0 when another organisation has the practice
INSERT INTO tenant_claim AS t (tenant_id, org_id) VALUES ($1::uuid, $2)
ON CONFLICT (tenant_id) DO UPDATE SET org_id = excluded.org_id WHERE t.org_id = excluded.org_id;

-- name: claim_owner
-- org_id that has the practice
SELECT org_id FROM tenant_claim WHERE tenant_id = $1::uuid;

-- name: claim_drop
-- touched
DELETE FROM tenant_claim WHERE tenant_id = $1::uuid AND org_id = $2;

-- name: claim_drop_others
-- touched; an organisation has one practice
DELETE FROM tenant_claim WHERE org_id = $1 AND tenant_id <> $2::uuid;

-- name: budget_take
-- touched: 1 when a call may go now. $2: calls a day for this purpose
INSERT INTO xero_budget AS b (tenant_id, next_at, day_calls)
VALUES ($1::uuid, now() + interval '1200 milliseconds', 1)
ON CONFLICT (tenant_id) DO UPDATE SET next_at = greatest(b.next_at, now()) + interval '1200 milliseconds',
  day_at = CASE WHEN b.day_at < now() - interval '1 day' THEN now() ELSE b.day_at END,
  day_calls = CASE WHEN b.day_at < now() - interval '1 day' THEN 1 ELSE b.day_calls + 1 END
WHERE (b.paused_until IS NULL OR b.paused_until <= now()) AND b.next_at <= now() + interval '10800 milliseconds'
  AND (b.day_at < now() - interval '1 day' OR b.day_calls < $2);

-- name: budget_wait
-- seconds until a call may go; whether the day's budget or Xero's own word holds it back, which
-- is not said in the last moments of a pause
SELECT greatest(1, ceil(greatest(extract(epoch FROM b.paused_until - now()),
    extract(epoch FROM b.next_at - now()) - 10.8,
    CASE WHEN b.day_calls >= $2 THEN extract(epoch FROM b.day_at + interval '1 day' - now()) ELSE 0 END)))::bigint,
  b.day_calls >= $2 OR coalesce(b.paused_until > now() + interval '2 seconds', false)
FROM xero_budget b WHERE tenant_id = $1::uuid;

-- name: budget_learn
-- touched; corrects the budget by Xero's count: of $2 calls a day $3 are left (<= 0: unknown),
-- pause for $4 seconds. next_at may be 10.8 s ahead, so the next call waits for that and the
-- pause
UPDATE xero_budget SET
  day_calls = greatest(day_calls, CASE WHEN $3::bigint > 0 THEN least($2::bigint, greatest(0, $2::bigint - $3::bigint)) ELSE 0 END),
  next_at = CASE WHEN $4::integer > 0 THEN greatest(next_at, now() + make_interval(secs => 10.8 + $4::integer)) ELSE next_at END
WHERE tenant_id = $1::uuid;

-- name: meter_count
-- touched; counts one call for the organisation
INSERT INTO call_meter AS m (org_id, at, calls) VALUES ($1, date_bin('10 minutes', now(), 'epoch'), 1)
ON CONFLICT (org_id, at) DO UPDATE SET calls = m.calls + 1;

-- name: lane_take
-- lane; no row when all $2 are taken. Held until this database connection gives it back or ends
SELECT lane FROM generate_series(1, $2::integer) lane
WHERE pg_try_advisory_lock(hashtext('xero lane ' || $1), lane) LIMIT 1;

-- name: lane_give
-- whether it was held
SELECT pg_advisory_unlock(hashtext('xero lane ' || $1), $2::integer);

-- name: budget_pause
-- touched; Xero told us to wait for $2 seconds
INSERT INTO xero_budget AS b (tenant_id, paused_until) VALUES ($1::uuid, now() + make_interval(secs => $2))
ON CONFLICT (tenant_id) DO UPDATE SET paused_until = greatest(b.paused_until, excluded.paused_until);

-- name: removal_find
-- removal_id of this connection
SELECT removal_id FROM xero_removal WHERE grant_id = $1 AND xero_connection_id = $2::uuid
ORDER BY removal_id DESC LIMIT 1;
