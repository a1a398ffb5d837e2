-- What the worker records: a run's row, and the connection's state after a run or job.
-- role: gap_worker

-- name: work_connection
-- state, cause, grant_id, tenant_id, xero_connection_id, tenant_name, former_tenant, former_name, whether it
-- was ever live, failures, zone, organisation's name, whether its practice is the active one, connected_at,
-- last_success_at, whether a preview waits for its answer
SELECT coalesce(c.state, 'not_connected'), c.cause, coalesce(c.grant_id, 0), c.tenant_id, c.xero_connection_id,
  c.tenant_name, c.former_tenant, c.former_name, c.first_live_at IS NOT NULL, coalesce(c.failures, 0),
  o.time_zone, o.name, o.active_tenant IS NOT NULL AND o.active_tenant = c.tenant_id, epoch(c.connected_at),
  epoch(c.last_success_at), EXISTS (SELECT FROM connection_preview p WHERE p.org_id = $1)
FROM organisation o LEFT JOIN connection c ON c.org_id = o.org_id
WHERE o.org_id = $1;

-- name: run_begin
-- run_id; no row when a run is under way. That is checked first: while that run applies, the
-- unique index would wait for it
INSERT INTO sync_run (org_id, trigger, asked_by, asked_by_name, slot, tenant_id)
SELECT $1, $2, nullif($3::bigint, 0), $4, CASE WHEN $5::bigint > 0 THEN to_timestamp($5) END, $6::uuid
WHERE NOT EXISTS (SELECT FROM sync_run WHERE org_id = $1 AND state = 'running')
RETURNING run_id;

-- name: run_take_over
-- run_id of a run whose worker sent no heartbeat for a minute; a run whose row is locked is
-- applying, so its worker lives
UPDATE sync_run SET state = 'interrupted', ended_at = now(), slot = NULL,
  cause_text = 'The worker stopped during this sync. Nothing of it was applied.'
WHERE org_id = $1 AND run_id = (SELECT run_id FROM sync_run
  WHERE org_id = $1 AND state = 'running' AND beat_at < now() - interval '60 seconds' FOR UPDATE SKIP LOCKED)
RETURNING run_id;

-- name: run_over
-- whether the run has ended; for a commit whose answer was lost
SELECT state <> 'running' FROM sync_run WHERE org_id = $1 AND run_id = $2;

-- name: run_slot_taken
-- whether the slot has its run; $2 in seconds
SELECT EXISTS (SELECT FROM sync_run WHERE org_id = $1 AND slot = to_timestamp($2));

-- name: run_newest_good
-- when the newest good run of practice $2 began, and the newest full one: its cause is not $3; 0: none
SELECT coalesce(epoch(max(r.started_at)), 0),
  coalesce(epoch(max(r.started_at) FILTER (WHERE r.cause IS DISTINCT FROM $3)), 0)
FROM sync_run r JOIN connection c ON c.org_id = r.org_id AND r.started_at >= c.connected_at
WHERE r.org_id = $1 AND r.tenant_id = $2::uuid AND r.state IN ('complete', 'problems')
  AND r.started_at > now() - interval '2 days';

-- name: run_good_since
-- whether a good full run of practice $2 (its cause is not $4) began at or after $3, in microseconds
SELECT EXISTS (SELECT FROM sync_run r
  WHERE r.org_id = $1 AND r.tenant_id = $2::uuid AND r.state IN ('complete', 'problems') AND r.cause IS DISTINCT FROM $4
    AND r.started_at >= to_timestamp($3::bigint / 1000000.0) AND r.started_at <= now());

-- name: run_beat
-- touched: 1 while the run is under way. $3: records read so far, stored during a first import
-- (-1: not)
WITH alive AS (
  UPDATE sync_run SET beat_at = now() WHERE org_id = $1 AND run_id = $2 AND state = 'running' RETURNING org_id)
UPDATE connection c SET progress_done = CASE WHEN $3 < 0 THEN progress_done ELSE $3 END, progress_at = now()
FROM alive a WHERE c.org_id = a.org_id;

-- name: run_lock
-- run's state, connection's state, its tenant, its failures, whether it was ever live, cause; for the apply
SELECT r.state, c.state, c.tenant_id, c.failures, c.first_live_at IS NOT NULL, c.cause
FROM connection c JOIN sync_run r ON r.org_id = c.org_id AND r.run_id = $2
WHERE c.org_id = $1 FOR UPDATE;

-- name: run_end
-- touched. The transaction may have begun when the list did, so its own time is not the end. A held run keeps
-- that time all the same: edits made after it were not listed, and are not accepted with it (edits_accept)
UPDATE sync_run SET state = $3, cause = $4, cause_text = $5,
  ended_at = CASE WHEN $3 = 'held' THEN now() ELSE clock_timestamp() END, seen = $6, added = $7,
  changed = $8, archived = $9, restored = $10, unchanged = $11, prospects = $12, skipped = $13, failed = $14,
  calls = $15, bytes = $16, would_go = $17, slot = CASE WHEN $18 THEN slot END, held = $19, excluded = $20,
  applied_at = nullif(current_setting('gap.moment', true), '')::timestamptz
