-- Leaving, returning, and who holds the connection: what becomes of the records at a disconnect, the edits
-- made until a reconnect, a second admin's consent in reserve, and asking XPM why a client differs.

SET LOCAL search_path = gap;

-- At a disconnect an admin chooses: records become editable; or stay as they are (kept_tenant, a wall like
-- the active practice's); or are removed at removal_at. The worker writes these; the web may only take a
-- removal back.
ALTER TABLE organisation ADD kept_tenant uuid, ADD removal_tenant uuid, ADD removal_at timestamptz,
  ADD removal_told_at timestamptz, ADD CHECK ((removal_tenant IS NULL) = (removal_at IS NULL));
GRANT SELECT (kept_tenant, removal_tenant, removal_at), UPDATE (removal_tenant, removal_at) ON organisation TO gap_web;
GRANT UPDATE (kept_tenant, removal_tenant, removal_at, removal_told_at) ON organisation TO gap_worker;

-- The practices whose records nobody may write by hand.
CREATE FUNCTION view_only_tenants() RETURNS uuid[] LANGUAGE sql STABLE PARALLEL SAFE
  SET search_path = gap, pg_temp
RETURN (SELECT ARRAY[active_tenant, kept_tenant] FROM organisation WHERE org_id = current_org());
GRANT EXECUTE ON FUNCTION view_only_tenants TO gap_web, gap_worker;

DO $$
DECLARE
  t text;
  free text := 'org_id = current_org() AND (tenant_id IS NULL OR (tenant_id ='
    ' ANY ((SELECT view_only_tenants())::uuid[])) IS NOT TRUE)';
BEGIN
  FOREACH t IN ARRAY ARRAY['client', 'contact', 'client_contact']
  LOOP
    EXECUTE format('ALTER POLICY %I ON %I USING (%s)', t || '_web_edit', t, free);
    EXECUTE format('ALTER POLICY %I ON %I USING (%s)', t || '_web_remove', t, free);
  END LOOP;
END
$$;
ALTER POLICY client_contact_web_add ON client_contact WITH CHECK (
  org_id = current_org() AND tenant_id IS NULL AND EXISTS (
    SELECT FROM client c WHERE c.org_id = client_contact.org_id AND c.client_id = client_contact.client_id
      AND (c.tenant_id IS NULL OR (c.tenant_id = ANY ((SELECT view_only_tenants())::uuid[])) IS NOT TRUE)));

CREATE OR REPLACE VIEW client_line WITH (security_invoker = true) AS
  SELECT c.org_id, c.client_id, c.name, c.status, c.flags, c.archived_at,
    k.name AS contact_name, k.email, k.phone, c.xpm_id IS NOT NULL AS synced,
    (c.tenant_id = ANY ((SELECT view_only_tenants())::uuid[])) IS TRUE AS view_only,
    c.held_run IS NOT NULL AS held
  FROM client c
  LEFT JOIN contact k ON k.org_id = c.org_id AND k.contact_id = c.primary_contact_id;

CREATE TRIGGER organisation_kept AFTER UPDATE OF kept_tenant, removal_at ON organisation
  FOR EACH STATEMENT EXECUTE FUNCTION data_changed();

-- Xero has not confirmed the end of a connection yet.
ALTER TABLE connection ADD telling_xero boolean NOT NULL DEFAULT false;
GRANT SELECT (telling_xero) ON connection TO gap_web;

-- All that is kept of a practice's records, their history too, but the tombstones: how many clients. Whoever
-- removes clients for good does it by clients_forget, where there is one, so that nothing is forgotten twice.
CREATE FUNCTION practice_erase(p_tenant uuid) RETURNS bigint LANGUAGE plpgsql
  SET search_path = gap, pg_temp AS $$
DECLARE
  gone bigint[] := array(SELECT client_id FROM client WHERE org_id = current_org() AND tenant_id = p_tenant);
  people bigint[] := array(SELECT contact_id FROM contact WHERE org_id = current_org() AND tenant_id = p_tenant);
BEGIN
  IF to_regprocedure('gap.clients_forget(bigint[], bigint)') IS NOT NULL THEN
    EXECUTE 'SELECT clients FROM clients_forget($1, NULL)' USING gone;
  END IF;
  DELETE FROM client_change WHERE org_id = current_org() AND client_id = ANY (gone);
  DELETE FROM held_change WHERE org_id = current_org() AND client_id = ANY (gone);
  DELETE FROM run_skip s USING sync_run r WHERE s.org_id = current_org() AND r.org_id = s.org_id
    AND r.run_id = s.run_id AND r.tenant_id = p_tenant;
  DELETE FROM client WHERE org_id = current_org() AND client_id = ANY (gone);
  DELETE FROM contact k WHERE k.org_id = current_org() AND k.contact_id = ANY (people) AND NOT EXISTS (
    SELECT FROM client_contact l WHERE l.org_id = k.org_id AND l.contact_id = k.contact_id);
  DELETE FROM client_was WHERE org_id = current_org() AND client_id = ANY (gone);
  DELETE FROM client_contact_was WHERE org_id = current_org() AND client_id = ANY (gone);
  DELETE FROM contact_was WHERE org_id = current_org() AND contact_id = ANY (people);
  RETURN cardinality(gone);
END
$$;
REVOKE ALL ON FUNCTION practice_erase FROM PUBLIC;
GRANT EXECUTE ON FUNCTION practice_erase TO gap_worker;

-- "Why does this differ from XPM?": the last answer about a client. It goes with the client.
CREATE TABLE why_ask (
  org_id bigint NOT NULL,
  client_id bigint NOT NULL,
  asked_at timestamptz NOT NULL DEFAULT now(),
  asked_by bigint NOT NULL,
  state text NOT NULL DEFAULT 'asking' CHECK (state IN ('asking', 'done', 'failed')),
  -- Why it failed, as a sentence.
  error text,
  PRIMARY KEY (org_id, client_id),
  FOREIGN KEY (org_id, client_id) REFERENCES client ON DELETE CASCADE
);
CREATE TABLE why_row (
  org_id bigint NOT NULL,
  client_id bigint NOT NULL,
  ord integer NOT NULL,
  what text NOT NULL,
  who text,
  ours text,
  theirs text,
  -- core/why.h enum why
  reason text NOT NULL,
  detail text,
  PRIMARY KEY (org_id, client_id, ord),
  FOREIGN KEY (org_id, client_id) REFERENCES why_ask ON DELETE CASCADE
);
DO $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['why_ask', 'why_row']
  LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY %I ON %I USING (org_id = current_org()) WITH CHECK (org_id = current_org())',
      t || '_org', t);
  END LOOP;
