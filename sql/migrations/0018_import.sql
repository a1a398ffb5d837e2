SET LOCAL search_path = gap;

-- "Import" is the worker's: 50,000 rows take a good part of a minute, and a request that long keeps a process of the
-- site from everybody else. What was asked for, and what came of it, stands in the preview's own row, which the
-- person looks at meanwhile.
--   shown    the rows are there to be looked through
--   asked    "Import" was selected; a job is queued, or at work
--   done     imported; `said` is what was added, and the rows are gone
--   changed  other clients would have been added than were seen: nothing was, and the marks are new
--   failed   nothing was added; `said` is why
ALTER TABLE import_preview
  ADD state text NOT NULL DEFAULT 'shown' CHECK (state IN ('shown', 'asked', 'done', 'changed', 'failed')),
  ADD said text NOT NULL DEFAULT '',
  ADD asked_at timestamptz,
  -- How many clients the preview said would be added.
  ADD asked_clients bigint;

REVOKE EXECUTE ON FUNCTION import_apply FROM gap_web;
GRANT EXECUTE ON FUNCTION import_mark, import_apply TO gap_worker;
GRANT SELECT, UPDATE (state, said) ON import_preview TO gap_worker;
GRANT UPDATE (mark, reason, twin_client, twin_line, client_id, contact_id) ON import_row TO gap_worker;
