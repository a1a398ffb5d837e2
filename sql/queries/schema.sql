-- role: gap_owner

-- name: schema_lock
-- one row, empty; held until schema_unlock or the connection's end
SELECT pg_advisory_lock(7241983001);

-- name: schema_unlock
-- released
SELECT pg_advisory_unlock(7241983001);

-- name: schema_present
-- whether there is a schema
-- role: gap_owner gap_web gap_worker
SELECT to_regclass('gap.schema_migration') IS NOT NULL;

-- name: schema_applied
-- version, name, checksum; rising
SELECT version, name, checksum FROM gap.schema_migration ORDER BY version;

-- name: schema_version
-- the highest version applied
-- role: gap_owner gap_web gap_worker
SELECT coalesce(max(version), 0) FROM gap.schema_migration;

-- name: schema_record
-- touched
INSERT INTO gap.schema_migration (version, name, checksum) VALUES ($1, $2, $3);
