-- Two rows that are one client (sql/migrations/0009_matching.sql): what people see and decide, and how the
-- worker joins and parts. $1 is always the organisation. In the worker's statements the pairs in state
-- 'joining' or 'leaving' are the set that the others go by; none of them is ever committed in it.
-- role: gap_web

-- name: match_any
-- whether there is something to decide on, while a practice is connected: a client added by
-- hand, or one gone from XPM together with the client it may continue as
SELECT (EXISTS (SELECT FROM client c WHERE c.org_id = $1 AND c.xpm_id IS NULL AND c.archived_at IS NULL
    AND NOT EXISTS (SELECT FROM client_pair p WHERE p.org_id = c.org_id AND p.kind = 'match' AND p.stays_id = c.client_id
      AND p.state IN ('refused', 'parted')))
    OR EXISTS (SELECT FROM client_pair p WHERE p.org_id = $1 AND p.kind = 'rejoin' AND p.state = 'offered'))
  AND EXISTS (SELECT FROM organisation o WHERE o.org_id = $1 AND o.active_tenant IS NOT NULL);

-- name: match_page
-- clients added by hand, first those with a suggestion (the same name, a shared e-mail, and no other that fits as
-- well) or being matched (rank 0), then the others (1), at most $5 after the key ($2 name, $3 id, $4 rank):
-- client_id, name, contact's name, e-mail; the nearest of XPM's: client_id, name, contact's name, e-mail, same name,
-- shared e-mail, rivals; whether it is being matched; why the last try failed; rank; how many suggestions there are
-- on all pages
WITH suggested AS MATERIALIZED (
  SELECT m.hand_id FROM match_candidates(NULL, true) m WHERE m.same_name AND m.shared_email AND m.rivals = 1),
ahead AS MATERIALIZED (
  SELECT hand_id FROM suggested
  UNION SELECT p.stays_id FROM client_pair p WHERE p.org_id = $1 AND p.kind = 'match' AND p.state = 'asked'),
page AS MATERIALIZED (
  (SELECT c.org_id, c.client_id, c.name, c.primary_contact_id, 0 AS rank
    FROM ahead h JOIN client c ON c.org_id = $1 AND c.client_id = h.hand_id
    WHERE $4::bigint = 0 AND c.xpm_id IS NULL AND c.archived_at IS NULL AND (c.name, c.client_id) > ($2, $3::bigint)
    ORDER BY c.name, c.client_id LIMIT $5)
  UNION ALL
  (SELECT c.org_id, c.client_id, c.name, c.primary_contact_id, 1 FROM client c
    WHERE c.org_id = $1 AND c.xpm_id IS NULL AND c.archived_at IS NULL AND (c.name, c.client_id) >
      (CASE WHEN $4 = 0 THEN '' ELSE $2 END, CASE WHEN $4 = 0 THEN 0 ELSE $3 END)
      AND c.client_id NOT IN (SELECT hand_id FROM ahead)
    ORDER BY c.name, c.client_id LIMIT $5)
  ORDER BY rank, name, client_id LIMIT $5)
SELECT c.client_id, c.name, k.name, k.email, t.client_id, t.name, tk.name, tk.email,
  coalesce(b.same_name, false), coalesce(b.shared_email, false), coalesce(b.rivals, 0),
  EXISTS (SELECT FROM client_pair p WHERE p.org_id = $1 AND p.stays_id = c.client_id AND p.state = 'asked'),
  EXISTS (SELECT FROM client_pair p WHERE p.org_id = $1 AND p.stays_id = c.client_id AND p.state = 'failed'),
  c.rank, (SELECT count(*) FROM suggested)
FROM page c
LEFT JOIN contact k ON k.org_id = c.org_id AND k.contact_id = c.primary_contact_id
LEFT JOIN (SELECT DISTINCT ON (m.hand_id) m.* FROM match_candidates(array(SELECT client_id FROM page)) m
  ORDER BY m.hand_id, m.same_name AND m.shared_email DESC, m.same_name DESC, m.twin_id) b ON b.hand_id = c.client_id
