-- Search that reads a third of the index. Of a word, the index is asked for pieces of three letters side by
-- side and not for every three in a row: those that overlap stand in nearly the same rows, and each costs the
-- reading of its list. What is found has the words whole all the same: each row is looked at.

SET LOCAL search_path = gap;

-- The pattern that the rows with p_words satisfy, and few others: '%fra%nkie%eld%erb%rook%' for "frankie
-- elderbrook". Of an address it is the part before the @, of a telephone number its last seven places, which tell most
-- apart. Digits stay as they are: pieces of numbers stand in too many numbers.
CREATE FUNCTION search_pattern(p_words text) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN '%' || regexp_replace(regexp_replace(
    replace(replace(replace(
      CASE WHEN strpos(p_words, '@') > 4 THEN split_part(p_words, '@', 1)
        WHEN p_words ~ '^[-+0-9 ()]{9,}$' THEN right(p_words, 7) ELSE p_words END,
      '\', '\\'), '%', '\%'), '_', '\_'),
    '([[:alpha:]]{3})(?=[[:alnum:]]{3})', '\1%', 'g'),
    '(?<=[[:alpha:]]{3})[^[:alnum:]%]+(?=[[:alpha:]]{3})', '%', 'g') || '%';

-- As in 0016, with that pattern.
DROP FUNCTION client_search;
GRANT CREATE ON SCHEMA gap TO gap_search;
CREATE FUNCTION client_search(p_words text, p_places smallint[], p_order integer, p_rank bigint, p_name text,
  p_id bigint, p_back boolean, p_limit integer) RETURNS SETOF bigint
  LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 50
  SET search_path = gap, pg_temp SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
  -- Once, and not for each row that is found.
  v_org bigint := current_org();
  pattern text := search_pattern(p_words);
BEGIN
  IF p_back THEN
    RETURN QUERY SELECT h.client_id FROM (
      SELECT c.client_id, c.name, client_rank(p_order, c.place, c.newest) AS rank FROM client c
      WHERE c.org_id = v_org AND c.search LIKE pattern AND strpos(c.search, p_words) > 0
        AND (p_places IS NULL OR c.place = ANY (p_places)) OFFSET 0) h
    WHERE (h.rank, h.name, h.client_id) < (p_rank, p_name, p_id)
    ORDER BY h.rank DESC, h.name DESC, h.client_id DESC LIMIT p_limit;
  ELSE
    RETURN QUERY SELECT h.client_id FROM (
      SELECT c.client_id, c.name, client_rank(p_order, c.place, c.newest) AS rank FROM client c
      WHERE c.org_id = v_org AND c.search LIKE pattern AND strpos(c.search, p_words) > 0
        AND (p_places IS NULL OR c.place = ANY (p_places)) OFFSET 0) h
    WHERE (h.rank, h.name, h.client_id) > (p_rank, p_name, p_id)
    ORDER BY h.rank, h.name, h.client_id LIMIT p_limit;
  END IF;
END
$$;
REVOKE ALL ON FUNCTION client_search, search_pattern FROM PUBLIC;
GRANT EXECUTE ON FUNCTION client_search TO gap_web;
GRANT EXECUTE ON FUNCTION search_pattern TO gap_search;
ALTER FUNCTION client_search OWNER TO gap_search;
REVOKE CREATE ON SCHEMA gap FROM gap_search;
