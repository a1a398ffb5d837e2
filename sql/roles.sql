-- The roles of the installation: the walls between the programs. Run once per
-- cluster by a superuser (make run, docker-compose and the tests do it); safe
-- to run again. Passwords or peer mapping are the operator's, set outside.
--
--   gap_owner   owns the schema and migrates; gap-admin uses it
--   gap_web     cannot read tokens, cannot write what XPM owns
--   gap_worker  cannot read password hashes, sessions or second factors
--   gap_search  nobody logs in with it: owns the one function that searches past the row policies
--   gap_sandbox the make-believe Xero, in a schema of its own; never in production
DO $$
DECLARE
  wanted record;
BEGIN
  FOR wanted IN
    SELECT * FROM (VALUES
      ('gap_owner', 'LOGIN'), ('gap_web', 'LOGIN'), ('gap_worker', 'LOGIN'),
      ('gap_search', 'NOLOGIN'), ('gap_sandbox', 'LOGIN')) AS r (name, login)
  LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted.name) THEN
      EXECUTE format('CREATE ROLE %I %s NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS NOINHERIT',
        wanted.name, wanted.login);
    END IF;
  END LOOP;
END
$$;

-- So that a migration may hand the search function over.
GRANT gap_search TO gap_owner;

-- Of the role, not of the database: a restore, a copy or a new name of the database keeps it. A temporary
-- table hides none of ours; only the worker stages in one of its own that does.
ALTER ROLE gap_owner SET search_path = gap, pg_temp;
ALTER ROLE gap_web SET search_path = gap, pg_temp;
ALTER ROLE gap_worker SET search_path = gap;

-- The web's statements are short, prepared once a connection and asked thousands of times. Left to itself
-- PostgreSQL plans a page of the list anew at each request, since it cannot know how small its LIMIT is; the
-- planning then costs more than the page. Nor is any of them worth a compilation, or the start of a second process:
-- taken for a long one, a page of 100,000 clients would wait for two.
ALTER ROLE gap_web SET plan_cache_mode = force_generic_plan;
ALTER ROLE gap_web SET jit = off;
ALTER ROLE gap_web SET max_parallel_workers_per_gather = 0;
