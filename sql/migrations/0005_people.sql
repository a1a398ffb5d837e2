-- One-time links: of each kind a person has one, the newest. Making it ends the one before, whoever makes
-- it: gap_worker, which may not look at those there are, or the owner.

SET LOCAL search_path = gap;

DELETE FROM one_time_token t USING one_time_token newer
WHERE newer.org_id = t.org_id AND newer.user_id = t.user_id AND newer.purpose = t.purpose
  AND (newer.created_at, newer.token_hash) > (t.created_at, t.token_hash);

-- Of two made at the same moment one fails, and its job is tried again.
CREATE UNIQUE INDEX one_time_newest ON one_time_token (org_id, user_id, purpose);

CREATE FUNCTION one_time_replace() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = gap, pg_temp AS $$
BEGIN
  DELETE FROM one_time_token
  WHERE org_id = NEW.org_id AND user_id = NEW.user_id AND purpose = NEW.purpose AND token_hash <> NEW.token_hash;
  RETURN NEW;
END
$$;
REVOKE ALL ON FUNCTION one_time_replace FROM PUBLIC;
CREATE TRIGGER one_time_replace BEFORE INSERT ON one_time_token
  FOR EACH ROW EXECUTE FUNCTION one_time_replace();
