-- Two rows that are one client. kind 'match': one added by hand and the one that a sync brought (rule D16);
-- the hand-added row stays, takes the XPM id, and the twin is folded into it. kind 'rejoin': one that is gone
-- from XPM and the one it lives on in; history moves, the gone row stays and says where.
--
-- People ask (the web may write no synced row, rulings 4), the worker does it, set-wise, and can take it back:
-- what both rows were is kept here, and which lines of history moved.

SET LOCAL search_path = gap;

CREATE TABLE client_pair (
  org_id bigint NOT NULL,
  pair_id bigint GENERATED ALWAYS AS IDENTITY,
  kind text NOT NULL CHECK (kind IN ('match', 'rejoin')),
  stays_id bigint NOT NULL,
  -- No reference: the twin of a match is folded, so its row goes, and comes back under this number.
  goes_id bigint NOT NULL CHECK (goes_id <> stays_id),
  -- core/match.h, of a rejoin
  reason text,
  -- joining and leaving are seen by nobody: within the worker's transaction, the set its statements go by
  state text NOT NULL CHECK (state IN ('offered', 'refused', 'asked', 'joining', 'joined', 'parting', 'leaving',
    'parted', 'failed')),
  by_id bigint,
  by_name text,
  changed_at timestamptz NOT NULL DEFAULT now(),
  goes_name text,
  joined_at timestamptz,
  -- Rows as they were: client; [client_contact]; [contact].
  stays_was jsonb,
  stays_links jsonb,
  stays_contacts jsonb,
  goes_was jsonb,
  goes_links jsonb,
  moved bigint[] NOT NULL DEFAULT '{}',
  PRIMARY KEY (org_id, pair_id),
  UNIQUE (org_id, kind, stays_id, goes_id),
  -- Removed for good, a client takes along what is kept of it here.
  FOREIGN KEY (org_id, stays_id) REFERENCES client ON DELETE CASCADE
);
CREATE UNIQUE INDEX client_pair_goes ON client_pair (org_id, goes_id) WHERE state IN ('asked', 'joining', 'joined');
CREATE UNIQUE INDEX client_pair_stays ON client_pair (org_id, stays_id)
  WHERE kind = 'match' AND state IN ('asked', 'joining', 'joined');
ALTER TABLE client_pair ENABLE ROW LEVEL SECURITY;
ALTER TABLE client_pair FORCE ROW LEVEL SECURITY;
CREATE POLICY client_pair_org ON client_pair TO gap_owner, gap_worker USING (org_id = current_org())
  WITH CHECK (org_id = current_org());
CREATE POLICY client_pair_web_read ON client_pair FOR SELECT TO gap_web USING (org_id = current_org());
CREATE POLICY client_pair_web_ask ON client_pair FOR INSERT TO gap_web WITH CHECK (org_id = current_org()
  AND kind = 'match' AND state IN ('asked', 'refused'));
CREATE POLICY client_pair_web_decide ON client_pair FOR UPDATE TO gap_web USING (org_id = current_org())
  WITH CHECK (org_id = current_org() AND state IN ('asked', 'refused', 'parting'));
GRANT SELECT, INSERT, UPDATE, DELETE ON client_pair TO gap_worker;
GRANT SELECT (org_id, pair_id, kind, stays_id, goes_id, reason, state, by_id, by_name, changed_at, goes_name,
  joined_at), INSERT (org_id, kind, stays_id, goes_id, state, by_id, by_name),
  UPDATE (state, by_id, by_name, changed_at) ON client_pair TO gap_web;