LEFT JOIN client t ON t.org_id = c.org_id AND t.client_id = b.twin_id
LEFT JOIN contact tk ON tk.org_id = t.org_id AND tk.contact_id = t.primary_contact_id
ORDER BY c.rank, c.name, c.client_id;

-- name: match_ask_all
-- touched; the suggestions that match_page counts, the first $4 of them by name, are accepted by person $2, $3
INSERT INTO client_pair (org_id, kind, stays_id, goes_id, state, by_id, by_name)
SELECT $1, 'match', m.hand_id, m.twin_id, 'asked', $2::bigint, $3
FROM match_candidates(NULL, true) m JOIN client c ON c.org_id = $1 AND c.client_id = m.hand_id
WHERE m.same_name AND m.shared_email AND m.rivals = 1
ORDER BY c.name, c.client_id LIMIT $4
ON CONFLICT (org_id, kind, stays_id, goes_id) DO UPDATE SET state = excluded.state, by_id = excluded.by_id,
  by_name = excluded.by_name, changed_at = now() WHERE client_pair.state = 'failed';

-- name: match_decide
-- touched: 1 when the pair of $2 (added by hand) and $3 (of XPM) goes into state $4, by person $5, $6; 0 when one
-- of the two is not what it was
INSERT INTO client_pair (org_id, kind, stays_id, goes_id, state, by_id, by_name)
SELECT $1, 'match', c.client_id, t.client_id, $4, $5::bigint, $6
FROM client c JOIN organisation o ON o.org_id = c.org_id
JOIN client t ON t.org_id = c.org_id AND t.client_id = $3 AND t.tenant_id = o.active_tenant
WHERE c.org_id = $1 AND c.client_id = $2 AND c.tenant_id IS NULL
ON CONFLICT (org_id, kind, stays_id, goes_id) DO UPDATE SET state = excluded.state, by_id = excluded.by_id,
  by_name = excluded.by_name, changed_at = now() WHERE client_pair.state IN ('refused', 'parted', 'failed');

-- name: pair_list
-- pairs in state $2 or $3, newest first, at most $4: pair_id, kind, the one that stays, its name, the one that
-- went, its name, reason, by whom, when, state, whether the practice of the one that stays is connected
SELECT p.pair_id, p.kind, p.stays_id, c.name, p.goes_id, coalesce(g.name, p.goes_name), p.reason, p.by_name,
  epoch(p.changed_at), p.state, (c.tenant_id = o.active_tenant) IS TRUE
FROM client_pair p
JOIN organisation o ON o.org_id = p.org_id
JOIN client c ON c.org_id = p.org_id AND c.client_id = p.stays_id
LEFT JOIN client g ON g.org_id = p.org_id AND g.client_id = p.goes_id
WHERE p.org_id = $1 AND p.state IN ($2, $3)
  AND (p.state <> 'offered' OR (c.archived_at IS NULL AND g.archived_at IS NOT NULL))
ORDER BY p.changed_at DESC, p.pair_id DESC LIMIT $4;

-- name: pair_of_client
-- the newest pair that client $2 is part of and that is worth telling: as of pair_list
SELECT p.pair_id, p.kind, p.stays_id, c.name, p.goes_id, coalesce(g.name, p.goes_name), p.reason, p.by_name,
  epoch(p.changed_at), p.state, (c.tenant_id = o.active_tenant) IS TRUE
FROM client_pair p
JOIN organisation o ON o.org_id = p.org_id
JOIN client c ON c.org_id = p.org_id AND c.client_id = p.stays_id
LEFT JOIN client g ON g.org_id = p.org_id AND g.client_id = p.goes_id
WHERE p.org_id = $1 AND $2 IN (p.stays_id, p.goes_id)
  AND (p.state IN ('offered', 'asked', 'joined', 'parting')
    OR (p.kind = 'rejoin' AND p.goes_id = $2 AND p.state IN ('refused', 'parted')))
  AND (p.state NOT IN ('offered', 'refused', 'parted') OR (c.archived_at IS NULL AND g.archived_at IS NOT NULL))
ORDER BY p.pair_id DESC LIMIT 1;

