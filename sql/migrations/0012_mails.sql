SET LOCAL search_path = gap;

-- An admin may have the chain of the own organisation checked: where it ends stands in the head.
GRANT SELECT ON audit_head TO gap_web;
