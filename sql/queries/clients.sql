-- role: gap_web
-- A line is: client_id, name, status, contact_name, email, phone, synced, view_only, archived, flags, held.
-- Pages go by key (name, client_id): $2, $3. Flags: $4 is the mask of which one must be set.

-- name: client_page_live
-- lines after the key
SELECT client_id, name, status, contact_name, email, phone, synced, view_only, archived_at IS NOT NULL, flags, held
FROM client_line
WHERE org_id = $1 AND archived_at IS NULL AND (name, client_id) > ($2, $3::bigint)
ORDER BY name, client_id LIMIT $4;

-- name: client_page_live_back
-- lines before the key, nearest first
SELECT client_id, name, status, contact_name, email, phone, synced, view_only, archived_at IS NOT NULL, flags, held
FROM client_line
WHERE org_id = $1 AND archived_at IS NULL AND (name, client_id) < ($2, $3::bigint)
ORDER BY name DESC, client_id DESC LIMIT $4;

-- name: client_page_flagged
-- lines after the key
SELECT client_id, name, status, contact_name, email, phone, synced, view_only, archived_at IS NOT NULL, flags, held
FROM client_line
WHERE org_id = $1 AND archived_at IS NULL AND flags <> 0 AND flags & $5 <> 0 AND (name, client_id) > ($2, $3::bigint)
ORDER BY name, client_id LIMIT $4;

-- name: client_page_flagged_back
-- lines before the key, nearest first
SELECT client_id, name, status, contact_name, email, phone, synced, view_only, archived_at IS NOT NULL, flags, held
FROM client_line
WHERE org_id = $1 AND archived_at IS NULL AND flags <> 0 AND flags & $5 <> 0 AND (name, client_id) < ($2, $3::bigint)
ORDER BY name DESC, client_id DESC LIMIT $4;

-- name: client_page_archived
-- lines after the key
SELECT client_id, name, status, contact_name, email, phone, synced, view_only, archived_at IS NOT NULL, flags, held
FROM client_line
WHERE org_id = $1 AND archived_at IS NOT NULL AND (name, client_id) > ($2, $3::bigint)
ORDER BY name, client_id LIMIT $4;

-- name: client_page_archived_back
-- lines before the key, nearest first
SELECT client_id, name, status, contact_name, email, phone, synced, view_only, archived_at IS NOT NULL, flags, held
FROM client_line
WHERE org_id = $1 AND archived_at IS NOT NULL AND (name, client_id) < ($2, $3::bigint)
ORDER BY name DESC, client_id DESC LIMIT $4;

-- name: client_page_synced
-- lines that came from XPM, after the key
SELECT client_id, name, status, contact_name, email, phone, synced, view_only, archived_at IS NOT NULL, flags, held
FROM client_line
WHERE org_id = $1 AND archived_at IS NULL AND synced AND (name, client_id) > ($2, $3::bigint)
ORDER BY name, client_id LIMIT $4;

-- name: client_page_synced_back
-- lines that came from XPM, before the key, nearest first
SELECT client_id, name, status, contact_name, email, phone, synced, view_only, archived_at IS NOT NULL, flags, held
FROM client_line
WHERE org_id = $1 AND archived_at IS NULL AND synced AND (name, client_id) < ($2, $3::bigint)
ORDER BY name DESC, client_id DESC LIMIT $4;

-- name: client_page_hand
-- lines added by hand, of status $5 (NULL: any), after the key
SELECT client_id, name, status, contact_name, email, phone, synced, view_only, archived_at IS NOT NULL, flags, held
FROM client_line
WHERE org_id = $1 AND archived_at IS NULL AND NOT synced AND ($5::text IS NULL OR status = $5) AND (name, client_id) > ($2, $3::bigint)
ORDER BY name, client_id LIMIT $4;

-- name: client_page_hand_back
-- lines added by hand, of status $5 (NULL: any), before the key, nearest first
SELECT client_id, name, status, contact_name, email, phone, synced, view_only, archived_at IS NOT NULL, flags, held
FROM client_line
WHERE org_id = $1 AND archived_at IS NULL AND NOT synced AND ($5::text IS NULL OR status = $5) AND (name, client_id) < ($2, $3::bigint)
ORDER BY name DESC, client_id DESC LIMIT $4;