-- name: pair_decide
-- whether there is pair $2, whether it went from state $3 to $4, by person $5, $6, and whether its practice is connected,
-- without which none goes to 'asked'. Two that were kept apart may be joined after all
WITH pair AS (
  SELECT p.pair_id, (c.tenant_id = o.active_tenant) IS TRUE AS connected
  FROM client_pair p JOIN organisation o ON o.org_id = p.org_id
  LEFT JOIN client c ON c.org_id = p.org_id AND c.client_id = p.stays_id
  WHERE p.org_id = $1 AND p.pair_id = $2),
done AS (
  UPDATE client_pair p SET state = $4, by_id = $5::bigint, by_name = $6, changed_at = now() FROM pair x
  WHERE p.org_id = $1 AND p.pair_id = $2 AND x.pair_id = p.pair_id AND (x.connected OR $4 <> 'asked')
    AND (p.state = $3 OR ($4 = 'asked' AND p.kind = 'rejoin' AND p.state IN ('refused', 'parted'))) RETURNING 1)
SELECT EXISTS (SELECT FROM pair), EXISTS (SELECT FROM done), coalesce((SELECT connected FROM pair), false);

-- name: match_lock
-- one row or none; a run's apply takes this lock, too: each sees whole rows of the other
-- role: gap_worker
SELECT 1 FROM connection WHERE org_id = $1 FOR UPDATE;

-- name: match_fail
-- touched; requests of user $2 whose rows have changed meanwhile fail
-- role: gap_worker
UPDATE client_pair p SET state = 'failed', changed_at = now()
WHERE p.org_id = $1 AND p.by_id = $2::bigint AND p.state = 'asked'
  AND NOT EXISTS (SELECT FROM client c JOIN client g ON g.org_id = c.org_id AND g.client_id = p.goes_id
    JOIN organisation o ON o.org_id = c.org_id
    WHERE c.org_id = p.org_id AND c.client_id = p.stays_id AND g.tenant_id = o.active_tenant
      AND CASE p.kind WHEN 'match' THEN c.tenant_id IS NULL
        ELSE c.tenant_id = o.active_tenant AND g.archived_at IS NOT NULL END);

-- name: match_join
-- touched; makes the set, and keeps a copy of both rows
-- role: gap_worker
UPDATE client_pair p SET state = 'joining', goes_name = g.name,
  stays_was = to_jsonb(c), goes_was = to_jsonb(g),
  stays_links = (SELECT coalesce(jsonb_agg(to_jsonb(l)), '[]') FROM client_contact l
    WHERE l.org_id = p.org_id AND l.client_id = p.stays_id),
  stays_contacts = (SELECT coalesce(jsonb_agg(to_jsonb(k)), '[]') FROM client_contact l
    JOIN contact k ON k.org_id = l.org_id AND k.contact_id = l.contact_id
    WHERE l.org_id = p.org_id AND l.client_id = p.stays_id),
  goes_links = (SELECT coalesce(jsonb_agg(to_jsonb(l)), '[]') FROM client_contact l
    WHERE l.org_id = p.org_id AND l.client_id = p.goes_id),
  moved = ARRAY(SELECT h.change_id FROM client_change h WHERE h.org_id = p.org_id AND h.client_id = p.goes_id)
FROM client c, client g
WHERE p.org_id = $1 AND p.by_id = $2::bigint AND p.state = 'asked'
  AND c.org_id = p.org_id AND c.client_id = p.stays_id AND g.org_id = p.org_id AND g.client_id = p.goes_id;

-- name: match_history
-- touched; history of both in one
-- role: gap_worker
UPDATE client_change h SET client_id = p.stays_id FROM client_pair p
WHERE p.org_id = $1 AND p.state = 'joining' AND h.org_id = p.org_id AND h.client_id = p.goes_id;

-- name: match_unlink
-- touched; the contacts of both rows of a match
-- role: gap_worker
DELETE FROM client_contact l USING client_pair p
WHERE p.org_id = $1 AND p.state = 'joining' AND p.kind = 'match' AND l.org_id = p.org_id
  AND l.client_id IN (p.stays_id, p.goes_id);

-- name: match_follow
-- touched; other tables that refer to the twin refer to the row that stays
-- role: gap_worker
WITH held AS (
  UPDATE held_change h SET client_id = p.stays_id FROM client_pair p
  WHERE p.org_id = $1 AND p.state = 'joining' AND p.kind = 'match' AND h.org_id = p.org_id AND h.client_id = p.goes_id)
