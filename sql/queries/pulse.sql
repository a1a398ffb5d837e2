-- Has the database gone back in time? sql/migrations/0014_engine.sql tells how that is known.

-- name: pulse_take
-- writes
-- the next number; whether this call found that the database was restored. $1: the highest seen so far
-- role: gap_worker
SELECT pulse, restored FROM pulse_take($1);

-- name: pulse_restored
-- writes
-- one row, empty: as found by pulse_take, said by the operator
-- role: gap_owner
SELECT database_restored(0);
