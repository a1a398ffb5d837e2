-- Edits made by hand while disconnected; an admin sees the list before a reconnect replaces
-- them.
-- role: gap_worker

-- name: edits_any
-- whether anything was edited by hand
SELECT EXISTS (SELECT FROM edit_mark WHERE org_id = $1);

-- name: edits_note
-- touched; edits among what the run would change, found in its history, which was written
-- beforehand
INSERT INTO held_edit (org_id, run_id, client_id, field, who, ours, theirs)
SELECT h.org_id, h.run_id, h.client_id, h.field, coalesce(k.name, t.name), h.old, h.new
FROM client_change h
LEFT JOIN contact k ON k.org_id = h.org_id AND k.contact_id = h.contact_id
LEFT JOIN LATERAL (SELECT s.name FROM sync_stage s WHERE s.contact_xpm = h.contact_xpm LIMIT 1) t ON true
WHERE h.org_id = $1 AND h.run_id = $2 AND EXISTS (SELECT FROM edit_mark m
  WHERE m.org_id = h.org_id AND m.client_id = h.client_id
    AND CASE WHEN m.contact_id = 0 THEN m.field = h.field
      WHEN h.field LIKE 'contact%' THEN h.contact_id IS NULL OR h.contact_id = m.contact_id
      ELSE h.field = 'primary' END)
ORDER BY h.client_id, h.change_id;

-- name: edits_note_status
-- touched; edits of the status: XPM sends clients only, so "prospect" would be replaced
INSERT INTO held_edit (org_id, run_id, client_id, field, ours, theirs)
SELECT c.org_id, $2, c.client_id, 'status', c.status, 'client' FROM client c
JOIN edit_mark m ON m.org_id = c.org_id AND m.client_id = c.client_id AND m.field = 'status'
JOIN sync_stage s ON s.xpm_id = c.xpm_id AND s.ord = 0
WHERE c.org_id = $1 AND c.status <> 'client';

-- name: edits_untell
-- touched; deletes the history that was written beforehand
DELETE FROM client_change WHERE org_id = $1 AND run_id = $2;

-- name: edits_count
-- how many edits the run has noted
SELECT count(*) FROM held_edit WHERE org_id = $1 AND run_id = $2;

-- name: edits_accept
-- touched; an admin accepted the list of held run $2; edits made after it stay marked
DELETE FROM edit_mark m USING sync_run r
WHERE m.org_id = $1 AND r.org_id = m.org_id AND r.run_id = $2 AND r.state = 'held' AND r.cause = 'edits'
  AND m.at <= r.ended_at AND EXISTS (SELECT FROM held_edit h
    WHERE h.org_id = m.org_id AND h.run_id = r.run_id AND h.client_id = m.client_id);

-- name: edits_over
-- touched; clears the marks after a whole list was applied
DELETE FROM edit_mark WHERE org_id = $1;

-- name: edits_list
-- client_id, name, field, who, ours, theirs
-- role: gap_web
SELECT h.client_id, c.name, h.field, h.who, h.ours, h.theirs
FROM held_edit h JOIN client c ON c.org_id = h.org_id AND c.client_id = h.client_id
WHERE h.org_id = $1 AND h.run_id = $2 ORDER BY c.name, h.client_id, h.edit_id LIMIT $3;