UPDATE client_pair x SET stays_id = CASE WHEN x.stays_id = p.goes_id THEN p.stays_id ELSE x.stays_id END,
  goes_id = CASE WHEN x.goes_id = p.goes_id THEN p.stays_id ELSE x.goes_id END
FROM client_pair p
WHERE p.org_id = $1 AND p.state = 'joining' AND p.kind = 'match'
  AND x.org_id = p.org_id AND x.kind = 'rejoin' AND p.goes_id IN (x.stays_id, x.goes_id);

-- name: match_fix
-- touched; the twin's entries of the fix list
-- role: gap_worker
UPDATE fix_item f SET client_id = p.stays_id FROM client_pair p
WHERE p.org_id = $1 AND p.state = 'joining' AND p.kind = 'match' AND f.org_id = p.org_id AND f.client_id = p.goes_id;

-- name: match_fold_twin
-- touched
-- role: gap_worker
DELETE FROM client c USING client_pair p
WHERE p.org_id = $1 AND p.state = 'joining' AND p.kind = 'match' AND c.org_id = p.org_id AND c.client_id = p.goes_id;

-- name: match_take
-- touched; the row that stays becomes the synced one: the next list compares with it and finds
-- no difference
-- role: gap_worker
UPDATE client c SET tenant_id = t.tenant_id, xpm_id = t.xpm_id, name = t.name, status = t.status, web_url = t.web_url,
  archived_at = t.archived_at, archived_reason = t.archived_reason, primary_contact_id = t.primary_contact_id,
  flags = t.flags, fingerprint = t.fingerprint, search = t.search, changed_at = t.changed_at, changed_run = t.changed_run,
  held_run = t.held_run, held_gone = t.held_gone
FROM client_pair p, jsonb_populate_record(NULL::client, p.goes_was) t
WHERE p.org_id = $1 AND p.state = 'joining' AND p.kind = 'match' AND c.org_id = p.org_id AND c.client_id = p.stays_id;

-- name: match_links
-- touched; XPM's contacts
-- role: gap_worker
INSERT INTO client_contact (org_id, client_id, contact_id, tenant_id, is_primary, ord, created_at)
SELECT p.org_id, p.stays_id, l.contact_id, l.tenant_id, l.is_primary, l.ord, moment()
FROM client_pair p, jsonb_populate_recordset(NULL::client_contact, p.goes_links) l
WHERE p.org_id = $1 AND p.state = 'joining' AND p.kind = 'match';

-- name: match_contacts_drop
-- touched; deletes contacts added by hand that no client has any more
-- role: gap_worker
DELETE FROM contact k USING client_pair p, jsonb_populate_recordset(NULL::contact, p.stays_contacts) w
WHERE p.org_id = $1 AND p.state = 'joining' AND p.kind = 'match' AND k.org_id = p.org_id AND k.contact_id = w.contact_id
  AND NOT EXISTS (SELECT FROM client_contact l WHERE l.org_id = k.org_id AND l.contact_id = k.contact_id);

-- name: match_told
-- touched; one line of history for each side that is still there, by person $2
-- role: gap_worker
INSERT INTO client_change (org_id, client_id, by_name, field, new, at)
SELECT p.org_id, v.client_id, $2, v.field, v.new, moment() FROM client_pair p
CROSS JOIN LATERAL (VALUES (p.stays_id, CASE p.kind WHEN 'match' THEN 'matched' ELSE 'joined' END, p.goes_name),
  (CASE p.kind WHEN 'rejoin' THEN p.goes_id END, 'merged', p.stays_was ->> 'name')) v (client_id, field, new)
WHERE p.org_id = $1 AND p.state = 'joining' AND v.client_id IS NOT NULL;

-- name: match_joined
-- touched: the set is done
-- role: gap_worker
UPDATE client_pair SET state = 'joined', changed_at = now(), joined_at = moment()
WHERE org_id = $1 AND state = 'joining';

