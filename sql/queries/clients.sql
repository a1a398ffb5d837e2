-- role: gap_web
-- A line is: client_id, name, status, contact_name, email, phone, synced, view_only, archived, flags, held,
-- place, newest (sql/migrations/0016_clients.sql). Pages go by key: $2 name, $3 client_id; at most $4 lines.

-- name: client_page_live
-- lines after the key
SELECT client_id, name, status, contact_name, email, phone, synced, view_only, archived_at IS NOT NULL, flags, held,
  place, newest
FROM client_line
WHERE org_id = $1 AND archived_at IS NULL AND (name, client_id) > ($2, $3::bigint)
ORDER BY name, client_id LIMIT $4;

-- name: client_page_live_back
-- lines before the key, nearest first
SELECT client_id, name, status, contact_name, email, phone, synced, view_only, archived_at IS NOT NULL, flags, held,
  place, newest
FROM client_line
WHERE org_id = $1 AND archived_at IS NULL AND (name, client_id) < ($2, $3::bigint)
ORDER BY name DESC, client_id DESC LIMIT $4;

-- name: client_page_placed
-- lines of the places $5 after the key, by name, or by source and name when $7 is 1. Then the
-- places $6 are the key's source, whose lines begin after the key; those of the other places
-- begin after name $8
SELECT l.*
FROM unnest($5::smallint[]) g (place)
CROSS JOIN LATERAL (
  SELECT client_id, name, status, contact_name, email, phone, synced, view_only, archived_at IS NOT NULL, flags, held,
    place, newest
  FROM client_line
  WHERE org_id = $1 AND place = g.place AND (name, client_id) >
    (CASE WHEN g.place = ANY ($6::smallint[]) THEN $2 ELSE $8 END, CASE WHEN g.place = ANY ($6) THEN $3::bigint ELSE 0 END)
  ORDER BY name, client_id LIMIT $4) l
ORDER BY (g.place & 3) * $7::integer, l.name, l.client_id LIMIT $4;

-- name: client_page_placed_back
-- the same before the key (and before name $8), nearest first
SELECT l.*
FROM unnest($5::smallint[]) g (place)
CROSS JOIN LATERAL (
  SELECT client_id, name, status, contact_name, email, phone, synced, view_only, archived_at IS NOT NULL, flags, held,
    place, newest
  FROM client_line
  WHERE org_id = $1 AND place = g.place AND (name, client_id) <
    (CASE WHEN g.place = ANY ($6::smallint[]) THEN $2 ELSE $8 END, CASE WHEN g.place = ANY ($6) THEN $3::bigint ELSE 0 END)
  ORDER BY name DESC, client_id DESC LIMIT $4) l
ORDER BY (g.place & 3) * $7::integer DESC, l.name DESC, l.client_id DESC LIMIT $4;

-- name: client_page_newest
-- lines of the places $5 after the key, the latest change first; $6: the key's time of change
SELECT l.*
FROM unnest($5::smallint[]) g (place)
CROSS JOIN LATERAL (
  SELECT client_id, name, status, contact_name, email, phone, synced, view_only, archived_at IS NOT NULL, flags, held,
    place, newest
  FROM client_line
  WHERE org_id = $1 AND place = g.place AND (newest, name, client_id) > ($6::bigint, $2, $3::bigint)
  ORDER BY newest, name, client_id LIMIT $4) l
ORDER BY l.newest, l.name, l.client_id LIMIT $4;

-- name: client_page_newest_back
-- the same before the key, nearest first
SELECT l.*
FROM unnest($5::smallint[]) g (place)
CROSS JOIN LATERAL (
  SELECT client_id, name, status, contact_name, email, phone, synced, view_only, archived_at IS NOT NULL, flags, held,
    place, newest
  FROM client_line
  WHERE org_id = $1 AND place = g.place AND (newest, name, client_id) < ($6::bigint, $2, $3::bigint)
  ORDER BY newest DESC, name DESC, client_id DESC LIMIT $4) l
ORDER BY l.newest DESC, l.name DESC, l.client_id DESC LIMIT $4;

-- name: client_page_since
-- lines with changes since the mark of user $7 that $8 did not make, archived clients too,
-- after the key; $5: order as in client_rank; $6: the key's rank
SELECT client_id, name, status, contact_name, email, phone, synced, view_only, archived_at IS NOT NULL, flags, held,
  place, newest
