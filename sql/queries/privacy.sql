-- Deleting clients for good, on request, and the tombstones that remain. $1 is the
-- organisation.

-- name: privacy_forget
-- writes
-- how many of the clients $1 were deleted, and how many contacts; $2: by whom. In an
-- organisation
-- role: gap_worker
SELECT clients, contacts FROM clients_forget($1::bigint[], nullif($2::bigint, 0));

-- name: privacy_untell
-- touched; deletes notices that name one of the clients $1 together with another
-- (worker/sync_tell.c)
-- role: gap_worker
DELETE FROM notice WHERE org_id = current_org() AND kind = 'client_moved' AND EXISTS (
  SELECT FROM client_pair p WHERE p.org_id = current_org() AND p.kind = 'rejoin'
    AND (p.goes_id = ANY ($1::bigint[]) OR p.stays_id = ANY ($1::bigint[])));

-- name: privacy_may
-- whether it may be deleted: archived, or added by hand; no row: no such client
-- role: gap_web gap_worker
SELECT archived_at IS NOT NULL OR xpm_id IS NULL FROM client WHERE org_id = $1 AND client_id = $2;

-- name: privacy_asked
-- whether a job waits that deletes the client
-- role: gap_web
SELECT EXISTS (SELECT FROM job WHERE single = 'forget:' || $1::bigint || ':' || $2::bigint);

-- name: privacy_counts
-- what deleting client $2 would remove: contacts of its own, contacts others have too (which
-- stay), rows of history, whether it has an open line under "Fix in XPM"
-- role: gap_web
SELECT count(*) FILTER (WHERE NOT l.shared), count(*) FILTER (WHERE l.shared),
  (SELECT count(*) FROM client_change h WHERE h.org_id = $1 AND h.client_id = $2),
  EXISTS (SELECT FROM fix_item f WHERE f.org_id = $1 AND f.client_id = $2)
FROM (SELECT EXISTS (SELECT FROM client_contact o WHERE o.org_id = $1 AND o.contact_id = x.contact_id
    AND o.client_id <> $2) AS shared
  FROM client_contact x WHERE x.org_id = $1 AND x.client_id = $2) l;

-- name: tombstone_list
-- tombstone_id, xpm_id, deleted_at, by whom; before $2 (0: from the newest), newest first
-- role: gap_web
SELECT t.tombstone_id, t.xpm_id, epoch(t.deleted_at), u.name
FROM client_tombstone t LEFT JOIN app_user u ON u.org_id = t.org_id AND u.user_id = t.by_user
WHERE t.org_id = $1 AND ($2::bigint = 0 OR t.tombstone_id < $2)
ORDER BY t.tombstone_id DESC LIMIT $3;

-- name: tombstone_allow
-- touched: 1 when it was there
-- role: gap_web
DELETE FROM client_tombstone WHERE org_id = $1 AND tombstone_id = $2;