-- name: part_begin
-- touched; makes the set, and keeps a copy of the synced row. A match is separated only while
-- its row is still that client
-- role: gap_worker
UPDATE client_pair p SET state = 'leaving', changed_at = now(),
  goes_was = CASE p.kind WHEN 'match' THEN to_jsonb(c) || jsonb_build_object('client_id', p.goes_id)
    ELSE p.goes_was END,
  goes_links = CASE p.kind WHEN 'match' THEN (SELECT coalesce(jsonb_agg(to_jsonb(l)), '[]') FROM client_contact l
    WHERE l.org_id = p.org_id AND l.client_id = p.stays_id) ELSE p.goes_links END
FROM client c
WHERE p.org_id = $1 AND p.by_id = $2::bigint AND p.state = 'parting'
  AND c.org_id = p.org_id AND c.client_id = p.stays_id
  AND (p.kind = 'rejoin' OR c.xpm_id = (p.goes_was ->> 'xpm_id')::uuid);

-- name: part_unlink
-- touched
-- role: gap_worker
DELETE FROM client_contact l USING client_pair p
WHERE p.org_id = $1 AND p.state = 'leaving' AND p.kind = 'match' AND l.org_id = p.org_id AND l.client_id = p.stays_id;

-- name: part_contacts
-- touched; contacts by hand, under their own numbers
-- role: gap_worker
INSERT INTO contact (org_id, contact_id, tenant_id, xpm_id, name, email, phone)
OVERRIDING SYSTEM VALUE
SELECT DISTINCT ON (w.contact_id) w.org_id, w.contact_id, w.tenant_id, w.xpm_id, w.name, w.email, w.phone
FROM client_pair p, jsonb_populate_recordset(NULL::contact, p.stays_contacts) w
WHERE p.org_id = $1 AND p.state = 'leaving' AND p.kind = 'match'
  AND NOT EXISTS (SELECT FROM contact k WHERE k.org_id = p.org_id AND k.contact_id = w.contact_id);

-- name: part_stays
-- touched; as it was before the match
-- role: gap_worker
UPDATE client c SET tenant_id = NULL, xpm_id = NULL, name = t.name, status = t.status, web_url = t.web_url,
  archived_at = t.archived_at, archived_reason = t.archived_reason, primary_contact_id = t.primary_contact_id,
  flags = t.flags, fingerprint = NULL, search = t.search, changed_at = t.changed_at, changed_run = t.changed_run,
  held_run = NULL, held_gone = false
FROM client_pair p, jsonb_populate_record(NULL::client, p.stays_was) t
WHERE p.org_id = $1 AND p.state = 'leaving' AND p.kind = 'match' AND c.org_id = p.org_id AND c.client_id = p.stays_id;

-- name: part_goes
-- touched; the twin under its own number again
-- role: gap_worker
INSERT INTO client (org_id, client_id, tenant_id, xpm_id, name, status, web_url, archived_at, archived_reason,
  primary_contact_id, flags, fingerprint, search, created_at, changed_at, changed_run, held_run, held_gone)
OVERRIDING SYSTEM VALUE
SELECT t.org_id, t.client_id, t.tenant_id, t.xpm_id, t.name, t.status, t.web_url, t.archived_at, t.archived_reason,
  t.primary_contact_id, t.flags, t.fingerprint, t.search, t.created_at, t.changed_at, t.changed_run, t.held_run,
  t.held_gone
FROM client_pair p,
  jsonb_populate_record(NULL::client, p.goes_was || jsonb_build_object('created_at', moment())) t
WHERE p.org_id = $1 AND p.state = 'leaving' AND p.kind = 'match';

-- name: part_links
-- touched; each side's contacts, as far as they are still there
-- role: gap_worker
INSERT INTO client_contact (org_id, client_id, contact_id, tenant_id, is_primary, ord, created_at)
SELECT p.org_id, x.client_id, l.contact_id, l.tenant_id, l.is_primary, l.ord, moment()
FROM client_pair p
CROSS JOIN LATERAL (VALUES (p.stays_id, p.stays_links), (p.goes_id, p.goes_links)) x (client_id, links)
CROSS JOIN LATERAL jsonb_populate_recordset(NULL::client_contact, x.links) l
JOIN contact k ON k.org_id = p.org_id AND k.contact_id = l.contact_id
WHERE p.org_id = $1 AND p.state = 'leaving' AND p.kind = 'match';

