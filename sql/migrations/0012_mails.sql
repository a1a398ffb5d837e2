SET LOCAL search_path = gap;

-- An admin may have the chain of the own organisation checked: where it ends stands in the head.
GRANT SELECT ON audit_head TO gap_web;

-- That somebody else took a person's second factor away: the list of the team says so until a new one is set up.
ALTER TABLE app_user ADD mfa_reset_at timestamptz;
GRANT UPDATE (mfa_reset_at) ON app_user TO gap_web;