WHERE org_id = $1 AND run_id = $2 AND state = 'running';

-- name: run_replace_held
-- touched; held runs that a newer one has overtaken
UPDATE sync_run SET state = 'replaced' WHERE org_id = $1 AND state = 'held' AND run_id <> $2;

-- name: run_interrupt
-- touched; interrupts the run under way, which notices at its apply
UPDATE sync_run SET state = 'interrupted', ended_at = now(), cause_text = $2
WHERE org_id = $1 AND state = 'running';

-- name: run_discard
-- touched; a held run that an admin does not want
UPDATE sync_run SET state = 'discarded' WHERE org_id = $1 AND run_id = $2 AND state = 'held';

-- name: run_would_go
-- how many clients a held run would have taken; none when it is not held any more
SELECT would_go FROM sync_run WHERE org_id = $1 AND run_id = $2 AND state = 'held';

-- name: connection_synced
-- touched: 1 when its state ($6: any of these) may be left; $3 live clients and $4 contacts (-1: as before),
-- $5: it was a manual run
UPDATE connection SET state = 'live', cause = NULL, cause_at = NULL, failures = 0, last_success_at = now(),
  last_run_id = $2, live_clients = CASE WHEN $3 < 0 THEN live_clients ELSE $3 END,
  live_contacts = CASE WHEN $4 < 0 THEN live_contacts ELSE $4 END,
  first_live_at = coalesce(first_live_at, now()), progress_done = NULL, progress_at = NULL,
  manual_ended_at = CASE WHEN $5 THEN clock_timestamp() ELSE manual_ended_at END
WHERE org_id = $1 AND state = ANY ($6::text[]);

-- name: connection_failed
-- touched: 1 when its state ($7: any of these) may be left; $3 state, $4 cause (NULL: as before), $5: a failed
-- run counts, $6: it was a manual run
UPDATE connection SET state = $3, cause = coalesce($4, cause),
  cause_at = CASE WHEN $4 IS DISTINCT FROM cause AND $4 IS NOT NULL THEN now() ELSE cause_at END,
  failures = failures + CASE WHEN $5 THEN 1 ELSE 0 END, last_run_id = $2, progress_done = NULL,
  progress_at = NULL, manual_ended_at = CASE WHEN $6 THEN clock_timestamp() ELSE manual_ended_at END
WHERE org_id = $1 AND state = ANY ($7::text[]);

-- name: connection_move
-- touched: 1 when it was in state $2
INSERT INTO connection AS c (org_id, state, cause, cause_at)
VALUES ($1, $3, $4, CASE WHEN $4::text IS NOT NULL THEN now() END)
ON CONFLICT (org_id) DO UPDATE SET state = excluded.state, cause = excluded.cause,
  cause_at = CASE WHEN excluded.cause IS DISTINCT FROM c.cause THEN excluded.cause_at ELSE c.cause_at END
WHERE c.state = $2;

-- name: connection_take
-- touched: 1 when its state ($7: any of these) may be left; a practice is connected, its first run (or that of a
-- reconnect) is to come
UPDATE connection SET state = 'first_import', cause = NULL, cause_at = NULL, grant_id = $2, tenant_id = $3::uuid,
  xero_connection_id = $4::uuid, tenant_name = $5,
  label = CASE WHEN coalesce(tenant_id, former_tenant) = $3::uuid THEN label END,
  former_tenant = NULL, former_name = NULL, connected_by = $6,
  connected_by_name = (SELECT name FROM app_user u WHERE u.org_id = $1 AND u.user_id = $6),
  connected_at = now(), failures = 0, progress_done = 0, progress_at = now(), next_sync_at = NULL,
  manual_ended_at = NULL,
  live_clients = CASE WHEN coalesce(tenant_id, former_tenant) = $3::uuid THEN live_clients ELSE 0 END,
  live_contacts = CASE WHEN coalesce(tenant_id, former_tenant) = $3::uuid THEN live_contacts ELSE 0 END
WHERE org_id = $1 AND state = ANY ($7::text[]);

-- name: connection_end
-- touched; the local end of a connection: state $2 and cause $3 for the page, the practice remembered
UPDATE connection SET state = $2, cause = $3, cause_at = now(), former_tenant = coalesce(tenant_id, former_tenant),
  former_name = coalesce(tenant_name, former_name), tenant_id = NULL, grant_id = NULL,
  xero_connection_id = NULL, next_sync_at = NULL, progress_done = NULL, progress_at = NULL,
  standby_grant_id = NULL, standby_connection = NULL, standby_by = NULL, standby_name = NULL, standby_at = NULL
WHERE org_id = $1;

-- name: connection_next
-- touched; when the next automatic sync is due, in seconds UTC. Of a row that is locked, nothing
UPDATE connection SET next_sync_at = to_timestamp($2)
WHERE org_id = (SELECT org_id FROM connection WHERE org_id = $1 FOR NO KEY UPDATE SKIP LOCKED);

