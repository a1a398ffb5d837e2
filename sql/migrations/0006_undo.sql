-- The memory of the client list: as it was at any moment of the kept days, and how a run is undone.
--
-- client_change says in words what changed, for people. From it the list could not be rebuilt exactly: it
-- knows no order of contacts, no flags, no contact that another client shares. So the rows themselves are
-- kept: whoever changes or removes a row of client, contact or client_contact, a run, a person or a later
-- migration, a trigger stores the row as it was until then, set-wise, one statement a statement. Then
--
--   a row at time T = the kept one with the smallest `until` behind T, else the present one;
--                     it existed when its created_at is not behind T.
--
-- No writer can forget it, an import of new clients keeps nothing, a run without changes writes nothing.
-- Who removes a person's data for good (privacy) has to remove it from the *_was tables too.

SET LOCAL search_path = gap;

-- When the transaction's changes count as made: one moment for all of them, taken at the first change,
-- under the organisation's lock, so that moments stand in the order of the commits.
CREATE FUNCTION moment() RETURNS timestamptz LANGUAGE sql STABLE
RETURN coalesce(nullif(current_setting('gap.moment', true), '')::timestamptz, now());

CREATE FUNCTION moment_begin() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = gap, pg_temp AS $$
BEGIN
  IF coalesce(current_setting('gap.moment', true), '') = '' THEN
    PERFORM FROM organisation WHERE org_id = current_org() FOR NO KEY UPDATE;
    PERFORM set_config('gap.moment', clock_timestamp()::text, true);
  END IF;
  RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION moment_begin FROM PUBLIC;

-- Rows from before this migration count as there for ever; history_since says how far back that is asked.
ALTER TABLE client ALTER created_at SET DEFAULT moment();
ALTER TABLE contact ADD created_at timestamptz NOT NULL DEFAULT '-infinity';
ALTER TABLE contact ALTER created_at SET DEFAULT moment();
ALTER TABLE client_contact ADD created_at timestamptz NOT NULL DEFAULT '-infinity';
ALTER TABLE client_contact ALTER created_at SET DEFAULT moment();
ALTER TABLE organisation ADD history_since timestamptz NOT NULL DEFAULT now();

CREATE TABLE client_was (
  org_id bigint NOT NULL,
  client_id bigint NOT NULL,
  until timestamptz NOT NULL,
  created_at timestamptz NOT NULL,
  tenant_id uuid,
  xpm_id uuid,
  name text COLLATE "und-x-icu" NOT NULL,
  status text NOT NULL,
  web_url text,
  archived_at timestamptz,
  archived_reason text,
  primary_contact_id bigint,
  flags integer NOT NULL,
  search text NOT NULL,
  -- Of several changes in one transaction the first row counts: what was before it.
  PRIMARY KEY (org_id, client_id, until)
);
CREATE INDEX client_was_until ON client_was (org_id, until);

CREATE TABLE contact_was (
  org_id bigint NOT NULL,
  contact_id bigint NOT NULL,
  until timestamptz NOT NULL,
  created_at timestamptz NOT NULL,
  tenant_id uuid,
  xpm_id uuid,
  name text NOT NULL,
  email text,
  phone text,
  PRIMARY KEY (org_id, contact_id, until)
);
CREATE INDEX contact_was_until ON contact_was (org_id, until);

CREATE TABLE client_contact_was (
  org_id bigint NOT NULL,
  client_id bigint NOT NULL,
  contact_id bigint NOT NULL,
  until timestamptz NOT NULL,
  created_at timestamptz NOT NULL,
  tenant_id uuid,
  is_primary boolean NOT NULL,
  ord integer NOT NULL,
  PRIMARY KEY (org_id, client_id, contact_id, until)
);
CREATE INDEX client_contact_was_until ON client_contact_was (org_id, until);

DO $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['client_was', 'contact_was', 'client_contact_was']
  LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY %I ON %I USING (org_id = current_org()) WITH CHECK (org_id = current_org())',
      t || '_org', t);
  END LOOP;
END
$$;
GRANT SELECT ON client_was, contact_was, client_contact_was TO gap_web, gap_worker;
GRANT DELETE ON client_was, contact_was, client_contact_was TO gap_worker;

