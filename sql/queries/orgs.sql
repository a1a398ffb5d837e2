-- role: gap_owner

-- name: org_next
-- the next organisation's number
SELECT nextval(pg_get_serial_sequence('organisation', 'org_id'));

-- name: org_add
-- touched
INSERT INTO organisation (org_id, name, time_zone) VALUES ($1, $2, $3);

-- name: org_ids
-- every organisation's number, rising
-- role: gap_owner gap_worker
SELECT org_id FROM organisation_list ORDER BY org_id;

-- name: org_get
-- name, zone, mfa_required_at, mfa_grace_days
-- role: gap_web gap_worker gap_owner
SELECT name, time_zone, epoch(mfa_required_at), mfa_grace_days FROM organisation WHERE org_id = $1;

-- name: org_set
-- touched
-- role: gap_web gap_owner
UPDATE organisation SET name = $2, time_zone = $3, mfa_grace_days = $4::integer WHERE org_id = $1;
