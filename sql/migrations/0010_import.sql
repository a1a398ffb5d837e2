-- Client lists from files, while no practice is connected. A preview is a person's own: one each, with every
-- row of the file and what is to become of it. It stands beside the client tables, which nothing touches
-- before "Import"; then it is used up, and 24 hours after the file came it is forgotten.

SET LOCAL search_path = gap;

CREATE TABLE import_preview (
  org_id bigint NOT NULL REFERENCES organisation ON DELETE CASCADE,
  user_id bigint NOT NULL,
  file_name text NOT NULL,
  -- Columns of the file that nobody reads, "A, B".
  ignored text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (org_id, user_id)
);

CREATE TABLE import_row (
  org_id bigint NOT NULL,
  user_id bigint NOT NULL,
  line bigint NOT NULL,
  -- As the columns of the file, trimmed.
  client_name text COLLATE "und-x-icu" NOT NULL,
  first_name text NOT NULL,
  last_name text NOT NULL,
  email text NOT NULL,
  phone text NOT NULL,
  status text NOT NULL,
  is_primary_text text NOT NULL,
  -- core/import.h enum import_mark: of the row by itself, and with the other rows and the client list.
  fault text NOT NULL,
  mark text NOT NULL,
  reason text NOT NULL,
  is_primary boolean NOT NULL,
  -- NULL: the file says nothing.
  is_prospect boolean,
  contact_name text NOT NULL,
  client_search text NOT NULL,
  contact_search text NOT NULL,
  twin_client bigint,
  twin_line bigint,
  -- Given by "Import".
  client_id bigint,
  contact_id bigint,
  PRIMARY KEY (org_id, user_id, line),
  FOREIGN KEY (org_id, user_id) REFERENCES import_preview ON DELETE CASCADE
);

DO $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['import_preview', 'import_row']
  LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY %I ON %I USING (org_id = current_org()) WITH CHECK (org_id = current_org())',
      t || '_org', t);
  END LOOP;
END
$$;
GRANT SELECT, INSERT, UPDATE, DELETE ON import_preview, import_row TO gap_web;
GRANT SELECT (org_id, created_at), DELETE ON import_preview TO gap_worker;

-- The two steps over all rows, as the caller: the policies of client and contact hold here too. Plans are made
-- for the rows that there are, and never row by row: nothing is known yet of what the upload has just brought.

-- Marks what only the whole file and the client list can tell of rows without a fault of their own:
--   the client is in the list (archived or not) with this e-mail; then so are its other rows
--   the same client and e-mail in a row above
--   another row of the client has a fault: its rows stand or fall together, so that the file of what was left
--   out can be put right and brought again
CREATE FUNCTION import_mark(p_user bigint) RETURNS void LANGUAGE plpgsql SECURITY INVOKER
  SET search_path = gap, pg_temp SET plan_cache_mode = force_custom_plan SET enable_nestloop = off AS $$
DECLARE
  v_org bigint := current_org();
BEGIN
  WITH every AS MATERIALIZED (
    SELECT r.line, r.fault, lower(r.client_name) COLLATE "C" AS client_key, lower(r.email) COLLATE "C" AS email_key
    FROM import_row r WHERE r.org_id = v_org AND r.user_id = p_user),
  listed AS MATERIALIZED (
    SELECT lower(c.name) COLLATE "C" AS client_key, lower(k.email) COLLATE "C" AS email_key,
      min(c.client_id) AS client_id
    FROM client c
    JOIN client_contact l ON l.org_id = v_org AND l.client_id = c.client_id
    JOIN contact k ON k.org_id = v_org AND k.contact_id = l.contact_id
    WHERE c.org_id = v_org AND k.email IS NOT NULL
    GROUP BY 1, 2),
  twin AS MATERIALIZED (
    SELECT e.client_key, min(l.client_id) AS client_id
    FROM every e JOIN listed l ON l.client_key = e.client_key AND l.email_key = e.email_key
    WHERE e.fault = 'add' GROUP BY e.client_key),
  placed AS (
    SELECT e.line, e.fault, e.client_key, t.client_id AS twin_client,
      min(e.line) FILTER (WHERE e.fault = 'add') OVER (PARTITION BY e.client_key, e.email_key) AS first_line,
      min(e.line) FILTER (WHERE e.fault <> 'add') OVER (PARTITION BY e.client_key) AS bad_line
    FROM every e LEFT JOIN twin t ON t.client_key = e.client_key),
  counted AS (
    SELECT p.*, count(*) FILTER (WHERE p.first_line = p.line) OVER (PARTITION BY p.client_key) AS contacts
    FROM placed p),
  judged AS (
    SELECT c.line, c.twin_client,
      CASE WHEN c.twin_client IS NOT NULL OR c.first_line < c.line THEN 'duplicate'
        WHEN c.bad_line IS NOT NULL THEN 'held' WHEN c.contacts > 500 THEN 'bad-value' ELSE 'add' END AS mark,
      CASE WHEN c.twin_client IS NOT NULL THEN NULL WHEN c.first_line < c.line THEN c.first_line
        ELSE c.bad_line END AS twin_line
    FROM counted c WHERE c.fault = 'add')
  UPDATE import_row r SET mark = j.mark, twin_client = j.twin_client, twin_line = j.twin_line,
    reason = CASE j.mark WHEN 'bad-value' THEN 'A client has at most 500 contacts.' ELSE '' END
  FROM judged j
  WHERE r.org_id = v_org AND r.user_id = p_user AND r.line = j.line
    AND (r.mark, r.twin_client, r.twin_line) IS DISTINCT FROM (j.mark, j.twin_client, j.twin_line);
