-- What the engine notices by itself: that the database has gone back in time.
--
-- After a restore sessions that had ended live again, codes that were used are unused, links that were
-- followed lead somewhere. The worker takes a number with each sign of life and keeps the highest it has seen
-- outside of the database ($GAP_STATE_DIR/pulse): a number at or below that one was given before. A dump that
-- is read back into another database is known by its place, whoever keeps numbers or not.

SET LOCAL search_path = gap;

CREATE SEQUENCE pulse;

-- One row. Made by the first worker, so that a template's copy is nobody's restore.
CREATE TABLE installation (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  place text NOT NULL,
  -- Added to the sequence, which no rollback takes back: a restore that was not seen to is found again.
  base bigint NOT NULL DEFAULT 0,
  restored_at timestamptz
);

-- The cluster and the database in it: no backup keeps both when it is read back elsewhere.
CREATE FUNCTION place() RETURNS text LANGUAGE sql STABLE SET search_path = gap, pg_temp
RETURN (SELECT s.system_identifier || '/' || d.oid FROM pg_control_system() s, pg_database d
  WHERE d.datname = current_database());
REVOKE ALL ON FUNCTION place FROM PUBLIC;

-- Nobody is let in by what was valid then: no session, link, set-up under way, and no code of a moment that
-- has passed (the step ahead of us included). Xero's access tokens are asked for anew, whatever they say.
CREATE FUNCTION database_restored(p_seen bigint) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = gap, pg_temp AS $$
DECLARE
  entered text := current_setting('gap.org_id', true);
  v_step bigint := floor(extract(epoch FROM now()) / 30)::bigint + 1;
  v_org bigint;
BEGIN
  FOR v_org IN SELECT org_id FROM organisation_list ORDER BY org_id
  LOOP
    PERFORM set_config('gap.org_id', v_org::text, true);
    UPDATE totp_factor SET last_step = v_step WHERE org_id = v_org AND last_step < v_step;
    DELETE FROM totp_pending WHERE org_id = v_org;
    INSERT INTO notice (org_id, user_id, kind, body, link)
    SELECT u.org_id, u.user_id, 'restored', 'The Gap was put back to an earlier state, from a backup. Everyone has'
      ' been logged out. What was changed since then has to be changed again: check people, roles and passwords,'
      ' and make new recovery codes if you have used one. The next sync brings the clients up to date.', '/settings/team'
    FROM app_user u WHERE u.org_id = v_org AND u.status = 'active' AND u.role = 'admin';
    PERFORM audit_append(v_org, NULL, NULL, NULL, 'database.restored', 'ok', NULL, 'sessions, links and used codes ended');
  END LOOP;
  PERFORM set_config('gap.org_id', coalesce(entered, ''), true);
  DELETE FROM session;
  DELETE FROM one_time_token;
  UPDATE xero_grant SET access_ends_at = now() WHERE access_ends_at > now();
  -- The numbers go on far beyond what any worker may have seen: each would find the same restore once more.
  INSERT INTO installation AS i (place, base, restored_at)
  VALUES (place(), greatest(p_seen, 0) + 1000000, now())
  ON CONFLICT (one) DO UPDATE SET place = excluded.place, restored_at = excluded.restored_at,
    base = i.base + greatest(p_seen - i.base - nextval('pulse'), 0) + 1000000;
END
$$;
REVOKE ALL ON FUNCTION database_restored FROM PUBLIC;

-- The next number, and whether this call found that the database was restored (and saw to it).
-- p_seen: the highest one seen so far; 0: none.
CREATE FUNCTION pulse_take(p_seen bigint, OUT pulse bigint, OUT restored boolean) LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = gap, pg_temp AS $$
DECLARE
  i installation;
BEGIN
  restored := false;
  INSERT INTO installation (place) SELECT place() WHERE NOT EXISTS (SELECT FROM installation) ON CONFLICT DO NOTHING;
  SELECT * INTO i FROM installation;
  pulse := i.base + nextval('pulse');
  IF i.place = place() AND pulse > p_seen THEN
    RETURN;
  END IF;
  -- Somebody else may have found it a moment ago.
  SELECT * INTO i FROM installation FOR UPDATE;
  pulse := i.base + nextval('pulse');
  IF i.place <> place() OR pulse <= p_seen THEN
    PERFORM database_restored(p_seen);
    restored := true;
    pulse := (SELECT base FROM installation) + nextval('pulse');
  END IF;
END
$$;
REVOKE ALL ON FUNCTION pulse_take FROM PUBLIC;
GRANT EXECUTE ON FUNCTION pulse_take TO gap_worker;

-- As in 0008; a client that XPM was not asked about yet is nothing that anybody could put right there.
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
  INSERT INTO fix_item (org_id, name, rule, record_xpm)
  SELECT DISTINCT v_org, coalesce(s.name, ''), s.rule, s.xpm_id
  FROM run_skip s
  WHERE s.org_id = v_org AND s.run_id = p_run AND s.rule NOT IN ('undecided', 'not_asked', 'changed_since')
    AND NOT EXISTS (SELECT FROM fix_item f WHERE f.org_id = v_org AND f.closed_at IS NULL AND f.rule = s.rule
      AND f.record_xpm IS NOT DISTINCT FROM s.xpm_id AND f.name = coalesce(s.name, ''));
END
$$;