-- name: client_page_since
-- lines with changes since the mark of user $5 that were not made by $6; archived ones too, after the key
SELECT client_id, name, status, contact_name, email, phone, synced, view_only, archived_at IS NOT NULL, flags, held
FROM client_line
WHERE org_id = $1 AND client_id IN (SELECT h.client_id FROM client_change h WHERE h.org_id = $1
  AND h.at > (SELECT l.mark FROM client_look l WHERE l.org_id = $1 AND l.user_id = $5)
  AND h.by_name IS DISTINCT FROM $6) AND (name, client_id) > ($2, $3::bigint)
ORDER BY name, client_id LIMIT $4;

-- name: client_page_since_back
-- lines with changes since the mark of user $5 that were not made by $6; archived ones too, before the key, nearest first
SELECT client_id, name, status, contact_name, email, phone, synced, view_only, archived_at IS NOT NULL, flags, held
FROM client_line
WHERE org_id = $1 AND client_id IN (SELECT h.client_id FROM client_change h WHERE h.org_id = $1
  AND h.at > (SELECT l.mark FROM client_look l WHERE l.org_id = $1 AND l.user_id = $5)
  AND h.by_name IS DISTINCT FROM $6) AND (name, client_id) < ($2, $3::bigint)
ORDER BY name DESC, client_id DESC LIMIT $4;

-- name: client_page_found
-- lines that hold the words $5 after (or, $8, before) the key; in the order of the list. $6: archived ones,
-- $9 source as in client_each
SELECT client_id, name, status, contact_name, email, phone, synced, view_only, archived_at IS NOT NULL, flags, held
FROM client_line
WHERE org_id = $1
  AND client_id IN (SELECT client_search($5, $6, $7::integer, $2, $3::bigint, $8, $4::integer, $9::integer))
ORDER BY name, client_id;

-- name: client_each
-- every line: $2 archived ones, $3 mask of flags (0: all), $4 source: 0 all, 1 XPM, 2 by hand, 3 prospects by hand
SELECT client_id, name, status, contact_name, email, phone, synced, view_only, archived_at IS NOT NULL, flags, held
FROM client_line
WHERE org_id = $1 AND (archived_at IS NOT NULL) = $2 AND ($3::integer = 0 OR flags & $3::integer <> 0)
  AND ($4::integer = 0 OR synced = ($4 = 1) AND ($4 < 3 OR status = 'prospect'))
ORDER BY name, client_id;

-- name: client_each_found
-- the same of those that hold the words $5
SELECT client_id, name, status, contact_name, email, phone, synced, view_only, archived_at IS NOT NULL, flags, held
FROM client_line
WHERE org_id = $1
  AND client_id IN (SELECT client_search($5, $2, $3::integer, '', 0, false, 2147483647, $4::integer))
ORDER BY name, client_id;

-- name: client_each_since
-- every line with changes since the mark of user $2 that were not made by $3
SELECT client_id, name, status, contact_name, email, phone, synced, view_only, archived_at IS NOT NULL, flags, held
FROM client_line
WHERE org_id = $1 AND client_id IN (SELECT h.client_id FROM client_change h WHERE h.org_id = $1
  AND h.at > (SELECT l.mark FROM client_look l WHERE l.org_id = $1 AND l.user_id = $2)
  AND h.by_name IS DISTINCT FROM $3)
ORDER BY name, client_id;

-- name: client_any
-- is there any client at all?
SELECT EXISTS (SELECT FROM client WHERE org_id = $1);

-- name: client_get
-- name, status, xpm_id, web_url, archived_reason, synced, view_only, archived_at, changed_at, flags, held_run
SELECT c.name, c.status, c.xpm_id, c.web_url, c.archived_reason, c.xpm_id IS NOT NULL,
  (c.tenant_id = ANY (view_only_tenants())) IS TRUE, epoch(c.archived_at), epoch(c.changed_at), c.flags, c.held_run
FROM client c
WHERE c.org_id = $1 AND c.client_id = $2;

-- name: client_contacts
-- contact_id, name, email, phone, is_primary, also; in XPM's order, the primary one first
SELECT k.contact_id, k.name, k.email, k.phone, k.contact_id = c.primary_contact_id,
  (SELECT string_agg(x.name, ', ' ORDER BY x.name) FROM (
    SELECT oc.name FROM client_contact ol JOIN client oc USING (org_id, client_id)
    WHERE ol.org_id = l.org_id AND ol.contact_id = l.contact_id AND ol.client_id <> l.client_id
    ORDER BY oc.name LIMIT 20) x)