END
$$;
GRANT SELECT ON why_ask, why_row TO gap_web;
GRANT INSERT (org_id, client_id, asked_by), UPDATE (asked_at, asked_by, state, error) ON why_ask TO gap_web;
GRANT SELECT, UPDATE ON why_ask TO gap_worker;
GRANT SELECT, INSERT, DELETE ON why_row TO gap_worker;

-- Edits by hand of what came from XPM, for the list that a reconnect shows before it replaces them. field is
-- client_change's; 'contact' with its id stands for whatever changed in a contact. Only the web writes by
-- hand, so for the worker's thousands of rows a trigger is one comparison.
CREATE TABLE edit_mark (
  org_id bigint NOT NULL,
  client_id bigint NOT NULL,
  contact_id bigint NOT NULL DEFAULT 0,
  field text NOT NULL,
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (org_id, client_id, contact_id, field),
  FOREIGN KEY (org_id, client_id) REFERENCES client ON DELETE CASCADE
);
-- What a reconnect's run would have replaced, when it stopped for an admin to see it.
CREATE TABLE held_edit (
  org_id bigint NOT NULL,
  run_id bigint NOT NULL,
  edit_id bigint GENERATED ALWAYS AS IDENTITY,
  client_id bigint NOT NULL,
  field text NOT NULL,
  who text,
  ours text,
  theirs text,
  PRIMARY KEY (org_id, run_id, edit_id),
  FOREIGN KEY (org_id, client_id) REFERENCES client ON DELETE CASCADE
);
DO $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['edit_mark', 'held_edit']
  LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY %I ON %I USING (org_id = current_org()) WITH CHECK (org_id = current_org())',
      t || '_org', t);
  END LOOP;