FROM client_line
WHERE org_id = $1 AND client_id IN (SELECT n.client_id FROM client_news(
  (SELECT l.mark FROM client_look l WHERE l.org_id = $1 AND l.user_id = $7), $8, NULL) n WHERE n.news)
  AND (client_rank($5, place, newest), name, client_id) > ($6::bigint, $2, $3::bigint)
ORDER BY client_rank($5, place, newest), name, client_id LIMIT $4;

-- name: client_page_since_back
-- the same before the key, nearest first
SELECT client_id, name, status, contact_name, email, phone, synced, view_only, archived_at IS NOT NULL, flags, held,
  place, newest
FROM client_line
WHERE org_id = $1 AND client_id IN (SELECT n.client_id FROM client_news(
  (SELECT l.mark FROM client_look l WHERE l.org_id = $1 AND l.user_id = $7), $8, NULL) n WHERE n.news)
  AND (client_rank($5, place, newest), name, client_id) < ($6::bigint, $2, $3::bigint)
ORDER BY client_rank($5, place, newest) DESC, name DESC, client_id DESC LIMIT $4;

-- name: client_page_found
-- lines of the places $6 that match the search $5, after the key (before it when $9), in the
-- order $7 of client_rank; $8: the key's rank
SELECT l.client_id, l.name, l.status, l.contact_name, l.email, l.phone, l.synced, l.view_only,
  l.archived_at IS NOT NULL, l.flags, l.held, l.place, l.newest
FROM client_search($5, $6::smallint[], $7::integer, $8::bigint, $2, $3::bigint, $9::boolean, $4::integer)
  WITH ORDINALITY f (client_id, nth)
JOIN client_line l ON l.org_id = $1 AND l.client_id = f.client_id
ORDER BY CASE WHEN $9 THEN -nth ELSE nth END;

-- name: client_each
-- every line of the places $2 in the order $3 of client_rank; $4: backwards
SELECT client_id, name, status, contact_name, email, phone, synced, view_only, archived_at IS NOT NULL, flags, held,
  place, newest
FROM client_line
WHERE org_id = $1 AND place = ANY ($2::smallint[])
ORDER BY client_rank($3, place, newest), CASE WHEN NOT $4 THEN name END, CASE WHEN $4 THEN name END DESC, client_id;

-- name: client_each_found
-- the same, of clients that match the search $5
SELECT client_id, name, status, contact_name, email, phone, synced, view_only, archived_at IS NOT NULL, flags, held,
  place, newest
FROM client_line
WHERE org_id = $1 AND client_id IN (SELECT client_search($5, $2::smallint[], 0, 0, '', 0, false, 2147483647))
ORDER BY client_rank($3, place, newest), CASE WHEN NOT $4 THEN name END, CASE WHEN $4 THEN name END DESC, client_id;

-- name: client_each_since
-- every line with changes since the mark of user $2 that $5 did not make, in the order of
-- client_each
SELECT client_id, name, status, contact_name, email, phone, synced, view_only, archived_at IS NOT NULL, flags, held,
  place, newest
FROM client_line
WHERE org_id = $1 AND client_id IN (SELECT n.client_id FROM client_news(
  (SELECT l.mark FROM client_look l WHERE l.org_id = $1 AND l.user_id = $2), $5, NULL) n WHERE n.news)
ORDER BY client_rank($3, place, newest), CASE WHEN NOT $4 THEN name END, CASE WHEN $4 THEN name END DESC, client_id;

-- name: client_any
-- whether there is any client
SELECT EXISTS (SELECT FROM client WHERE org_id = $1);

