-- role: gap_web gap_worker gap_owner

-- name: job_add
-- added: false when a job named `single` waited; no row when it is due as early already, or is
-- leased
INSERT INTO job (org_id, kind, payload, single, due_at)
VALUES (nullif($1::bigint, 0), $2, $3, $4, now() + make_interval(secs => $5))
ON CONFLICT (single) DO UPDATE SET due_at = least(job.due_at, excluded.due_at)
  WHERE job.owner IS NULL AND job.due_at > excluded.due_at
RETURNING xmax = 0;

-- name: job_ask_sync
-- state, running, wait_s of the cool-down, asked: whether a job was added or brought forward,
-- may: whether this state ($4: any of these) has runs; no row when nothing was ever connected
-- role: gap_web
WITH seen AS (
  SELECT c.state, c.state = ANY ($4::text[]) AS may,
    EXISTS (SELECT FROM sync_run r WHERE r.org_id = c.org_id AND r.state = 'running')
      OR EXISTS (SELECT FROM job j WHERE j.single = 'sync:' || c.org_id AND j.owner IS NOT NULL) AS running,
    greatest(0, ceil(extract(epoch FROM c.manual_ended_at + make_interval(secs => $3) - now())))::bigint AS wait_s
  FROM connection c WHERE c.org_id = $1),
asked AS (
  INSERT INTO job (org_id, kind, payload, single)
  SELECT $1, 'sync', ($2::jsonb || jsonb_build_object('asked_us', (extract(epoch FROM clock_timestamp()) * 1000000)::bigint))::text,
    'sync:' || $1::bigint FROM seen
  WHERE may AND NOT running AND coalesce(wait_s, 0) = 0
  ON CONFLICT (single) DO UPDATE SET due_at = excluded.due_at, payload = excluded.payload
    WHERE job.owner IS NULL AND job.due_at > clock_timestamp()
  RETURNING job_id)
SELECT state, running, coalesce(wait_s, 0), EXISTS (SELECT FROM asked), may FROM seen;

-- name: job_take
-- job_id, org_id, kind, payload, attempts, lost; the lease hides the job from other workers.
-- First jobs of organisations with no job leased that do not rest, else any due job; both by
-- the index, longest due first. Slow kinds of work hold at most half of the live workers ($3:
-- seconds since their last heartbeat). now() comes from a subquery, so that the planner does
-- not know how few jobs are due: if it knew, it would sort them, and would do so with ten
-- thousand suddenly due as well
-- role: gap_worker
WITH busy AS MATERIALIZED (
  SELECT org_id FROM job WHERE owner IS NOT NULL AND org_id IS NOT NULL AND due_at > now()
  UNION ALL SELECT org_id FROM org_turn WHERE rest_until > now()),
slow_full AS MATERIALIZED (
  SELECT (SELECT count((SELECT true FROM org_turn t WHERE t.org_id = r.org_id AND t.kind = r.kind AND t.slow_until > now()))
      FROM job r WHERE r.owner IS NOT NULL AND r.due_at > now())
    >= greatest(1, (SELECT count(*) FROM worker_heartbeat WHERE seen_at > now() - make_interval(secs => $3)) / 2) AS yes),
picked AS MATERIALIZED (
  SELECT job_id FROM (
    SELECT j.job_id FROM job j
    WHERE j.due_at <= (SELECT now()) AND (j.org_id IS NULL OR j.org_id NOT IN (SELECT org_id FROM busy))
      AND ((SELECT NOT yes FROM slow_full) OR (SELECT true FROM org_turn t
        WHERE t.org_id = j.org_id AND t.kind = j.kind AND t.slow_until > now()) IS NULL)
    ORDER BY j.due_at LIMIT 1 FOR UPDATE OF j SKIP LOCKED) in_turn
  UNION ALL
  SELECT job_id FROM (
    SELECT j.job_id FROM job j
    WHERE j.due_at <= (SELECT now())
      AND ((SELECT NOT yes FROM slow_full) OR (SELECT true FROM org_turn t
        WHERE t.org_id = j.org_id AND t.kind = j.kind AND t.slow_until > now()) IS NULL)
    ORDER BY j.due_at LIMIT 1 FOR UPDATE OF j SKIP LOCKED) out_of_turn
  LIMIT 1)
UPDATE job SET owner = $1, due_at = now() + make_interval(secs => $2), attempts = attempts + 1,
  lost = lost + CASE WHEN owner IS NULL THEN 0 ELSE 1 END
WHERE job_id = (SELECT job_id FROM picked)
RETURNING job_id, coalesce(org_id, 0), kind, payload, attempts, lost;

-- name: job_next
-- seconds until the next job is due: 1 to 60
-- role: gap_worker
SELECT least(60, greatest(1, coalesce(ceil(extract(epoch FROM min(due_at) - now())), 60)))::integer FROM job;

-- name: job_beat
-- touched: 1, or 0 when it is no longer ours
-- role: gap_worker
UPDATE job SET due_at = now() + make_interval(secs => $3) WHERE job_id = $1 AND owner = $2;

-- name: job_done
-- touched. $3: for so many milliseconds its organisation lets others go first; $4: for so many
-- seconds its kind counts as slow there (0: not)
-- role: gap_worker
WITH done AS (DELETE FROM job WHERE job_id = $1 AND owner = $2 RETURNING org_id, kind)
SELECT count(turn_over(org_id, kind, $3, $4)) FROM done;

-- name: job_later
-- touched; $3 and $4 as in job_done; due again in $5 seconds; $6: the worker lived to the end
-- of the attempt
-- role: gap_worker
WITH done AS (
  UPDATE job SET owner = NULL, due_at = now() + make_interval(secs => $5), lost = CASE WHEN $6 THEN 0 ELSE lost END
  WHERE job_id = $1 AND owner = $2 RETURNING org_id, kind)
SELECT count(turn_over(org_id, kind, $3, $4)) FROM done;

-- name: job_hand
-- touched: 1 for the one attempt that may hand the mail over; it gets a new lease
-- role: gap_worker
UPDATE job SET handed_at = now(), due_at = now() + make_interval(secs => $3)
WHERE job_id = $1 AND owner = $2 AND handed_at IS NULL;

-- name: job_unhand
-- touched
-- role: gap_worker
UPDATE job SET handed_at = NULL WHERE job_id = $1 AND owner = $2;

-- name: job_depth
-- how many jobs are due and not leased, and for how many seconds the oldest has been
SELECT count(*), coalesce(max(epoch(now()) - epoch(due_at)), 0) FROM job WHERE owner IS NULL AND due_at <= now();

-- name: worker_beat
-- touched
-- role: gap_worker
INSERT INTO worker_heartbeat (worker, version) VALUES ($1, $2)
ON CONFLICT (worker) DO UPDATE SET version = excluded.version, seen_at = now();

-- name: worker_seen
-- seconds since any worker was seen; -1: never
SELECT coalesce(epoch(now()) - epoch(max(seen_at)), -1) FROM worker_heartbeat;
