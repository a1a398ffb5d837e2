-- The practice: filled by COPY, read by the API, changed by scripted edits.

-- name: practice_clear_links
-- Empties.
DELETE FROM sandbox.link

-- name: practice_clear_contacts
-- Empties.
DELETE FROM sandbox.contact

-- name: practice_clear_clients
-- Empties.
DELETE FROM sandbox.client

-- name: practice_is_empty
-- Whether nothing has been generated.
SELECT NOT EXISTS (SELECT FROM sandbox.tenant)

-- name: practice_analyze
-- Updates the statistics for the query planner.
ANALYZE sandbox.client, sandbox.contact, sandbox.link

-- name: client_copy
-- Fed by pg_copy_row.
COPY sandbox.client (tenant_no, seq, uuid, name, first_name, last_name, email, born, address, city,
  region, post_code, country, phone, website, manager, structure, business_number, client_code,
  is_person, has_tax, is_prospect, is_archived, is_deleted, modified_at) FROM STDIN

-- name: contact_copy
-- Fed by pg_copy_row.
COPY sandbox.contact (tenant_no, contact, uuid, name, salutation, addressee, mobile, email, phone,
  is_deleted) FROM STDIN

-- name: link_copy
-- Fed by pg_copy_row.
COPY sandbox.link (tenant_no, seq, ord, contact, is_primary, position) FROM STDIN

-- name: client_list
-- $2: UTC seconds, 0 for all. Column order: app/sandbox/record.h.
SELECT seq, uuid, name, first_name, last_name, email, born, address, city, region, post_code,
  country, phone, website, manager, structure, business_number, client_code, is_person, has_tax,
  is_prospect, is_archived, is_deleted, contact_uuid, contact_name, salutation, addressee, mobile,
  contact_email, contact_phone, contact_deleted, is_primary, position
FROM sandbox.record
WHERE tenant_no = $1::integer AND NOT is_vanished
  AND ($2::bigint = 0 OR modified_at >= to_timestamp($2::bigint))
ORDER BY seq, ord

-- name: client_list_reversed
-- As client_list, in reverse order.
SELECT seq, uuid, name, first_name, last_name, email, born, address, city, region, post_code,
  country, phone, website, manager, structure, business_number, client_code, is_person, has_tax,
  is_prospect, is_archived, is_deleted, contact_uuid, contact_name, salutation, addressee, mobile,
  contact_email, contact_phone, contact_deleted, is_primary, position
FROM sandbox.record
WHERE tenant_no = $1::integer AND NOT is_vanished
  AND ($2::bigint = 0 OR modified_at >= to_timestamp($2::bigint))
ORDER BY seq DESC, ord

-- name: client_get
-- One row per contact, as client_list; no row when the client is unknown.
SELECT seq, uuid, name, first_name, last_name, email, born, address, city, region, post_code,
  country, phone, website, manager, structure, business_number, client_code, is_person, has_tax,
  is_prospect, is_archived, is_deleted, contact_uuid, contact_name, salutation, addressee, mobile,
  contact_email, contact_phone, contact_deleted, is_primary, position
FROM sandbox.record
WHERE tenant_no = $1::integer AND NOT is_vanished AND uuid::text = lower($2)
ORDER BY ord

-- name: practice_counts
-- number, tenant id, name; clients in the list, and how many are live, prospects, archived, deleted; vanished clients; contacts and links of all but prospects.
SELECT t.tenant_no, t.tenant_id, t.name,
  count(c.seq) FILTER (WHERE NOT c.is_vanished),
  count(c.seq) FILTER (WHERE NOT c.is_vanished AND NOT c.is_prospect AND NOT c.is_archived AND NOT c.is_deleted),
  count(c.seq) FILTER (WHERE NOT c.is_vanished AND c.is_prospect),
  count(c.seq) FILTER (WHERE NOT c.is_vanished AND NOT c.is_prospect AND c.is_archived AND NOT c.is_deleted),
  count(c.seq) FILTER (WHERE NOT c.is_vanished AND NOT c.is_prospect AND c.is_deleted),
  count(c.seq) FILTER (WHERE c.is_vanished),
  (SELECT count(DISTINCT l.contact) FROM sandbox.link l JOIN sandbox.contact k USING (tenant_no, contact)
    JOIN sandbox.client o USING (tenant_no, seq)
    WHERE l.tenant_no = t.tenant_no AND NOT k.is_deleted AND NOT o.is_vanished AND NOT o.is_prospect),
  (SELECT count(*) FROM sandbox.link l JOIN sandbox.contact k USING (tenant_no, contact)
    JOIN sandbox.client o USING (tenant_no, seq)
    WHERE l.tenant_no = t.tenant_no AND NOT k.is_deleted AND NOT o.is_vanished AND NOT o.is_prospect)
