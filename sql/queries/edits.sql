-- Edits made while disconnected, listed before a reconnect replaces them (rule D25).
-- role: gap_worker

-- name: edits_any
-- whether anything was edited by hand
SELECT EXISTS (SELECT FROM edit_mark WHERE org_id = $1);

-- name: edits_note
-- touched; of what the run is about to change (its history, told beforehand) what was edited by hand
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
-- touched; XPM knows no prospects among what it sends
INSERT INTO held_edit (org_id, run_id, client_id, field, ours, theirs)
SELECT c.org_id, $2, c.client_id, 'status', c.status, 'client' FROM client c
JOIN edit_mark m ON m.org_id = c.org_id AND m.client_id = c.client_id AND m.field = 'status'
JOIN sync_stage s ON s.xpm_id = c.xpm_id AND s.ord = 0
WHERE c.org_id = $1 AND c.status <> 'client';

-- name: edits_untell
-- touched; the history that was told beforehand
DELETE FROM client_change WHERE org_id = $1 AND run_id = $2;

-- name: edits_count
-- how many a run noted
SELECT count(*) FROM held_edit WHERE org_id = $1 AND run_id = $2;

-- name: edits_accept
-- touched; an admin has seen the list of held run $2: what was edited since is another matter
DELETE FROM edit_mark m USING sync_run r
WHERE m.org_id = $1 AND r.org_id = m.org_id AND r.run_id = $2 AND r.state = 'held' AND r.cause = 'edits'
  AND m.at <= r.ended_at AND EXISTS (SELECT FROM held_edit h
    WHERE h.org_id = m.org_id AND h.run_id = r.run_id AND h.client_id = m.client_id);

-- name: edits_over
-- touched; a whole list was applied
DELETE FROM edit_mark WHERE org_id = $1;

-- name: edits_list
-- client_id, name, field, who, ours, theirs
-- role: gap_web
SELECT h.client_id, c.name, h.field, h.who, h.ours, h.theirs
FROM held_edit h JOIN client c ON c.org_id = h.org_id AND c.client_id = h.client_id
WHERE h.org_id = $1 AND h.run_id = $2 ORDER BY c.name, h.client_id, h.edit_id LIMIT $3;
