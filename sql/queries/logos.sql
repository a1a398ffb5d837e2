-- The organisation's picture.
-- role: gap_web

-- name: logo_get
-- kind, bytes; no row: none
SELECT kind, bytes FROM org_logo WHERE org_id = $1;

-- name: logo_version
-- a number that changes with the picture; 0: none
SELECT coalesce(max(version), 0) FROM org_logo WHERE org_id = $1;

-- name: logo_set
-- touched; $2 kind, $3 bytes, $4 width, $5 height
INSERT INTO org_logo (org_id, kind, bytes, width, height, version)
VALUES ($1, $2, $3, $4::integer, $5::integer, (SELECT data_version FROM organisation WHERE org_id = $1) + 1)
ON CONFLICT (org_id) DO UPDATE SET kind = excluded.kind, bytes = excluded.bytes, width = excluded.width,
  height = excluded.height, version = excluded.version, changed_at = now();

-- name: logo_remove
-- touched
DELETE FROM org_logo WHERE org_id = $1;
