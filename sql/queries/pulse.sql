-- Was the database restored from a backup? sql/migrations/0014_engine.sql says how that is
-- detected.

-- name: pulse_take
-- writes
-- the next number; whether this call found that the database was restored. $1: the highest seen so far
-- role: gap_worker
SELECT pulse, restored FROM pulse_take($1);

-- name: pulse_restored
-- writes
-- one row, empty: does what pulse_take does when it finds a restore, as the operator reports
-- one
-- role: gap_owner
SELECT database_restored(0);
