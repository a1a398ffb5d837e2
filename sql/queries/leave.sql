-- Leaving a practice: what a disconnect would mean, and what becomes of the records after it.
-- role: gap_web

-- name: leave_impact
-- users who would see the banner; live synced clients with an open line under "Fix in XPM";
-- whether a sync waits for review
SELECT (SELECT count(*) FROM app_user u WHERE u.org_id = o.org_id AND u.status = 'active'),
  (SELECT count(*) FROM client c WHERE c.org_id = o.org_id AND c.archived_at IS NULL AND c.flags <> 0
    AND c.tenant_id = o.active_tenant),
  EXISTS (SELECT FROM sync_run r WHERE r.org_id = o.org_id AND r.state = 'held')
FROM organisation o WHERE o.org_id = $1;

-- name: leave_state
-- whether the records are kept read only; whether Xero has not confirmed the end yet; how many
-- removals are planned, and the id of the newest
SELECT o.kept_tenant IS NOT NULL, coalesce(c.telling_xero, false), r.n, r.newest
FROM organisation o LEFT JOIN connection c ON c.org_id = o.org_id,
  (SELECT count(*) AS n, coalesce(max(removal_id), 0) AS newest FROM practice_removal WHERE org_id = $1) r
WHERE o.org_id = $1;

-- name: leave_removals
-- removal_id, practice, when, whether it was the last practice connected; planned removals, the
-- next one first
SELECT r.removal_id, r.practice, epoch(r.at), (r.tenant_id = c.former_tenant) IS TRUE
FROM practice_removal r LEFT JOIN connection c ON c.org_id = r.org_id
WHERE r.org_id = $1 ORDER BY r.at, r.removal_id LIMIT $2;

-- name: leave_cancel
-- the practice of removal $2; cancels it, if it has not begun. Locks the organisation's row first, as the worker does
WITH o AS MATERIALIZED (SELECT org_id FROM organisation WHERE org_id = $1 FOR UPDATE)
DELETE FROM practice_removal r USING o WHERE r.org_id = o.org_id AND r.removal_id = $2 RETURNING r.practice;

-- name: leave_choose
-- touched; practice $2 has ended; $3: its records are kept read only
-- role: gap_worker
UPDATE organisation SET kept_tenant = CASE WHEN $3 THEN $2::uuid END WHERE org_id = $1;

-- name: leave_remove
-- touched; the records of practice $2, named $3, are to be removed in $4 days
-- role: gap_worker
INSERT INTO practice_removal (org_id, tenant_id, practice, at)
SELECT $1, $2::uuid, coalesce((SELECT label FROM connection WHERE org_id = $1), $3), now() + make_interval(days => $4)
ON CONFLICT (org_id, tenant_id) DO UPDATE SET practice = excluded.practice, at = excluded.at, told_at = NULL;

-- name: leave_free
-- touched: 1 when they were read only
-- role: gap_worker
UPDATE organisation SET kept_tenant = NULL WHERE org_id = $1 AND kept_tenant IS NOT NULL;

-- name: leave_back
-- touched; cancels the removal of the records of practice $2
-- role: gap_worker
DELETE FROM practice_removal WHERE org_id = $1 AND tenant_id = $2::uuid;

-- name: leave_lock
-- nothing to read; locks the connection before the organisation, in the same order as a run's
-- apply
-- role: gap_worker
SELECT org_id FROM connection WHERE org_id = $1 FOR UPDATE;

-- name: leave_removal
-- of practice $2: its name, seconds left, whether admins were told; no row: none is planned. A
-- cancel waits for this lock
-- role: gap_worker
SELECT r.practice, ceil(extract(epoch FROM r.at - now()))::bigint, r.told_at IS NOT NULL, epoch(r.at), o.time_zone
FROM practice_removal r JOIN organisation o ON o.org_id = r.org_id
WHERE r.org_id = $1 AND r.tenant_id = $2::uuid FOR UPDATE OF r;

-- name: leave_told
-- touched
-- role: gap_worker
UPDATE practice_removal SET told_at = now() WHERE org_id = $1 AND tenant_id = $2::uuid;

-- name: leave_erase
-- writes
-- how many clients were deleted; their tombstones stay
-- role: gap_worker
SELECT practice_erase($2::uuid) FROM organisation WHERE org_id = $1;

-- name: leave_untell
-- touched; deletes notices that name a client of practice $2 together with another
-- (worker/sync_tell.c)
-- role: gap_worker
DELETE FROM notice WHERE org_id = $1 AND kind = 'client_moved' AND EXISTS (
  SELECT FROM client_pair p JOIN client c ON c.org_id = $1 AND c.client_id IN (p.goes_id, p.stays_id)
  WHERE p.org_id = $1 AND p.kind = 'rejoin' AND c.tenant_id = $2::uuid);

-- name: leave_telling
-- touched; sets whether Xero has not confirmed the end of the connection yet
-- role: gap_worker
UPDATE connection SET telling_xero = $2 WHERE org_id = $1 AND telling_xero <> $2;
