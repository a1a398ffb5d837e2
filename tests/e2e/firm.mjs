// What stands behind a site, for tests that need a firm in a state which no person could bring about quickly.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { assert, base, demo, state } from './site.mjs';

const short = join(state, 'run.path');
const socket = existsSync(short) ? readFileSync(short, 'utf8').trim() : join(state, 'run');

const psql = ['-qAtX', '-v', 'ON_ERROR_STOP=1', '-d', `postgresql:///gap?host=${socket}&user=postgres`];

/** As the cluster's superuser, past every wall; returns what psql prints, unaligned. */
export function sql(text) {
  return execFileSync('psql', psql,
    { input: `SET search_path = gap; SET gap.org_id = 1; ${text}`, encoding: 'utf8' }).trim();
}

/** The worker imports no file of the firm until what this resolves to is called. */
export async function holdImports() {
  const held = spawn('psql', psql, { stdio: ['pipe', 'pipe', 'inherit'] });
  const isHeld = new Promise((done) => { held.stdout.once('data', done); });
  held.stdin.write("SELECT pg_advisory_lock(1010, hashint8(1)), 'held';\n");
  await isHeld;
  for (const part of [held, held.stdin, held.stdout]) part.unref(); // a test that fails meanwhile still ends
  return () => new Promise((done) => { held.once('exit', done).stdin.end(); });
}

/** Everybody logged in just now, so that nobody is asked to confirm who it is. */
export function fresh() {
  sql('UPDATE session SET fresh_at = now()');
}

/** Things to look at, by name; '' while there is none. */
export function ids() {
  const rows = sql(`
    SELECT 'synced', min(c.client_id)::text FROM client c JOIN client_contact USING (org_id, client_id)
      WHERE c.xpm_id IS NOT NULL AND archived_at IS NULL
    UNION ALL SELECT 'own', min(client_id)::text FROM client WHERE xpm_id IS NULL AND archived_at IS NULL
    UNION ALL SELECT 'archived', min(client_id)::text FROM client WHERE archived_at IS NOT NULL
    UNION ALL SELECT 'held', min(client_id)::text FROM client WHERE held_run IS NOT NULL
    UNION ALL SELECT 'long', (array_agg(client_id ORDER BY length(name) DESC))[1]::text FROM client
    UNION ALL SELECT 'first', min(run_id)::text FROM sync_run WHERE trigger = 'first'
    UNION ALL SELECT 'undone', max(run_id)::text FROM sync_run WHERE state = 'undone'
    UNION ALL SELECT 'undoable', max(run_id)::text FROM sync_run WHERE state = 'complete' AND trigger = 'manual'
    UNION ALL SELECT 'failed', max(run_id)::text FROM sync_run WHERE state = 'failed'
    UNION ALL SELECT 'problems', max(run_id)::text FROM sync_run WHERE state = 'problems'
    UNION ALL SELECT 'member', max(user_id)::text FROM app_user WHERE email = '${demo.member.email}'
    UNION ALL SELECT 'passkey', min(passkey_id)::text FROM passkey JOIN app_user USING (org_id, user_id) WHERE role = 'admin'
    UNION ALL SELECT 'fix', min(fix_id)::text FROM fix_item
    UNION ALL SELECT 'today', (now() AT TIME ZONE time_zone)::date::text FROM organisation WHERE org_id = 1`);
  return Object.fromEntries(rows.split('\n').map((row) => row.split('|')));
}

/** The log-in at Xero sees two practices, and an admin has to choose. */
export function twoPractices() {
  sql(`
    WITH attempt AS (UPDATE oauth_attempt SET stage = 'choosing', ends_at = now() + interval '10 minutes'
      WHERE attempt_id = (SELECT max(attempt_id) FROM oauth_attempt) RETURNING attempt_id)
    INSERT INTO oauth_choice SELECT 1, attempt_id, n, gen_random_uuid(), gen_random_uuid(), 'Harbour ' || n, n = 1
      FROM attempt, generate_series(1, 2) n;
    UPDATE connection SET state = 'choosing', cause = NULL`);
}

/** An authentication code may be used that was used already. */
export function codesAgain() {
  sql('UPDATE totp_factor SET last_step = 0');
}

/** Waits, when called, until one run more has ended than had then. */
export function runsEnded() {
  const ended = () => Number(sql('SELECT count(*) FROM sync_run WHERE ended_at IS NOT NULL'));
  const before = ended();
  return async () => {
    for (let i = 0; ended() === before; i += 1) {
      assert(i < 300, 'the sync does not end');
      await new Promise((done) => { setTimeout(done, 100); });
    }
  };
}

/** Update Xero Clients, without its cool-down, until the run has ended. */
export async function syncOnce(page) {
  const ended = runsEnded();
  sql('UPDATE connection SET manual_ended_at = NULL');
  await page.goto(`${base}/clients`);
  await page.getByRole('button', { name: 'Update Xero Clients' }).click();
  await ended();
}

export async function linkMailed(email, path) {
  const folder = join(state, 'mail');
  for (let i = 0; i < 200; i += 1) {
    const mails = existsSync(folder) ? readdirSync(folder).filter((f) => f.endsWith('.eml')) : [];
    for (const file of mails) {
      const text = readFileSync(join(folder, file), 'utf8');
      const link = text.includes(`<${email}>`) && text.match(new RegExp(`${base}(${path}[\\w-]{22})`));
      if (link) return link[1];
    }
    await new Promise((done) => { setTimeout(done, 100); });
  }
  throw new Error(`no link ${path} was mailed to ${email}`);
}

/** The paths of one link to set a password and of one invitation, as they come by mail. */
export async function mailed(admin) {
  await admin.goto(`${base}/password/forgot`);
  await admin.getByLabel('Email').fill(demo.member.email);
  await admin.getByRole('button', { name: 'Send the link' }).click();
  await admin.goto(`${base}/settings/team/invite`);
  await admin.getByLabel('Name').fill('Nina Newcomer');
  await admin.getByLabel('Email').fill('nina@harbourvale.example');
  await admin.getByRole('button', { name: 'Send invitation' }).click();
  return {
    reset: await linkMailed(demo.member.email, '/password/reset/'),
    invite: await linkMailed('nina@harbourvale.example', '/invite/'),
  };
}
