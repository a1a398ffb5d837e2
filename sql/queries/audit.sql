-- name: audit_add
-- one row, empty
-- role: gap_web gap_worker gap_owner
SELECT audit_append($1, nullif($2::bigint, 0), $3, $4, $5, $6, $7, $8);

-- name: audit_enter_installation
-- 0: the chain of the installation, entered for this transaction
-- role: gap_owner
SELECT set_config('gap.org_id', '0', true);

-- name: audit_verify
-- rows, bad_seq: the first link that does not fit, is missing, or stands behind the head; 0: none
-- role: gap_owner
WITH link AS (
  SELECT r.seq, r.seq = lag(r.seq, 1, 0::bigint) OVER w + 1
    AND r.hash = audit_hash(lag(r.hash, 1, '\x') OVER w, r) AS fits, r.hash
  FROM audit_event r WHERE r.org_id = $1
  WINDOW w AS (ORDER BY r.seq)),
tail AS (
  SELECT coalesce(max(seq), 0) AS seq, (SELECT l.hash FROM link l ORDER BY l.seq DESC LIMIT 1) AS hash FROM link)
SELECT (SELECT count(*) FROM link),
  coalesce((SELECT min(seq) FROM link WHERE NOT fits),
    (SELECT tail.seq + 1 FROM tail LEFT JOIN audit_head h ON h.org_id = $1
     WHERE tail.seq <> coalesce(h.seq, 0) OR tail.hash IS DISTINCT FROM nullif(h.hash, '\x')),
    0);

-- name: audit_export
-- one JSON object a link, oldest first
-- role: gap_owner
SELECT json_build_object('org', org_id, 'seq', seq, 'at', to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), 'user', user_id,
  'session', encode(session_hash, 'hex'), 'peer', peer, 'event', event, 'result', result,
  'request', request_id, 'detail', detail, 'hash', encode(hash, 'hex'))::text
FROM audit_event WHERE org_id = $1 ORDER BY seq;
