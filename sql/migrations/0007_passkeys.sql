-- Passkeys beside the authenticator app; what stops guessing for good, and what others' guesses must not stop.

SET LOCAL search_path = gap;

-- A credential of Web Authentication: its public key, and how often it was used as it says itself.
CREATE TABLE passkey (
  org_id bigint NOT NULL,
  passkey_id bigint GENERATED ALWAYS AS IDENTITY,
  user_id bigint NOT NULL,
  credential_id bytea NOT NULL CHECK (length(credential_id) BETWEEN 1 AND 1023),
  alg integer NOT NULL CHECK (alg IN (-7, -8, -257)),
  public_key bytea NOT NULL CHECK (length(public_key) BETWEEN 32 AND 1024),
  sign_count bigint NOT NULL CHECK (sign_count >= 0),
  backup_eligible boolean NOT NULL,
  backed_up boolean NOT NULL,
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 60),
  created_at timestamptz NOT NULL DEFAULT now(),
  used_at timestamptz,
  PRIMARY KEY (org_id, passkey_id),
  FOREIGN KEY (org_id, user_id) REFERENCES app_user ON DELETE CASCADE
);
CREATE INDEX passkey_of_user ON passkey (org_id, user_id);
-- In the whole installation one credential is one person's (Web Authentication, 7.1 step 22).
CREATE UNIQUE INDEX passkey_credential ON passkey (credential_id);
ALTER TABLE passkey ENABLE ROW LEVEL SECURITY;
ALTER TABLE passkey FORCE ROW LEVEL SECURITY;
CREATE POLICY passkey_org ON passkey USING (org_id = current_org()) WITH CHECK (org_id = current_org());
GRANT SELECT, INSERT, DELETE ON passkey TO gap_web;
GRANT UPDATE (name, sign_count, backed_up, used_at) ON passkey TO gap_web;

-- What counts as a second factor. Whoever asks sees what the policies let them see.
CREATE VIEW factor WITH (security_invoker = true) AS
SELECT org_id, user_id FROM totp_factor
UNION ALL
SELECT org_id, user_id FROM passkey;
GRANT SELECT ON factor TO gap_web;

-- The challenge that a browser was given: its hash, once, for five minutes.
ALTER TABLE session ADD COLUMN passkey_challenge bytea, ADD COLUMN passkey_challenge_at timestamptz;
GRANT UPDATE (passkey_challenge, passkey_challenge_at) ON session TO gap_web;

-- user_handle: whom an authenticator keeps a passkey for; says nothing about the person.
-- factor_misses: wrong codes one after another, however long it takes.
ALTER TABLE app_user ADD COLUMN user_handle uuid NOT NULL DEFAULT gen_random_uuid(),
  ADD COLUMN factor_misses integer NOT NULL DEFAULT 0,
  ADD COLUMN nudged_at timestamptz;
GRANT UPDATE (factor_misses, nudged_at) ON app_user TO gap_web;

-- Before organisations: from where an account was signed in to. There, others' guesses do not stand in the way.
CREATE TABLE known_address (
  email_hash bytea NOT NULL,
  peer text NOT NULL,
  seen_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (email_hash, peer)
);
CREATE INDEX known_address_seen ON known_address (seen_at);
GRANT SELECT, INSERT ON known_address TO gap_web;
GRANT UPDATE (seen_at) ON known_address TO gap_web;
GRANT SELECT (seen_at), DELETE ON known_address TO gap_worker;

-- As it was, but that a passkey is a factor, too.
CREATE OR REPLACE FUNCTION session_who(p_hash bytea, p_idle_s integer, p_alive boolean DEFAULT true)
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
      EXISTS (SELECT FROM factor f WHERE f.org_id = u.org_id AND f.user_id = u.user_id),
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
