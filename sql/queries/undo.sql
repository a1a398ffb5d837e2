-- Undoing a run. $1 the organisation, $2 the run that undoes, $3 the run that is undone, where a statement
-- takes them. A client that is put back bears held_run = $2 from undo_mark on: the set that the others go by.
-- role: gap_worker

-- name: undo_lock
-- state, trigger, applied_at there, tenant, undone_run of the run to undo, connection's state and tenant; for
-- the time of the undo nobody else decides about either
SELECT r.state, r.trigger, r.applied_at IS NOT NULL, r.tenant_id, coalesce(r.undone_run, 0), c.state, c.tenant_id
FROM sync_run r JOIN connection c ON c.org_id = r.org_id
WHERE r.org_id = $1 AND r.run_id = $2 FOR UPDATE;

-- name: undo_mark
-- touched: clients that are put back; those that came with the run and are archived already stay as they are
UPDATE client c SET held_run = $2, held_gone = c.archived_at IS NOT NULL AND c.created_at < (SELECT run_moment($3))
FROM run_touched($3) t
WHERE c.org_id = $1 AND c.client_id = t.client_id AND c.xpm_id IS NOT NULL AND NOT t.since;

-- name: undo_since
-- touched: clients that changed again since, each named in the books
INSERT INTO run_skip (org_id, run_id, xpm_id, name, rule)
SELECT $1, $2, c.xpm_id, c.name, 'changed_since' FROM run_touched($3) t
JOIN client c ON c.org_id = $1 AND c.client_id = t.client_id
WHERE t.since ORDER BY c.name, c.client_id;

-- name: undo_contacts_again
-- touched; contacts that the run removed, unless they are back by now
INSERT INTO contact (org_id, contact_id, tenant_id, xpm_id, name, email, phone)
OVERRIDING SYSTEM VALUE
SELECT w.org_id, w.contact_id, w.tenant_id, w.xpm_id, w.name, w.email, w.phone
FROM contact_was w
WHERE w.org_id = $1 AND w.until = (SELECT run_moment($3))
  AND w.contact_id IN (SELECT l.contact_id FROM client_contact_was l
    JOIN client c ON c.org_id = l.org_id AND c.client_id = l.client_id AND c.held_run = $2
    WHERE l.org_id = $1 AND l.until = (SELECT run_moment($3)))
  AND NOT EXISTS (SELECT FROM contact k WHERE k.org_id = $1 AND k.contact_id = w.contact_id)
  AND NOT EXISTS (SELECT FROM contact k WHERE k.org_id = $1 AND k.tenant_id = w.tenant_id AND k.xpm_id = w.xpm_id);

-- name: undo_contacts_change
-- touched; contacts that the run changed and nobody since, of clients that are put back
UPDATE contact k SET name = w.name, email = w.email, phone = w.phone, changed_at = now()
FROM contact_was w
WHERE w.org_id = $1 AND w.until = (SELECT run_moment($3))
  AND k.org_id = $1 AND k.contact_id = w.contact_id
  AND (k.name, k.email, k.phone) IS DISTINCT FROM (w.name, w.email, w.phone)
  AND k.contact_id NOT IN (SELECT x.contact_id FROM contact_was x WHERE x.org_id = $1 AND x.until > (SELECT run_moment($3)))
  AND k.contact_id IN (
    SELECT l.contact_id FROM client c JOIN client_contact l ON l.org_id = c.org_id AND l.client_id = c.client_id
    WHERE c.org_id = $1 AND c.held_run = $2
    UNION SELECT l.contact_id FROM client c
    JOIN client_contact_was l ON l.org_id = c.org_id AND l.client_id = c.client_id
      AND l.until = (SELECT run_moment($3))
    WHERE c.org_id = $1 AND c.held_run = $2);

-- name: undo_links_remove
-- touched; unlinks contacts that the run linked to clients it did not add
DELETE FROM client_contact l USING client c
WHERE c.org_id = $1 AND c.held_run = $2 AND c.created_at < (SELECT run_moment($3))
  AND l.org_id = $1 AND l.client_id = c.client_id AND l.created_at = (SELECT run_moment($3));

-- name: undo_links_back
-- touched; contacts that the run took away or gave another place. One that came back since has another number
INSERT INTO client_contact AS l (org_id, client_id, contact_id, tenant_id, is_primary, ord)
SELECT w.org_id, w.client_id, k.contact_id, w.tenant_id, w.is_primary, w.ord
FROM client_contact_was w
JOIN client c ON c.org_id = w.org_id AND c.client_id = w.client_id AND c.held_run = $2
LEFT JOIN contact_was b ON b.org_id = w.org_id AND b.contact_id = w.contact_id AND b.until = w.until
JOIN contact k ON k.org_id = w.org_id
  AND k.contact_id = coalesce((SELECT s.contact_id FROM contact s WHERE s.org_id = $1 AND s.contact_id = w.contact_id),
    (SELECT s.contact_id FROM contact s WHERE s.org_id = $1 AND s.tenant_id = b.tenant_id AND s.xpm_id = b.xpm_id))
WHERE w.org_id = $1 AND w.until = (SELECT run_moment($3))
ON CONFLICT (org_id, client_id, contact_id) DO UPDATE
  SET is_primary = excluded.is_primary, ord = excluded.ord, tenant_id = excluded.tenant_id;

