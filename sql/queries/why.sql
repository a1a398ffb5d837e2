-- "Why does this differ from XPM?": asked by the web, answered by the worker.
-- role: gap_web

-- name: why_ask
-- asked_at; no row: asked less than a minute ago
INSERT INTO why_ask AS w (org_id, client_id, asked_by) VALUES ($1, $2, $3)
ON CONFLICT (org_id, client_id) DO UPDATE SET asked_at = now(), asked_by = excluded.asked_by, state = 'asking',
  error = NULL
WHERE w.asked_at < now() - interval '1 minute'
RETURNING epoch(asked_at);

-- name: why_get
-- state, error, asked_at
SELECT state, error, epoch(asked_at) FROM why_ask WHERE org_id = $1 AND client_id = $2;

-- name: why_rows
-- what, who, ours, theirs, reason, detail
SELECT what, who, ours, theirs, reason, detail FROM why_row WHERE org_id = $1 AND client_id = $2 ORDER BY ord;

-- name: why_client
-- xpm_id, name, whether archived, fingerprint, held after undo, state of the newest run that ended; no row: not the
-- active practice's
-- role: gap_worker
SELECT c.xpm_id, c.name, c.archived_at IS NOT NULL, c.fingerprint, c.held_run IS NOT NULL,
  (SELECT r.state FROM sync_run r WHERE r.org_id = c.org_id AND r.tenant_id = c.tenant_id
    AND r.state NOT IN ('running', 'interrupted') ORDER BY r.run_id DESC LIMIT 1)
FROM client c JOIN organisation o ON o.org_id = c.org_id AND o.active_tenant = c.tenant_id
WHERE c.org_id = $1 AND c.client_id = $2;

-- name: why_contacts
-- xpm_id, name, email, phone, is_primary
-- role: gap_worker
SELECT k.xpm_id, k.name, k.email, k.phone, k.contact_id = c.primary_contact_id IS TRUE
FROM client_contact l
JOIN contact k USING (org_id, contact_id)
JOIN client c USING (org_id, client_id)
WHERE l.org_id = $1 AND l.client_id = $2 AND k.xpm_id IS NOT NULL ORDER BY l.ord, k.contact_id;

-- name: why_clear
-- touched
-- role: gap_worker
DELETE FROM why_row WHERE org_id = $1 AND client_id = $2;

-- name: why_add
-- touched
-- role: gap_worker
INSERT INTO why_row (org_id, client_id, ord, what, who, ours, theirs, reason, detail)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- name: why_end
-- touched
-- role: gap_worker
UPDATE why_ask SET state = $3, error = $4 WHERE org_id = $1 AND client_id = $2;
