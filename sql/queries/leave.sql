-- Leaving: what a disconnect would mean, what becomes of the records after it.
-- role: gap_web

-- name: leave_impact
-- people who would see the banner, live synced clients that need something done in XPM, whether a sync waits for review
SELECT (SELECT count(*) FROM app_user u WHERE u.org_id = o.org_id AND u.status = 'active'),
  (SELECT count(*) FROM client c WHERE c.org_id = o.org_id AND c.archived_at IS NULL AND c.flags <> 0
    AND c.tenant_id = o.active_tenant),
  EXISTS (SELECT FROM sync_run r WHERE r.org_id = o.org_id AND r.state = 'held')
FROM organisation o WHERE o.org_id = $1;

-- name: leave_state
-- when the records are removed, whether they are kept read only, whether Xero has still to confirm the end
SELECT epoch(o.removal_at), o.kept_tenant IS NOT NULL, coalesce(c.telling_xero, false)
FROM organisation o LEFT JOIN connection c ON c.org_id = o.org_id WHERE o.org_id = $1;

-- name: leave_cancel
-- touched: 1 when a removal was still to come
UPDATE organisation SET removal_tenant = NULL, removal_at = NULL WHERE org_id = $1 AND removal_at IS NOT NULL;

-- name: leave_choose
-- touched; the practice $2 is over: $3 'edit', 'read_only' or 'remove', the last in $4 days. A removal of another
-- practice's records that was to come still is, unless this one takes its place
-- role: gap_worker
UPDATE organisation SET kept_tenant = CASE WHEN $3 = 'read_only' THEN $2::uuid END,
  removal_tenant = CASE WHEN $3 = 'remove' THEN $2::uuid ELSE nullif(removal_tenant, $2::uuid) END,
  removal_at = CASE WHEN $3 = 'remove' THEN now() + make_interval(days => $4)
    WHEN removal_tenant <> $2::uuid THEN removal_at END,
  removal_told_at = CASE WHEN $3 <> 'remove' AND removal_tenant <> $2::uuid THEN removal_told_at END
WHERE org_id = $1;

-- name: leave_free
-- touched: 1 when they were read only
-- role: gap_worker
UPDATE organisation SET kept_tenant = NULL WHERE org_id = $1 AND kept_tenant IS NOT NULL;

-- name: leave_back
-- touched; the practice $2 is connected again: its records are not removed
-- role: gap_worker
UPDATE organisation SET removal_tenant = NULL, removal_at = NULL WHERE org_id = $1 AND removal_tenant = $2::uuid;

-- name: leave_lock
-- nothing to read; connection before organisation, as in a run's apply
-- role: gap_worker
SELECT org_id FROM connection WHERE org_id = $1 FOR UPDATE;

-- name: leave_removal
-- tenant, seconds left, whether the admins were told; no row: none is to come. Who cancels waits for us
-- role: gap_worker
SELECT removal_tenant, ceil(extract(epoch FROM removal_at - now()))::bigint, removal_told_at IS NOT NULL,
  epoch(removal_at), time_zone
FROM organisation WHERE org_id = $1 AND removal_at IS NOT NULL FOR UPDATE;

-- name: leave_told
-- touched
-- role: gap_worker
UPDATE organisation SET removal_told_at = now() WHERE org_id = $1;

-- name: leave_erase
-- writes
-- how many clients went; their tombstones stay
-- role: gap_worker
SELECT practice_erase($2::uuid) FROM organisation WHERE org_id = $1;

-- name: leave_erased
-- touched
-- role: gap_worker
UPDATE organisation SET removal_tenant = NULL, removal_at = NULL WHERE org_id = $1;

-- name: leave_telling
-- touched; whether Xero has still to confirm the end of the connection
-- role: gap_worker
UPDATE connection SET telling_xero = $2 WHERE org_id = $1 AND telling_xero <> $2;
