-- A run, as the worker writes it: what is stored, the staging, the brakes, the apply, the books.
-- $1 is always the organisation, $2 the practice's tenant, $3 the run, where a statement takes them.
-- role: gap_worker

-- name: sync_stored_count
-- how many clients of the practice are stored, and how many were deleted for good
SELECT (SELECT count(*) FROM client WHERE org_id = $1 AND tenant_id = $2::uuid)
  + (SELECT count(*) FROM client_tombstone WHERE org_id = $1 AND tenant_id = $2::uuid);

-- name: sync_stored
-- xpm_id, fingerprint, archived, held, held as gone, deleted for good; rising
SELECT xpm_id, fingerprint, archived_at IS NOT NULL, held_run IS NOT NULL, held_gone, false FROM client
WHERE org_id = $1 AND tenant_id = $2::uuid
UNION ALL
SELECT t.xpm_id, NULL, true, false, false, true FROM client_tombstone t
WHERE t.org_id = $1 AND t.tenant_id = $2::uuid AND NOT EXISTS (SELECT FROM client c
  WHERE c.org_id = t.org_id AND c.tenant_id = t.tenant_id AND c.xpm_id = t.xpm_id)
ORDER BY xpm_id;

-- name: sync_stage_make
-- the run's own staging, gone with the transaction
CREATE TEMPORARY TABLE sync_stage (LIKE gap.sync_stage) ON COMMIT DROP;

-- name: sync_stage_copy
-- takes rows
COPY sync_stage (seq, ord, xpm_id, fresh, name, web_url, reason, flags, fingerprint, search, contact_xpm,
  email, phone, is_primary) FROM STDIN;

-- name: sync_stage_analyse
-- nothing; without this the planner expects a handful of rows in the staging. Only the columns
-- that are joined on: sorting texts takes most of the time of an ANALYSE
ANALYZE sync_stage (seq, ord, xpm_id, fresh, contact_xpm, is_primary);

-- name: sync_ways
-- for this transaction: room for sorting and joining a whole list, and no joins row by row. Rows just inserted
-- are not in the statistics yet: the planner would take a practice for a handful and go through it once a
-- staged client. Hash joins cost what the practice is large, at worst. (What cannot do without one counts as
-- very dear then, and would be compiled for half a second: hence no JIT.)
SELECT set_config('work_mem', '32MB', true), set_config('enable_nestloop', 'off', true),
  set_config('join_collapse_limit', '1', true), set_config('jit', 'off', true);

-- name: sync_doubles
-- new clients that came twice, with other content: how many
WITH late AS (SELECT xpm_id, max(seq) AS seq FROM sync_stage WHERE ord = 0 GROUP BY xpm_id HAVING count(*) > 1),
told AS (
  INSERT INTO run_skip (org_id, run_id, xpm_id, name, rule)
  SELECT $1, $2, s.xpm_id, s.name, 'double' FROM late
  JOIN sync_stage w ON w.seq = late.seq AND w.ord = 0
  JOIN sync_stage s ON s.xpm_id = late.xpm_id AND s.ord = 0 AND s.seq < late.seq
  WHERE s.fresh AND s.fingerprint <> w.fingerprint LIMIT 500
  RETURNING 1)
SELECT count(*) FROM told;

-- name: sync_fold
-- touched; keeps only the later record of a client that came twice
DELETE FROM sync_stage s USING (
  SELECT xpm_id, max(seq) AS seq FROM sync_stage WHERE ord = 0 GROUP BY xpm_id HAVING count(*) > 1) late
WHERE s.xpm_id = late.xpm_id AND s.seq < late.seq;

-- name: sync_bury_known
-- touched; adds tombstones with the XPM id of new clients whose name and e-mail address are
-- those of a deleted client that was added by hand
INSERT INTO client_tombstone (org_id, tenant_id, xpm_id, by_user)
SELECT DISTINCT ON (s.xpm_id) $1, $2::uuid, s.xpm_id, t.by_user
FROM sync_stage s
LEFT JOIN sync_stage p ON p.seq = s.seq AND p.ord > 0 AND p.is_primary AND s.flags & 1 = 0
JOIN client_tombstone t ON t.org_id = $1 AND t.who_hash = who_hash($1, s.name, p.email)
WHERE s.ord = 0 AND s.fresh
  AND EXISTS (SELECT FROM client_tombstone x WHERE x.org_id = $1 AND x.who_hash IS NOT NULL)
ON CONFLICT DO NOTHING;