-- Names are the same when they are but for case and blanks.
CREATE FUNCTION match_fold(p_name text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN lower(btrim(regexp_replace(normalize(p_name, NFKC), '\s+', ' ', 'g')) COLLATE "und-x-icu");

-- Whom of the connected practice a client added by hand may be: the same name, with or without a shared e-mail,
-- and one of those that share only an e-mail. rivals: in how many pairs of name and e-mail either of the two
-- stands; only alone it is a suggestion. Pairs that somebody has decided on are left out.
CREATE FUNCTION match_candidates() RETURNS TABLE (hand_id bigint, twin_id bigint, same_name boolean,
  shared_email boolean, rivals bigint)
  LANGUAGE plpgsql STABLE SET search_path = gap, pg_temp SET plan_cache_mode = force_custom_plan
  SET enable_nestloop = off SET jit = off AS $$
#variable_conflict use_column
DECLARE
  v_org bigint := current_org();
  v_tenant uuid := (SELECT o.active_tenant FROM organisation o WHERE o.org_id = v_org);
BEGIN
  RETURN QUERY
    WITH hand AS MATERIALIZED (
      SELECT c.client_id, match_fold(c.name) AS name FROM client c
      WHERE c.org_id = v_org AND c.xpm_id IS NULL AND c.archived_at IS NULL),
    hand_mail AS MATERIALIZED (
      SELECT DISTINCT h.client_id, lower(k.email) AS email FROM hand h
      JOIN client_contact l ON l.org_id = v_org AND l.client_id = h.client_id
      JOIN contact k ON k.org_id = v_org AND k.contact_id = l.contact_id
      WHERE k.email IS NOT NULL),
    mailed AS MATERIALIZED (
      SELECT DISTINCT m.client_id AS hand_id, c.client_id AS twin_id FROM hand_mail m
      JOIN contact k ON k.org_id = v_org AND lower(k.email) = m.email
      JOIN client_contact l ON l.org_id = v_org AND l.contact_id = k.contact_id
      JOIN client c ON c.org_id = v_org AND c.client_id = l.client_id
      WHERE c.tenant_id = v_tenant AND c.archived_at IS NULL),
    named AS MATERIALIZED (
      SELECT h.client_id AS hand_id, c.client_id AS twin_id FROM client c
      JOIN hand h ON h.name = match_fold(c.name)
      WHERE c.org_id = v_org AND c.tenant_id = v_tenant AND c.archived_at IS NULL),
    near AS (
      SELECT n.hand_id, n.twin_id, true AS same_name, m.hand_id IS NOT NULL AS shared_email
      FROM named n LEFT JOIN mailed m ON m.hand_id = n.hand_id AND m.twin_id = n.twin_id
      UNION ALL
      (SELECT DISTINCT ON (m.hand_id) m.hand_id, m.twin_id, false, true FROM mailed m
        LEFT JOIN named n ON n.hand_id = m.hand_id
        LEFT JOIN client_pair d ON d.org_id = v_org AND d.kind = 'match' AND d.stays_id = m.hand_id
          AND d.goes_id = m.twin_id
        WHERE n.hand_id IS NULL AND d.pair_id IS NULL ORDER BY m.hand_id, m.twin_id)),
    open AS (
      SELECT n.* FROM near n
      LEFT JOIN client_pair d ON d.org_id = v_org AND d.kind = 'match' AND d.stays_id = n.hand_id
        AND d.goes_id = n.twin_id AND d.state <> 'failed'
      WHERE d.pair_id IS NULL
        AND n.twin_id NOT IN (SELECT a.goes_id FROM client_pair a WHERE a.org_id = v_org AND a.state = 'asked')
        AND n.hand_id NOT IN (SELECT a.stays_id FROM client_pair a WHERE a.org_id = v_org AND a.state = 'asked'))
    SELECT o.hand_id, o.twin_id, o.same_name, o.shared_email, greatest(
      count(*) FILTER (WHERE o.same_name AND o.shared_email) OVER (PARTITION BY o.hand_id),
      count(*) FILTER (WHERE o.same_name AND o.shared_email) OVER (PARTITION BY o.twin_id))
    FROM open o;
END
$$;
REVOKE ALL ON FUNCTION match_fold, match_candidates FROM PUBLIC;
GRANT EXECUTE ON FUNCTION match_fold TO gap_web, gap_worker;
GRANT EXECUTE ON FUNCTION match_candidates TO gap_web;

-- Preview first (rulings 23): the list was read, or is being read, and an admin has to answer. While this row
-- is there no run begins. It goes with the answer, with its time, and with whatever ends the connection.
CREATE TABLE connection_preview (
  org_id bigint PRIMARY KEY REFERENCES organisation ON DELETE CASCADE,
  attempt_id bigint NOT NULL,
  user_id bigint NOT NULL,
  -- run_trigger of the run that "Import" begins
  trigger text NOT NULL CHECK (trigger IN ('first', 'reconnect')),
  state text NOT NULL DEFAULT 'reading' CHECK (state IN ('reading', 'ready', 'failed')),
  why text,
  ends_at timestamptz NOT NULL DEFAULT now() + interval '1 hour',
  seen bigint NOT NULL DEFAULT 0,
  clients bigint NOT NULL DEFAULT 0,
  archived bigint NOT NULL DEFAULT 0,
  contacts bigint NOT NULL DEFAULT 0,
  prospects bigint NOT NULL DEFAULT 0,
  skipped bigint NOT NULL DEFAULT 0,
  flagged bigint NOT NULL DEFAULT 0,
  matches bigint NOT NULL DEFAULT 0,
  -- [{"name","contact","email","phone","archived"}]
  sample jsonb NOT NULL DEFAULT '[]',
  -- [{"xpm_id","name","rule","detail"}], as run_skip
  skips jsonb NOT NULL DEFAULT '[]'
);
ALTER TABLE connection_preview ENABLE ROW LEVEL SECURITY;
ALTER TABLE connection_preview FORCE ROW LEVEL SECURITY;
CREATE POLICY connection_preview_org ON connection_preview USING (org_id = current_org())
  WITH CHECK (org_id = current_org());
GRANT SELECT, INSERT, UPDATE, DELETE ON connection_preview TO gap_worker;
GRANT SELECT, DELETE, UPDATE (state, why) ON connection_preview TO gap_web;

CREATE FUNCTION preview_over() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = gap, pg_temp AS $$
BEGIN
  DELETE FROM connection_preview WHERE org_id = NEW.org_id;
  RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION preview_over FROM PUBLIC;
CREATE TRIGGER connection_preview_over AFTER UPDATE OF state ON connection FOR EACH ROW
  WHEN (NEW.state NOT IN ('first_import', 'connecting', 'choosing', 'disconnecting')) EXECUTE FUNCTION preview_over();

-- The newest test of the connection: what was asked of Xero, and what came of it, line by line.
CREATE TABLE connection_test (
  org_id bigint PRIMARY KEY REFERENCES organisation ON DELETE CASCADE,
  asked_at timestamptz NOT NULL DEFAULT now(),
  by_name text NOT NULL,
  ended_at timestamptz,
  -- [{"what","ok","says"}]
  lines jsonb NOT NULL DEFAULT '[]'
);
ALTER TABLE connection_test ENABLE ROW LEVEL SECURITY;
ALTER TABLE connection_test FORCE ROW LEVEL SECURITY;
CREATE POLICY connection_test_org ON connection_test USING (org_id = current_org()) WITH CHECK (org_id = current_org());
GRANT SELECT, UPDATE ON connection_test TO gap_worker;
GRANT SELECT, INSERT (org_id, by_name), UPDATE (asked_at, by_name, ended_at, lines) ON connection_test TO gap_web;
