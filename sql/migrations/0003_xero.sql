-- The connection to Xero: attempts to connect, grants (tokens), the
-- connection's state, runs and what they changed.

SET LOCAL search_path = gap;

-- Before organisations: one attempt to connect, bound to the browser's session.
-- gap_web may write verifier and code but never read them back; the worker
-- nulls both in the statement that takes them.
CREATE TABLE oauth_attempt (
  attempt_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  state_hash bytea NOT NULL UNIQUE,
  session_id bigint NOT NULL,
  org_id bigint NOT NULL,
  user_id bigint NOT NULL,
  nonce text NOT NULL,
  verifier text,
  code text,
  preview boolean NOT NULL DEFAULT false,
  -- open: sent to Xero; returned: code stored, job queued; choosing: several practices; done; failed
  stage text NOT NULL DEFAULT 'open' CHECK (stage IN ('open', 'returned', 'choosing', 'done', 'failed')),
  cause text,
  grant_id bigint,
  created_at timestamptz NOT NULL DEFAULT now(),
  ends_at timestamptz NOT NULL DEFAULT now() + interval '10 minutes'
);
CREATE INDEX oauth_attempt_org ON oauth_attempt (org_id, attempt_id DESC);

-- Across organisations: one token set a Xero user. The worker's alone.
CREATE TABLE xero_grant (
  grant_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  xero_userid uuid NOT NULL UNIQUE,
  sealed bytea NOT NULL,
  key_id bigint NOT NULL,
  generation bigint NOT NULL DEFAULT 1,
  access_ends_at timestamptz NOT NULL,
  scopes text NOT NULL,
  refreshed_at timestamptz NOT NULL DEFAULT now(),
  -- Set before a refresh leaves, cleared when its answer is stored: still set later = uncertain.
  refresh_began_at timestamptz,
  dead_at timestamptz
);

-- Across organisations: a practice belongs to one organisation.
CREATE TABLE tenant_claim (
  tenant_id uuid PRIMARY KEY,
  org_id bigint NOT NULL
);

CREATE TABLE connection (
  org_id bigint PRIMARY KEY REFERENCES organisation,
  -- core/connection.h enum connection_state
  state text NOT NULL DEFAULT 'not_connected' CHECK (state IN ('not_connected', 'connecting', 'choosing',
    'first_import', 'live', 'degraded', 'held', 'needs_reconnect', 'disconnecting')),
  -- core/connection.h enum connection_cause: why it is so, for the sentence on the tile
  cause text,
  cause_at timestamptz,
  grant_id bigint,
  tenant_id uuid,
  xero_connection_id uuid,
  tenant_name text,
  label text,
  connected_by bigint,
  connected_by_name text,
  connected_at timestamptz,
  first_live_at timestamptz,
  last_success_at timestamptz,
  last_run_id bigint,
  live_clients bigint NOT NULL DEFAULT 0,
  live_contacts bigint NOT NULL DEFAULT 0,
  failures integer NOT NULL DEFAULT 0,
  next_sync_at timestamptz,
  manual_ended_at timestamptz,
  progress_done bigint,
  progress_at timestamptz
);

-- The practices to choose from, while choosing.
CREATE TABLE oauth_choice (
  org_id bigint NOT NULL,
  attempt_id bigint NOT NULL REFERENCES oauth_attempt ON DELETE CASCADE,
  idx integer NOT NULL,
  tenant_id uuid NOT NULL,
  xero_connection_id uuid NOT NULL,
  tenant_name text,
  preselected boolean NOT NULL,
  PRIMARY KEY (org_id, attempt_id, idx)
);

CREATE TABLE sync_run (
  org_id bigint NOT NULL REFERENCES organisation,
  run_id bigint GENERATED ALWAYS AS IDENTITY,
  trigger text NOT NULL CHECK (trigger IN ('first', 'scheduled', 'manual', 'reconnect', 'retry')),
  asked_by bigint,
  asked_by_name text,
  slot timestamptz,
  tenant_id uuid,
  -- core/run.h enum run_state
  state text NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'complete', 'problems', 'failed',
    'held', 'discarded', 'replaced', 'interrupted', 'undone')),
  cause text,
  cause_text text,
  started_at timestamptz NOT NULL DEFAULT now(),
  ended_at timestamptz,
  seen bigint NOT NULL DEFAULT 0,
  added bigint NOT NULL DEFAULT 0,
  changed bigint NOT NULL DEFAULT 0,
  archived bigint NOT NULL DEFAULT 0,
  restored bigint NOT NULL DEFAULT 0,
  unchanged bigint NOT NULL DEFAULT 0,
  prospects bigint NOT NULL DEFAULT 0,
  skipped bigint NOT NULL DEFAULT 0,
  failed bigint NOT NULL DEFAULT 0,
  calls integer NOT NULL DEFAULT 0,
  bytes bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (org_id, run_id)
);
CREATE UNIQUE INDEX sync_run_slot ON sync_run (org_id, slot) WHERE slot IS NOT NULL;
CREATE UNIQUE INDEX sync_run_one ON sync_run (org_id) WHERE state = 'running';

