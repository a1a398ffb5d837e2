SET LOCAL search_path = gap;

-- The orders of the clients list. A row's place says in which list it stands and how far down by source; so
-- each filter is a few places, and a page of any filter, in any order, a few steps along one index. Both are
-- columns since an expression would be hidden from the planner by the row policy.
--   prospect by hand 1, client by hand 2, of XPM 3
--   + 4 with something to put right, + 8 with nobody to call (core/client.h enum client_flag), 12 archived
-- newest: changed_at, the latest first; rows of one moment go by name.
ALTER TABLE client
  ADD place smallint NOT NULL GENERATED ALWAYS AS (
    CASE WHEN archived_at IS NOT NULL THEN 12 WHEN flags & 11 <> 0 THEN 8 WHEN flags <> 0 THEN 4 ELSE 0 END
    + CASE WHEN xpm_id IS NOT NULL THEN 3 WHEN status = 'prospect' THEN 1 ELSE 2 END) STORED,
  ADD newest bigint NOT NULL GENERATED ALWAYS AS (
    (extract(epoch FROM changed_at AT TIME ZONE 'UTC') * -1000000)::bigint) STORED;
DROP INDEX client_archived, client_flagged;
CREATE INDEX client_place ON client (org_id, place, name, client_id);
CREATE INDEX client_newest ON client (org_id, place, newest, name, client_id);

-- As in 0011, but its plan is kept: in SQL it was made anew for every list.
CREATE OR REPLACE FUNCTION view_only_tenants() RETURNS uuid[] LANGUAGE plpgsql STABLE PARALLEL SAFE
  SET search_path = gap, pg_temp AS $$
BEGIN
  RETURN (SELECT ARRAY[active_tenant, kept_tenant] FROM organisation WHERE org_id = current_org());
END
$$;

CREATE OR REPLACE VIEW client_line WITH (security_invoker = true) AS
  SELECT c.org_id, c.client_id, c.name, c.status, c.flags, c.archived_at,
    k.name AS contact_name, k.email, k.phone, c.xpm_id IS NOT NULL AS synced,
    (c.tenant_id = ANY ((SELECT view_only_tenants())::uuid[])) IS TRUE AS view_only,
    c.held_run IS NOT NULL AS held, c.place, c.newest
  FROM client c
  LEFT JOIN contact k ON k.org_id = c.org_id AND k.contact_id = c.primary_contact_id;

-- What an order goes by before the name: 0 name, 1 source, 2 the latest change.
CREATE FUNCTION client_rank(p_order integer, p_place smallint, p_newest bigint) RETURNS bigint
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE p_order WHEN 1 THEN p_place & 3 WHEN 2 THEN p_newest ELSE 0 END;

