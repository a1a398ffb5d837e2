-- A removal for each practice that is to go, the list of what to put right keeps who takes care of what,
-- what came archived is no news, and the other clients of a contact come one by one.

SET LOCAL search_path = gap;

-- ---- removals ----

-- What an admin chose at a disconnect (0011), a row a practice: each goes on its own date, and each can be
-- taken back alone. practice: what people called it then.
CREATE TABLE practice_removal (
  org_id bigint NOT NULL REFERENCES organisation,
  removal_id bigint GENERATED ALWAYS AS IDENTITY,
  tenant_id uuid NOT NULL,
  practice text,
  at timestamptz NOT NULL,
  told_at timestamptz,
  PRIMARY KEY (org_id, removal_id),
  UNIQUE (org_id, tenant_id)
);
ALTER TABLE practice_removal ENABLE ROW LEVEL SECURITY;
ALTER TABLE practice_removal FORCE ROW LEVEL SECURITY;
CREATE POLICY practice_removal_org ON practice_removal USING (org_id = current_org())
  WITH CHECK (org_id = current_org());
-- The worker writes these; the web may only take one back.
GRANT SELECT, DELETE ON practice_removal TO gap_web;
GRANT SELECT, INSERT, UPDATE, DELETE ON practice_removal TO gap_worker;

DO $$
DECLARE
  v_org bigint;
BEGIN
  FOR v_org IN SELECT org_id FROM organisation_list
  LOOP
    PERFORM set_config('gap.org_id', v_org::text, true);
    INSERT INTO practice_removal (org_id, tenant_id, practice, at, told_at)
    SELECT o.org_id, o.removal_tenant, CASE WHEN c.former_tenant = o.removal_tenant THEN c.former_name END,
      o.removal_at, o.removal_told_at
    FROM organisation o LEFT JOIN connection c USING (org_id)
    WHERE o.org_id = v_org AND o.removal_at IS NOT NULL;
    UPDATE job j SET single = 'erase:' || v_org || ':' || r.tenant_id,
      payload = json_build_object('tenant', r.tenant_id)::text
    FROM practice_removal r WHERE r.org_id = v_org AND j.org_id = v_org AND j.kind = 'erase';
  END LOOP;
  PERFORM set_config('gap.org_id', '', true);
END
$$;

DROP TRIGGER organisation_kept ON organisation;
ALTER TABLE organisation DROP COLUMN removal_tenant, DROP COLUMN removal_at, DROP COLUMN removal_told_at;
CREATE TRIGGER organisation_kept AFTER UPDATE OF kept_tenant ON organisation
  FOR EACH STATEMENT EXECUTE FUNCTION data_changed();
CREATE TRIGGER practice_removal_changed AFTER INSERT OR UPDATE OF at OR DELETE ON practice_removal
  FOR EACH STATEMENT EXECUTE FUNCTION data_changed();

-- ---- what to put right in XPM ----

CREATE INDEX fix_item_before ON fix_item (org_id, client_id, fix_id)
  WHERE closed_at IS NOT NULL AND client_id IS NOT NULL;

-- As in 0008; an entry that comes again goes to whom the last one of the same client and for one of the same
-- reasons was given, as long as that one is kept. If it was given to nobody any more, so is the new one.
CREATE OR REPLACE FUNCTION fix_follow(p_run bigint, p_tenant uuid) RETURNS void
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
  INSERT INTO fix_item (org_id, client_id, name, reasons, assignee, assigned_at, assigned_by)
  SELECT v_org, c.client_id, c.name, c.flags, b.assignee, b.assigned_at, b.assigned_by
  FROM client c
  LEFT JOIN fix_item f ON f.org_id = v_org AND f.client_id = c.client_id AND f.closed_at IS NULL
  LEFT JOIN LATERAL (
    SELECT x.assignee, x.assigned_at, x.assigned_by FROM fix_item x
    WHERE x.org_id = v_org AND x.client_id = c.client_id AND x.closed_at IS NOT NULL AND x.reasons & c.flags <> 0
    ORDER BY x.fix_id DESC LIMIT 1) b ON b.assignee IS NOT NULL
  WHERE c.org_id = v_org AND c.tenant_id = p_tenant AND c.archived_at IS NULL AND c.flags <> 0
    AND f.fix_id IS NULL;
