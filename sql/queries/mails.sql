-- Which mails a person wants, and the summary of syncs.
-- role: gap_worker

-- name: digest_people
-- user_id, digest, zone, since (switched on), until (end of the last summary; 0: none yet);
-- active users who want it
SELECT u.user_id, u.digest, coalesce(u.time_zone, o.time_zone), coalesce(epoch(u.digest_since), 0),
  coalesce(epoch(d.until), 0)
FROM app_user u JOIN organisation o ON o.org_id = u.org_id
LEFT JOIN mail_digest d ON d.org_id = u.org_id AND d.user_id = u.user_id
WHERE u.org_id = $1 AND u.status = 'active' AND u.digest <> 'off'
ORDER BY u.user_id;

-- name: digest_advance
-- touched: 1 for the first of several workers
INSERT INTO mail_digest (org_id, user_id, until) VALUES ($1, $2, to_timestamp($3))
ON CONFLICT (org_id, user_id) DO UPDATE SET until = excluded.until WHERE mail_digest.until < excluded.until;

-- name: digest_runs
-- runs that ended in the window; of them good, failed, held; clients added, changed, archived,
-- restored; records with problems in the run with the most
SELECT count(*), count(*) FILTER (WHERE state IN ('complete', 'problems', 'undone')),
  count(*) FILTER (WHERE state IN ('failed', 'interrupted')),
  count(*) FILTER (WHERE state IN ('held', 'discarded', 'replaced')),
  coalesce(sum(added), 0)::bigint, coalesce(sum(changed), 0)::bigint, coalesce(sum(archived), 0)::bigint,
  coalesce(sum(restored), 0)::bigint, coalesce(max(skipped + failed), 0)
FROM sync_run
WHERE org_id = $1 AND started_at > now() - interval '30 days'
  AND ended_at >= to_timestamp($2) AND ended_at < to_timestamp($3);

-- name: mail_wishes
-- mails switched off "a,b", digest
-- role: gap_web
SELECT array_to_string(mails_off, ','), digest FROM app_user WHERE org_id = $1 AND user_id = $2;

-- name: mail_wishes_set
-- touched; $3 "a,b", $4 digest: when switched on, it begins now
-- role: gap_web
UPDATE app_user SET mails_off = coalesce(string_to_array(nullif($3, ''), ','), '{}'),
  digest_since = CASE WHEN $4 = 'off' THEN NULL WHEN digest = 'off' THEN now() ELSE digest_since END,
  digest = $4
WHERE org_id = $1 AND user_id = $2;