FROM sandbox.tenant t LEFT JOIN sandbox.client c USING (tenant_no)
WHERE t.type = 'PRACTICEMANAGER'
GROUP BY t.tenant_no, t.tenant_id, t.name ORDER BY t.tenant_no

-- name: client_pick
-- The clients of an edit, as the text of an array: '#n' is the n-th live client, else a UUID, else a
-- name; '' begins with the first. $3 is how many; only live ones, unless $4 (revivals) is set.
SELECT coalesce(array_agg(p.seq ORDER BY p.seq), '{}')::text, count(*)
FROM (
  SELECT c.seq FROM (
    SELECT seq, uuid, name, row_number() OVER (ORDER BY seq) AS place
    FROM sandbox.client
    WHERE tenant_no = $1::integer AND ($4::boolean OR
      NOT (is_prospect OR is_archived OR is_deleted OR is_vanished))
  ) c
  WHERE CASE WHEN $2 = '' THEN true
    WHEN $2 ~ '^#[0-9]{1,7}$' THEN c.place >= substr($2, 2)::bigint
    ELSE c.uuid::text = lower($2) OR c.name = $2 END
  ORDER BY c.seq LIMIT $3::integer
) p

-- name: client_lost
-- The clients that are archived, deleted or vanished: revivals begin with them when no client is named.
SELECT coalesce(array_agg(p.seq ORDER BY p.seq), '{}')::text, count(*)
FROM (
  SELECT seq FROM sandbox.client
  WHERE tenant_no = $1::integer AND NOT is_prospect AND CASE $2::text
    WHEN 'unarchive' THEN is_archived WHEN 'restore' THEN is_deleted ELSE is_vanished END
  ORDER BY seq LIMIT $3::integer
) p

-- name: client_rename
-- Rows touched.
UPDATE sandbox.client SET name = $3, modified_at = now()
WHERE tenant_no = $1::integer AND seq = ANY ($2::integer[])

-- name: client_flag
-- NULL leaves a flag as it is.
UPDATE sandbox.client SET is_archived = coalesce($3::boolean, is_archived),
  is_deleted = coalesce($4::boolean, is_deleted), is_vanished = coalesce($5::boolean, is_vanished),
  is_prospect = coalesce($6::boolean, is_prospect), modified_at = now()
WHERE tenant_no = $1::integer AND seq = ANY ($2::integer[])

-- name: client_add
-- A new client at the end of the list, without contacts.
INSERT INTO sandbox.client (tenant_no, seq, uuid, name, first_name, last_name, email, born, address,
  city, region, post_code, country, phone, website, manager, structure, business_number, client_code,
  is_person, has_tax, is_prospect, is_archived, is_deleted, modified_at)
SELECT $1::integer, coalesce(max(seq), 0) + 1, $2::uuid, $3, '', '', '', '', '', '', '', '', '', '',
  '', '', 'Company', '', '', false, true, false, false, false, now()
FROM sandbox.client WHERE tenant_no = $1

-- name: contact_change
-- The first contact of each client. NULL leaves a text as it is. A contact's change does not touch
-- the client's modified time: it is not known whether it does at Xero.
UPDATE sandbox.contact k SET name = coalesce($3::text, k.name), email = coalesce($4::text, k.email),
  phone = coalesce($5::text, k.phone), mobile = coalesce($6::text, k.mobile)
