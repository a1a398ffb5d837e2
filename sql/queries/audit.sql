-- name: audit_add
-- writes
-- one row, empty
-- role: gap_web gap_worker gap_owner
SELECT audit_append($1, nullif($2::bigint, 0), $3, $4, $5, $6, $7, $8);

-- name: audit_enter_installation
-- 0; enters the installation's chain for this transaction
-- role: gap_owner
SELECT set_config('gap.org_id', '0', true);

-- name: audit_verify
-- rows; bad_seq: the first row that does not match, is missing, or stands after the recorded
-- end; 0: none
-- role: gap_owner gap_web
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
-- one JSON object a row, oldest first
-- role: gap_owner gap_web
SELECT json_build_object('org', org_id, 'seq', seq, 'at', to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), 'user', user_id,
  'session', encode(session_hash, 'hex'), 'peer', peer, 'event', event, 'result', result,
  'request', request_id, 'detail', detail, 'hash', encode(hash, 'hex'))::text
FROM audit_event WHERE org_id = $1 ORDER BY seq;

-- name: audit_page
-- seq, at, who, peer, event, result, detail; newest first, before $2 (0: from the newest); $3:
-- LIKE patterns of events with blanks between, '': all; $4: only refused and failed ones
-- role: gap_web
SELECT a.seq, epoch(a.at), u.name, a.peer, a.event, a.result, a.detail
FROM audit_event a LEFT JOIN app_user u ON u.org_id = a.org_id AND u.user_id = a.user_id
WHERE a.org_id = $1 AND ($2::bigint = 0 OR a.seq < $2)
  AND ($3::text = '' OR a.event LIKE ANY (string_to_array($3, ' '))) AND (NOT $4 OR a.result <> 'ok')
ORDER BY a.seq DESC LIMIT $5;

-- name: audit_receipt
-- json: the last row about run $2, with the hash before it; no row: there is none
-- role: gap_web
SELECT json_build_object('organisation', o.name, 'run', $2::bigint, 'link', json_build_object(
    'org', a.org_id, 'seq', a.seq, 'at', to_char(a.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    'epoch', extract(epoch FROM a.at)::text, 'user', a.user_id, 'session', encode(a.session_hash, 'hex'), 'peer', a.peer,
    'event', a.event, 'result', a.result, 'request', a.request_id, 'detail', a.detail,
    'hash_before', coalesce((SELECT encode(b.hash, 'hex') FROM audit_event b
      WHERE b.org_id = a.org_id AND b.seq = a.seq - 1), ''),
    'hash', encode(a.hash, 'hex')),
  'rule', 'hash = SHA-256(hash_before || JSON array [org, seq, epoch, user, session, peer, event, result, request, detail])')::text
FROM audit_event a JOIN organisation o ON o.org_id = a.org_id
WHERE a.org_id = $1 AND a.event LIKE 'sync.%' AND a.detail LIKE 'run ' || $2::bigint || ',%'
ORDER BY a.seq DESC LIMIT 1;
