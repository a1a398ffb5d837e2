-- What people do about the list: remove a client for good, put right in XPM what is wrong there, and see
-- what has changed since they last looked.

SET LOCAL search_path = gap;

-- ---- removed for good ----

-- A client that no sync may bring back: its id in XPM, or, of one added by hand, a hash of name and e-mail.
-- Nothing else of it is kept.
CREATE TABLE client_tombstone (
  org_id bigint NOT NULL REFERENCES organisation,
  tombstone_id bigint GENERATED ALWAYS AS IDENTITY,
  tenant_id uuid,
  xpm_id uuid,
  who_hash bytea,
  deleted_at timestamptz NOT NULL DEFAULT now(),
  by_user bigint,
  PRIMARY KEY (org_id, tombstone_id),
  CHECK ((tenant_id IS NULL) = (xpm_id IS NULL)),
  CHECK (xpm_id IS NOT NULL OR who_hash IS NOT NULL)
);
CREATE UNIQUE INDEX client_tombstone_xpm ON client_tombstone (org_id, tenant_id, xpm_id) WHERE xpm_id IS NOT NULL;
CREATE INDEX client_tombstone_who ON client_tombstone (org_id, who_hash) WHERE who_hash IS NOT NULL;

-- Name and first e-mail, whatever their case; the organisation's number keeps equal names apart.
CREATE FUNCTION who_hash(p_org bigint, p_name text, p_email text) RETURNS bytea LANGUAGE sql STABLE
RETURN sha256(convert_to(p_org || E'\n' || lower(p_name) || E'\n' || lower(coalesce(p_email, '')), 'UTF8'));

-- Clients that a run met and left out because they were deleted here.
ALTER TABLE sync_run ADD excluded bigint NOT NULL DEFAULT 0;

-- ---- what to put right in XPM ----

-- A client with flags, or a record that syncs skip: open until a sync finds it in order. `name` is what the
-- list sorts by. reasons: core/client.h enum client_flag; 0 with a rule: a skipped record.
CREATE TABLE fix_item (
  org_id bigint NOT NULL REFERENCES organisation,
  fix_id bigint GENERATED ALWAYS AS IDENTITY,
  client_id bigint,
  name text COLLATE "und-x-icu" NOT NULL,
  reasons integer NOT NULL DEFAULT 0,
  rule text,
  record_xpm text,
  opened_at timestamptz NOT NULL DEFAULT now(),
  assignee bigint,
  assigned_at timestamptz,
  assigned_by text,
  closed_at timestamptz,
  closed_run bigint,
  PRIMARY KEY (org_id, fix_id),
  CHECK ((client_id IS NULL) = (rule IS NOT NULL))
);
CREATE UNIQUE INDEX fix_item_client ON fix_item (org_id, client_id) WHERE closed_at IS NULL AND client_id IS NOT NULL;
CREATE INDEX fix_item_open ON fix_item (org_id, name, fix_id) WHERE closed_at IS NULL;
CREATE INDEX fix_item_mine ON fix_item (org_id, assignee, name, fix_id) WHERE closed_at IS NULL;
CREATE INDEX fix_item_closed ON fix_item (org_id, closed_at, fix_id) WHERE closed_at IS NOT NULL;

-- ---- since you last looked ----

-- mark: what changed behind it is news. looked_at: the last time this person had the list open.
CREATE TABLE client_look (
  org_id bigint NOT NULL,
  user_id bigint NOT NULL,
  mark timestamptz NOT NULL DEFAULT now(),
  looked_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (org_id, user_id),
  FOREIGN KEY (org_id, user_id) REFERENCES app_user ON DELETE CASCADE
);

DO $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['client_tombstone', 'fix_item', 'client_look']
  LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY %I ON %I USING (org_id = current_org()) WITH CHECK (org_id = current_org())',
      t || '_org', t);
  END LOOP;
END
$$;
GRANT SELECT, DELETE ON client_tombstone TO gap_web;
GRANT SELECT, INSERT, UPDATE, DELETE ON client_tombstone, fix_item TO gap_worker;
GRANT SELECT, UPDATE (assignee, assigned_at, assigned_by) ON fix_item TO gap_web;
GRANT SELECT, INSERT, UPDATE ON client_look TO gap_web;
GRANT UPDATE (search) ON client_was TO gap_worker;
-- Which notices lead to a client that goes.
GRANT SELECT, DELETE ON notice TO gap_worker;

CREATE INDEX client_by_hand ON client (org_id, name, client_id) WHERE archived_at IS NULL AND xpm_id IS NULL;

