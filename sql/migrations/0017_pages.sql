SET LOCAL search_path = gap;

-- What every page asks first is who its sender is, with organisation and connection. Each further relation in
-- that question costs as much as a short question of its own; what rarely changes is therefore kept in the row
-- that is read anyway, by whoever changes it. The row's own organisation is entered for that, and left again: it
-- is the one the change was allowed in.

-- Has a person a second factor? The row is locked before the factors are counted, so that of two that go at
-- once the later one sees that the other is gone.
ALTER TABLE app_user ADD has_factor boolean NOT NULL DEFAULT false;
CREATE FUNCTION factor_kept() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = gap, pg_temp AS $$
DECLARE
  v_inside text := current_setting('gap.org_id', true);
  v_org bigint := coalesce(NEW.org_id, OLD.org_id);
  v_user bigint := coalesce(NEW.user_id, OLD.user_id);
BEGIN
  PERFORM set_config('gap.org_id', v_org::text, true);
  PERFORM FROM app_user WHERE org_id = v_org AND user_id = v_user FOR NO KEY UPDATE;
  UPDATE app_user u SET has_factor = NOT has_factor WHERE org_id = v_org AND user_id = v_user
    AND has_factor <> EXISTS (SELECT FROM factor f WHERE f.org_id = v_org AND f.user_id = v_user);
  PERFORM set_config('gap.org_id', coalesce(v_inside, ''), true);
  RETURN NULL;
END
$$;
CREATE TRIGGER totp_factor_kept AFTER INSERT OR DELETE ON totp_factor
  FOR EACH ROW EXECUTE FUNCTION factor_kept();
CREATE TRIGGER passkey_kept AFTER INSERT OR DELETE ON passkey
  FOR EACH ROW EXECUTE FUNCTION factor_kept();

-- Is a run under way?
ALTER TABLE connection ADD running boolean NOT NULL DEFAULT false;
GRANT SELECT (running) ON connection TO gap_web;
CREATE FUNCTION run_kept() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = gap, pg_temp AS $$
DECLARE
  v_inside text := current_setting('gap.org_id', true);
  v_org bigint := coalesce(NEW.org_id, OLD.org_id);
BEGIN
  PERFORM set_config('gap.org_id', v_org::text, true);
  UPDATE connection SET running = NOT running WHERE org_id = v_org
    AND running <> (TG_OP <> 'DELETE' AND NEW.state = 'running');
  PERFORM set_config('gap.org_id', coalesce(v_inside, ''), true);
  RETURN NULL;
END
$$;
CREATE TRIGGER sync_run_begun AFTER INSERT ON sync_run
  FOR EACH ROW WHEN (NEW.state = 'running') EXECUTE FUNCTION run_kept();
CREATE TRIGGER sync_run_over AFTER UPDATE OF state ON sync_run
  FOR EACH ROW WHEN ((NEW.state = 'running') <> (OLD.state = 'running')) EXECUTE FUNCTION run_kept();
CREATE TRIGGER sync_run_gone AFTER DELETE ON sync_run
  FOR EACH ROW WHEN (OLD.state = 'running') EXECUTE FUNCTION run_kept();

DO $$
DECLARE
  v_org bigint;
BEGIN
  FOR v_org IN SELECT org_id FROM organisation_list
  LOOP
    PERFORM set_config('gap.org_id', v_org::text, true);
    UPDATE app_user u SET has_factor = true
    WHERE EXISTS (SELECT FROM factor f WHERE f.org_id = u.org_id AND f.user_id = u.user_id);
    UPDATE connection c SET running = true
    WHERE EXISTS (SELECT FROM sync_run r WHERE r.org_id = c.org_id AND r.state = 'running');
  END LOOP;
  PERFORM set_config('gap.org_id', '', true);
END
$$;

-- A preview waits in few states of a connection only (preview_over); a function is not looked into before it
-- is called. Those in PL/pgSQL keep their plans, those in SQL are planned at each call.
CREATE FUNCTION preview_waits() RETURNS boolean LANGUAGE plpgsql STABLE SET search_path = gap, pg_temp AS $$
BEGIN
  RETURN EXISTS (SELECT FROM connection_preview WHERE org_id = current_org());