-- name: part_follow
-- touched; as match_follow, back
-- role: gap_worker
WITH held AS (
  UPDATE held_change h SET client_id = p.goes_id FROM client_pair p
  WHERE p.org_id = $1 AND p.state = 'leaving' AND p.kind = 'match' AND h.org_id = p.org_id AND h.client_id = p.stays_id)
UPDATE client_pair x SET stays_id = CASE WHEN x.stays_id = p.stays_id THEN p.goes_id ELSE x.stays_id END,
  goes_id = CASE WHEN x.goes_id = p.stays_id THEN p.goes_id ELSE x.goes_id END
FROM client_pair p
WHERE p.org_id = $1 AND p.state = 'leaving' AND p.kind = 'match'
  AND x.org_id = p.org_id AND x.kind = 'rejoin' AND p.stays_id IN (x.stays_id, x.goes_id);

-- name: part_fix
-- touched; a client added by hand has no entries of its own
-- role: gap_worker
UPDATE fix_item f SET client_id = p.goes_id FROM client_pair p
WHERE p.org_id = $1 AND p.state = 'leaving' AND p.kind = 'match' AND f.org_id = p.org_id AND f.client_id = p.stays_id;

-- name: part_history
-- touched; history that was moved goes back; that of syncs since a match belongs to the synced
-- row
-- role: gap_worker
UPDATE client_change h SET client_id = p.goes_id FROM client_pair p
WHERE p.org_id = $1 AND p.state = 'leaving' AND h.org_id = p.org_id AND h.client_id = p.stays_id
  AND (h.change_id = ANY (p.moved) OR (p.kind = 'match' AND h.at > p.joined_at));

-- name: part_told
-- touched; one line of history for each side, by person $2; the twin was not added anew
-- role: gap_worker
WITH anew AS (
  DELETE FROM client_change h USING client_pair p
  WHERE p.org_id = $1 AND p.state = 'leaving' AND h.org_id = p.org_id AND h.client_id = p.goes_id
    AND h.field = 'client' AND h.at = moment())
INSERT INTO client_change (org_id, client_id, by_name, field, old, at)
SELECT p.org_id, v.client_id, $2, CASE p.kind WHEN 'match' THEN 'matched' ELSE v.field END, v.old, moment()
FROM client_pair p
CROSS JOIN LATERAL (VALUES (p.stays_id, 'joined', p.goes_name),
  (p.goes_id, 'merged', p.stays_was ->> 'name')) v (client_id, field, old)
WHERE p.org_id = $1 AND p.state = 'leaving';

-- name: part_done
-- touched: the set is done and the copies are deleted; what could not be separated stays joined
-- role: gap_worker
UPDATE client_pair SET state = CASE state WHEN 'leaving' THEN 'parted' ELSE 'joined' END,
  moved = CASE state WHEN 'leaving' THEN '{}' ELSE moved END,
  stays_was = CASE state WHEN 'leaving' THEN NULL ELSE stays_was END,
  stays_links = CASE state WHEN 'leaving' THEN NULL ELSE stays_links END,
  stays_contacts = CASE state WHEN 'leaving' THEN NULL ELSE stays_contacts END,
  goes_was = CASE state WHEN 'leaving' THEN NULL ELSE goes_was END,
  goes_links = CASE state WHEN 'leaving' THEN NULL ELSE goes_links END
WHERE org_id = $1 AND by_id = $2::bigint AND state IN ('leaving', 'parting');

-- name: match_detect
-- of the pairs offered because of run $2 how many, and of one of them: the one that has gone, its name, the name of the
-- one it may live on in; no row: there is none. A client that has gone, and one live client that is new with the same
-- name and a contact in common (new_id), or that all its contacts moved to (merged); only if no other fits. One
-- side at least is of this run, so that a quiet run looks at nothing.
-- role: gap_worker
WITH fresh AS MATERIALIZED (
  SELECT h.client_id, h.field FROM client_change h
  WHERE h.org_id = $1 AND h.run_id = $2 AND (h.field = 'client' OR (h.field = 'archived' AND h.old IS NULL))),