-- name: sync_bury
-- how many staged clients were deleted here for good, perhaps while the list came in; removes
-- them from the staging
WITH gone AS (
  DELETE FROM sync_stage s USING client_tombstone t
  WHERE t.org_id = $1 AND t.tenant_id = $2::uuid AND s.xpm_id = t.xpm_id
  RETURNING s.ord)
SELECT count(*) FROM gone WHERE ord = 0;

-- name: sync_would_go
-- live clients that the staging would archive; that it would blank: no contact (flag 8, core/client.h) or no
-- primary e-mail left (the mark on the client's own line)
SELECT count(s.reason), count(*) - count(s.reason) FROM sync_stage s
JOIN client c ON c.org_id = $1 AND c.tenant_id = $2::uuid AND c.xpm_id = s.xpm_id
LEFT JOIN contact k ON k.org_id = $1 AND k.contact_id = c.primary_contact_id
WHERE s.ord <= 0 AND c.archived_at IS NULL AND (s.reason IS NOT NULL
  OR (s.flags & 8 <> 0
    AND EXISTS (SELECT FROM client_contact l WHERE l.org_id = c.org_id AND l.client_id = c.client_id))
  OR (NOT s.is_primary AND k.email IS NOT NULL));

-- name: sync_held
-- touched; the clients that a held run would have taken
INSERT INTO held_change (org_id, run_id, client_id, kind, detail)
SELECT $1, $3, c.client_id, CASE WHEN s.reason IS NULL THEN 'blank' ELSE 'archive' END, coalesce(s.reason, '')
FROM sync_stage s
JOIN client c ON c.org_id = $1 AND c.tenant_id = $2::uuid AND c.xpm_id = s.xpm_id
LEFT JOIN contact k ON k.org_id = $1 AND k.contact_id = c.primary_contact_id
WHERE s.ord <= 0 AND c.archived_at IS NULL AND (s.reason IS NOT NULL
  OR (s.flags & 8 <> 0
    AND EXISTS (SELECT FROM client_contact l WHERE l.org_id = c.org_id AND l.client_id = c.client_id))
  OR (NOT s.is_primary AND k.email IS NOT NULL))
ON CONFLICT DO NOTHING;

-- name: sync_told_client
-- touched; history of the fields of clients that are there already
INSERT INTO client_change (org_id, client_id, run_id, field, old, new)
SELECT $1, c.client_id, $3, v.field, v.old, v.new FROM sync_stage s
JOIN client c ON c.org_id = $1 AND c.tenant_id = $2::uuid AND c.xpm_id = s.xpm_id
CROSS JOIN LATERAL (VALUES ('name', c.name, s.name), ('status', c.status, 'client'),
  ('web_url', c.web_url, s.web_url), ('archived', c.archived_reason, s.reason)) v (field, old, new)
WHERE s.ord = 0 AND NOT s.fresh AND v.old IS DISTINCT FROM v.new;

-- name: sync_told_primary
-- touched; history of who the primary contact is
INSERT INTO client_change (org_id, client_id, run_id, field, old, new, contact_xpm)
SELECT $1, c.client_id, $3, 'primary', k.name, p.name, p.contact_xpm FROM sync_stage s
JOIN client c ON c.org_id = $1 AND c.tenant_id = $2::uuid AND c.xpm_id = s.xpm_id
LEFT JOIN contact k ON k.org_id = $1 AND k.contact_id = c.primary_contact_id
LEFT JOIN sync_stage p ON p.seq = s.seq AND p.ord > 0 AND p.is_primary AND s.flags & 1 = 0
WHERE s.ord = 0 AND NOT s.fresh AND k.xpm_id IS DISTINCT FROM p.contact_xpm;

-- name: sync_told_contacts
-- touched; history of contacts that came to a client or changed there
INSERT INTO client_change (org_id, client_id, run_id, contact_id, contact_xpm, field, old, new)
SELECT $1, c.client_id, $3, k.contact_id, s.contact_xpm, v.field, v.old, v.new FROM sync_stage s
JOIN client c ON c.org_id = $1 AND c.tenant_id = $2::uuid AND c.xpm_id = s.xpm_id
LEFT JOIN (contact k JOIN client_contact l ON l.org_id = k.org_id AND l.contact_id = k.contact_id)
  ON k.org_id = $1 AND k.tenant_id = $2::uuid AND k.xpm_id = s.contact_xpm AND l.client_id = c.client_id
CROSS JOIN LATERAL (VALUES
  (CASE WHEN k.contact_id IS NULL THEN 'contact' ELSE 'contact.name' END, k.name, s.name),
  ('contact.email', k.email, s.email), ('contact.phone', k.phone, s.phone)) v (field, old, new)
WHERE s.ord > 0 AND NOT s.fresh AND v.old IS DISTINCT FROM v.new;

-- name: sync_told_removed
-- touched; history of contacts that left a client
INSERT INTO client_change (org_id, client_id, run_id, contact_id, contact_xpm, field, old)
SELECT $1, c.client_id, $3, k.contact_id, k.xpm_id, v.field, v.old FROM sync_stage s
JOIN client c ON c.org_id = $1 AND c.tenant_id = $2::uuid AND c.xpm_id = s.xpm_id
JOIN client_contact l ON l.org_id = $1 AND l.client_id = c.client_id
JOIN contact k ON k.org_id = $1 AND k.contact_id = l.contact_id
LEFT JOIN sync_stage p ON p.seq = s.seq AND p.ord > 0 AND p.contact_xpm = k.xpm_id AND k.tenant_id = $2::uuid
CROSS JOIN LATERAL (VALUES ('contact', k.name), ('contact.email', k.email), ('contact.phone', k.phone))
  v (field, old)
WHERE s.ord = 0 AND NOT s.fresh AND v.old IS NOT NULL AND p.seq IS NULL;

-- name: sync_told_gone
-- touched; history of clients that the list no longer holds
INSERT INTO client_change (org_id, client_id, run_id, field, old, new)
SELECT $1, c.client_id, $3, 'archived', c.archived_reason, s.reason FROM sync_stage s
JOIN client c ON c.org_id = $1 AND c.tenant_id = $2::uuid AND c.xpm_id = s.xpm_id
WHERE s.ord = -1 AND c.archived_at IS NULL;

-- name: sync_keep_held
-- touched; a contact of a client that stays held keeps what was put back, even if another
-- client brings it
UPDATE sync_stage s SET name = k.name, email = k.email, phone = k.phone
FROM contact k
WHERE s.ord > 0 AND k.org_id = $1 AND k.tenant_id = $2::uuid AND k.xpm_id = s.contact_xpm
  AND k.contact_id IN (SELECT l.contact_id FROM client h
    JOIN client_contact l ON l.org_id = h.org_id AND l.client_id = h.client_id
    WHERE h.org_id = $1 AND h.held_run IS NOT NULL AND h.archived_at IS NULL
      AND h.xpm_id NOT IN (SELECT x.xpm_id FROM sync_stage x WHERE x.ord <= 0));

-- name: sync_told_shared
-- touched; history of clients that are not staged, but have a contact that changes with another's
INSERT INTO client_change (org_id, client_id, run_id, contact_id, contact_xpm, field, old, new)
SELECT $1, l.client_id, $3, k.contact_id, k.xpm_id, v.field, v.old, v.new
FROM (SELECT DISTINCT ON (contact_xpm) contact_xpm, name, email, phone FROM sync_stage
  WHERE ord > 0 ORDER BY contact_xpm, seq DESC, ord DESC) s
JOIN contact k ON k.org_id = $1 AND k.tenant_id = $2::uuid AND k.xpm_id = s.contact_xpm
JOIN client_contact l ON l.org_id = $1 AND l.contact_id = k.contact_id
JOIN client c ON c.org_id = $1 AND c.client_id = l.client_id
CROSS JOIN LATERAL (VALUES ('contact.name', k.name, s.name), ('contact.email', k.email, s.email),
  ('contact.phone', k.phone, s.phone)) v (field, old, new)
WHERE v.old IS DISTINCT FROM v.new
  AND (c.xpm_id IS NULL OR c.xpm_id NOT IN (SELECT x.xpm_id FROM sync_stage x WHERE x.ord = 0));

-- name: sync_contacts_change
-- touched; contacts whose fields differ
UPDATE contact k SET name = s.name, email = s.email, phone = s.phone, changed_at = now()
FROM (SELECT DISTINCT ON (contact_xpm) contact_xpm, name, email, phone FROM sync_stage
  WHERE ord > 0 ORDER BY contact_xpm, seq DESC, ord DESC) s
WHERE k.org_id = $1 AND k.tenant_id = $2::uuid AND k.xpm_id = s.contact_xpm
  AND (k.name, k.email, k.phone) IS DISTINCT FROM (s.name, s.email, s.phone);

-- name: sync_contacts_add
-- touched; contacts not met before
INSERT INTO contact (org_id, tenant_id, xpm_id, name, email, phone, created_at)
SELECT $1, $2::uuid, s.contact_xpm, s.name, s.email, s.phone, (SELECT moment())
FROM (SELECT DISTINCT ON (contact_xpm) contact_xpm, name, email, phone FROM sync_stage
  WHERE ord > 0 ORDER BY contact_xpm, seq DESC, ord DESC) s
WHERE NOT EXISTS (SELECT FROM contact k
  WHERE k.org_id = $1 AND k.tenant_id = $2::uuid AND k.xpm_id = s.contact_xpm);

-- name: sync_clients_add
-- touched: history rows, one a new client and one more for each that came archived
WITH added AS (
  INSERT INTO client (org_id, tenant_id, xpm_id, name, web_url, archived_at, archived_reason,
    primary_contact_id, flags, fingerprint, search, changed_run, created_at)
  SELECT $1, $2::uuid, s.xpm_id, s.name, s.web_url, CASE WHEN s.reason IS NOT NULL THEN now() END, s.reason,
    k.contact_id, s.flags, s.fingerprint, lower(s.search), $3, (SELECT moment())
  FROM sync_stage s
  LEFT JOIN sync_stage p ON p.seq = s.seq AND p.ord > 0 AND p.is_primary AND s.flags & 1 = 0
  LEFT JOIN contact k ON k.org_id = $1 AND k.tenant_id = $2::uuid AND k.xpm_id = p.contact_xpm
  WHERE s.ord = 0 AND s.fresh
  RETURNING client_id, name, archived_reason)
INSERT INTO client_change (org_id, client_id, run_id, field, new)
SELECT $1, client_id, $3, v.field, v.new FROM added
CROSS JOIN LATERAL (VALUES ('client', name), ('archived', archived_reason)) v (field, new)
WHERE v.new IS NOT NULL;

-- name: sync_clients_change
-- touched; staged clients that were there already. What the run told of is asked for once, and not once a
-- client: with all of a practice changed that would take minutes
UPDATE client c SET name = s.name, web_url = s.web_url, status = 'client',
  archived_at = CASE WHEN s.reason IS NOT NULL THEN coalesce(c.archived_at, now()) END,
  archived_reason = s.reason, primary_contact_id = k.contact_id, flags = s.flags,
  fingerprint = s.fingerprint, search = lower(s.search), held_run = NULL, held_gone = false,
  changed_at = CASE WHEN c.client_id IN (SELECT h.client_id FROM client_change h WHERE h.org_id = $1 AND h.run_id = $3)
    THEN now() ELSE c.changed_at END,
  changed_run = CASE WHEN c.client_id IN (SELECT h.client_id FROM client_change h WHERE h.org_id = $1 AND h.run_id = $3)
    THEN $3 ELSE c.changed_run END
FROM sync_stage s
LEFT JOIN sync_stage p ON p.seq = s.seq AND p.ord > 0 AND p.is_primary AND s.flags & 1 = 0
LEFT JOIN contact k ON k.org_id = $1 AND k.tenant_id = $2::uuid AND k.xpm_id = p.contact_xpm
WHERE c.org_id = $1 AND c.tenant_id = $2::uuid AND c.xpm_id = s.xpm_id AND s.ord = 0 AND NOT s.fresh;

-- name: sync_clients_gone
-- touched; archived for the reason found; without fingerprint, so that a return is a change
UPDATE client c SET archived_at = now(), archived_reason = s.reason, fingerprint = NULL, changed_at = now(),
  changed_run = $3, held_run = NULL, held_gone = false
FROM sync_stage s
WHERE c.org_id = $1 AND c.tenant_id = $2::uuid AND c.xpm_id = s.xpm_id AND s.ord = -1 AND c.archived_at IS NULL;

-- name: sync_links_remove
-- touched; contacts that left a staged client
DELETE FROM client_contact l USING (
  SELECT x.client_id, x.contact_id FROM sync_stage s
  JOIN client c ON c.org_id = $1 AND c.tenant_id = $2::uuid AND c.xpm_id = s.xpm_id
  JOIN client_contact x ON x.org_id = $1 AND x.client_id = c.client_id
  JOIN contact k ON k.org_id = $1 AND k.contact_id = x.contact_id
  LEFT JOIN sync_stage p ON p.seq = s.seq AND p.ord > 0 AND p.contact_xpm = k.xpm_id AND k.tenant_id = $2::uuid
  WHERE s.ord = 0 AND NOT s.fresh AND p.seq IS NULL) gone
WHERE l.org_id = $1 AND l.client_id = gone.client_id AND l.contact_id = gone.contact_id;

-- name: sync_links_fresh
-- touched; the contacts of new clients
INSERT INTO client_contact (org_id, client_id, contact_id, tenant_id, is_primary, ord, created_at)
SELECT $1, c.client_id, k.contact_id, $2::uuid, s.is_primary, s.ord, (SELECT moment())
FROM sync_stage s
JOIN client c ON c.org_id = $1 AND c.tenant_id = $2::uuid AND c.xpm_id = s.xpm_id
JOIN contact k ON k.org_id = $1 AND k.tenant_id = $2::uuid AND k.xpm_id = s.contact_xpm
WHERE s.ord > 0 AND s.fresh;

-- name: sync_links_change
-- touched; the contacts of staged clients that were there already
INSERT INTO client_contact AS l (org_id, client_id, contact_id, tenant_id, is_primary, ord, created_at)
SELECT $1, c.client_id, k.contact_id, $2::uuid, s.is_primary, s.ord, (SELECT moment())
FROM sync_stage s
JOIN client c ON c.org_id = $1 AND c.tenant_id = $2::uuid AND c.xpm_id = s.xpm_id
JOIN contact k ON k.org_id = $1 AND k.tenant_id = $2::uuid AND k.xpm_id = s.contact_xpm
WHERE s.ord > 0 AND NOT s.fresh
ON CONFLICT (org_id, client_id, contact_id) DO UPDATE
  SET is_primary = excluded.is_primary, ord = excluded.ord, tenant_id = excluded.tenant_id
  WHERE (l.is_primary, l.ord, l.tenant_id) IS DISTINCT FROM (excluded.is_primary, excluded.ord, excluded.tenant_id);

-- name: sync_contacts_remove
-- touched; contacts that left their last client in this run
DELETE FROM contact k
WHERE k.org_id = $1 AND k.contact_id IN (SELECT h.contact_id FROM client_change h
    WHERE h.org_id = $1 AND h.run_id = $2 AND h.field = 'contact' AND h.new IS NULL)
  AND NOT EXISTS (SELECT FROM client_contact l WHERE l.org_id = k.org_id AND l.contact_id = k.contact_id);

-- name: sync_tally
-- added, changed, archived, restored: clients, each in one of them
SELECT count(*) FILTER (WHERE is_new AND NOT gone), count(*) FILTER (WHERE NOT is_new AND NOT gone AND NOT back),
  count(*) FILTER (WHERE gone), count(*) FILTER (WHERE back)
FROM (SELECT bool_or(field = 'client') AS is_new, bool_or(field = 'archived' AND old IS NULL) AS gone,
    bool_or(field = 'archived' AND new IS NULL) AS back
  FROM client_change WHERE org_id = $1 AND run_id = $2 GROUP BY client_id) t;

-- name: sync_live_counts
-- clients that are live, and their contacts
SELECT (SELECT count(*) FROM client WHERE org_id = $1 AND tenant_id = $2::uuid AND archived_at IS NULL),
  (SELECT count(*) FROM contact k WHERE k.org_id = $1 AND k.tenant_id = $2::uuid AND EXISTS (
    SELECT FROM client_contact l JOIN client c ON c.org_id = l.org_id AND c.client_id = l.client_id
    WHERE l.org_id = k.org_id AND l.contact_id = k.contact_id AND c.archived_at IS NULL
      AND c.tenant_id = $2::uuid));

-- name: sync_skips
-- touched; $3: an array of {"xpm_id", "name", "rule", "detail"}
INSERT INTO run_skip (org_id, run_id, xpm_id, name, rule, detail)
SELECT $1, $2, r.xpm_id, r.name, r.rule, r.detail
FROM json_to_recordset($3::json) r (xpm_id text, name text, rule text, detail text)
WHERE NOT EXISTS (SELECT FROM client_tombstone t WHERE t.org_id = $1 AND t.xpm_id::text = lower(r.xpm_id));

-- name: sync_forget_fingerprints
-- touched; at a reconnect: what was edited meanwhile is compared field by field, but not what is held
UPDATE client SET fingerprint = NULL
WHERE org_id = $1 AND tenant_id = $2::uuid AND fingerprint IS NOT NULL AND held_run IS NULL;

-- name: sync_not_asked
-- xpm_id, rising; clients that the newest good run of the whole list (its cause is not $3) found missing and did
-- not come to ask for
SELECT DISTINCT s.xpm_id FROM run_skip s
WHERE s.org_id = $1 AND s.rule = 'not_asked' AND s.run_id = (SELECT max(r.run_id) FROM sync_run r
  WHERE r.org_id = $1 AND r.tenant_id = $2::uuid AND r.state IN ('complete', 'problems') AND r.trigger <> 'undo'
    AND r.cause IS DISTINCT FROM $3)
ORDER BY s.xpm_id;
