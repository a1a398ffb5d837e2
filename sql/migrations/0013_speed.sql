SET LOCAL search_path = gap;

-- What a page knows of the connection; the columns are named here alone, and new ones come last.
CREATE VIEW connection_line WITH (security_invoker = true) AS
  SELECT c.org_id, c.state, c.cause, epoch(c.cause_at) AS cause_at, nullif(c.label, '') AS label,
    nullif(c.tenant_name, '') AS tenant_name, c.tenant_id IS NOT NULL AS has_tenant, c.connected_by_name,
    c.connected_by, epoch(c.connected_at) AS connected_at, epoch(c.first_live_at) AS first_live_at,
    epoch(c.last_success_at) AS last_success_at, c.last_run_id, c.live_clients, c.live_contacts, c.failures,
    epoch(c.next_sync_at) AS next_sync_at, epoch(c.manual_ended_at) AS manual_ended_at,
    -- NULL: none
    c.progress_done,
    EXISTS (SELECT FROM sync_run r WHERE r.org_id = c.org_id AND r.state = 'running') AS running,
    c.cause_at AS cause_moment,
    EXISTS (SELECT FROM connection_preview p WHERE p.org_id = c.org_id) AS previewed
  FROM connection c;
GRANT SELECT ON connection_line TO gap_web, gap_worker;

-- Who asks is found by two statements that travel together (sql/queries/sessions.sql).
DROP FUNCTION session_who(bytea, integer, boolean);

-- Search, once more. A function in SQL is planned at each call, which cost as much as the finding; this one
-- keeps its plan. Of an address the index is asked for the part before the "@" only: the pieces of the rest
-- stand in nearly every row, and each of them is a long list to walk. Of a long number it is asked for the
-- end, as many begin alike. The row is then compared with the whole. In the index the text comes before the
-- organisation, whose long list is so only looked into where the text was found.
DROP FUNCTION client_search;
DROP INDEX client_search_trgm;
CREATE INDEX client_search_trgm ON client USING gin (search gin_trgm_ops, org_id);

GRANT CREATE ON SCHEMA gap TO gap_search;
CREATE FUNCTION client_search(p_words text, p_archived boolean, p_flags integer, p_name text, p_id bigint,
  p_back boolean, p_limit integer, p_source integer DEFAULT 0) RETURNS SETOF bigint
  LANGUAGE plpgsql STABLE SECURITY DEFINER
  SET search_path = gap, pg_temp SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
  telling text := CASE WHEN strpos(p_words, '@') > 4 THEN split_part(p_words, '@', 1)
    WHEN p_words ~ '^[-+0-9 ()]{9,}$' THEN right(p_words, 7) ELSE p_words END;
  pattern text := '%' || replace(replace(replace(telling, '\', '\\'), '%', '\%'), '_', '\_') || '%';
BEGIN
  RETURN QUERY
    WITH hit AS MATERIALIZED (
      SELECT c.client_id, c.name FROM client c
      WHERE c.org_id = current_org() AND c.search LIKE pattern AND strpos(c.search, p_words) > 0
        AND (c.archived_at IS NOT NULL) = p_archived
        AND (p_flags = 0 OR c.flags & p_flags <> 0)
        AND (p_source = 0 OR (c.xpm_id IS NOT NULL) = (p_source = 1) AND (p_source < 3 OR c.status = 'prospect'))),
    forth AS (
      SELECT h.client_id FROM hit h WHERE NOT p_back AND (h.name, h.client_id) > (p_name, p_id)
      ORDER BY h.name, h.client_id LIMIT p_limit),
    back AS (
      SELECT h.client_id FROM hit h WHERE p_back AND (h.name, h.client_id) < (p_name, p_id)
      ORDER BY h.name DESC, h.client_id DESC LIMIT p_limit)
    SELECT client_id FROM forth UNION ALL SELECT client_id FROM back;
END
$$;
REVOKE ALL ON FUNCTION client_search FROM PUBLIC;
GRANT EXECUTE ON FUNCTION client_search TO gap_web;
ALTER FUNCTION client_search OWNER TO gap_search;
REVOKE CREATE ON SCHEMA gap FROM gap_search;