END
$$;
REVOKE ALL ON FUNCTION import_mark FROM PUBLIC;
GRANT EXECUTE ON FUNCTION import_mark TO gap_web;

-- Makes clients and contacts of what is marked "add". A client is found back by its name, alone in a file under
-- its key; of contacts that are alike in everything it does not matter which belongs to which client.
CREATE FUNCTION import_apply(p_user bigint) RETURNS void LANGUAGE plpgsql SECURITY INVOKER
  SET search_path = gap, pg_temp SET plan_cache_mode = force_custom_plan SET enable_nestloop = off AS $$
DECLARE
  v_org bigint := current_org();
BEGIN
  WITH made AS (
    INSERT INTO contact (org_id, name, email, phone)
    SELECT v_org, r.contact_name, r.email, nullif(r.phone, '') FROM import_row r
    WHERE r.org_id = v_org AND r.user_id = p_user AND r.mark = 'add' ORDER BY r.line
    RETURNING contact_id, name, email, coalesce(phone, '') AS phone),
  numbered AS (
    SELECT m.*, row_number() OVER (PARTITION BY m.name COLLATE "C", m.email COLLATE "C", m.phone COLLATE "C"
      ORDER BY m.contact_id) AS nth FROM made m),
  wanted AS (
    SELECT r.line, r.contact_name, r.email, r.phone, row_number() OVER (PARTITION BY r.contact_name COLLATE "C",
      r.email COLLATE "C", r.phone COLLATE "C" ORDER BY r.line) AS nth
    FROM import_row r WHERE r.org_id = v_org AND r.user_id = p_user AND r.mark = 'add')
  UPDATE import_row r SET contact_id = n.contact_id
  FROM wanted w JOIN numbered n ON n.name = w.contact_name AND n.email = w.email AND n.phone = w.phone
    AND n.nth = w.nth
  WHERE r.org_id = v_org AND r.user_id = p_user AND r.line = w.line;

  WITH good AS (
    SELECT r.*, lower(r.client_name) COLLATE "C" AS client_key FROM import_row r
    WHERE r.org_id = v_org AND r.user_id = p_user AND r.mark = 'add'),
  made AS (
    INSERT INTO client (org_id, name, status, primary_contact_id, flags, search)
    SELECT v_org, (array_agg(g.client_name ORDER BY g.line))[1],
      CASE WHEN (array_agg(g.is_prospect ORDER BY g.line) FILTER (WHERE g.is_prospect IS NOT NULL))[1]
        THEN 'prospect' ELSE 'client' END,
      (array_agg(g.contact_id ORDER BY g.is_primary DESC, g.line))[1], 0,
      left((array_agg(g.client_search ORDER BY g.line))[1] || string_agg(g.contact_search, '' ORDER BY g.line), 16383)
    FROM good g GROUP BY g.client_key
    RETURNING client_id, lower(name) COLLATE "C" AS client_key)
  UPDATE import_row r SET client_id = m.client_id FROM made m
  WHERE r.org_id = v_org AND r.user_id = p_user AND r.mark = 'add'
    AND lower(r.client_name) COLLATE "C" = m.client_key;

  INSERT INTO client_contact (org_id, client_id, contact_id, is_primary, ord)
  SELECT v_org, r.client_id, r.contact_id,
    row_number() OVER (PARTITION BY r.client_id ORDER BY r.is_primary DESC, r.line) = 1,
    row_number() OVER (PARTITION BY r.client_id ORDER BY r.line) - 1
  FROM import_row r WHERE r.org_id = v_org AND r.user_id = p_user AND r.mark = 'add';
END
$$;
REVOKE ALL ON FUNCTION import_apply FROM PUBLIC;
GRANT EXECUTE ON FUNCTION import_apply TO gap_web;
