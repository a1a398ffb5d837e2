-- A person's preview of a client list from a file (sql/migrations/0010_import.sql). $1 organisation, $2 user.
-- role: gap_web

-- name: import_place
-- whether there is a place for this work until the transaction ends: one of an organisation, and two of the
-- installation, since each keeps a process of the site busy
SELECT pg_try_advisory_xact_lock(1010, hashint8($1))
  AND (pg_try_advisory_xact_lock(1011, 1) OR pg_try_advisory_xact_lock(1011, 2)) WHERE $2::bigint IS NOT NULL;

-- name: import_begin
-- touched; the preview's row is new or anew: whoever brings two files at once waits here. $3 file, $4 ignored columns
INSERT INTO import_preview (org_id, user_id, file_name, ignored) VALUES ($1, $2, $3, $4)
ON CONFLICT (org_id, user_id) DO UPDATE SET file_name = $3, ignored = $4, created_at = now();

-- name: import_forget_rows
-- touched
DELETE FROM import_row WHERE org_id = $1 AND user_id = $2;

-- name: import_rows
-- touched; a batch, a column an array
INSERT INTO import_row (org_id, user_id, line, client_name, first_name, last_name, email, phone, status,
  is_primary_text, fault, mark, reason, is_primary, is_prospect, contact_name, client_search, contact_search)
SELECT $1, $2, t.line, t.client_name, t.first_name, t.last_name, t.email, t.phone, t.status, t.is_primary_text,
  t.fault, t.fault, t.reason, t.is_primary, t.is_prospect, t.contact_name, t.client_search, t.contact_search
FROM unnest($3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[],
  $11::text[], $12::text[], $13::boolean[], $14::boolean[], $15::text[], $16::text[], $17::text[])
  AS t (line, client_name, first_name, last_name, email, phone, status, is_primary_text, fault, reason, is_primary,
    is_prospect, contact_name, client_search, contact_search);

-- name: import_mark
-- writes
-- one row, empty
SELECT import_mark($2) WHERE current_org() = $1;

-- name: import_head
-- file_name, ignored, created_at; no row: no preview, or one that is too old ($3 seconds)
SELECT p.file_name, p.ignored, epoch(p.created_at) FROM import_preview p
WHERE p.org_id = $1 AND p.user_id = $2 AND p.created_at > now() - make_interval(secs => $3::integer);

-- name: import_counts
-- mark, rows of it, clients of it
SELECT r.mark, count(*), count(DISTINCT lower(r.client_name) COLLATE "C") FROM import_row r
WHERE r.org_id = $1 AND r.user_id = $2 GROUP BY r.mark;

-- name: import_page
-- an import line: line, client_name, first_name, last_name, email, phone, status, is_primary_text, mark, reason,
-- twin_client, twin's name, twin_line, the status of the client to be added, as import_apply finds it (NULL: it is
-- not to be); $5 of them behind the first $4; $3 mark ("": all)
WITH page AS MATERIALIZED (
  SELECT r.*, lower(r.client_name) COLLATE "C" AS client_key FROM import_row r
  WHERE r.org_id = $1 AND r.user_id = $2 AND ($3 = '' OR r.mark = $3)
  ORDER BY r.line LIMIT $5 OFFSET $4::bigint),
said AS MATERIALIZED (
  SELECT DISTINCT ON (lower(r.client_name) COLLATE "C") lower(r.client_name) COLLATE "C" AS client_key, r.is_prospect
  FROM import_row r
  WHERE r.org_id = $1 AND r.user_id = $2 AND r.mark = 'add' AND r.is_prospect IS NOT NULL
    AND lower(r.client_name) COLLATE "C" IN (SELECT client_key FROM page WHERE mark = 'add')
  ORDER BY lower(r.client_name) COLLATE "C", r.line)
SELECT r.line, r.client_name, r.first_name, r.last_name, r.email, r.phone, r.status, r.is_primary_text, r.mark,
  r.reason, r.twin_client, c.name, r.twin_line,
  CASE WHEN r.mark = 'add' THEN CASE WHEN s.is_prospect THEN 'prospect' ELSE 'client' END END
FROM page r LEFT JOIN client c ON c.org_id = r.org_id AND c.client_id = r.twin_client
LEFT JOIN said s ON s.client_key = r.client_key
ORDER BY r.line;

-- name: import_rejected
-- import lines that are not to be added
SELECT r.line, r.client_name, r.first_name, r.last_name, r.email, r.phone, r.status, r.is_primary_text, r.mark,
  r.reason, r.twin_client, c.name, r.twin_line, NULL::text
FROM import_row r LEFT JOIN client c ON c.org_id = r.org_id AND c.client_id = r.twin_client
WHERE r.org_id = $1 AND r.user_id = $2 AND r.mark <> 'add' ORDER BY r.line;

-- name: import_lock
-- created_at; the preview is held until the transaction ends. No row: none, or too old ($3 seconds)
SELECT epoch(p.created_at) FROM import_preview p
WHERE p.org_id = $1 AND p.user_id = $2 AND p.created_at > now() - make_interval(secs => $3::integer) FOR UPDATE;

-- name: import_apply
-- writes
-- one row, empty
SELECT import_apply($2) WHERE current_org() = $1;

-- name: import_forget
-- touched; its rows go with it
DELETE FROM import_preview WHERE org_id = $1 AND user_id = $2;

-- name: tidy_imports
-- touched; $2 seconds are kept
-- role: gap_worker
DELETE FROM import_preview WHERE org_id = $1 AND created_at < now() - make_interval(secs => $2::integer);