-- name: org_practice_live
-- touched; its records become view only, and everyone needs a second factor
UPDATE organisation SET active_tenant = $2::uuid, kept_tenant = NULL,
  mfa_required_at = coalesce(mfa_required_at, now())
WHERE org_id = $1;

-- name: org_practice_over
-- touched; records can be edited again
UPDATE organisation SET active_tenant = NULL WHERE org_id = $1;

-- name: job_drop
-- touched; a waiting job of that name that nobody has taken
DELETE FROM job WHERE single = $1 AND owner IS NULL;

-- name: mail_people
-- user_id, email, name, role; active ones: $2 'admin', 'member' (all but $3) or 'all'
SELECT user_id, email, name, role FROM app_user
WHERE org_id = $1 AND status = 'active' AND ($2 = 'all' OR ($2 = 'admin' AND role = 'admin') OR
  ($2 = 'member' AND user_id IS DISTINCT FROM $3::bigint))
ORDER BY user_id;

-- name: mail_person
-- user_id, email, name, role, zone, mails switched off "a,b"; none when disabled
SELECT u.user_id, u.email, u.name, u.role, coalesce(u.time_zone, o.time_zone), array_to_string(u.mails_off, ',')
FROM app_user u JOIN organisation o ON o.org_id = u.org_id
WHERE u.org_id = $1 AND u.user_id = $2 AND u.status = 'active';

-- name: last_good_run
-- when the clients shown were last up to date; 0: never
SELECT coalesce(max(epoch(last_success_at)), 0) FROM connection WHERE org_id = $1;

-- name: tidy_sessions
-- touched
DELETE FROM session WHERE ends_at < now();

-- name: tidy_throttle
-- touched
DELETE FROM throttle WHERE last_at < now() - interval '1 day';

-- name: tidy_addresses
-- touched
DELETE FROM known_address WHERE seen_at < now() - interval '90 days';

-- name: tidy_tokens
-- touched
DELETE FROM one_time_token WHERE ends_at < now();

-- name: tidy_attempts
-- touched; kept for a day, for the sentence on the tile
DELETE FROM oauth_attempt WHERE ends_at < now() - interval '1 day';

-- name: tidy_attempt_secrets
-- touched; wipes codes and verifiers that no worker took
UPDATE oauth_attempt SET verifier = NULL, code = NULL
WHERE ends_at < now() AND (verifier IS NOT NULL OR code IS NOT NULL);

-- name: tidy_turns
-- touched; organisations that rest no more and kinds that are slow no more
DELETE FROM org_turn WHERE rest_until < now() AND slow_until < now();

-- name: tidy_meter
-- touched
DELETE FROM call_meter WHERE org_id = $1 AND at < now() - interval '2 days';

-- name: tidy_workers
-- touched
DELETE FROM worker_heartbeat WHERE seen_at < now() - interval '1 day';

-- name: tidy_changes
-- touched: at most $3; $2 days of detail are kept
DELETE FROM client_change WHERE ctid = ANY (ARRAY(
  SELECT ctid FROM client_change WHERE org_id = $1 AND at < now() - make_interval(days => $2::integer) LIMIT $3));

-- name: tidy_clients_was
-- touched: at most $3; one day more than is asked for, since a day may be 25 hours long
DELETE FROM client_was WHERE ctid = ANY (ARRAY(
  SELECT ctid FROM client_was
  WHERE org_id = $1 AND until < now() - make_interval(days => $2::integer + 1) LIMIT $3));

-- name: tidy_contacts_was
-- touched: at most $3
DELETE FROM contact_was WHERE ctid = ANY (ARRAY(
  SELECT ctid FROM contact_was
  WHERE org_id = $1 AND until < now() - make_interval(days => $2::integer + 1) LIMIT $3));

-- name: tidy_links_was
-- touched: at most $3
DELETE FROM client_contact_was WHERE ctid = ANY (ARRAY(
  SELECT ctid FROM client_contact_was
  WHERE org_id = $1 AND until < now() - make_interval(days => $2::integer + 1) LIMIT $3));

-- name: tidy_skips
-- touched
DELETE FROM run_skip s USING sync_run r WHERE s.org_id = $1 AND r.org_id = s.org_id AND r.run_id = s.run_id
  AND r.started_at < now() - make_interval(days => $2);

-- name: tidy_fixes
-- touched; closed ones, like the detail
DELETE FROM fix_item WHERE org_id = $1 AND closed_at < now() - make_interval(days => $2::integer);

-- name: tidy_held
-- touched
DELETE FROM held_change h USING sync_run r WHERE h.org_id = $1 AND r.org_id = h.org_id AND r.run_id = h.run_id
  AND r.state <> 'held';

-- name: tidy_runs
-- touched; totals are kept for 24 months, or as long as the detail
DELETE FROM sync_run WHERE org_id = $1 AND started_at < now() - make_interval(days => greatest($2, 730));

-- name: tidy_notices
-- touched; read ones after 90 days, all after a year
DELETE FROM notice WHERE org_id = $1 AND (created_at < now() - interval '1 year'
  OR (read_at IS NOT NULL AND created_at < now() - interval '90 days'));