-- Search as in 0002, of one source too: p_source 0 all, 1 XPM, 2 by hand, 3 prospects by hand.
DROP FUNCTION client_search;
GRANT SELECT (xpm_id, status) ON client TO gap_search;
GRANT CREATE ON SCHEMA gap TO gap_search;
CREATE FUNCTION client_search(p_words text, p_archived boolean, p_flags integer, p_name text, p_id bigint,
  p_back boolean, p_limit integer, p_source integer DEFAULT 0) RETURNS SETOF bigint
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = gap, pg_temp
BEGIN ATOMIC
  WITH hit AS MATERIALIZED (
    SELECT c.client_id, c.name FROM client c
    WHERE c.org_id = current_org()
      AND c.search LIKE '%' || replace(replace(replace(p_words, '\', '\\'), '%', '\%'), '_', '\_') || '%'
      AND (c.archived_at IS NOT NULL) = p_archived
      AND (p_flags = 0 OR c.flags & p_flags <> 0)
      AND (p_source = 0 OR (c.xpm_id IS NOT NULL) = (p_source = 1) AND (p_source < 3 OR c.status = 'prospect'))),
  forth AS (
    SELECT h.client_id FROM hit h WHERE NOT p_back AND (h.name, h.client_id) > (p_name, p_id)
    ORDER BY h.name, h.client_id LIMIT p_limit),
  back AS (
    SELECT h.client_id FROM hit h WHERE p_back AND (h.name, h.client_id) < (p_name, p_id)
    ORDER BY h.name DESC, h.client_id DESC LIMIT p_limit)
  SELECT client_id FROM forth UNION ALL SELECT client_id FROM back;
END;
REVOKE ALL ON FUNCTION client_search FROM PUBLIC;
GRANT EXECUTE ON FUNCTION client_search TO gap_web;
ALTER FUNCTION client_search OWNER TO gap_search;
REVOKE CREATE ON SCHEMA gap FROM gap_search;

-- Removes clients for good, set-wise, and leaves their tombstones: the rows, the contacts that no other
-- client has, every row as it was, their history, what held runs, skipped records, the list of what to put
-- right and notices say of them. Returns how many clients and contacts went. Within an organisation.
CREATE FUNCTION clients_forget(p_clients bigint[], p_by bigint, OUT clients bigint, OUT contacts bigint)
  LANGUAGE plpgsql SET search_path = gap, pg_temp SET plan_cache_mode = force_custom_plan AS $$
DECLARE
  v_org bigint := current_org();
  v_clients bigint[];
  v_contacts bigint[];
  v_names text[];
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
  v_names := v_names || array(SELECT w.name FROM client_was w WHERE w.org_id = v_org AND w.client_id = ANY (v_clients));

  INSERT INTO client_tombstone (org_id, tenant_id, xpm_id, who_hash, by_user)
  SELECT v_org, c.tenant_id, c.xpm_id,
    CASE WHEN c.xpm_id IS NULL THEN who_hash(v_org, c.name, k.email) END, p_by
  FROM client c
  LEFT JOIN contact k ON k.org_id = c.org_id AND k.contact_id = c.primary_contact_id
  WHERE c.org_id = v_org AND c.client_id = ANY (v_clients)
  ON CONFLICT DO NOTHING;

  -- Whoever was ever theirs and is nobody else's now.
  v_contacts := array(
    SELECT l.contact_id FROM (
      SELECT x.contact_id FROM client_contact x WHERE x.org_id = v_org AND x.client_id = ANY (v_clients)
      UNION SELECT x.contact_id FROM client_contact_was x
      WHERE x.org_id = v_org AND x.client_id = ANY (v_clients)) l
    WHERE NOT EXISTS (SELECT FROM client_contact o WHERE o.org_id = v_org AND o.contact_id = l.contact_id
      AND o.client_id <> ALL (v_clients)));
  v_names := v_names || array(SELECT k.name FROM contact k
      WHERE k.org_id = v_org AND k.contact_id = ANY (v_contacts) AND k.name <> '')
    || array(SELECT k.name FROM contact_was k
      WHERE k.org_id = v_org AND k.contact_id = ANY (v_contacts) AND k.name <> '');
  -- A contact that came to a client stands in its history by the id in XPM.
  v_people := array(SELECT k.xpm_id FROM contact k
      WHERE k.org_id = v_org AND k.contact_id = ANY (v_contacts) AND k.xpm_id IS NOT NULL
    UNION SELECT k.xpm_id FROM contact_was k
      WHERE k.org_id = v_org AND k.contact_id = ANY (v_contacts) AND k.xpm_id IS NOT NULL);

  DELETE FROM client_contact WHERE org_id = v_org AND client_id = ANY (v_clients);
  DELETE FROM client WHERE org_id = v_org AND client_id = ANY (v_clients);
  DELETE FROM contact WHERE org_id = v_org AND contact_id = ANY (v_contacts);
  GET DIAGNOSTICS contacts = ROW_COUNT;

  -- The history of others who once had such a contact forgets it, too: what it said, and what it searched.
  UPDATE client_was w SET search = lower(w.name)
  WHERE w.org_id = v_org AND w.client_id IN (SELECT x.client_id FROM client_contact_was x
    WHERE x.org_id = v_org AND x.contact_id = ANY (v_contacts));
  DELETE FROM client_change h
  WHERE h.org_id = v_org AND h.field = 'primary' AND (h.old = ANY (v_names) OR h.new = ANY (v_names))
    AND h.client_id IN (SELECT x.client_id FROM client_contact_was x
      WHERE x.org_id = v_org AND x.contact_id = ANY (v_contacts));
  DELETE FROM client_change WHERE org_id = v_org
    AND (client_id = ANY (v_clients) OR contact_id = ANY (v_contacts) OR contact_xpm = ANY (v_people));

  -- By now also what the triggers have just kept.
  DELETE FROM client_was WHERE org_id = v_org AND client_id = ANY (v_clients);
  DELETE FROM contact_was WHERE org_id = v_org AND contact_id = ANY (v_contacts);
  DELETE FROM client_contact_was WHERE org_id = v_org
    AND (client_id = ANY (v_clients) OR contact_id = ANY (v_contacts));

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
REVOKE ALL ON FUNCTION clients_forget FROM PUBLIC;
GRANT EXECUTE ON FUNCTION clients_forget, who_hash TO gap_worker;

-- The list of what to put right follows what is stored: opens, renames and closes in so many statements
-- whatever the size, and writes nothing where nothing differs. p_tenant: the practice that is connected.
CREATE FUNCTION fix_follow(p_run bigint, p_tenant uuid) RETURNS void
  LANGUAGE plpgsql SET search_path = gap, pg_temp SET plan_cache_mode = force_custom_plan AS $$
DECLARE
  v_org bigint := current_org();
BEGIN
  UPDATE fix_item f SET closed_at = now(), closed_run = p_run
  WHERE f.org_id = v_org AND f.closed_at IS NULL AND f.client_id IS NOT NULL
    AND f.client_id NOT IN (SELECT c.client_id FROM client c WHERE c.org_id = v_org
      AND c.tenant_id = p_tenant AND c.archived_at IS NULL AND c.flags <> 0);
  UPDATE fix_item f SET reasons = c.flags, name = c.name
  FROM client c
  WHERE f.org_id = v_org AND f.closed_at IS NULL AND c.org_id = v_org AND c.client_id = f.client_id
    AND (f.reasons, f.name) IS DISTINCT FROM (c.flags, c.name);
  INSERT INTO fix_item (org_id, client_id, name, reasons)
  SELECT v_org, c.client_id, c.name, c.flags
  FROM client c
  LEFT JOIN fix_item f ON f.org_id = v_org AND f.client_id = c.client_id AND f.closed_at IS NULL
  WHERE c.org_id = v_org AND c.tenant_id = p_tenant AND c.archived_at IS NULL AND c.flags <> 0
    AND f.fix_id IS NULL;
END
$$;
REVOKE ALL ON FUNCTION fix_follow FROM PUBLIC;
GRANT EXECUTE ON FUNCTION fix_follow TO gap_worker;

-- The same for records that run p_run skipped. p_all: it read the whole list and named all it skipped, so
-- that one it does not name is in order.
CREATE FUNCTION fix_follow_skips(p_run bigint, p_all boolean) RETURNS void
  LANGUAGE plpgsql SET search_path = gap, pg_temp SET plan_cache_mode = force_custom_plan AS $$
DECLARE
  v_org bigint := current_org();
BEGIN
  IF p_all THEN
    UPDATE fix_item f SET closed_at = now(), closed_run = p_run
    WHERE f.org_id = v_org AND f.closed_at IS NULL AND f.rule IS NOT NULL
      AND NOT EXISTS (SELECT FROM run_skip s WHERE s.org_id = v_org AND s.run_id = p_run
        AND s.rule = f.rule AND s.xpm_id IS NOT DISTINCT FROM f.record_xpm AND coalesce(s.name, '') = f.name);
  END IF;
  INSERT INTO fix_item (org_id, name, rule, record_xpm)
  SELECT DISTINCT v_org, coalesce(s.name, ''), s.rule, s.xpm_id
  FROM run_skip s
  WHERE s.org_id = v_org AND s.run_id = p_run AND s.rule NOT IN ('undecided', 'changed_since')
    AND NOT EXISTS (SELECT FROM fix_item f WHERE f.org_id = v_org AND f.closed_at IS NULL AND f.rule = s.rule
      AND f.record_xpm IS NOT DISTINCT FROM s.xpm_id AND f.name = coalesce(s.name, ''));
END
$$;
REVOKE ALL ON FUNCTION fix_follow_skips FROM PUBLIC;
GRANT EXECUTE ON FUNCTION fix_follow_skips TO gap_worker;

-- Clients that are flagged already, of the practice that is connected now.
DO $$
DECLARE
  o bigint;
BEGIN
  FOR o IN SELECT org_id FROM organisation_list
  LOOP
    PERFORM set_config('gap.org_id', o::text, true);
    INSERT INTO fix_item (org_id, client_id, name, reasons)
    SELECT c.org_id, c.client_id, c.name, c.flags FROM client c JOIN organisation x USING (org_id)
    WHERE c.org_id = o AND c.tenant_id = x.active_tenant AND c.archived_at IS NULL AND c.flags <> 0;
  END LOOP;
  PERFORM set_config('gap.org_id', '', true);
END
$$;
