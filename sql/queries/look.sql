-- "Since you last looked": what has changed for one user. $1 the organisation, $2 the user. A
-- visit that begins four hours or more after the last look moves the mark to that look; within
-- a visit the mark stays.
-- role: gap_web

-- name: look_news
-- one JSON array: mark (0: first visit); clients added, changed, archived, restored, with
-- changed contacts; whether more than $4 changes were met; open lines under "Fix in XPM",
-- counted up to $5; name and id of up to three of the clients. It is stored for data version
-- $6, and the look is recorded. $3: the user's name, whose own changes are left out
-- may repeat
WITH me AS MATERIALIZED (
  SELECT CASE WHEN looked_at < now() - interval '4 hours' THEN looked_at ELSE mark END AS mark
  FROM client_look WHERE org_id = $1 AND user_id = $2),
all_met AS MATERIALIZED (
  SELECT n.* FROM client_news((SELECT mark FROM me), $3, $4) n),
met AS MATERIALIZED (
  SELECT client_id, added, gone, back, people FROM all_met WHERE news),
top AS MATERIALIZED (
  SELECT c.client_id, c.name, row_number() OVER (ORDER BY m.gone DESC, m.added DESC, m.people DESC, c.name) AS n
  FROM (SELECT * FROM met ORDER BY gone DESC, added DESC, people DESC, client_id DESC LIMIT 3) m
  JOIN client c ON c.org_id = $1 AND c.client_id = m.client_id),
told AS MATERIALIZED (
  SELECT json_build_array(coalesce((SELECT epoch(mark) FROM me), 0),
    count(*) FILTER (WHERE added), count(*) FILTER (WHERE NOT added AND NOT gone AND NOT back),
    count(*) FILTER (WHERE gone AND NOT added), count(*) FILTER (WHERE back AND NOT gone AND NOT added),
    count(*) FILTER (WHERE people AND NOT added), (SELECT coalesce(sum(changes), 0) FROM all_met) >= $4,
    (SELECT count(*) FROM (SELECT FROM fix_item WHERE org_id = $1 AND closed_at IS NULL LIMIT $5) f),
    (SELECT name FROM top WHERE n = 1), (SELECT client_id FROM top WHERE n = 1),
    (SELECT name FROM top WHERE n = 2), (SELECT client_id FROM top WHERE n = 2),
    (SELECT name FROM top WHERE n = 3), (SELECT client_id FROM top WHERE n = 3))::text AS news
  FROM met),
noted AS (
  INSERT INTO client_look AS l (org_id, user_id, news, news_version) SELECT $1, $2, news, $6::bigint FROM told
  ON CONFLICT (org_id, user_id) DO UPDATE SET news = excluded.news, news_version = excluded.news_version,
    looked_at = CASE WHEN l.looked_at < now() - interval '5 minutes' THEN now() ELSE l.looked_at END,
    mark = CASE WHEN l.looked_at < now() - interval '4 hours' THEN l.looked_at ELSE l.mark END)
SELECT news FROM told;

-- name: look_seen
-- touched; moves the mark to now
INSERT INTO client_look (org_id, user_id) VALUES ($1, $2)
ON CONFLICT (org_id, user_id) DO UPDATE SET looked_at = now(), mark = now(), news = NULL,
  news_version = NULL;
