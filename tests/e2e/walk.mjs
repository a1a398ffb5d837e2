// Every page of the site in every state, one after the other: a firm is led from its first log-in to a disconnect,
// and at each stop `look(page, name)` is called. A new page or state is one line in a list below; a GET route that
// no line visits is a failure, unless `notPages` says why it is none.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  allowAccess, assert, base, demo, logIn, person, setSandbox, totp,
} from './site.mjs';
import { fresh, ids, mailed, sql, syncOnce, twoPractices } from './firm.mjs';

const root = process.cwd();

/** GET routes that yield no page, each with its reason. */
export const notPages = [
  [/\.(csv|jsonl)$/, 'a file to download'],
  [/\/status$/, 'JSON, polled by a page'],
  [/^\/$/, 'leads to the log-in or to the clients'],
  [/^\/oauth\/xero\/callback$/, 'leads back to Integrations, without a body'],
  [/^\/syncs\/\{id\}\/receipt$/, 'a file to download'],
  [/^\/settings\/logo$/, 'a picture'],
  [/^\/(healthz|readyz|metrics)$/, 'for machines'],
];

/** The patterns of all GET routes, read from the route table. */
export function getRoutes() {
  const table = readFileSync(join(root, 'app/pages/routes.c'), 'utf8');
  const named = (word) => readdirSync(join(root, 'app/pages')).filter((f) => f.endsWith('.h'))
    .map((f) => readFileSync(join(root, 'app/pages', f), 'utf8').match(new RegExp(`#define ${word}\\s+"([^"]+)"`)))
    .find(Boolean)?.[1];
  return [...table.matchAll(/\{\s*METHOD_GET,\s*(?:"([^"]+)"|(\w+))/g)].map((m) => m[1] ?? named(m[2]) ?? m[2]);
}

const fits = (pattern, path) =>
  new RegExp(`^${pattern.replace(/[.]/g, '\\.').replace(/\{\w+\}/g, '[^/]+')}$`).test(path);

/** The route of an address. The router takes the first that fits; here the one with the fewest parameters stands first. */
const routeOf = (routes, path) => routes.filter((r) => fits(r, path))
  .sort((a, b) => (a.match(/\{/g) ?? []).length - (b.match(/\{/g) ?? []).length)[0];

// What is said in the lists: [name, who, address or what to do]. $word is one of ids().

const send = (button) => (page) => page.getByRole('button', { name: button, exact: true }).first().click();
const fill = (at, fields, button) => async (page) => {
  await page.goto(base + named(at));
  for (const [label, text] of Object.entries(fields)) await page.getByLabel(label, { exact: true }).fill(text);
  await Promise.all([page.waitForResponse((r) => r.request().method() === 'POST'), send(button)(page)]);
  await page.waitForLoadState();
};
const open = (at, summary) => async (page) => {
  await page.goto(base + named(at));
  for (const more of await page.locator('summary').filter({ hasText: summary }).all()) await more.click();
};
/** The preview that is there, as the worker would leave it on its way. */
const importIs = (what) => async (page) => {
  sql(`UPDATE import_preview SET state = '${what}', asked_at = now(), asked_clients = 48814,
    said = 'The import did not finish, and nothing was added. Select Import to try again.'`);
  await page.goto(`${base}/clients/import/preview`);
};
let known = {};
const named = (at) => at.replace(/\$(\w+)/g, (_, word) => {
  assert(known[word], `there is no ${word} to look at`);
  return known[word];
});

const beforeLogIn = [
  ['login', 'nobody', '/login'],
  ['login-ended', 'nobody', '/login?ended=1'],
  ['login-wrong', 'nobody', fill('/login', { Email: 'nobody@example.com', Password: 'x' }, 'Log in')],
  ['login-empty', 'nobody', fill('/login', { Email: '', Password: '' }, 'Log in')],
  ['forgot', 'nobody', '/password/forgot'],
  ['forgot-wrong', 'nobody', fill('/password/forgot', { Email: 'no address' }, 'Send the link')],
  ['terms', 'nobody', '/terms'],
  ['privacy', 'nobody', '/privacy'],
  ['link-used', 'nobody', '/password/reset/AAAAAAAAAAAAAAAAAAAAAA'],
  ['problem-400', 'nobody', '/login?next=%FF'],
];

const notConnected = [
  ['clients-empty', 'admin', '/clients'],
  ['clients-empty-member', 'member', '/clients'],
  ['menu-open', 'admin', async (page) => { await page.goto(`${base}/terms`); await send('App Bar Menu')(page); }],
  ['tile-not-connected', 'admin', '/settings/integrations'],
  ['tile-member', 'member', '/settings/integrations'],
  ['review-nothing', 'admin', '/settings/integrations/review'],
  ['syncs-empty', 'admin', '/syncs'],
  ['notifications-empty', 'admin', '/notifications'],
  ['profile-no-factor', 'member', '/profile'],
  ['client-new', 'admin', '/clients/new'],
  ['client-new-wrong', 'admin', fill('/clients/new', { 'Contact email': 'x' }, 'Save')],
  ['import', 'admin', '/clients/import'],
  ['import-preview', 'admin', async (page) => {
    await fill('/clients/import', { 'Rows, with the names of the columns first': 'Client Name,First Name,Last Name,Client Email\nAcorn,Ada,Oak,ada@example.com\n,,,x' },
      'Show preview of pasted rows')(page);
    await page.goto(`${base}/clients/import/preview`);
  }],
  ['import-busy', 'admin', importIs('asked')],
  ['import-failed', 'admin', importIs('failed')],
  ['problem-403', 'member', '/settings/team/invite'],
  ['problem-404', 'admin', '/clients/999999999'],
  ['problem-404-elsewhere', 'nobody', '/nothing-here'],
  ['problem-404-inside', 'admin', '/nothing-here'],
];

const mfaSteps = [
  ['mfa-setup', 'admin', '/mfa/setup'],
  ['mfa-setup-passkey', 'admin', '/mfa/setup/passkey'],
  ['mfa-setup-code', 'admin', '/mfa/setup/code'],
  ['mfa-setup-code-wrong', 'admin', fill('/mfa/setup/code', { 'Authentication Code': '000000' },
    'Complete Multi-Factor Authentication Setup')],
  ['mfa-codes', 'admin', async (page) => {
    await page.goto(`${base}/mfa/setup/code`);
    known.key = await page.locator('#mfa-key').innerText();
    await page.getByLabel('Authentication Code').fill(totp(known.key));
    await send('Complete Multi-Factor Authentication Setup')(page);
    await page.getByLabel('I have saved these codes').waitFor();
  }],
];

const challenges = [
  ['mfa-challenge', 'half', '/login/mfa'],
  ['mfa-challenge-wrong', 'half', fill('/login/mfa', { 'Authentication Code': '000000' }, 'Log in')],
  ['mfa-recovery', 'half', '/login/recovery'],
  ['mfa-recovery-wrong', 'half', fill('/login/recovery', { 'Recovery code': 'x' }, 'Log in')],
];

const connected = [
  ['tile-connected', 'admin', open('/settings/integrations', /./)],
  ['tile-imported', 'admin', '/settings/integrations?watch=1'],
  ['tile-connected-member', 'member', '/settings/integrations'],
  ['clients', 'admin', '/clients'],
  ['clients-member', 'member', '/clients'],
  ['clients-search', 'admin', '/clients?q=ltd'],
  ['clients-no-hit', 'admin', '/clients?q=zzzzqqqq'],
  ['clients-archived', 'admin', '/clients?filter=archived'],
  ['client-synced', 'admin', '/clients/$synced'],
  ['client-long-name', 'admin', '/clients/$long'],
  ['client-archived', 'admin', '/clients/$archived'],
  ['client-held', 'admin', '/clients/$held'],
  ['client-by-hand', 'admin', '/clients/$own'],
  ['client-edit', 'admin', '/clients/$own/edit'],
  ['client-edit-wrong', 'admin', fill('/clients/$own/edit', { 'Client name': '' }, 'Save')],
  ['client-delete', 'admin', '/clients/$own/delete'],
  ['clients-deleted', 'admin', '/clients/deleted'],
  ['fix', 'admin', '/fix'],
  ['fix-member', 'member', '/fix'],
  ['fix-one', 'admin', '/fix/$fix'],
  ['problem-409', 'admin', '/clients/$synced/edit'],
  ['as-at', 'admin', '/clients/as-at'],
  ['as-at-day', 'admin', '/clients/as-at?on=$today'],
  ['as-at-wrong', 'admin', '/clients/as-at?on=1999-01-01'],
  ['as-at-client', 'admin', '/clients/$synced/as-at?on=$today'],
  ['syncs', 'admin', open('/syncs', 'Show these as a table')],
  ['syncs-filtered', 'admin', '/syncs?result=failed&changed=1'],
  ['sync-first', 'admin', '/syncs/$first'],
  ['sync-changes', 'admin', '/syncs/$undone'],
  ['sync-problems', 'admin', '/syncs/$problems'],
  ['sync-skipped', 'admin', '/syncs/$problems/skipped'],
  ['sync-failed', 'admin', '/syncs/$failed/failed'],
  ['sync-log', 'admin', '/syncs/$first/log'],
  ['undo-ask', 'admin', '/syncs/$undoable/undo'],
  ['undo-done', 'admin', '/syncs/$undone/undo'],
  ['undo-cannot', 'admin', '/syncs/$first/undo'],
  ['disconnect', 'admin', '/settings/integrations/disconnect'],
  ['review', 'admin', '/settings/integrations/review'],
  ['review-member', 'member', '/settings/integrations/review'],
  ['edits', 'admin', '/settings/integrations/edits'],
  ['match', 'admin', '/settings/integrations/match'],
  ['match-find', 'admin', '/settings/integrations/match/$own'],
  ['rehearse', 'admin', '/settings/integrations/test'],
  ['preview', 'admin', '/settings/integrations/preview'],
  ['why', 'admin', '/clients/$synced/why'],
  ['import-closed', 'admin', '/clients/import'],
];

const people = [
  ['settings', 'admin', '/settings'],
  ['settings-member', 'member', '/settings'],
  ['settings-wrong', 'admin', fill('/settings', { 'Time zone': 'Nowhere/City' }, 'Save')],
  ['team', 'admin', '/settings/team'],
  ['team-member', 'member', '/settings/team'],
  ['invite', 'admin', '/settings/team/invite'],
  ['invite-wrong', 'admin', fill('/settings/team/invite', { Name: '', Email: 'x' }, 'Send invitation')],
  ['member', 'admin', '/settings/team/$member'],
  ['reset-mfa', 'admin', '/settings/team/$member/reset-mfa'],
  ['activity-log', 'admin', '/settings/audit'],
  ['activity-log-checked', 'admin', '/settings/audit?check=1'],
  ['profile', 'admin', '/profile'],
  ['mails', 'admin', '/profile/mails'],
  ['profile-wrong', 'admin', fill('/profile', { Name: '', 'Time zone': 'Nowhere/City' }, 'Save')],
  ['change-password', 'admin', '/profile/password'],
  ['change-password-wrong', 'admin', fill('/profile/password',
    { 'Current password': 'x', 'New password': 'short' }, 'Change password')],
  ['new-codes', 'admin', '/profile/codes'],
  ['new-codes-wrong', 'admin', fill('/profile/codes', { 'Authentication Code': '000000' }, 'Make new codes')],
  ['confirm', 'admin', '/confirm'],
  ['confirm-wrong', 'admin', fill('/confirm', { Password: 'x', 'Authentication Code': '000000' }, 'Continue')],
  ['passkey', 'admin', '/profile/passkeys/$passkey'],
  ['notifications', 'admin', '/notifications'],
  ['help', 'admin', '/help'],
  ['choose-password', 'nobody', '$reset'],
  ['choose-password-wrong', 'nobody', fill('$reset', { 'New password': 'x' }, 'Save password')],
  ['invited', 'nobody', '$invite'],
];

const ruled = [
  ['mfa-notice', 'member', '/mfa/notice'],
];

const afterwards = [
  ['clients-disconnected', 'member', '/clients'],
  ['clients-disconnected-admin', 'admin', '/clients'],
  ['client-editable', 'member', '/clients/$synced'],
  ['tile-disconnected', 'admin', '/settings/integrations'],
];

/** [state, cause] of the connection, as core/connection.h names them. */
const tiles = [
  ['connecting', null], ['first_import', null], ['first_import', 'first_failed'], ['degraded', 'sync_failed'],
  ['degraded', 'limit'], ['live', 'config'], ['held', 'empty'], ['needs_reconnect', 'sign_in'],
  ['needs_reconnect', 'permission'], ['disconnecting', null], ['not_connected', 'cancelled'],
  ['not_connected', 'removed_in_xero'], ['not_connected', 'no_practice'], ['not_connected', 'practice_taken'],
];

const staticErrors = readdirSync(join(root, 'static/errors'));

/** Walks; `look` is called as look(page, name) at every stop. Throws at the end with all that was found. */
export async function walk(browser, look, step) {
  const who = {};
  for (const name of ['nobody', 'half', 'admin', 'member']) who[name] = await person(browser);
  const routes = getRoutes();
  const seen = new Set();

  const stop = (name, page, go) => step(`${name}`, async () => {
    page.on('response', note);
    await (typeof go === 'function' ? go(page) : page.goto(base + named(go)));
    page.off('response', note);
    await look(page, name);
  });
  // Only what came as a page counts, and under the address that it has.
  function note(r) {
    if (r.request().resourceType() === 'document' && r.status() === 200 &&
      /^text\/html/.test(r.headers()['content-type'] ?? '')) seen.add(routeOf(routes, new URL(r.url()).pathname));
  }
  const all = async (list) => {
    fresh();
    known = { ...known, ...ids() };
    for (const [name, as, go] of list) await stop(name, who[as], go);
  };

  await all(beforeLogIn);
  for (const file of staticErrors)
    await stop(`static-${file.replace('.html', '')}`, who.nobody, async (page) => {
      await page.route(`${base}/an-error`, (route) =>
        route.fulfill({ contentType: 'text/html', body: readFileSync(join(root, 'static/errors', file), 'utf8') }));
      await page.goto(`${base}/an-error`);
      await page.unroute(`${base}/an-error`);
    });
  await logIn(who.admin, demo.admin);
  await who.admin.getByRole('heading', { name: 'Clients', exact: true }).waitFor();
  await logIn(who.member, demo.member);
  await who.member.getByRole('heading', { name: 'Clients', exact: true }).waitFor();
  await all(notConnected);

  await step('a practice is connected', async () => {
    await who.admin.goto(`${base}/settings/integrations`);
    await who.admin.getByRole('button', { name: 'Connect', exact: true }).click();
    await who.admin.getByRole('heading', { name: 'Set up Multi-Factor Authentication' }).waitFor();
  });
  await all(mfaSteps);
  await step('the practice is imported, changes, fails, and asks for a decision', async () => {
    await who.admin.getByLabel('I have saved these codes').check();
    await who.admin.getByRole('button', { name: 'Continue' }).click();
    await allowAccess(who.admin);
    await who.admin.getByText('All clients have been imported from XPM.').waitFor({ timeout: 60000 });
    sql('UPDATE organisation SET mfa_required_at = NULL');
    await setSandbox({ day: '2' });
    await syncOnce(who.admin);
    await who.admin.goto(`${base}/syncs/${ids().undoable}/undo`);
    await who.admin.getByRole('button', { name: 'Undo this sync' }).click();
    await who.admin.getByRole('heading', { name: 'This sync has been undone' }).waitFor();
    await setSandbox({ day: '3' });
    await syncOnce(who.admin);
    await setSandbox({ fault: '404', for: 'list', times: 'always' });
    await syncOnce(who.admin);
    await setSandbox({ clear: 'all' });
    await setSandbox({ edit: 'archive', client: '#50', count: '15%' });
    await syncOnce(who.admin);
    await logIn(who.half, demo.admin);
    await who.half.getByRole('heading', { name: 'Enter MFA code' }).waitFor();
  });
  await all(challenges);
  await step('things by hand, notices, a passkey and two letters', async () => {
    sql(readFileSync(join(root, 'tests/e2e/walk.sql'), 'utf8'));
    known = { ...known, ...await mailed(who.admin) };
  });
  await all(connected);
  await all(people);
  for (const [name, cause] of tiles)
    await stop(`tile-${name}-${cause ?? 'plain'}`.replace(/_/g, '-'), who.admin, async (page) => {
      sql(`UPDATE connection SET state = '${name}', cause = ${cause ? `'${cause}'` : 'NULL'}, cause_at = now()`);
      await page.goto(`${base}/settings/integrations`);
    });
  await stop('tile-choosing', who.admin, async (page) => {
    twoPractices();
    await page.goto(`${base}/settings/integrations`);
    await page.getByRole('button', { name: 'Use this practice' }).waitFor();
  });
  sql('DELETE FROM passkey; UPDATE organisation SET mfa_required_at = now(), active_tenant = NULL');
  await all(ruled);
  sql('UPDATE organisation SET mfa_required_at = NULL');
  sql("UPDATE connection SET state = 'not_connected', cause = 'removed_in_xero', cause_at = now()");
  await all(afterwards);

  await step('every route that yields a page was visited', async () => {
    const missing = routes.filter((r) => !seen.has(r) && !notPages.some(([pattern]) => pattern.test(r)));
    assert(routes.length > 20 && missing.length === 0,
      `no line of tests/e2e/walk.mjs visits GET ${missing.join(', GET ')}`);
    const idle = notPages.filter(([pattern]) => !routes.some((r) => pattern.test(r)));
    assert(idle.length === 0, `no route fits ${idle}`);
  });
  await step('no page reported a script error, a CSP breach or a foreign request', async () => {
    for (const [name, page] of Object.entries(who)) assert(page.troubles.length === 0, `${name}: ${page.troubles.join('\n')}`);
  });
}