FROM (
  SELECT DISTINCT ON (seq) seq, contact FROM sandbox.link
  WHERE tenant_no = $1::integer AND seq = ANY ($2::integer[]) ORDER BY seq, ord
) f
WHERE k.tenant_no = $1 AND k.contact = f.contact

-- name: contact_add
-- One new contact that belongs to all named clients.
WITH made AS (
  INSERT INTO sandbox.contact (tenant_no, contact, uuid, name, salutation, addressee, mobile, email,
    phone, is_deleted)
  SELECT $1::integer, coalesce(max(contact), 0) + 1, $3::uuid, $4, '', '', '', $5, '', false
  FROM sandbox.contact WHERE tenant_no = $1
  RETURNING contact
)
INSERT INTO sandbox.link (tenant_no, seq, ord, contact, is_primary, position)
SELECT $1::integer, c.seq, coalesce((SELECT max(l.ord) FROM sandbox.link l
    WHERE l.tenant_no = $1 AND l.seq = c.seq), 0) + 1, made.contact, false, ''
FROM made, sandbox.client c WHERE c.tenant_no = $1 AND c.seq = ANY ($2::integer[])

-- name: link_drop
-- Removes all contacts from these clients.
DELETE FROM sandbox.link WHERE tenant_no = $1::integer AND seq = ANY ($2::integer[])

-- name: contact_remove
-- Removes the link to each client's first contact; other clients keep the contact.
DELETE FROM sandbox.link d USING (
  SELECT DISTINCT ON (seq) seq, contact FROM sandbox.link
  WHERE tenant_no = $1::integer AND seq = ANY ($2::integer[]) ORDER BY seq, ord
) f
WHERE d.tenant_no = $1 AND d.seq = f.seq AND d.contact = f.contact

-- name: contact_share
-- Links the first contact of $2 to $3 as well.
INSERT INTO sandbox.link (tenant_no, seq, ord, contact, is_primary, position)
SELECT $1::integer, t.seq, coalesce((SELECT max(o.ord) FROM sandbox.link o
    WHERE o.tenant_no = $1 AND o.seq = t.seq), 0) + 1, f.contact, false, ''
FROM (
  SELECT DISTINCT ON (seq) seq, contact FROM sandbox.link
  WHERE tenant_no = $1 AND seq = ANY ($2::integer[]) ORDER BY seq, ord
) f, sandbox.client t
WHERE t.tenant_no = $1 AND t.seq = ANY ($3::integer[])
ON CONFLICT DO NOTHING

-- name: link_move
-- Moves every contact of $2 to $3.
WITH gone AS (
  DELETE FROM sandbox.link WHERE tenant_no = $1::integer AND seq = ANY ($2::integer[])
  RETURNING seq, ord, contact, position
)
INSERT INTO sandbox.link (tenant_no, seq, ord, contact, is_primary, position)
SELECT $1::integer, t.seq, coalesce((SELECT max(o.ord) FROM sandbox.link o
    WHERE o.tenant_no = $1 AND o.seq = t.seq), 0)
    + row_number() OVER (PARTITION BY t.seq ORDER BY g.seq, g.ord), g.contact, false, g.position
FROM gone g, sandbox.client t
WHERE t.tenant_no = $1 AND t.seq = ANY ($3::integer[])
ON CONFLICT DO NOTHING

-- name: link_primary
-- The last contact of each client becomes its only primary.
UPDATE sandbox.link l SET is_primary = l.ord = m.last
FROM (
  SELECT seq, max(ord) AS last FROM sandbox.link
  WHERE tenant_no = $1::integer AND seq = ANY ($2::integer[]) GROUP BY seq
) m
WHERE l.tenant_no = $1 AND l.seq = m.seq

-- name: link_primary_all
-- Every contact of each client is marked primary ($3), or none is.
UPDATE sandbox.link SET is_primary = $3::boolean
WHERE tenant_no = $1::integer AND seq = ANY ($2::integer[])