FROM client_contact l
JOIN contact k USING (org_id, contact_id)
JOIN client c USING (org_id, client_id)
WHERE l.org_id = $1 AND l.client_id = $2
ORDER BY k.contact_id = c.primary_contact_id IS TRUE DESC, l.ord, k.contact_id;

-- name: client_history
-- change_id, run (0: by hand), at, field, old, new, by_name; before change $3 (0: from the newest), newest first
SELECT h.change_id, coalesce(h.run_id, 0), epoch(h.at), h.field, h.old, h.new, h.by_name
FROM client_change h
WHERE h.org_id = $1 AND h.client_id = $2 AND h.change_id < coalesce(nullif($3::bigint, 0), 9223372036854775807)
ORDER BY h.change_id DESC LIMIT $4;

-- name: client_lock_list
-- connected: whether a practice is active. Writers by hand wait for each other here
SELECT active_tenant IS NOT NULL FROM organisation WHERE org_id = $1 FOR UPDATE;

-- name: client_twin
-- is there another client of this name whose contact has this e-mail ("": none)? $4: not counted
SELECT EXISTS (SELECT FROM client_line
  WHERE org_id = $1 AND lower(name) = lower($2) AND lower(coalesce(email, '')) = lower($3) AND client_id <> $4);

-- name: client_add
-- client_id
INSERT INTO client (org_id, name, status) VALUES ($1, $2, $3) RETURNING client_id;

-- name: client_change
-- touched: 0 when it is view only
UPDATE client SET name = $3, status = $4, changed_at = now() WHERE org_id = $1 AND client_id = $2;

-- name: client_judged
-- touched; what core/client.h made of the record
UPDATE client SET primary_contact_id = $3, flags = $4::integer, search = $5 WHERE org_id = $1 AND client_id = $2;

-- name: client_archive
-- touched: 0 when it is view only
UPDATE client SET archived_at = CASE WHEN $3 THEN coalesce(archived_at, now()) END,
  archived_reason = CASE WHEN $3 THEN coalesce(archived_reason, 'by_hand') END, changed_at = now()
WHERE org_id = $1 AND client_id = $2;

-- name: client_record
-- name, contact_id, contact name, email, phone, is_primary: a row a contact; one row without when there is none
SELECT c.name, k.contact_id, k.name, k.email, k.phone, l.is_primary
FROM client c
LEFT JOIN client_contact l USING (org_id, client_id)
LEFT JOIN contact k USING (org_id, contact_id)
WHERE c.org_id = $1 AND c.client_id = $2
ORDER BY l.ord, k.contact_id;

-- name: contact_primary
-- contact_id of the client's first primary link
SELECT contact_id FROM client_contact
WHERE org_id = $1 AND client_id = $2 AND is_primary
ORDER BY ord, contact_id LIMIT 1;

-- name: contact_add
-- contact_id
INSERT INTO contact (org_id, name, email, phone) VALUES ($1, $2, $3, $4) RETURNING contact_id;

-- name: contact_link
-- touched; as the first and primary one
INSERT INTO client_contact (org_id, client_id, contact_id, is_primary, ord)
SELECT $1, $2, $3, true, coalesce(min(ord), 0) - 1 FROM client_contact WHERE org_id = $1 AND client_id = $2;

-- name: contact_change
-- touched
UPDATE contact SET name = $3, email = $4, phone = $5, changed_at = now() WHERE org_id = $1 AND contact_id = $2;

-- name: contact_unlink
-- touched
DELETE FROM client_contact WHERE org_id = $1 AND client_id = $2 AND contact_id = $3;

-- name: contact_drop
-- touched: 1 when no client had it any more
DELETE FROM contact k WHERE k.org_id = $1 AND k.contact_id = $2
  AND NOT EXISTS (SELECT FROM client_contact l WHERE l.org_id = k.org_id AND l.contact_id = k.contact_id);

-- name: contact_clients
-- client_id of every client that has the contact
SELECT client_id FROM client_contact WHERE org_id = $1 AND contact_id = $2 ORDER BY client_id;
