-- The queue between organisations: whose turn it is, what a lost worker leaves behind, and every call counted.

SET LOCAL search_path = gap;

-- How often in a row a worker that took this job was never heard of again.
ALTER TABLE job ADD lost integer NOT NULL DEFAULT 0;
-- The jobs under way: as many as there are workers.
CREATE INDEX job_taken ON job (org_id) WHERE owner IS NOT NULL;

-- Across organisations: what jobs of a kind have cost the workers of late. Until rest_until others go first
-- (a job's own time several times over, so that few are at rest at any moment, whatever waits); until
-- slow_until it counts among the slow ones, which may not hold every worker at once.
CREATE TABLE org_turn (
  org_id bigint NOT NULL,
  kind text NOT NULL,
  rest_until timestamptz NOT NULL,
  slow_until timestamptz NOT NULL DEFAULT '-infinity',
  PRIMARY KEY (org_id, kind)
);
CREATE INDEX org_turn_rest ON org_turn (rest_until);
GRANT SELECT, INSERT, UPDATE, DELETE ON org_turn TO gap_worker;

-- A job is over or lies down: what it has cost. At most an hour's rest, however much came together.
CREATE FUNCTION turn_over(p_org bigint, p_kind text, p_rest_ms bigint, p_slow_s bigint) RETURNS boolean
  LANGUAGE sql SET search_path = gap, pg_temp
BEGIN ATOMIC
  INSERT INTO org_turn AS t (org_id, kind, rest_until, slow_until)
  SELECT p_org, p_kind, now() + make_interval(secs => least(p_rest_ms / 1000.0, 3600)),
    CASE WHEN p_slow_s > 0 THEN now() + make_interval(secs => p_slow_s) ELSE '-infinity' END
  WHERE p_org IS NOT NULL
  ON CONFLICT (org_id, kind) DO UPDATE SET slow_until = greatest(t.slow_until, excluded.slow_until),
    rest_until = least(greatest(t.rest_until, now()) + make_interval(secs => p_rest_ms / 1000.0), now() + interval '1 hour');
  SELECT true;
END;
REVOKE ALL ON FUNCTION turn_over FROM PUBLIC;
GRANT EXECUTE ON FUNCTION turn_over TO gap_worker;

-- Every call to Xero's API for an organisation, whatever it was for; in tens of minutes.
CREATE TABLE call_meter (
  org_id bigint NOT NULL,
  at timestamptz NOT NULL,
  calls integer NOT NULL,
  PRIMARY KEY (org_id, at)
);
ALTER TABLE call_meter ENABLE ROW LEVEL SECURITY;
ALTER TABLE call_meter FORCE ROW LEVEL SECURITY;
CREATE POLICY call_meter_org ON call_meter USING (org_id = current_org()) WITH CHECK (org_id = current_org());
GRANT SELECT ON call_meter TO gap_web;
GRANT SELECT, INSERT, UPDATE, DELETE ON call_meter TO gap_worker;

-- What the runs of the last day have used already.
DO $$
DECLARE
  o bigint;
BEGIN
  FOR o IN SELECT org_id FROM organisation_list
  LOOP
    PERFORM set_config('gap.org_id', o::text, true);
    INSERT INTO call_meter (org_id, at, calls)
    SELECT o, date_bin('10 minutes', started_at, 'epoch'), sum(calls) FROM sync_run
    WHERE org_id = o AND started_at > now() - interval '1 day' AND calls > 0 GROUP BY 2;
  END LOOP;
  PERFORM set_config('gap.org_id', '', true);
END
$$;