-- Search as in 0013, in any order and of any places (NULL: all). The two ways a list is walked are two
-- statements, so that only one is got ready.
DROP FUNCTION client_search;
GRANT SELECT (place, newest) ON client TO gap_search;
GRANT CREATE ON SCHEMA gap TO gap_search;
CREATE FUNCTION client_search(p_words text, p_places smallint[], p_order integer, p_rank bigint, p_name text,
  p_id bigint, p_back boolean, p_limit integer) RETURNS SETOF bigint
  LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 50
  SET search_path = gap, pg_temp SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
  -- Once, and not for each row that is found.
  v_org bigint := current_org();
  telling text := CASE WHEN strpos(p_words, '@') > 4 THEN split_part(p_words, '@', 1)
    WHEN p_words ~ '^[-+0-9 ()]{9,}$' THEN right(p_words, 7) ELSE p_words END;
  pattern text := '%' || replace(replace(replace(telling, '\', '\\'), '%', '\%'), '_', '\_') || '%';
BEGIN
  IF p_back THEN
    RETURN QUERY SELECT h.client_id FROM (
      SELECT c.client_id, c.name, client_rank(p_order, c.place, c.newest) AS rank FROM client c
      WHERE c.org_id = v_org AND c.search LIKE pattern AND strpos(c.search, p_words) > 0
        AND (p_places IS NULL OR c.place = ANY (p_places)) OFFSET 0) h
    WHERE (h.rank, h.name, h.client_id) < (p_rank, p_name, p_id)
    ORDER BY h.rank DESC, h.name DESC, h.client_id DESC LIMIT p_limit;
  ELSE
    RETURN QUERY SELECT h.client_id FROM (
      SELECT c.client_id, c.name, client_rank(p_order, c.place, c.newest) AS rank FROM client c
      WHERE c.org_id = v_org AND c.search LIKE pattern AND strpos(c.search, p_words) > 0
        AND (p_places IS NULL OR c.place = ANY (p_places)) OFFSET 0) h
    WHERE (h.rank, h.name, h.client_id) > (p_rank, p_name, p_id)
    ORDER BY h.rank, h.name, h.client_id LIMIT p_limit;
  END IF;
END
$$;
REVOKE ALL ON FUNCTION client_search, client_rank FROM PUBLIC;
GRANT EXECUTE ON FUNCTION client_search TO gap_web;
GRANT EXECUTE ON FUNCTION client_rank TO gap_web, gap_search;
ALTER FUNCTION client_search OWNER TO gap_search;
REVOKE CREATE ON SCHEMA gap FROM gap_search;

-- Deleting for good, as in 0008, and since then words of a client stand in more places: in pairs of rows that
-- are one client, what both rows and their contacts were; in the history of the other row of a pair; in why a
-- client differs, edits that wait for an answer, files being imported and lists being looked at before.
CREATE OR REPLACE FUNCTION clients_forget(p_clients bigint[], p_by bigint, OUT clients bigint, OUT contacts bigint)
  LANGUAGE plpgsql SET search_path = gap, pg_temp SET plan_cache_mode = force_custom_plan AS $$
DECLARE
  v_org bigint := current_org();
  v_clients bigint[];
  v_contacts bigint[];
  -- Clients that ever had such a contact; the other rows of pairs; lines of history that came from here.
  v_once bigint[];
  v_beside bigint[];
  v_moved bigint[];
  v_names text[];
  v_mails text[];
  v_words text[];
  v_xpm text[];
  v_people uuid[];
BEGIN
  -- In the order of a run's apply, which is thereby before or behind all of this.
  PERFORM FROM connection WHERE org_id = v_org FOR UPDATE;
  PERFORM FROM organisation WHERE org_id = v_org FOR NO KEY UPDATE;
  SELECT array_agg(c.client_id), array_agg(c.name), array_agg(c.xpm_id::text)
  INTO v_clients, v_names, v_xpm
  FROM client c WHERE c.org_id = v_org AND c.client_id = ANY (p_clients);
  clients := coalesce(cardinality(v_clients), 0);
  contacts := 0;
  IF clients = 0 THEN
    RETURN;
  END IF;

  INSERT INTO client_tombstone (org_id, tenant_id, xpm_id, who_hash, by_user)
  SELECT v_org, c.tenant_id, c.xpm_id,
    CASE WHEN c.xpm_id IS NULL THEN who_hash(v_org, c.name, k.email) END, p_by
  FROM client c
  LEFT JOIN contact k ON k.org_id = c.org_id AND k.contact_id = c.primary_contact_id
  WHERE c.org_id = v_org AND c.client_id = ANY (v_clients)
  ON CONFLICT DO NOTHING;

  v_beside := array(SELECT unnest(ARRAY[p.stays_id, p.goes_id]) FROM client_pair p
    WHERE p.org_id = v_org AND (p.stays_id = ANY (v_clients) OR p.goes_id = ANY (v_clients)));
  v_moved := array(SELECT unnest(p.moved) FROM client_pair p
    WHERE p.org_id = v_org AND p.goes_id = ANY (v_clients) AND p.state = 'joined');
  -- A twin that was folded into one of them is there under its own number only as it was.
  v_clients := v_clients || array(SELECT p.goes_id FROM client_pair p
    WHERE p.org_id = v_org AND p.kind = 'match' AND p.stays_id = ANY (v_clients)
      AND NOT EXISTS (SELECT FROM client c WHERE c.org_id = v_org AND c.client_id = p.goes_id));
  v_names := v_names || array(SELECT w.name FROM client_was w WHERE w.org_id = v_org AND w.client_id = ANY (v_clients))
    || array(SELECT p.goes_name FROM client_pair p
      WHERE p.org_id = v_org AND p.goes_id = ANY (v_clients) AND p.goes_name IS NOT NULL);

  -- Whoever was ever theirs and is nobody else's now.
  v_contacts := array(
    SELECT l.contact_id FROM (
      SELECT x.contact_id FROM client_contact x WHERE x.org_id = v_org AND x.client_id = ANY (v_clients)
      UNION SELECT x.contact_id FROM client_contact_was x
      WHERE x.org_id = v_org AND x.client_id = ANY (v_clients)) l
    WHERE NOT EXISTS (SELECT FROM client_contact o WHERE o.org_id = v_org AND o.contact_id = l.contact_id
      AND o.client_id <> ALL (v_clients)));
  v_once := v_beside || array(SELECT x.client_id FROM client_contact_was x
    WHERE x.org_id = v_org AND x.contact_id = ANY (v_contacts));
  WITH person AS MATERIALIZED (
    SELECT k.name, k.email, k.phone, k.xpm_id FROM contact k WHERE k.org_id = v_org AND k.contact_id = ANY (v_contacts)
    UNION SELECT k.name, k.email, k.phone, k.xpm_id FROM contact_was k
    WHERE k.org_id = v_org AND k.contact_id = ANY (v_contacts))
  SELECT v_names || coalesce(array_agg(p.name) FILTER (WHERE p.name <> ''), '{}'),
    coalesce(array_agg(p.email) FILTER (WHERE p.email IS NOT NULL), '{}'),
    coalesce(array_agg(p.phone) FILTER (WHERE p.phone IS NOT NULL), '{}'),
    -- A contact that came to a client stands in its history by the id in XPM.
    coalesce(array_agg(p.xpm_id) FILTER (WHERE p.xpm_id IS NOT NULL), '{}')
  INTO v_names, v_mails, v_words, v_people FROM person p;
  v_words := v_words || v_names || v_mails;

  DELETE FROM client_contact WHERE org_id = v_org AND client_id = ANY (v_clients);
  DELETE FROM client WHERE org_id = v_org AND client_id = ANY (v_clients);
  DELETE FROM contact WHERE org_id = v_org AND contact_id = ANY (v_contacts);
  GET DIAGNOSTICS contacts = ROW_COUNT;

  -- The history of others who once had such a contact forgets it, too: what it said, and what it searched.
  UPDATE client_was w SET search = lower(w.name)
  WHERE w.org_id = v_org AND w.client_id IN (SELECT x.client_id FROM client_contact_was x
    WHERE x.org_id = v_org AND x.contact_id = ANY (v_contacts));
  DELETE FROM client_change h
  WHERE h.org_id = v_org AND h.field IN ('primary', 'matched', 'joined', 'merged')
    AND (h.old = ANY (v_names) OR h.new = ANY (v_names)) AND h.client_id = ANY (v_once);
  DELETE FROM client_change WHERE org_id = v_org AND (client_id = ANY (v_clients) OR contact_id = ANY (v_contacts)
    OR contact_xpm = ANY (v_people) OR change_id = ANY (v_moved));

  -- By now also what the triggers have just kept.
  DELETE FROM client_was WHERE org_id = v_org AND client_id = ANY (v_clients);
  DELETE FROM contact_was WHERE org_id = v_org AND contact_id = ANY (v_contacts);
  DELETE FROM client_contact_was WHERE org_id = v_org
    AND (client_id = ANY (v_clients) OR contact_id = ANY (v_contacts));

  -- A pair with one of them says no more; of others, what rows were forgets the contact, and so does parting them.
  DELETE FROM client_pair WHERE org_id = v_org AND (goes_id = ANY (v_clients) OR stays_id = ANY (v_clients));
  UPDATE client_pair p SET
    stays_was = forget_in_row(p.stays_was, v_contacts), goes_was = forget_in_row(p.goes_was, v_contacts),
    stays_links = forget_in_list(p.stays_links, 'contact_id', v_contacts::text[]),
    goes_links = forget_in_list(p.goes_links, 'contact_id', v_contacts::text[]),
    stays_contacts = forget_in_list(p.stays_contacts, 'contact_id', v_contacts::text[])
  WHERE p.org_id = v_org AND EXISTS (SELECT FROM jsonb_array_elements(
      coalesce(p.stays_links, '[]') || coalesce(p.goes_links, '[]') || coalesce(p.stays_contacts, '[]')) x
    WHERE (x ->> 'contact_id')::bigint = ANY (v_contacts));

  DELETE FROM why_row w WHERE w.org_id = v_org AND w.client_id = ANY (v_once)
    AND (w.who = ANY (v_words) OR w.ours = ANY (v_words) OR w.theirs = ANY (v_words) OR w.detail = ANY (v_words));
  DELETE FROM held_edit h WHERE h.org_id = v_org AND h.client_id = ANY (v_once)
    AND (h.who = ANY (v_words) OR h.ours = ANY (v_words) OR h.theirs = ANY (v_words));
  DELETE FROM import_row r WHERE r.org_id = v_org AND (r.twin_client = ANY (v_clients)
    OR lower(r.client_name) = ANY (SELECT lower(x) FROM unnest(v_names) x)
    OR lower(r.contact_name) = ANY (SELECT lower(x) FROM unnest(v_names) x)
    OR lower(r.email) = ANY (SELECT lower(x) FROM unnest(v_mails) x));
  UPDATE connection_preview p SET skips = forget_in_list(forget_in_list(p.skips, 'name', v_names), 'xpm_id', v_xpm),
    sample = forget_in_list(forget_in_list(forget_in_list(p.sample, 'name', v_names), 'contact', v_names),
      'email', v_mails)
  WHERE p.org_id = v_org;

  DELETE FROM held_change WHERE org_id = v_org AND client_id = ANY (v_clients);
  DELETE FROM run_skip WHERE org_id = v_org
    AND (lower(xpm_id) = ANY (v_xpm) OR xpm_id IS NULL AND name = ANY (v_names));
  DELETE FROM fix_item WHERE org_id = v_org
    AND (client_id = ANY (v_clients) OR lower(record_xpm) = ANY (v_xpm)
      OR rule IS NOT NULL AND record_xpm IS NULL AND name = ANY (v_names));
  DELETE FROM notice WHERE org_id = v_org
    AND link = ANY (array(SELECT '/clients/' || x FROM unnest(v_clients) x));
END
$$;

-- A client as it was, without these contacts.
CREATE FUNCTION forget_in_row(p_row jsonb, p_contacts bigint[]) RETURNS jsonb LANGUAGE sql IMMUTABLE
RETURN p_row || jsonb_build_object('search', lower(p_row ->> 'name'), 'primary_contact_id',
  CASE WHEN (p_row ->> 'primary_contact_id')::bigint = ANY (p_contacts) THEN NULL ELSE p_row -> 'primary_contact_id' END);
-- A list of objects without those whose key holds one of the words, in any case.
CREATE FUNCTION forget_in_list(p_list jsonb, p_key text, p_words text[]) RETURNS jsonb LANGUAGE sql IMMUTABLE
RETURN CASE WHEN p_list IS NOT NULL THEN (SELECT coalesce(jsonb_agg(x ORDER BY n), '[]')
  FROM jsonb_array_elements(p_list) WITH ORDINALITY l (x, n)
  WHERE lower(x ->> p_key) IS NULL OR lower(x ->> p_key) <> ALL (SELECT lower(w) FROM unnest(p_words) w WHERE w IS NOT NULL)) END;
REVOKE ALL ON FUNCTION forget_in_row, forget_in_list FROM PUBLIC;
GRANT EXECUTE ON FUNCTION forget_in_row, forget_in_list TO gap_worker;
GRANT SELECT, DELETE ON import_row TO gap_worker;

-- Names are the same as in 0009; nearly every one is plain letters with single blanks, and found so in a third
-- of the time.
CREATE OR REPLACE FUNCTION match_fold(p_name text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN p_name COLLATE "C" ~ '^[!-~]+( [!-~]+)*$' THEN lower(p_name COLLATE "C") COLLATE "und-x-icu"
  ELSE lower(btrim(regexp_replace(normalize(p_name, NFKC), '\s+', ' ', 'g')) COLLATE "und-x-icu") END;

-- As in 0009, and bounded: a name or an e-mail that more than 20 clients share on either side tells nobody from
-- another, and would make pairs without end. p_hands: only these, with the same answers; NULL: all. p_suggest:
-- only pairs that could be a suggestion.
DROP FUNCTION match_candidates;
CREATE FUNCTION match_candidates(p_hands bigint[] DEFAULT NULL, p_suggest boolean DEFAULT false)
  RETURNS TABLE (hand_id bigint, twin_id bigint, same_name boolean, shared_email boolean, rivals bigint)
  LANGUAGE plpgsql STABLE SET search_path = gap, pg_temp SET plan_cache_mode = force_custom_plan
  SET enable_nestloop = off SET jit = off AS $$
#variable_conflict use_column
DECLARE
  v_org bigint := current_org();
  v_tenant uuid := (SELECT o.active_tenant FROM organisation o WHERE o.org_id = v_org);
  v_many integer := 20;
BEGIN
  RETURN QUERY
    WITH hand AS MATERIALIZED (
      SELECT c.client_id, match_fold(c.name) AS name FROM client c
      WHERE c.org_id = v_org AND c.xpm_id IS NULL AND c.archived_at IS NULL),
    -- Rivals of theirs have the same name.
    wanted AS MATERIALIZED (SELECT DISTINCT h.name FROM hand h WHERE h.client_id = ANY (p_hands)),
    hand_names AS MATERIALIZED (
      SELECT h.name, array_agg(h.client_id) AS ids FROM hand h
      WHERE p_hands IS NULL OR h.name IN (SELECT w.name FROM wanted w)
      GROUP BY h.name HAVING count(*) <= v_many),
    twin_names AS MATERIALIZED (
      SELECT t.name, array_agg(t.client_id) AS ids FROM (
        SELECT match_fold(c.name) AS name, c.client_id FROM client c
        WHERE c.org_id = v_org AND c.tenant_id = v_tenant AND c.archived_at IS NULL) t
      JOIN hand_names h ON h.name = t.name
      GROUP BY t.name HAVING count(*) <= v_many),
    named AS MATERIALIZED (
      SELECT x.hand_id, y.twin_id FROM hand_names h JOIN twin_names t ON t.name = h.name
      CROSS JOIN LATERAL unnest(h.ids) x (hand_id) CROSS JOIN LATERAL unnest(t.ids) y (twin_id)),
    asked AS MATERIALIZED (
      SELECT h.client_id FROM hand h WHERE NOT p_suggest AND (p_hands IS NULL OR h.client_id = ANY (p_hands))
      UNION SELECT n.hand_id FROM named n),
    hand_mails AS MATERIALIZED (
      SELECT m.email, array_agg(m.client_id) AS ids FROM (
        SELECT DISTINCT a.client_id, lower(k.email) AS email FROM asked a
        JOIN client_contact l ON l.org_id = v_org AND l.client_id = a.client_id
        JOIN contact k ON k.org_id = v_org AND k.contact_id = l.contact_id
        WHERE k.email IS NOT NULL) m
      GROUP BY m.email HAVING count(*) <= v_many),
    twin_mails AS MATERIALIZED (
      SELECT m.email, array_agg(m.client_id) AS ids FROM (
        SELECT DISTINCT c.client_id, h.email FROM hand_mails h
        JOIN contact k ON k.org_id = v_org AND lower(k.email) = h.email
        JOIN client_contact l ON l.org_id = v_org AND l.contact_id = k.contact_id
        JOIN client c ON c.org_id = v_org AND c.client_id = l.client_id
        WHERE c.tenant_id = v_tenant AND c.archived_at IS NULL) m
      GROUP BY m.email HAVING count(*) <= v_many),
    mailed AS MATERIALIZED (
      SELECT DISTINCT x.hand_id, y.twin_id FROM hand_mails h JOIN twin_mails t ON t.email = h.email
      CROSS JOIN LATERAL unnest(h.ids) x (hand_id) CROSS JOIN LATERAL unnest(t.ids) y (twin_id)),
    decided AS MATERIALIZED (
      SELECT d.stays_id, d.goes_id, d.state FROM client_pair d WHERE d.org_id = v_org AND d.kind = 'match'),
    near AS (
      SELECT n.hand_id, n.twin_id, true AS same_name, m.hand_id IS NOT NULL AS shared_email
      FROM named n LEFT JOIN mailed m ON m.hand_id = n.hand_id AND m.twin_id = n.twin_id
      UNION ALL
      (SELECT DISTINCT ON (m.hand_id) m.hand_id, m.twin_id, false, true FROM mailed m
        LEFT JOIN named n ON n.hand_id = m.hand_id
        LEFT JOIN decided d ON d.stays_id = m.hand_id AND d.goes_id = m.twin_id
        WHERE NOT p_suggest AND n.hand_id IS NULL AND d.stays_id IS NULL ORDER BY m.hand_id, m.twin_id)),
    open AS (
      SELECT n.* FROM near n
      LEFT JOIN decided d ON d.stays_id = n.hand_id AND d.goes_id = n.twin_id AND d.state <> 'failed'
      WHERE d.stays_id IS NULL
        AND n.twin_id NOT IN (SELECT a.goes_id FROM client_pair a WHERE a.org_id = v_org AND a.state = 'asked')
        AND n.hand_id NOT IN (SELECT a.stays_id FROM client_pair a WHERE a.org_id = v_org AND a.state = 'asked'))
    SELECT * FROM (
      SELECT o.hand_id, o.twin_id, o.same_name, o.shared_email, greatest(
        count(*) FILTER (WHERE o.same_name AND o.shared_email) OVER (PARTITION BY o.hand_id),
        count(*) FILTER (WHERE o.same_name AND o.shared_email) OVER (PARTITION BY o.twin_id))
      FROM open o) r
    WHERE p_hands IS NULL OR r.hand_id = ANY (p_hands);
END
$$;
REVOKE ALL ON FUNCTION match_candidates FROM PUBLIC;
GRANT EXECUTE ON FUNCTION match_candidates TO gap_web;
