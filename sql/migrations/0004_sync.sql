-- What the worker needs to run syncs that can be trusted: who refreshes a
-- grant, what may still be removed at Xero, how many calls a practice has had,
-- what a held run would have done, and the shape of the staging table.

SET LOCAL search_path = gap;

-- One refresher a grant: claimed in the statement that writes refresh_began_at. No owner but a
-- beginning: the answer was lost, and the same old token is tried again. Not before cool_until.
ALTER TABLE xero_grant ADD refresh_owner text, ADD cool_until timestamptz;

-- Across organisations: a connection that ended here and must still be removed at Xero, for 24 hours.
CREATE TABLE xero_removal (
  removal_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  org_id bigint NOT NULL,
  grant_id bigint NOT NULL,
  xero_connection_id uuid NOT NULL,
  ends_at timestamptz NOT NULL DEFAULT now() + interval '24 hours'
);
CREATE INDEX xero_removal_grant ON xero_removal (grant_id);

-- Across organisations: the calls a practice has had, counted by us, and until when Xero told us to
-- wait. next_at runs ahead of the clock by 1.2 s a call and may lead by ten calls: at most 60 in any minute.
CREATE TABLE xero_budget (
  tenant_id uuid PRIMARY KEY,
  next_at timestamptz NOT NULL DEFAULT now(),
  day_at timestamptz NOT NULL DEFAULT now(),
  day_calls integer NOT NULL DEFAULT 0,
  paused_until timestamptz
);

-- Which grants are in use, across organisations: the policy of connection hides other rows.
CREATE TABLE grant_use (
  org_id bigint PRIMARY KEY,
  grant_id bigint NOT NULL
);
CREATE INDEX grant_use_grant ON grant_use (grant_id);

-- The state a connection was in before this attempt: where a refusal leads back to.
ALTER TABLE oauth_attempt ADD came_from text;

-- The practice before this one, for "another practice than before".
ALTER TABLE connection ADD former_tenant uuid, ADD former_name text;

ALTER TABLE client DROP CONSTRAINT client_archived_reason_check;
ALTER TABLE client ADD CONSTRAINT client_archived_reason_check CHECK (archived_reason IN
  ('archived_in_xpm', 'deleted_in_xpm', 'gone_from_xpm', 'not_visible', 'prospect_in_xpm', 'by_hand'));

-- So that a removed contact can be found again in the history.
ALTER TABLE client_change ADD contact_xpm uuid;

-- What a held run would have taken away: 'archive' or 'blank'.
CREATE TABLE held_change (
  org_id bigint NOT NULL,
  run_id bigint NOT NULL,
  client_id bigint NOT NULL,
  kind text NOT NULL CHECK (kind IN ('archive', 'blank')),
  detail text NOT NULL DEFAULT '',
  PRIMARY KEY (org_id, run_id, client_id)
);
ALTER TABLE held_change ENABLE ROW LEVEL SECURITY;
ALTER TABLE held_change FORCE ROW LEVEL SECURITY;
CREATE POLICY held_change_org ON held_change USING (org_id = current_org()) WITH CHECK (org_id = current_org());
-- beat_at: the worker's sign of life; a run without one for a minute may be taken over.
ALTER TABLE sync_run ADD would_go bigint NOT NULL DEFAULT 0, ADD beat_at timestamptz NOT NULL DEFAULT now();

-- The shape of a run's staging. It is never filled: each run that has something to stage makes a
-- temporary table of this name and shape, which hides this one until the end of its transaction.
-- ord 0: a client; 1, 2, ...: its contacts in XPM's order; -1: a client that is to be archived for `reason`.
CREATE TABLE sync_stage (
  seq bigint NOT NULL,
  ord integer NOT NULL,
  xpm_id uuid NOT NULL,
  fresh boolean,
  name text COLLATE "und-x-icu",
  web_url text,
  reason text,
  flags integer,
  fingerprint bytea,
  search text,
  contact_xpm uuid,
  email text,
  phone text,
  is_primary boolean
);

GRANT SELECT ON sync_stage TO gap_worker;
GRANT SELECT, INSERT, UPDATE, DELETE ON xero_removal, xero_budget, grant_use, held_change TO gap_worker;
GRANT SELECT ON held_change TO gap_web;
GRANT SELECT (former_tenant, former_name) ON connection TO gap_web;