END
$$;

-- As in 0014; a record that is skipped again for the same reason, likewise.
CREATE OR REPLACE FUNCTION fix_follow_skips(p_run bigint, p_all boolean) RETURNS void
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
  INSERT INTO fix_item (org_id, name, rule, record_xpm, assignee, assigned_at, assigned_by)
  SELECT n.org_id, n.name, n.rule, n.xpm_id, b.assignee, b.assigned_at, b.assigned_by
  FROM (SELECT DISTINCT v_org AS org_id, coalesce(s.name, '') AS name, s.rule, s.xpm_id
    FROM run_skip s
    WHERE s.org_id = v_org AND s.run_id = p_run AND s.rule NOT IN ('undecided', 'not_asked', 'changed_since')
      AND NOT EXISTS (SELECT FROM fix_item f WHERE f.org_id = v_org AND f.closed_at IS NULL AND f.rule = s.rule
        AND f.record_xpm IS NOT DISTINCT FROM s.xpm_id AND f.name = coalesce(s.name, ''))) n
  LEFT JOIN (
    SELECT DISTINCT ON (x.rule, x.record_xpm) x.rule, x.record_xpm, x.assignee, x.assigned_at, x.assigned_by
    FROM fix_item x
    WHERE x.org_id = v_org AND x.rule IS NOT NULL AND x.record_xpm IS NOT NULL AND x.closed_at IS NOT NULL
    ORDER BY x.rule, x.record_xpm, x.fix_id DESC) b
    ON b.rule = n.rule AND b.record_xpm = n.xpm_id AND b.assignee IS NOT NULL;
END
$$;

-- ---- since you last looked ----

-- What the newest p_most changes (NULL: all) behind p_mark, but those made by p_name, come to: a row a client, with the
-- number of changes. A client that was archived when it came, and still is, nobody has ever had: it is no news.
CREATE FUNCTION client_news(p_mark timestamptz, p_name text, p_most bigint) RETURNS TABLE (client_id bigint,
  added boolean, gone boolean, back boolean, people boolean, news boolean, changes bigint) LANGUAGE sql STABLE ROWS 500
BEGIN ATOMIC
  SELECT m.client_id, m.added, m.gone, m.back, m.people, m.came_archived IS NOT TRUE OR m.back, m.n
  FROM (SELECT h.client_id, bool_or(h.field = 'client') AS added,
      bool_or(h.field = 'archived' AND h.new IS NOT NULL) AS gone,
      bool_or(h.field = 'archived' AND h.new IS NULL) AS back,
      bool_or(h.field LIKE 'contact%' OR h.field = 'primary') AS people,
      max(h.run_id) FILTER (WHERE h.field = 'client') =
        min(h.run_id) FILTER (WHERE h.field = 'archived' AND h.new IS NOT NULL) AS came_archived,
      count(*) AS n
    FROM (SELECT * FROM client_change c
      WHERE c.org_id = current_org() AND c.at > p_mark AND c.by_name IS DISTINCT FROM p_name
      ORDER BY c.at DESC LIMIT p_most) h
    GROUP BY h.client_id) m;
END;
REVOKE ALL ON FUNCTION client_news FROM PUBLIC;
GRANT EXECUTE ON FUNCTION client_news TO gap_web;

-- ---- one by one ----

-- Each name is to be set apart from the words around it, so they come apart.
DROP FUNCTION contact_also;
CREATE FUNCTION contact_also(p_contact bigint, p_client bigint) RETURNS json LANGUAGE plpgsql STABLE
  SET search_path = gap, pg_temp AS $$
BEGIN
  RETURN (SELECT json_agg(x.name ORDER BY x.name) FROM (
    SELECT c.name FROM client_contact l JOIN client c USING (org_id, client_id)
    WHERE l.org_id = current_org() AND l.contact_id = p_contact AND l.client_id <> p_client
    ORDER BY c.name LIMIT 20) x);
END
$$;
GRANT EXECUTE ON FUNCTION contact_also TO gap_web;