gone AS MATERIALIZED (
  SELECT c.client_id, match_fold(c.name) AS name, c.created_at, f.client_id IS NOT NULL AS now FROM client c
  LEFT JOIN fresh f ON f.client_id = c.client_id AND f.field = 'archived'
  JOIN sync_run r ON r.org_id = $1 AND r.run_id = $2 AND r.tenant_id = c.tenant_id
  WHERE c.org_id = $1 AND c.archived_at IS NOT NULL AND c.archived_reason IN ('deleted_in_xpm', 'gone_from_xpm')
    AND (f.client_id IS NOT NULL OR EXISTS (SELECT FROM fresh WHERE field = 'client'))
    AND NOT EXISTS (SELECT FROM client_pair p WHERE p.org_id = $1 AND p.goes_id = c.client_id AND p.state IN ('asked', 'joined'))),
-- In a merge XPM may list the client that goes without its contacts; this run has then already
-- taken them from it.
held AS (
  SELECT g.*, l.contact_id, l.created_at AS since FROM gone g
  JOIN client_contact l ON l.org_id = $1 AND l.client_id = g.client_id
  UNION ALL SELECT g.*, l.contact_id, l.created_at FROM gone g
  JOIN client_contact_was l ON l.org_id = $1 AND l.client_id = g.client_id AND l.until = moment()),
link AS MATERIALIZED (
  SELECT h.*, lower(k.email) AS email FROM held h
  JOIN contact k ON k.org_id = $1 AND k.contact_id = h.contact_id),
-- Live clients with a contact of a gone one: itself, or its e-mail under a new number.
shared AS MATERIALIZED (
  SELECT g.client_id AS goes_id, c.client_id AS stays_id, g.contact_id,
    match_fold(c.name) = g.name AND c.created_at > g.created_at AS again, n.created_at > g.since AS moved_to,
    g.now OR f.client_id IS NOT NULL AS now
  FROM link g
  JOIN contact k ON k.org_id = $1 AND (k.contact_id = g.contact_id OR lower(k.email) = g.email)
  JOIN client_contact n ON n.org_id = $1 AND n.contact_id = k.contact_id AND n.client_id <> g.client_id
  JOIN client c ON c.org_id = $1 AND c.client_id = n.client_id AND c.archived_at IS NULL AND c.tenant_id IS NOT NULL
  LEFT JOIN fresh f ON f.client_id = c.client_id AND f.field = 'client'),
fits AS (
  SELECT s.goes_id, s.stays_id, CASE WHEN bool_or(s.again) THEN 'new_id' ELSE 'merged' END AS reason
  FROM shared s WHERE s.now GROUP BY s.goes_id, s.stays_id
  HAVING bool_or(s.again) OR (bool_or(s.moved_to) AND count(DISTINCT s.contact_id) =
    (SELECT count(*) FROM link g WHERE g.client_id = s.goes_id))),
best AS (
  SELECT f.*, count(*) OVER (PARTITION BY f.goes_id) AS n,
    count(*) FILTER (WHERE f.reason = 'new_id') OVER (PARTITION BY f.goes_id) AS named FROM fits f),
made AS (
  INSERT INTO client_pair (org_id, kind, stays_id, goes_id, reason, state)
  SELECT $1, 'rejoin', b.stays_id, b.goes_id, b.reason, 'offered' FROM best b
  WHERE b.n = 1 OR (b.reason = 'new_id' AND b.named = 1)
  ON CONFLICT DO NOTHING RETURNING stays_id, goes_id)
SELECT (SELECT count(*) FROM made), m.goes_id, g.name, c.name FROM made m
JOIN client g ON g.org_id = $1 AND g.client_id = m.goes_id
JOIN client c ON c.org_id = $1 AND c.client_id = m.stays_id
ORDER BY g.name, m.goes_id LIMIT 1;

-- name: pairs_waiting
-- how many pairs wait for the worker, and when one changed last
SELECT count(*) FILTER (WHERE state IN ('asked', 'parting')), coalesce(epoch(max(changed_at)), 0)
FROM client_pair WHERE org_id = $1;
