-- The client list as it was at the end of day $2 (YYYY-MM-DD, in the organisation's zone). For
-- each row, the version is the kept one with the smallest `until` at or after that moment, else
-- the present row (sql/migrations/0006_undo.sql).
-- role: gap_web

-- name: as_at_days
-- today, and the oldest day that can be asked for: at most $2 days back, and never before the
-- history begins
SELECT to_char(d.today, 'YYYY-MM-DD'), to_char(greatest(d.today - $2::integer, d.since), 'YYYY-MM-DD')
FROM (SELECT (now() AT TIME ZONE o.time_zone)::date AS today, (o.history_since AT TIME ZONE o.time_zone)::date AS since
  FROM organisation o WHERE o.org_id = $1) d;

-- name: as_at_page
-- client_id, name, status, contact_name, email, phone, synced, flags; live clients after the
-- key $3, $4
SELECT l.client_id, l.name, l.status, k.name, k.email, k.phone, l.synced, l.flags
FROM (
  (SELECT c.client_id, c.name, c.status, c.primary_contact_id, c.xpm_id IS NOT NULL AS synced, c.flags
   FROM client c
   WHERE c.org_id = $1 AND c.archived_at IS NULL AND (c.name, c.client_id) > ($3, $4::bigint)
     AND c.created_at < (SELECT end_of_day($2))
     AND NOT EXISTS (SELECT FROM client_was w
       WHERE w.org_id = c.org_id AND w.client_id = c.client_id AND w.until >= (SELECT end_of_day($2)))
   ORDER BY c.name, c.client_id LIMIT $5)
  UNION ALL
  (SELECT w.client_id, w.name, w.status, w.primary_contact_id, w.xpm_id IS NOT NULL, w.flags
   FROM (SELECT DISTINCT ON (x.client_id) x.* FROM client_was x
     WHERE x.org_id = $1 AND x.until >= (SELECT end_of_day($2)) ORDER BY x.client_id, x.until) w
   WHERE w.archived_at IS NULL AND (w.name, w.client_id) > ($3, $4::bigint)
     AND w.created_at < (SELECT end_of_day($2))
   ORDER BY w.name, w.client_id LIMIT $5)) l
LEFT JOIN LATERAL (
  SELECT x.name, x.email, x.phone FROM (
    SELECT w.name, w.email, w.phone, w.until FROM contact_was w
    WHERE w.org_id = $1 AND w.contact_id = l.primary_contact_id AND w.until >= (SELECT end_of_day($2))
    UNION ALL SELECT p.name, p.email, p.phone, 'infinity' FROM contact p
    WHERE p.org_id = $1 AND p.contact_id = l.primary_contact_id) x
  ORDER BY x.until LIMIT 1) k ON true
ORDER BY l.name, l.client_id LIMIT $5;

-- name: as_at_client
-- name, status, xpm_id, archived_reason, archived_at, flags of client $3; no row: it did not
-- exist then
SELECT x.name, x.status, x.xpm_id, x.archived_reason, epoch(x.archived_at), x.flags
FROM (
  SELECT w.name, w.status, w.xpm_id, w.archived_reason, w.archived_at, w.flags, w.created_at, w.until
  FROM client_was w WHERE w.org_id = $1 AND w.client_id = $3 AND w.until >= (SELECT end_of_day($2))
  UNION ALL SELECT c.name, c.status, c.xpm_id, c.archived_reason, c.archived_at, c.flags, c.created_at, 'infinity'
  FROM client c WHERE c.org_id = $1 AND c.client_id = $3
  ORDER BY until LIMIT 1) x
WHERE x.created_at < (SELECT end_of_day($2));

-- name: as_at_contacts
-- name, email, phone, is_primary of the contacts of client $3; the primary one first
SELECT k.name, k.email, k.phone, l.contact_id IS NOT DISTINCT FROM m.primary_contact_id
FROM (SELECT DISTINCT ON (x.contact_id) x.contact_id, x.ord, x.created_at FROM (
    SELECT w.contact_id, w.ord, w.created_at, w.until FROM client_contact_was w
    WHERE w.org_id = $1 AND w.client_id = $3 AND w.until >= (SELECT end_of_day($2))
    UNION ALL SELECT c.contact_id, c.ord, c.created_at, 'infinity' FROM client_contact c
    WHERE c.org_id = $1 AND c.client_id = $3) x
  ORDER BY x.contact_id, x.until) l
CROSS JOIN LATERAL (
  SELECT x.name, x.email, x.phone FROM (
    SELECT w.name, w.email, w.phone, w.until FROM contact_was w
    WHERE w.org_id = $1 AND w.contact_id = l.contact_id AND w.until >= (SELECT end_of_day($2))
    UNION ALL SELECT p.name, p.email, p.phone, 'infinity' FROM contact p
    WHERE p.org_id = $1 AND p.contact_id = l.contact_id) x
  ORDER BY x.until LIMIT 1) k
CROSS JOIN LATERAL (
  SELECT x.primary_contact_id FROM (
    SELECT w.primary_contact_id, w.until FROM client_was w
    WHERE w.org_id = $1 AND w.client_id = $3 AND w.until >= (SELECT end_of_day($2))
    UNION ALL SELECT c.primary_contact_id, 'infinity' FROM client c WHERE c.org_id = $1 AND c.client_id = $3) x
  ORDER BY x.until LIMIT 1) m
WHERE l.created_at < (SELECT end_of_day($2))
ORDER BY 4 DESC, l.ord, l.contact_id;
