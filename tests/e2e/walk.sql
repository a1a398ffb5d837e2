-- What the walk finds besides the synced clients: things by hand, names of every kind, notices, a passkey, a run
-- with problems.
INSERT INTO client (org_id, name, search) VALUES
  (1, 'Mere Harakeke Weaving', 'mere harakeke weaving'),
  (1, repeat('Unbroken', 1250), 'unbroken'),
  (1, 'شركة الميناء والوادي للمحاسبة', 'شركة'),
  (1, '👩‍👩‍👧‍👦 Whānau 🌊 & «Sons»', 'whanau');
INSERT INTO contact (org_id, name, email, phone)
  VALUES (1, repeat('W', 300), repeat('long', 50) || '@client.example', repeat('+64 21 ', 8));
INSERT INTO client_contact (org_id, client_id, contact_id, is_primary, ord)
  SELECT 1, c.client_id, k.contact_id, true, 1 FROM client c, contact k
  WHERE c.name LIKE 'UnbrokenUnbroken%' AND k.name LIKE 'WWWW%';
UPDATE client SET primary_contact_id = (SELECT max(contact_id) FROM contact WHERE name LIKE 'WWWW%')
  WHERE name LIKE 'UnbrokenUnbroken%';
INSERT INTO notice (org_id, user_id, kind, body, link, read_at)
  SELECT 1, user_id, 'test', b.body, '/syncs', b.read_at FROM app_user, (VALUES
    ('The sync at 06:00 did not finish. Xero did not answer.', NULL),
    (repeat('Unbroken', 60), NULL),
    ('The first import is complete: 312 clients.', now())) AS b (body, read_at);
INSERT INTO passkey (org_id, user_id, credential_id, alg, public_key, sign_count, backup_eligible, backed_up, name)
  SELECT 1, user_id, uuid_send(gen_random_uuid()), -7, repeat('k', 64)::bytea, 0, true, true, 'Desk computer'
  FROM app_user;
WITH run AS (
  INSERT INTO sync_run (org_id, trigger, state, started_at, ended_at, seen, added, skipped, failed, calls)
  VALUES (1, 'scheduled', 'problems', now() - interval '8 hours', now() - interval '8 hours' + interval '3 seconds',
    310, 2, 2, 1, 3) RETURNING run_id)
INSERT INTO run_skip (org_id, run_id, rule, name) SELECT 1, run_id, r.rule, r.name FROM run, (VALUES
  ('no_uuid', 'Nameless & Sons'), ('no_uuid', repeat('Unbroken', 30))) AS r (rule, name);
