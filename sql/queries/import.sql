-- A person's preview of a client list from a file (sql/migrations/0010_import.sql). $1 organisation, $2 user.
-- role: gap_web

-- name: import_place
-- whether a file may be read now, until the transaction ends: one an organisation and two an
-- installation, since each keeps a process of the site busy
SELECT pg_try_advisory_xact_lock(1010, hashint8($1))
  AND (pg_try_advisory_xact_lock(1011, 1) OR pg_try_advisory_xact_lock(1011, 2)) WHERE $2::bigint IS NOT NULL;

-- name: import_turn
-- whether this is the organisation's only file at work, until the transaction ends
-- role: gap_worker
SELECT pg_try_advisory_xact_lock(1010, hashint8($1));

-- name: import_begin
-- touched: 1, or 0 while the earlier preview is being imported. Adds or resets the preview's
-- row: two uploads of one user at once wait for each other here. $3 file, $4 ignored columns
INSERT INTO import_preview AS p (org_id, user_id, file_name, ignored) VALUES ($1, $2, $3, $4)
ON CONFLICT (org_id, user_id) DO UPDATE SET file_name = $3, ignored = $4, created_at = now(), state = 'shown',
  said = '', asked_at = NULL, asked_clients = NULL
WHERE p.state <> 'asked';

-- name: import_forget_rows
-- touched
DELETE FROM import_row WHERE org_id = $1 AND user_id = $2;

-- name: import_rows
-- touched; adds a batch of rows, one array a column
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
-- role: gap_web gap_worker
SELECT import_mark($2) WHERE current_org() = $1;

-- name: import_head
-- file_name, ignored, created_at, state, what is said of it, clients asked for, asked_at (0: not yet); no row: no
-- preview, or one that is too old ($3 seconds since the file came, or since it was asked for) and not at work
SELECT p.file_name, p.ignored, epoch(p.created_at), p.state, p.said, coalesce(p.asked_clients, 0),
  coalesce(epoch(p.asked_at), 0)
FROM import_preview p
WHERE p.org_id = $1 AND p.user_id = $2
  AND (p.state = 'asked' OR greatest(p.created_at, p.asked_at) > now() - make_interval(secs => $3::integer));

-- name: import_counts
-- mark, rows of it, clients of it
-- role: gap_web gap_worker
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

-- name: import_ask
-- touched: 1, or 0 when there is no such preview to be imported: none, asked for already, made at another time than $4,
-- or too old ($5 seconds). $3 clients that were seen
UPDATE import_preview p SET state = 'asked', said = '', asked_at = now(), asked_clients = $3
WHERE p.org_id = $1 AND p.user_id = $2 AND p.state NOT IN ('asked', 'done') AND epoch(p.created_at) = $4
  AND greatest(p.created_at, p.asked_at) > now() - make_interval(secs => $5::integer);

-- name: import_asked
-- clients asked for; no row: nothing is asked for
-- role: gap_worker
SELECT p.asked_clients FROM import_preview p WHERE p.org_id = $1 AND p.user_id = $2 AND p.state = 'asked';

-- name: import_apply
-- writes
-- one row, empty
-- role: gap_worker
SELECT import_apply($2) WHERE current_org() = $1;

-- name: import_settle
-- touched; what was asked for has come to $3, and $4 is said of it
-- role: gap_worker
UPDATE import_preview SET state = $3, said = $4 WHERE org_id = $1 AND user_id = $2 AND state = 'asked';

-- name: import_used_up
-- touched
-- role: gap_worker
DELETE FROM import_row WHERE org_id = $1 AND user_id = $2;

-- name: import_forget
-- touched; its rows go with it. Not while it is being imported, nor what tells that it was
DELETE FROM import_preview WHERE org_id = $1 AND user_id = $2 AND state NOT IN ('asked', 'done');

-- name: tidy_imports
-- touched; $2 seconds are kept, and what is asked for until it has come to an end
-- role: gap_worker
DELETE FROM import_preview
WHERE org_id = $1 AND state <> 'asked'
  AND greatest(created_at, asked_at) < now() - make_interval(secs => $2::integer);
