SET LOCAL search_path = gap;

-- The orders of the clients list. A row's place says in which list it stands and how far down by source; so
-- each filter is a few places, and a page of any filter, in any order, a few steps along one index. Both are
-- columns since an expression would be hidden from the planner by the row policy.
--   prospect by hand 1, client by hand 2, of XPM 3
--   + 4 with something to put right, + 8 with nobody to call (core/client.h enum client_flag), 12 archived
-- newest: changed_at, the latest first; rows of one moment go by name.
ALTER TABLE client
  ADD place smallint NOT NULL GENERATED ALWAYS AS (
    CASE WHEN archived_at IS NOT NULL THEN 12 WHEN flags & 11 <> 0 THEN 8 WHEN flags <> 0 THEN 4 ELSE 0 END
    + CASE WHEN xpm_id IS NOT NULL THEN 3 WHEN status = 'prospect' THEN 1 ELSE 2 END) STORED,
  ADD newest bigint NOT NULL GENERATED ALWAYS AS (
    (extract(epoch FROM changed_at AT TIME ZONE 'UTC') * -1000000)::bigint) STORED;
DROP INDEX client_archived, client_flagged;
CREATE INDEX client_place ON client (org_id, place, name, client_id);
CREATE INDEX client_newest ON client (org_id, place, newest, name, client_id);

CREATE OR REPLACE VIEW client_line WITH (security_invoker = true) AS
  SELECT c.org_id, c.client_id, c.name, c.status, c.flags, c.archived_at,
    k.name AS contact_name, k.email, k.phone, c.xpm_id IS NOT NULL AS synced,
    (c.tenant_id = ANY ((SELECT view_only_tenants())::uuid[])) IS TRUE AS view_only,
    c.held_run IS NOT NULL AS held, c.place, c.newest
  FROM client c
  LEFT JOIN contact k ON k.org_id = c.org_id AND k.contact_id = c.primary_contact_id;

-- What an order goes by before the name: 0 name, 1 source, 2 the latest change.
CREATE FUNCTION client_rank(p_order integer, p_place smallint, p_newest bigint) RETURNS bigint
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE p_order WHEN 1 THEN p_place & 3 WHEN 2 THEN p_newest ELSE 0 END;

-- Search as in 0013, in any order and of any places (NULL: all). The two ways a list is walked are two
-- statements, so that only one is got ready.
DROP FUNCTION client_search;
GRANT SELECT (place, newest) ON client TO gap_search;
GRANT CREATE ON SCHEMA gap TO gap_search;
CREATE FUNCTION client_search(p_words text, p_places smallint[], p_order integer, p_rank bigint, p_name text,
  p_id bigint, p_back boolean, p_limit integer) RETURNS SETOF bigint
  LANGUAGE plpgsql STABLE SECURITY DEFINER
  SET search_path = gap, pg_temp SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
  telling text := CASE WHEN strpos(p_words, '@') > 4 THEN split_part(p_words, '@', 1)
    WHEN p_words ~ '^[-+0-9 ()]{9,}$' THEN right(p_words, 7) ELSE p_words END;
  pattern text := '%' || replace(replace(replace(telling, '\', '\\'), '%', '\%'), '_', '\_') || '%';
BEGIN
  IF p_back THEN
    RETURN QUERY SELECT h.client_id FROM (
      SELECT c.client_id, c.name, client_rank(p_order, c.place, c.newest) AS rank FROM client c
      WHERE c.org_id = current_org() AND c.search LIKE pattern AND strpos(c.search, p_words) > 0
        AND (p_places IS NULL OR c.place = ANY (p_places)) OFFSET 0) h
    WHERE (h.rank, h.name, h.client_id) < (p_rank, p_name, p_id)
    ORDER BY h.rank DESC, h.name DESC, h.client_id DESC LIMIT p_limit;
  ELSE
    RETURN QUERY SELECT h.client_id FROM (
      SELECT c.client_id, c.name, client_rank(p_order, c.place, c.newest) AS rank FROM client c
      WHERE c.org_id = current_org() AND c.search LIKE pattern AND strpos(c.search, p_words) > 0
        AND (p_places IS NULL OR c.place = ANY (p_places)) OFFSET 0) h
    WHERE (h.rank, h.name, h.client_id) > (p_rank, p_name, p_id)
    ORDER BY h.rank, h.name, h.client_id LIMIT p_limit;
  END IF;
END
$$;
REVOKE ALL ON FUNCTION client_search, client_rank FROM PUBLIC;
GRANT EXECUTE ON FUNCTION client_search TO gap_web;
GRANT EXECUTE ON FUNCTION client_rank TO gap_web, gap_search;
ALTER FUNCTION client_search OWNER TO gap_search;
REVOKE CREATE ON SCHEMA gap FROM gap_search;
