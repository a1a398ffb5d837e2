SET LOCAL search_path = gap;

-- An admin may have the chain of the own organisation checked: where it ends stands in the head.
GRANT SELECT ON audit_head TO gap_web;

-- That somebody else took a person's second factor away: the list of the team says so until a new one is set up.
ALTER TABLE app_user ADD mfa_reset_at timestamptz;
GRANT UPDATE (mfa_reset_at) ON app_user TO gap_web;

-- Which mails a person has switched off (names of core/mail_choice.h), and the summary of syncs: whether,
-- how often, since when.
ALTER TABLE app_user
  ADD COLUMN mails_off text[] NOT NULL DEFAULT '{}' CHECK (cardinality(mails_off) <= 32),
  ADD COLUMN digest text NOT NULL DEFAULT 'off' CHECK (digest IN ('off', 'daily', 'weekly')),
  ADD COLUMN digest_since timestamptz;
GRANT UPDATE (mails_off, digest, digest_since) ON app_user TO gap_web;
GRANT SELECT (mails_off, digest, digest_since) ON app_user TO gap_worker;

-- Up to which moment somebody has had the summary: advanced in the transaction that queues one.
CREATE TABLE mail_digest (
  org_id bigint NOT NULL,
  user_id bigint NOT NULL,
  until timestamptz NOT NULL,
  PRIMARY KEY (org_id, user_id),
  FOREIGN KEY (org_id, user_id) REFERENCES app_user ON DELETE CASCADE
);
GRANT SELECT, INSERT, UPDATE ON mail_digest TO gap_worker;

-- A mail is being handed to the mail server: a job found with this set is never sent again.
ALTER TABLE job ADD COLUMN handed_at timestamptz;

-- The organisation's picture, decoded by nobody here: its kind and size were read from its first bytes.
CREATE TABLE org_logo (
  org_id bigint PRIMARY KEY REFERENCES organisation,
  kind text NOT NULL CHECK (kind IN ('image/png', 'image/jpeg')),
  bytes bytea NOT NULL CHECK (length(bytes) BETWEEN 1 AND 65536),
  width integer NOT NULL,
  height integer NOT NULL,
  version bigint NOT NULL DEFAULT 1,
  changed_at timestamptz NOT NULL DEFAULT now()
);
GRANT SELECT, INSERT, DELETE ON org_logo TO gap_web;
GRANT UPDATE (kind, bytes, width, height, version, changed_at) ON org_logo TO gap_web;

DO $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['mail_digest', 'org_logo']
  LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY %I ON %I USING (org_id = current_org()) WITH CHECK (org_id = current_org())',
      t || '_org', t);
  END LOOP;
END
$$;

-- With it the pages' frame changes: a web process knows by the data version that it has to look.
CREATE TRIGGER org_logo_changed AFTER INSERT OR UPDATE OR DELETE ON org_logo
  FOR EACH STATEMENT EXECUTE FUNCTION data_changed();