END
$$;
GRANT EXECUTE ON FUNCTION preview_waits TO gap_web, gap_worker;

-- Times as they are stored: making numbers of eight of them was a tenth of what a page asked.
DROP VIEW connection_line;
CREATE VIEW connection_line WITH (security_invoker = true) AS
  SELECT c.org_id, c.state, c.cause, c.cause_at, nullif(c.label, '') AS label,
    nullif(c.tenant_name, '') AS tenant_name, c.tenant_id IS NOT NULL AS has_tenant, c.connected_by_name,
    c.connected_by, c.connected_at, c.first_live_at,
    c.last_success_at, c.last_run_id, c.live_clients, c.live_contacts, c.failures,
    c.next_sync_at, c.manual_ended_at,
    -- NULL: none
    c.progress_done, c.running,
    CASE WHEN c.state IN ('first_import', 'connecting', 'choosing', 'disconnecting') THEN preview_waits()
      ELSE false END AS previewed
  FROM connection c;
GRANT SELECT ON connection_line TO gap_web, gap_worker;

-- What has changed since a person's mark, as it was told last (sql/queries/look.sql): true as long as the data
-- version is this one. Names of clients stand in it, which leave with their clients.
ALTER TABLE client_look ADD news text, ADD news_version bigint;
CREATE FUNCTION news_gone() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = gap, pg_temp AS $$
BEGIN
  UPDATE client_look SET news = NULL, news_version = NULL WHERE org_id = current_org() AND news IS NOT NULL;
  RETURN NULL;
END
$$;
CREATE TRIGGER client_news_gone AFTER DELETE ON client FOR EACH STATEMENT EXECUTE FUNCTION news_gone();

-- The list tells how many entries wait under Fix in XPM: one that opens or closes changes what it shows. Statements
-- that touch none are frequent (each run looks), and do not; nor does giving one to somebody.
CREATE FUNCTION fix_changed() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = gap, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT FROM touched t WHERE TG_OP <> 'UPDATE' OR t.closed_at IS NOT NULL) THEN
    UPDATE organisation SET data_version = data_version + 1 WHERE org_id = current_org();
  END IF;
  RETURN NULL;
END
$$;
CREATE TRIGGER fix_item_opened AFTER INSERT ON fix_item REFERENCING NEW TABLE AS touched
  FOR EACH STATEMENT EXECUTE FUNCTION fix_changed();
CREATE TRIGGER fix_item_changed AFTER UPDATE ON fix_item REFERENCING NEW TABLE AS touched
  FOR EACH STATEMENT EXECUTE FUNCTION fix_changed();
CREATE TRIGGER fix_item_gone AFTER DELETE ON fix_item REFERENCING OLD TABLE AS touched
  FOR EACH STATEMENT EXECUTE FUNCTION fix_changed();

-- What a client's page tells of few clients only, and so asks for in a function, too.
CREATE FUNCTION contact_also(p_contact bigint, p_client bigint) RETURNS text LANGUAGE plpgsql STABLE
  SET search_path = gap, pg_temp AS $$
BEGIN
  RETURN (SELECT string_agg(x.name, ', ' ORDER BY x.name) FROM (
    SELECT c.name FROM client_contact l JOIN client c USING (org_id, client_id)
    WHERE l.org_id = current_org() AND l.contact_id = p_contact AND l.client_id <> p_client
    ORDER BY c.name LIMIT 20) x);
END
$$;
CREATE FUNCTION person_named(p_user bigint) RETURNS text LANGUAGE plpgsql STABLE SET search_path = gap, pg_temp AS $$
BEGIN
  RETURN (SELECT name FROM app_user WHERE org_id = current_org() AND user_id = p_user AND status = 'active');
END
$$;
GRANT EXECUTE ON FUNCTION contact_also, person_named TO gap_web;