-- name: undo_clients_change
-- touched; clients as they were before the run
UPDATE client c SET name = w.name, status = w.status, web_url = w.web_url, archived_at = w.archived_at,
  archived_reason = w.archived_reason, flags = w.flags, search = w.search, changed_at = now(), changed_run = $2,
  primary_contact_id = coalesce(
    (SELECT k.contact_id FROM contact k WHERE k.org_id = $1 AND k.contact_id = w.primary_contact_id),
    (SELECT k.contact_id FROM contact_was b
      JOIN contact k ON k.org_id = b.org_id AND k.tenant_id = b.tenant_id AND k.xpm_id = b.xpm_id
      WHERE b.org_id = $1 AND b.contact_id = w.primary_contact_id AND b.until = w.until))
FROM client_was w
WHERE w.org_id = $1 AND w.until = (SELECT run_moment($3))
  AND c.org_id = $1 AND c.client_id = w.client_id AND c.held_run = $2;

-- name: undo_clients_archive
-- touched; clients that the run added: archived, since no run deletes a client
UPDATE client c SET archived_at = now(), archived_reason = 'undone', changed_at = now(), changed_run = $2
WHERE c.org_id = $1 AND c.held_run = $2 AND c.created_at = (SELECT run_moment($3))
  AND c.archived_at IS NULL;

-- name: undo_contacts_remove
-- touched; contacts that the run added and no client has now
DELETE FROM contact k
WHERE k.org_id = $1 AND k.created_at = (SELECT run_moment($2))
  AND NOT EXISTS (SELECT FROM client_contact l WHERE l.org_id = k.org_id AND l.contact_id = k.contact_id);

-- name: undo_done
-- touched; the run is undone, and by which one
UPDATE sync_run SET state = 'undone', undone_run = $2 WHERE org_id = $1 AND run_id = $3;

-- name: undo_books
-- touched; the last run, and how many clients and contacts are live now
UPDATE connection SET last_run_id = $2, live_clients = $3, live_contacts = $4 WHERE org_id = $1;

-- name: history_tell
-- writes
-- one row, empty; history in words of what this transaction changed. $1 run (0: none), $2 by whom, $3 the
-- client (0: any) that new contacts can belong to
-- role: gap_web gap_worker
SELECT history_tell(nullif($1::bigint, 0), $2, nullif($3::bigint, 0));

-- name: undo_run
-- trigger, state, whether it may be undone as far as it changed anything, too old, whether its practice is
-- the active one, the undoing run, by whom, when, how many it put back, left alone; whether one is asked
-- for; what is held of it now; when it began; how many held ones it met
-- role: gap_web
SELECT r.trigger, r.state, r.applied_at IS NOT NULL, r.started_at < now() - make_interval(days => $3::integer),
  r.tenant_id IS NOT NULL AND r.tenant_id = o.active_tenant, coalesce(r.undone_run, 0), u.asked_by_name,
  coalesce(epoch(u.ended_at), 0), coalesce(u.changed + u.archived + u.restored, 0), coalesce(u.skipped, 0),
  EXISTS (SELECT FROM job j WHERE j.single = 'undo:' || $1::bigint AND j.payload::json ->> 'run' = $2::bigint::text),
  (SELECT count(*) FROM client c WHERE c.org_id = $1 AND c.held_run = coalesce(r.undone_run, r.run_id)),
  epoch(r.started_at), r.held
FROM sync_run r JOIN organisation o ON o.org_id = r.org_id
LEFT JOIN sync_run u ON u.org_id = r.org_id AND u.run_id = r.undone_run
WHERE r.org_id = $1 AND r.run_id = $2;

-- name: undo_counts
-- clients that would be put back: added ones (archived), archived ones (restored), restored ones (archived
-- again), others; and how many changed since
-- role: gap_web
SELECT count(*) FILTER (WHERE NOT t.since AND c.created_at = r.applied_at),
  count(*) FILTER (WHERE NOT t.since AND w.archived_at IS NULL AND w.until IS NOT NULL AND c.archived_at IS NOT NULL),
  count(*) FILTER (WHERE NOT t.since AND w.archived_at IS NOT NULL AND c.archived_at IS NULL),
  count(*) FILTER (WHERE NOT t.since AND c.created_at < r.applied_at
    AND (w.until IS NULL OR (w.archived_at IS NULL) = (c.archived_at IS NULL))),
  count(*) FILTER (WHERE t.since)
FROM run_touched($2) t
JOIN sync_run r ON r.org_id = $1 AND r.run_id = $2
JOIN client c ON c.org_id = $1 AND c.client_id = t.client_id
LEFT JOIN client_was w ON w.org_id = $1 AND w.client_id = t.client_id AND w.until = r.applied_at;

-- name: undo_names
-- client_id, name, what was done to it: 'added', 'archived', 'restored', 'changed'; $3: those that changed
-- since; by name, at most $4
-- role: gap_web
SELECT c.client_id, c.name, CASE WHEN c.created_at = r.applied_at THEN 'added'
  WHEN w.archived_at IS NULL AND w.until IS NOT NULL AND c.archived_at IS NOT NULL THEN 'archived'
  WHEN w.archived_at IS NOT NULL AND c.archived_at IS NULL THEN 'restored' ELSE 'changed' END
FROM run_touched($2) t
JOIN sync_run r ON r.org_id = $1 AND r.run_id = $2
JOIN client c ON c.org_id = $1 AND c.client_id = t.client_id
LEFT JOIN client_was w ON w.org_id = $1 AND w.client_id = t.client_id AND w.until = r.applied_at
WHERE t.since = $3
ORDER BY c.name, c.client_id LIMIT $4;

-- name: hold_lift
-- writes
-- how many: of client $1 (0: any), held by run $2 (0: any); the next sync compares them anew
-- role: gap_web
SELECT hold_lift(nullif($1::bigint, 0), nullif($2::bigint, 0));

-- name: hold_of
-- the run that holds the client, 0: none
-- role: gap_web
SELECT coalesce(held_run, 0) FROM client WHERE org_id = $1 AND client_id = $2;