-- name: client_get
-- name, status, xpm_id, web_url, archived_reason, synced, view_only, archived_at, changed_at,
-- flags, held_run, primary_contact_id; its open line under "Fix in XPM", and to whom that is
-- assigned; whether pair_of_client has a pair; for a live client of the active practice: the
-- newest good run of the whole list (its cause is not $3), when it ended, whether it changed
-- the client, whether its list lacked the client
SELECT c.name, c.status, c.xpm_id, c.web_url, c.archived_reason, c.xpm_id IS NOT NULL,
  (c.tenant_id IN (o.active_tenant, o.kept_tenant)) IS TRUE, c.archived_at, c.changed_at, c.flags,
  c.held_run, c.primary_contact_id, f.fix_id, CASE WHEN f.assignee IS NOT NULL THEN person_named(f.assignee) END,
  EXISTS (SELECT FROM client_pair p WHERE p.org_id = $1 AND $2 IN (p.stays_id, p.goes_id)
    AND (p.state IN ('offered', 'asked', 'joined', 'parting') OR (p.kind = 'rejoin' AND p.goes_id = $2))),
  coalesce(r.run_id, 0), r.ended_at, (r.run_id = c.changed_run) IS TRUE,
  r.run_id IS NOT NULL AND EXISTS (SELECT FROM run_skip s WHERE s.org_id = $1 AND s.run_id = r.run_id
    AND s.rule IN ('undecided', 'not_asked') AND lower(s.xpm_id) = c.xpm_id::text)
FROM client c
JOIN organisation o ON o.org_id = c.org_id
LEFT JOIN fix_item f ON f.org_id = $1 AND f.client_id = $2 AND f.closed_at IS NULL
LEFT JOIN LATERAL (SELECT x.run_id, x.ended_at FROM sync_run x
  WHERE x.org_id = $1 AND x.tenant_id = o.active_tenant AND x.state IN ('complete', 'problems')
    AND x.trigger <> 'undo' AND x.cause IS DISTINCT FROM $3
  ORDER BY x.run_id DESC LIMIT 1) r ON c.tenant_id = o.active_tenant AND c.archived_at IS NULL
WHERE c.org_id = $1 AND c.client_id = $2;

-- name: client_contacts
-- contact_id, name, email, phone, also (names of other clients with this contact); in XPM's
-- order
SELECT k.contact_id, k.name, k.email, k.phone, CASE WHEN EXISTS (SELECT FROM client_contact x
    WHERE x.org_id = $1 AND x.contact_id = l.contact_id AND x.client_id <> $2) THEN contact_also(l.contact_id, $2) END
FROM client_contact l
JOIN contact k ON k.org_id = l.org_id AND k.contact_id = l.contact_id
WHERE l.org_id = $1 AND l.client_id = $2
ORDER BY l.ord, l.contact_id;

-- name: client_history
-- change_id, run (0: by hand), at, field, old, new, by_name; before change $3 (0: from the newest), newest first
SELECT h.change_id, coalesce(h.run_id, 0), h.at, h.field, h.old, h.new, h.by_name
FROM client_change h
WHERE h.org_id = $1 AND h.client_id = $2 AND h.change_id < coalesce(nullif($3::bigint, 0), 9223372036854775807)
ORDER BY h.change_id DESC LIMIT $4;

-- name: client_lock_list
-- connected: whether a practice is active. Locks a row, so that edits by hand wait for each
-- other
-- role: gap_web gap_worker
SELECT active_tenant IS NOT NULL FROM organisation WHERE org_id = $1 FOR UPDATE;

-- name: client_twin
-- whether another client than $4 has this name and a contact with this e-mail address ("":
-- none)
SELECT EXISTS (SELECT FROM client_line
  WHERE org_id = $1 AND lower(name) = lower($2) AND lower(coalesce(email, '')) = lower($3) AND client_id <> $4);

-- name: client_add
-- client_id
INSERT INTO client (org_id, name, status) VALUES ($1, $2, $3) RETURNING client_id;

-- name: client_change
-- touched: 0 when it is view only
UPDATE client SET name = $3, status = $4, changed_at = now() WHERE org_id = $1 AND client_id = $2;

-- name: client_judged
-- touched; stores what core/client.h judged
UPDATE client SET primary_contact_id = $3, flags = $4::integer, search = $5 WHERE org_id = $1 AND client_id = $2;

-- name: client_archive
-- touched: 0 when it is view only
UPDATE client SET archived_at = CASE WHEN $3 THEN coalesce(archived_at, now()) END,
  archived_reason = CASE WHEN $3 THEN coalesce(archived_reason, 'by_hand') END, changed_at = now()
WHERE org_id = $1 AND client_id = $2;

-- name: client_record
-- name, contact_id, contact's name, email, phone, is_primary; a row a contact, or one row when
-- there is none
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
-- touched; links the contact as the first and primary one
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