-- What a run did to a client, field by field; field 'client' with old NULL: it was added.
CREATE TABLE client_change (
  org_id bigint NOT NULL,
  client_id bigint NOT NULL,
  change_id bigint GENERATED ALWAYS AS IDENTITY,
  run_id bigint NOT NULL,
  contact_id bigint,
  field text NOT NULL,
  old text,
  new text,
  at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (org_id, client_id, change_id)
);
CREATE INDEX client_change_run ON client_change (org_id, run_id, change_id);

-- Records a run left out or could not take, with the rule (core/client.h enum client_rule).
CREATE TABLE run_skip (
  org_id bigint NOT NULL,
  run_id bigint NOT NULL,
  skip_id bigint GENERATED ALWAYS AS IDENTITY,
  xpm_id text,
  name text,
  rule text NOT NULL,
  detail text,
  PRIMARY KEY (org_id, run_id, skip_id)
);

DO $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['connection', 'oauth_choice', 'sync_run', 'client_change', 'run_skip']
  LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY %I ON %I USING (org_id = current_org()) WITH CHECK (org_id = current_org())',
      t || '_org', t);
  END LOOP;
END
$$;

GRANT INSERT (state_hash, session_id, org_id, user_id, nonce, verifier, preview) ON oauth_attempt TO gap_web;
GRANT SELECT (attempt_id, state_hash, session_id, org_id, user_id, preview, stage, cause, created_at, ends_at),
  UPDATE (code, verifier, stage, cause) ON oauth_attempt TO gap_web;
GRANT SELECT, UPDATE, DELETE ON oauth_attempt TO gap_worker;
GRANT SELECT, INSERT, UPDATE, DELETE ON xero_grant, tenant_claim, oauth_choice, connection, sync_run,
  client_change, run_skip TO gap_worker;
GRANT SELECT (org_id, attempt_id, idx, tenant_name, preselected) ON oauth_choice TO gap_web;
GRANT SELECT (org_id, state, cause, cause_at, tenant_id, tenant_name, label, connected_by, connected_by_name,
  connected_at, first_live_at, last_success_at, last_run_id, live_clients, live_contacts, failures,
  next_sync_at, manual_ended_at, progress_done, progress_at) ON connection TO gap_web;
GRANT INSERT (org_id, state, cause, cause_at, label), UPDATE (state, cause, cause_at, label) ON connection TO gap_web;
GRANT SELECT ON sync_run, client_change, run_skip TO gap_web;

-- Everything a signed-in request needs to know, in one statement: finds the
-- session by its hash, enters its organisation for the transaction and reads
-- user, organisation, factor and connection under the policies. No row: no such session, or over.
-- p_alive: a person asked, so the idle time begins anew.
CREATE FUNCTION session_who(p_hash bytea, p_idle_s integer, p_alive boolean DEFAULT true)
RETURNS TABLE (session_id bigint, org_id bigint, user_id bigint, level smallint, created_at bigint,
  fresh_at bigint, factor_misses integer, return_to text, flash_kind text, flash_text text,
  email text, user_name text, role text, user_created_at bigint, org_name text, zone text,
  mfa_required_at bigint, mfa_grace_days integer, data_version bigint, has_factor boolean,
  codes_left bigint, connection_state text, connection_cause text, banner_closed boolean, unread bigint)
LANGUAGE plpgsql AS $$
DECLARE
  s session;
BEGIN
  SELECT * INTO s FROM session x
    WHERE x.token_hash = p_hash AND x.ends_at > now() AND x.seen_at > now() - make_interval(secs => p_idle_s);
  IF NOT FOUND THEN
    RETURN;
  END IF;
  PERFORM set_config('gap.org_id', s.org_id::text, true);
  IF p_alive AND s.seen_at < now() - interval '1 minute' THEN
    UPDATE session x SET seen_at = now() WHERE x.session_id = s.session_id;
  END IF;
  RETURN QUERY
    SELECT s.session_id, s.org_id, s.user_id, s.level, epoch(s.created_at),
      epoch(s.fresh_at), s.factor_misses, s.return_to, s.flash_kind, s.flash_text,
      u.email, u.name, u.role, epoch(u.created_at), o.name,
      coalesce(u.time_zone, o.time_zone), epoch(o.mfa_required_at), o.mfa_grace_days,
      o.data_version,
      EXISTS (SELECT FROM totp_factor f WHERE f.org_id = u.org_id AND f.user_id = u.user_id),
      (SELECT count(*) FROM recovery_code r WHERE r.org_id = u.org_id AND r.user_id = u.user_id),
      coalesce(c.state, 'not_connected'), c.cause,
      coalesce(u.banner_closed_at > c.cause_at, false),
      (SELECT count(*) FROM notice n WHERE n.org_id = u.org_id AND n.user_id = u.user_id AND n.read_at IS NULL)
    FROM app_user u
    JOIN organisation o ON o.org_id = u.org_id
    LEFT JOIN connection c ON c.org_id = u.org_id
    WHERE u.org_id = s.org_id AND u.user_id = s.user_id AND u.status = 'active';
END
$$;
REVOKE ALL ON FUNCTION session_who FROM PUBLIC;
GRANT EXECUTE ON FUNCTION session_who TO gap_web;