END
$$;
GRANT SELECT ON held_edit TO gap_web;
GRANT SELECT, DELETE ON edit_mark TO gap_worker;
GRANT SELECT, INSERT, DELETE ON held_edit TO gap_worker;

CREATE FUNCTION edit_marked(p_client bigint, p_contact bigint, p_field text) RETURNS void LANGUAGE sql
  SET search_path = gap, pg_temp AS $$
  INSERT INTO edit_mark (org_id, client_id, contact_id, field)
  SELECT c.org_id, c.client_id, p_contact, p_field FROM client c
  WHERE c.org_id = current_org() AND c.client_id = p_client AND c.tenant_id IS NOT NULL
  ON CONFLICT (org_id, client_id, contact_id, field) DO UPDATE SET at = clock_timestamp()
$$;
CREATE FUNCTION client_edited() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = gap, pg_temp AS $$
BEGIN
  IF OLD.name <> NEW.name THEN
    PERFORM edit_marked(NEW.client_id, 0, 'name');
  END IF;
  IF (OLD.archived_at IS NULL) <> (NEW.archived_at IS NULL) THEN
    PERFORM edit_marked(NEW.client_id, 0, 'archived');
  END IF;
  IF OLD.status <> NEW.status THEN
    PERFORM edit_marked(NEW.client_id, 0, 'status');
  END IF;
  RETURN NULL;
END
$$;
CREATE FUNCTION contact_edited() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = gap, pg_temp AS $$
BEGIN
  PERFORM edit_marked(l.client_id, NEW.contact_id, 'contact') FROM client_contact l
    WHERE l.org_id = NEW.org_id AND l.contact_id = NEW.contact_id;
  RETURN NULL;
END
$$;
CREATE FUNCTION link_edited() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = gap, pg_temp AS $$
DECLARE
  l client_contact := coalesce(NEW, OLD);
BEGIN
  PERFORM edit_marked(l.client_id, l.contact_id, 'contact');
  RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION edit_marked, client_edited, contact_edited, link_edited FROM PUBLIC;
CREATE TRIGGER client_edited AFTER UPDATE ON client FOR EACH ROW
  WHEN (current_user = 'gap_web' AND OLD.tenant_id IS NOT NULL) EXECUTE FUNCTION client_edited();
CREATE TRIGGER contact_edited AFTER UPDATE ON contact FOR EACH ROW
  WHEN (current_user = 'gap_web' AND (OLD.name, OLD.email, OLD.phone) IS DISTINCT FROM
    (NEW.name, NEW.email, NEW.phone)) EXECUTE FUNCTION contact_edited();
CREATE TRIGGER link_edited AFTER INSERT OR DELETE ON client_contact FOR EACH ROW
  WHEN (current_user = 'gap_web') EXECUTE FUNCTION link_edited();

-- A second admin's consent for the same practice, in reserve: its grant takes the first one's place when that
-- dies, or when the admin who connected leaves.
ALTER TABLE connection ADD standby_grant_id bigint, ADD standby_connection uuid, ADD standby_by bigint,
  ADD standby_name text, ADD standby_at timestamptz;
GRANT SELECT (standby_by, standby_name, standby_at) ON connection TO gap_web;
ALTER TABLE oauth_attempt ADD standby boolean NOT NULL DEFAULT false;
GRANT INSERT (standby), SELECT (standby) ON oauth_attempt TO gap_web;
ALTER TABLE grant_use ADD standby boolean NOT NULL DEFAULT false, DROP CONSTRAINT grant_use_pkey,
  ADD PRIMARY KEY (org_id, standby);
