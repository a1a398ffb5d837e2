-- Clients and their contacts. One contact may belong to several clients; the
-- primary mark and the order belong to the link. What came from XPM carries
-- its tenant and XPM id for ever; "view only" is the row's tenant being the
-- organisation's active tenant, so a disconnect makes rows editable without
-- touching them.

SET LOCAL search_path = gap;

CREATE TABLE client (
  org_id bigint NOT NULL REFERENCES organisation,
  client_id bigint GENERATED ALWAYS AS IDENTITY,
  tenant_id uuid,
  xpm_id uuid,
  name text COLLATE "und-x-icu" NOT NULL,
  status text NOT NULL DEFAULT 'client' CHECK (status IN ('client', 'prospect')),
  web_url text,
  archived_at timestamptz,
  archived_reason text CHECK (archived_reason IN ('archived_in_xpm', 'deleted_in_xpm', 'gone_from_xpm',
    'not_visible', 'by_hand')),
  -- Rule D10: the first primary in XPM's order; NULL shows "No Primary Contact".
  primary_contact_id bigint,
  -- core/client.h enum client_flag: what somebody should put right in XPM.
  flags integer NOT NULL DEFAULT 0,
  -- What the last applied record hashed to; NULL for hand-added clients.
  fingerprint bytea,
  -- Name, contacts, e-mails and phones in lower case, for the one index that searches.
  search text NOT NULL DEFAULT '',
  created_at timestamptz NOT NULL DEFAULT now(),
  changed_at timestamptz NOT NULL DEFAULT now(),
  changed_run bigint,
  PRIMARY KEY (org_id, client_id),
  CHECK ((tenant_id IS NULL) = (xpm_id IS NULL))
);
CREATE UNIQUE INDEX client_xpm ON client (org_id, tenant_id, xpm_id) WHERE xpm_id IS NOT NULL;
CREATE INDEX client_name ON client (org_id, name, client_id) WHERE archived_at IS NULL;
CREATE INDEX client_archived ON client (org_id, name, client_id) WHERE archived_at IS NOT NULL;
CREATE INDEX client_flagged ON client (org_id, name, client_id) WHERE archived_at IS NULL AND flags <> 0;
CREATE INDEX client_search_trgm ON client USING gin (org_id, search gin_trgm_ops);

CREATE TABLE contact (
  org_id bigint NOT NULL REFERENCES organisation,
  contact_id bigint GENERATED ALWAYS AS IDENTITY,
  tenant_id uuid,
  xpm_id uuid,
  name text NOT NULL,
  email text,
  phone text,
  changed_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (org_id, contact_id),
  CHECK ((tenant_id IS NULL) = (xpm_id IS NULL))
);
CREATE UNIQUE INDEX contact_xpm ON contact (org_id, tenant_id, xpm_id) WHERE xpm_id IS NOT NULL;

CREATE TABLE client_contact (
  org_id bigint NOT NULL,
  client_id bigint NOT NULL,
  contact_id bigint NOT NULL,
  tenant_id uuid,
  is_primary boolean NOT NULL,
  ord integer NOT NULL,
  PRIMARY KEY (org_id, client_id, contact_id),
  FOREIGN KEY (org_id, client_id) REFERENCES client ON DELETE CASCADE,
  FOREIGN KEY (org_id, contact_id) REFERENCES contact ON DELETE CASCADE
);
CREATE INDEX client_contact_contact ON client_contact (org_id, contact_id);

DO $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['client', 'contact', 'client_contact']
  LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY %I ON %I TO gap_owner, gap_worker USING (org_id = current_org())'
      ' WITH CHECK (org_id = current_org())', t || '_org', t);
    EXECUTE format('CREATE POLICY %I ON %I FOR SELECT TO gap_web USING (org_id = current_org())',
      t || '_web_read', t);
    EXECUTE format('CREATE POLICY %I ON %I FOR UPDATE TO gap_web USING (org_id = current_org() AND'
      ' (tenant_id IS NULL OR tenant_id IS DISTINCT FROM (SELECT o.active_tenant FROM organisation o'
      ' WHERE o.org_id = current_org())))', t || '_web_edit', t);
    EXECUTE format('CREATE POLICY %I ON %I FOR DELETE TO gap_web USING (org_id = current_org() AND'
      ' (tenant_id IS NULL OR tenant_id IS DISTINCT FROM (SELECT o.active_tenant FROM organisation o'
      ' WHERE o.org_id = current_org())))', t || '_web_remove', t);
  END LOOP;
