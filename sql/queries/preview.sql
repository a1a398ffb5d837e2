-- "Preview first": the list is read and shown, and nothing of it is stored until an admin
-- selects "Import". $1 is always the organisation.
-- role: gap_worker

-- name: preview_begin
-- touched; $2 attempt, $3 person, $4 trigger of the run that Import begins
INSERT INTO connection_preview (org_id, attempt_id, user_id, trigger) VALUES ($1, $2, $3, $4);

-- name: preview_drop
-- touched
-- role: gap_web gap_worker
DELETE FROM connection_preview WHERE org_id = $1;

-- name: preview_get
-- attempt_id, user_id, trigger, state, why, ends_at, seen, clients, archived, contacts, prospects, skipped, flagged,
-- matches; nothing when there is none
-- role: gap_web gap_worker
SELECT attempt_id, user_id, trigger, state, why, epoch(ends_at), seen, clients, archived, contacts, prospects, skipped,
  flagged, matches
FROM connection_preview WHERE org_id = $1;

-- name: preview_sample
-- name, contact, e-mail, phone, whether archived in XPM
-- role: gap_web
SELECT r.name, r.contact, r.email, r.phone, r.archived
FROM connection_preview p,
  jsonb_to_recordset(p.sample) r (name text, contact text, email text, phone text, archived boolean)
WHERE p.org_id = $1;

-- name: preview_skips
-- name, rule; at most $2
-- role: gap_web
SELECT coalesce(r.name, r.xpm_id), r.rule
FROM connection_preview p, jsonb_to_recordset(p.skips) r (xpm_id text, name text, rule text)
WHERE p.org_id = $1 LIMIT $2;

-- name: preview_staged
-- of what is staged: clients, archived ones, contacts, clients with something to put right, clients added by hand
-- that have a suggestion, a sample as JSON
SELECT count(*), count(*) FILTER (WHERE s.reason IS NOT NULL),
  (SELECT count(DISTINCT k.contact_xpm) FROM sync_stage k WHERE k.ord > 0),
  count(*) FILTER (WHERE s.reason IS NULL AND s.flags <> 0),
  (SELECT count(DISTINCT c.client_id) FROM client c
    JOIN sync_stage x ON x.ord = 0 AND x.reason IS NULL AND match_fold(x.name) = match_fold(c.name)
    JOIN client_contact l ON l.org_id = c.org_id AND l.client_id = c.client_id
    JOIN contact k ON k.org_id = l.org_id AND k.contact_id = l.contact_id
    JOIN sync_stage y ON y.seq = x.seq AND y.ord > 0 AND lower(y.email) = lower(k.email)
    WHERE c.org_id = $1 AND c.xpm_id IS NULL AND c.archived_at IS NULL),
  (SELECT coalesce(json_agg(to_json(t)), '[]')::text FROM (
    SELECT f.name, p.name AS contact, p.email, p.phone, f.reason IS NOT NULL AS archived
    FROM (SELECT * FROM sync_stage WHERE ord = 0 ORDER BY reason IS NOT NULL, name, seq LIMIT 10) f
    LEFT JOIN sync_stage p ON p.seq = f.seq AND p.ord > 0 AND p.is_primary
    ORDER BY f.reason IS NOT NULL, f.name, f.seq) t)
FROM sync_stage s WHERE s.ord = 0;

-- name: preview_ready
-- touched: 1 unless it was answered meanwhile. $2 attempt; $3 to $10 the numbers as in preview_get; $11 sample,
-- $12 skips
UPDATE connection_preview SET state = 'ready', why = NULL, seen = $3, clients = $4, archived = $5, contacts = $6,
  prospects = $7, skipped = $8, flagged = $9, matches = $10, sample = $11::jsonb, skips = $12::jsonb
WHERE org_id = $1 AND attempt_id = $2;

-- name: preview_failed
-- touched; $2 attempt, $3 why
UPDATE connection_preview SET state = 'failed', why = $3 WHERE org_id = $1 AND attempt_id = $2;

-- name: preview_again
-- touched: 1 when it had failed; it is read again
-- role: gap_web
UPDATE connection_preview SET state = 'reading', why = NULL WHERE org_id = $1 AND state = 'failed';

-- name: preview_take
-- trigger, user_id of a preview that was ready and not cancelled; it ends, and its run may
-- begin
-- role: gap_web
DELETE FROM connection_preview p WHERE p.org_id = $1 AND p.state = 'ready'
  AND EXISTS (SELECT FROM connection c WHERE c.org_id = $1 AND c.state <> 'disconnecting')
RETURNING p.trigger, p.user_id;

-- name: preview_cancel
-- touched: 1 when the state ($2: any of these) was left
-- role: gap_web gap_worker
UPDATE connection SET state = 'disconnecting', cause = NULL, cause_at = NULL
WHERE org_id = $1 AND state = ANY ($2::text[]) AND EXISTS (SELECT FROM connection_preview p WHERE p.org_id = $1);

-- name: preview_forget
-- touched; forgets the name of a practice of which nothing was ever stored
UPDATE connection SET former_tenant = NULL, former_name = NULL
WHERE org_id = $1 AND NOT EXISTS (SELECT FROM client c WHERE c.org_id = $1 AND c.tenant_id = connection.former_tenant);