-- Of these columns a change is kept (TG_ARGV: table's key, then them). EXECUTE, since the plan must know how
-- many rows there are this time. What changes within the transaction that made the row was never seen.
CREATE FUNCTION row_kept() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = gap, pg_temp AS $$
DECLARE
  columns text := TG_ARGV[1];
  changed text := '';
BEGIN
  IF TG_OP = 'UPDATE' THEN
    changed := format('JOIN now_row n USING (%s) WHERE (o.%s) IS DISTINCT FROM (n.%s) AND ', TG_ARGV[0],
      replace(columns, ', ', ', o.'), replace(columns, ', ', ', n.'));
  ELSE
    changed := 'WHERE ';
  END IF;
  EXECUTE format('INSERT INTO %I (%s, until, created_at, %s) SELECT o.%s, m.at, o.created_at, o.%s'
    ' FROM old_row o CROSS JOIN (SELECT moment() AS at) m %s o.created_at < m.at AND o.org_id = current_org()'
    ' ON CONFLICT DO NOTHING', TG_TABLE_NAME || '_was', TG_ARGV[0], columns,
    replace(TG_ARGV[0], ', ', ', o.'), replace(columns, ', ', ', o.'), changed);
  RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION row_kept FROM PUBLIC;

DO $$
DECLARE
  t text[];
BEGIN
  FOREACH t SLICE 1 IN ARRAY ARRAY[
    ['client', 'org_id, client_id', 'tenant_id, xpm_id, name, status, web_url, archived_at, archived_reason,'
      ' primary_contact_id, flags, search'],
    ['contact', 'org_id, contact_id', 'tenant_id, xpm_id, name, email, phone'],
    ['client_contact', 'org_id, client_id, contact_id', 'tenant_id, is_primary, ord']]
  LOOP
    EXECUTE format('CREATE TRIGGER %I BEFORE INSERT OR UPDATE OR DELETE ON %I FOR EACH STATEMENT'
      ' EXECUTE FUNCTION moment_begin()', t[1] || '_begin', t[1]);
    EXECUTE format('CREATE TRIGGER %I AFTER UPDATE ON %I REFERENCING OLD TABLE AS old_row NEW TABLE AS now_row'
      ' FOR EACH STATEMENT EXECUTE FUNCTION row_kept(%L, %L)', t[1] || '_kept', t[1], t[2], t[3]);
    EXECUTE format('CREATE TRIGGER %I AFTER DELETE ON %I REFERENCING OLD TABLE AS old_row'
      ' FOR EACH STATEMENT EXECUTE FUNCTION row_kept(%L, %L)', t[1] || '_kept_last', t[1], t[2], t[3]);
  END LOOP;
END
$$;

-- Changes by hand stand in the same history: without a run, with a name.
ALTER TABLE client_change ALTER run_id DROP NOT NULL;
ALTER TABLE client_change ADD by_name text;
CREATE INDEX client_change_at ON client_change (org_id, at);

-- History in words of what this transaction has changed so far, found by comparing the kept rows with the
-- present ones. p_client: the one that new contacts can belong to (NULL: any). Once a transaction.
CREATE FUNCTION history_tell(p_run bigint, p_by text, p_client bigint) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = gap, pg_temp SET plan_cache_mode = force_custom_plan AS $$
#variable_conflict use_column
DECLARE
  v_org bigint := current_org();
  v_at timestamptz := moment();
BEGIN
  WITH told AS (
    SELECT c.client_id, NULL::bigint AS contact_id, NULL::uuid AS contact_xpm, 'client' AS field,
      NULL::text AS old, c.name AS new
    FROM client c
    WHERE c.org_id = v_org AND c.created_at = v_at AND (p_client IS NULL OR c.client_id = p_client)
    UNION ALL
    SELECT c.client_id, NULL, NULL, v.field, v.old, v.new
    FROM client_was w
    JOIN client c ON c.org_id = w.org_id AND c.client_id = w.client_id
    CROSS JOIN LATERAL (VALUES ('name', w.name, c.name), ('status', w.status, c.status),
      ('web_url', w.web_url, c.web_url), ('archived', w.archived_reason, c.archived_reason)) v (field, old, new)
    WHERE w.org_id = v_org AND w.until = v_at AND v.old IS DISTINCT FROM v.new
    UNION ALL
    SELECT c.client_id, n.contact_id, n.xpm_id, 'primary', coalesce(bw.name, b.name), n.name
    FROM client_was w
    JOIN client c ON c.org_id = w.org_id AND c.client_id = w.client_id
    LEFT JOIN contact_was bw ON bw.org_id = w.org_id AND bw.contact_id = w.primary_contact_id AND bw.until = v_at
    LEFT JOIN contact b ON b.org_id = w.org_id AND b.contact_id = w.primary_contact_id
    LEFT JOIN contact n ON n.org_id = c.org_id AND n.contact_id = c.primary_contact_id
    WHERE w.org_id = v_org AND w.until = v_at AND w.primary_contact_id IS DISTINCT FROM c.primary_contact_id
    UNION ALL
    SELECT l.client_id, l.contact_id, coalesce(bw.xpm_id, b.xpm_id), v.field, v.old, NULL
    FROM client_contact_was l
    LEFT JOIN contact_was bw ON bw.org_id = l.org_id AND bw.contact_id = l.contact_id AND bw.until = v_at
    LEFT JOIN contact b ON b.org_id = l.org_id AND b.contact_id = l.contact_id
    CROSS JOIN LATERAL (VALUES ('contact', CASE WHEN bw.until IS NULL THEN b.name ELSE bw.name END),
      ('contact.email', CASE WHEN bw.until IS NULL THEN b.email ELSE bw.email END),
      ('contact.phone', CASE WHEN bw.until IS NULL THEN b.phone ELSE bw.phone END)) v (field, old)
    WHERE l.org_id = v_org AND l.until = v_at AND v.old IS NOT NULL AND NOT EXISTS (SELECT FROM client_contact x
      WHERE x.org_id = l.org_id AND x.client_id = l.client_id AND x.contact_id = l.contact_id)
    UNION ALL
    SELECT l.client_id, l.contact_id, k.xpm_id, v.field, NULL, v.new
    FROM client_contact l
    JOIN client c ON c.org_id = l.org_id AND c.client_id = l.client_id AND c.created_at < v_at
    JOIN contact k ON k.org_id = l.org_id AND k.contact_id = l.contact_id
    CROSS JOIN LATERAL (VALUES ('contact', k.name), ('contact.email', k.email),
      ('contact.phone', k.phone)) v (field, new)
    WHERE l.org_id = v_org AND l.created_at = v_at AND v.new IS NOT NULL
      AND (p_client IS NULL OR l.client_id = p_client)
    UNION ALL
    SELECT l.client_id, k.contact_id, k.xpm_id, v.field, v.old, v.new
    FROM contact_was w
    JOIN contact k ON k.org_id = w.org_id AND k.contact_id = w.contact_id
    JOIN client_contact l ON l.org_id = k.org_id AND l.contact_id = k.contact_id AND l.created_at < v_at
    CROSS JOIN LATERAL (VALUES ('contact.name', w.name, k.name), ('contact.email', w.email, k.email),
      ('contact.phone', w.phone, k.phone)) v (field, old, new)
    WHERE w.org_id = v_org AND w.until = v_at AND v.old IS DISTINCT FROM v.new)
  INSERT INTO client_change (org_id, client_id, run_id, by_name, contact_id, contact_xpm, field, old, new, at)
  SELECT v_org, t.client_id, p_run, p_by, t.contact_id, t.contact_xpm, t.field, t.old, t.new, v_at
  FROM told t;
END
$$;
REVOKE ALL ON FUNCTION history_tell FROM PUBLIC;
GRANT EXECUTE ON FUNCTION history_tell TO gap_web, gap_worker;

-- A run: the moment its changes count as made (none: it changed nothing, or it is older than this
-- migration), how many clients it met that are held, and which run undid it.
ALTER TABLE sync_run ADD applied_at timestamptz, ADD held bigint NOT NULL DEFAULT 0, ADD undone_run bigint;
ALTER TABLE sync_run DROP CONSTRAINT sync_run_trigger_check;
ALTER TABLE sync_run ADD CONSTRAINT sync_run_trigger_check
  CHECK (trigger IN ('first', 'scheduled', 'manual', 'reconnect', 'retry', 'undo'));
ALTER TABLE client DROP CONSTRAINT client_archived_reason_check;
ALTER TABLE client ADD CONSTRAINT client_archived_reason_check CHECK (archived_reason IN
  ('archived_in_xpm', 'deleted_in_xpm', 'gone_from_xpm', 'not_visible', 'prospect_in_xpm', 'by_hand', 'undone'));

-- Held after undo (rulings 30): the run that undid it. Its fingerprint stays that of what was undone, so
-- that the same record again is nothing new, and another one is; held_gone: what was undone is that it had
-- gone, so its absence is nothing new.
ALTER TABLE client ADD held_run bigint, ADD held_gone boolean NOT NULL DEFAULT false;
CREATE INDEX client_held ON client (org_id, held_run) WHERE held_run IS NOT NULL;

CREATE OR REPLACE VIEW client_line WITH (security_invoker = true) AS
  SELECT c.org_id, c.client_id, c.name, c.status, c.flags, c.archived_at,
    k.name AS contact_name, k.email, k.phone, c.xpm_id IS NOT NULL AS synced,
    c.tenant_id IS NOT NULL AND c.tenant_id = (SELECT o.active_tenant FROM organisation o
      WHERE o.org_id = current_org()) AS view_only,
    c.held_run IS NOT NULL AS held
  FROM client c
  LEFT JOIN contact k ON k.org_id = c.org_id AND k.contact_id = c.primary_contact_id;

-- The one thing that gap_web may do to a synced client: let the next sync compare it anew. Number lifted.
CREATE FUNCTION hold_lift(p_client bigint, p_run bigint) RETURNS bigint LANGUAGE sql SECURITY DEFINER
  SET search_path = gap, pg_temp
BEGIN ATOMIC
  WITH lifted AS (
    UPDATE client SET held_run = NULL, held_gone = false, fingerprint = NULL
    WHERE org_id = current_org() AND held_run IS NOT NULL
      AND (p_client IS NULL OR client_id = p_client) AND (p_run IS NULL OR held_run = p_run)
    RETURNING 1)
  SELECT count(*) FROM lifted;
END;
REVOKE ALL ON FUNCTION hold_lift FROM PUBLIC;
GRANT EXECUTE ON FUNCTION hold_lift TO gap_web;

-- The first moment after that day on the organisation's clocks.
CREATE FUNCTION end_of_day(p_day text) RETURNS timestamptz LANGUAGE sql STABLE SET search_path = gap, pg_temp
RETURN (SELECT ((p_day::date + 1)::timestamp) AT TIME ZONE o.time_zone FROM organisation o
  WHERE o.org_id = current_org());
REVOKE ALL ON FUNCTION end_of_day FROM PUBLIC;
GRANT EXECUTE ON FUNCTION end_of_day TO gap_web;

CREATE FUNCTION run_moment(p_run bigint) RETURNS timestamptz LANGUAGE sql STABLE SET search_path = gap, pg_temp
RETURN (SELECT r.applied_at FROM sync_run r WHERE r.org_id = current_org() AND r.run_id = p_run);
REVOKE ALL ON FUNCTION run_moment FROM PUBLIC;
GRANT EXECUTE ON FUNCTION run_moment TO gap_web, gap_worker;

-- The clients that a run touched in any way, and whether anything of them has changed since: then a client is
-- not put back, since it would become something that it never was. Read under the caller's policies.
CREATE FUNCTION run_touched(p_run bigint) RETURNS TABLE (client_id bigint, since boolean)
  LANGUAGE plpgsql STABLE SET search_path = gap, pg_temp SET plan_cache_mode = force_custom_plan AS $$
#variable_conflict use_column
DECLARE
  v_org bigint := current_org();
  v_at timestamptz := run_moment(p_run);
BEGIN
  RETURN QUERY
    WITH touched AS (
      SELECT w.client_id FROM client_was w WHERE w.org_id = v_org AND w.until = v_at
      UNION SELECT c.client_id FROM client c WHERE c.org_id = v_org AND c.created_at = v_at
      UNION SELECT w.client_id FROM client_contact_was w WHERE w.org_id = v_org AND w.until = v_at
      UNION SELECT l.client_id FROM client_contact l WHERE l.org_id = v_org AND l.created_at = v_at
      UNION SELECT l.client_id FROM contact_was w
        JOIN client_contact l ON l.org_id = w.org_id AND l.contact_id = w.contact_id
        WHERE w.org_id = v_org AND w.until = v_at),
    later AS (
      SELECT w.client_id FROM client_was w WHERE w.org_id = v_org AND w.until > v_at
      UNION SELECT w.client_id FROM client_contact_was w WHERE w.org_id = v_org AND w.until > v_at
      UNION SELECT l.client_id FROM client_contact l WHERE l.org_id = v_org AND l.created_at > v_at
      UNION SELECT l.client_id FROM contact_was w
        JOIN client_contact l ON l.org_id = w.org_id AND l.contact_id = w.contact_id
        WHERE w.org_id = v_org AND w.until > v_at)
    SELECT t.client_id, l.client_id IS NOT NULL
    FROM touched t
    JOIN client c ON c.org_id = v_org AND c.client_id = t.client_id
    LEFT JOIN later l ON l.client_id = t.client_id;
END
$$;
REVOKE ALL ON FUNCTION run_touched FROM PUBLIC;
GRANT EXECUTE ON FUNCTION run_touched TO gap_web, gap_worker;