END
$$;
-- While a practice is connected no client is made by hand, but one made before may get a contact.
CREATE POLICY client_web_add ON client FOR INSERT TO gap_web WITH CHECK (org_id = current_org()
  AND tenant_id IS NULL
  AND (SELECT o.active_tenant IS NULL FROM organisation o WHERE o.org_id = current_org()));
CREATE POLICY contact_web_add ON contact FOR INSERT TO gap_web WITH CHECK (org_id = current_org()
  AND tenant_id IS NULL);
CREATE POLICY client_contact_web_add ON client_contact FOR INSERT TO gap_web WITH CHECK (
  org_id = current_org() AND tenant_id IS NULL AND EXISTS (
    SELECT FROM client c JOIN organisation o USING (org_id)
    WHERE c.org_id = client_contact.org_id AND c.client_id = client_contact.client_id
      AND (c.tenant_id IS NULL OR c.tenant_id IS DISTINCT FROM o.active_tenant)));

GRANT SELECT, DELETE ON client, contact, client_contact TO gap_web;
GRANT INSERT (org_id, name, status, primary_contact_id, flags, search), UPDATE (name, status, archived_at,
  archived_reason, primary_contact_id, flags, search, changed_at) ON client TO gap_web;
GRANT INSERT (org_id, name, email, phone), UPDATE (name, email, phone, changed_at) ON contact TO gap_web;
GRANT INSERT (org_id, client_id, contact_id, is_primary, ord), UPDATE (is_primary, ord)
  ON client_contact TO gap_web;
GRANT SELECT, INSERT, UPDATE, DELETE ON client, contact, client_contact TO gap_worker;

-- The data version: one statement that may change what a list shows raises it once.
CREATE FUNCTION data_changed() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = gap, pg_temp AS $$
BEGIN
  UPDATE organisation SET data_version = data_version + 1 WHERE org_id = current_org();
  RETURN NULL;
END
$$;
CREATE TRIGGER client_changed AFTER INSERT OR UPDATE OR DELETE ON client
  FOR EACH STATEMENT EXECUTE FUNCTION data_changed();
CREATE TRIGGER contact_changed AFTER INSERT OR UPDATE OR DELETE ON contact
  FOR EACH STATEMENT EXECUTE FUNCTION data_changed();
CREATE TRIGGER client_contact_changed AFTER INSERT OR UPDATE OR DELETE ON client_contact
  FOR EACH STATEMENT EXECUTE FUNCTION data_changed();
CREATE TRIGGER organisation_changed
  AFTER UPDATE OF name, time_zone, mfa_grace_days, active_tenant ON organisation
  FOR EACH STATEMENT EXECUTE FUNCTION data_changed();

-- A line of the list, read as whoever asks: the policies of client, contact and organisation hold.
CREATE VIEW client_line WITH (security_invoker = true) AS
  SELECT c.org_id, c.client_id, c.name, c.status, c.flags, c.archived_at,
    k.name AS contact_name, k.email, k.phone, c.xpm_id IS NOT NULL AS synced,
    c.tenant_id IS NOT NULL AND c.tenant_id = (SELECT o.active_tenant FROM organisation o
      WHERE o.org_id = current_org()) AS view_only
  FROM client c
  LEFT JOIN contact k ON k.org_id = c.org_id AND k.contact_id = c.primary_contact_id;
GRANT SELECT ON client_line TO gap_web;

-- Search. A trigram index is not used under a row policy (its operators are not
-- leakproof), so this function looks past the policy as a role nobody logs in
-- with, filters on the entered organisation itself, and returns ids only; the
-- rows are then read under the policy. It gives the page of hits after (or, p_back,
-- before) the key; p_flags 0: whatever the flags. p_words are in lower case, as search is.
CREATE POLICY client_search ON client FOR SELECT TO gap_search USING (true);
GRANT SELECT (org_id, client_id, name, search, archived_at, flags) ON client TO gap_search;
GRANT CREATE ON SCHEMA gap TO gap_search;
CREATE FUNCTION client_search(p_words text, p_archived boolean, p_flags integer, p_name text, p_id bigint,
  p_back boolean, p_limit integer) RETURNS SETOF bigint
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = gap, pg_temp
BEGIN ATOMIC
  WITH hit AS MATERIALIZED (
    SELECT c.client_id, c.name FROM client c
    WHERE c.org_id = current_org()
      AND c.search LIKE '%' || replace(replace(replace(p_words, '\', '\\'), '%', '\%'), '_', '\_') || '%'
      AND (c.archived_at IS NOT NULL) = p_archived
      AND (p_flags = 0 OR c.flags & p_flags <> 0)),
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
