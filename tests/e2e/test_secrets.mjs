// ASVS 10.1.1, 13.3, 14.2, 16.2.5, 1.2.1: every secret of every flow, kept as it appears, is afterwards
// found nowhere that it has no business; and two hundred hostile names do nothing in a real browser.
import { createDecipheriv, createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import {
  allowAccess, assert, base, demo, finish, logIn, openBrowser, person, sandbox, setUpMfa, state, step, totp,
} from './site.mjs';

const browser = await openBrowser();
const admin = await person(browser);
const guest = await person(browser);
const nina = { email: 'nina@harbourvale.example', password: 'forty brass lanterns' };
const reset = 'sixty tin whistles';
const run = (() => {
  try { return readFileSync(join(state, 'run.path'), 'utf8').trim(); } catch { return join(state, 'run'); }
})();
const sql = (text) => execFileSync('psql', ['-qAtX', '-d', `postgresql:///gap?host=${run}&user=postgres`, '-c', text], { encoding: 'utf8' }).trim();

// name -> text: what must not be found. Values of fewer than eight signs would be found by chance.
const secrets = new Map();
const keep = (name, text) => {
  assert(text && text.length >= 8, `${name} is no secret: ${text}`);
  secrets.set(name, text);
};
const seen = []; // { what, text }: every address and page that a browser had of the site itself
for (const page of [admin, guest]) {
  page.on('request', (r) => {
    if (!r.url().startsWith(base)) return;
    const url = new URL(r.url());
    if (url.pathname === '/oauth/xero/callback') keep('the code', url.searchParams.get('code'));
    else seen.push({ what: `address ${url.pathname}`, text: r.url() });
  });
  page.on('response', async (r) => {
    if (!r.url().startsWith(base) || !/html|json|csv/.test(r.headers()['content-type'] ?? '')) return;
    try { seen.push({ what: `page ${new URL(r.url()).pathname}`, text: await r.text() }); } catch { /* gone with its page */ }
  });
}
let cookies = 0;
async function keepCookie(page) {
  const [cookie] = (await page.context().cookies(base)).filter((c) => c.name.startsWith('__Host-gap'));
  if (cookie && ![...secrets.values()].includes(cookie.value)) keep(`session ${cookies += 1}`, cookie.value);
}
const press = (page, name) => page.getByRole('button', { name, exact: true }).click();
async function mail(email, subject) {
  for (let i = 0; i < 150; i += 1) {
    for (const file of readdirSync(join(state, 'mail')).filter((f) => f.endsWith('.eml'))) {
      const text = readFileSync(join(state, 'mail', file), 'utf8');
      if (text.includes(`To: <${email}>`) && text.includes(`Subject: ${subject}`)) return { file, text };
    }
    await new Promise((done) => { setTimeout(done, 100); });
  }
  throw new Error(`no mail "${subject}" to ${email}`);
}
const ownMail = new Map(); // token's name -> the one file that may hold it
async function keepLink(name, email, subject, path) {
  const found = await mail(email, subject);
  const token = found.text.match(new RegExp(`${path}([\\w-]{22})`))[1];
  keep(name, token);
  ownMail.set(name, found.file);
  return `${base}${path}${token}`;
}

/** codec/seal.h, read by somebody else: version, key id, nonce, text, tag; bound to its row. */
function unseal(hex, keyFile, row) {
  const box = Buffer.from(hex, 'hex');
  const keys = new Map(readFileSync(join(state, 'keys', keyFile), 'utf8').trim().split('\n').map((l) => l.split(' ')));
  const cipher = createDecipheriv('aes-256-gcm', Buffer.from(keys.get(String(box.readUInt32BE(1))), 'hex'), box.subarray(5, 17));
  cipher.setAAD(Buffer.from(row)).setAuthTag(box.subarray(-16));
  return Buffer.concat([cipher.update(box.subarray(17, -16)), cipher.final()]).toString();
}

await step('v14_2_1 the main job, an invitation and a reset, with every secret kept', async () => {
  keep('the admin\'s password', demo.admin.password);
  keep('the member\'s password', demo.member.password);
  keep('the invited password', nina.password);
  keep('the reset password', reset);
  keep('the password at Xero', demo.xero.password);
  keep('the client secret', readFileSync(join(state, 'keys', 'client_secret'), 'utf8').trim());
  for (const name of ['tokens', 'totp']) {
    for (const line of readFileSync(join(state, 'keys', `${name}.key`), 'utf8').trim().split('\n')) keep(`key ${name}`, line.split(' ')[1]);
  }
  keep('a wrong password', 'eleven broken umbrellas');
  await logIn(admin, { email: demo.admin.email, password: 'eleven broken umbrellas' });
  await admin.getByRole('alert').waitFor();
  await logIn(admin, demo.admin);
  await admin.getByRole('heading', { name: 'Clients', exact: true }).waitFor();
  await keepCookie(admin);
  await admin.goto(`${base}/settings/integrations`);
  await press(admin, 'Connect');
  const { key, codes } = await setUpMfa(admin);
  keep('the TOTP secret', key.replace(/\s/g, ''));
  keep('the TOTP secret as shown', key);
  codes.forEach((code, i) => keep(`recovery code ${i}`, code));
  admin.totp = key;
  await admin.getByLabel('Email address').waitFor();
  keep('the PKCE verifier', sql('SELECT verifier FROM gap.oauth_attempt ORDER BY attempt_id DESC LIMIT 1'));
  keep('the state', new URL(admin.url()).searchParams.get('state') ?? sql('SELECT verifier FROM gap.oauth_attempt LIMIT 1'));
  await allowAccess(admin);
  await admin.getByRole('status').filter({ hasText: 'All clients have been imported from XPM' }).waitFor({ timeout: 60000 });
  await keepCookie(admin);
  assert(secrets.has('the code'), 'no code came back');
  const [hex, user] = sql('SELECT encode(sealed, \'hex\') || \' \' || xero_userid FROM gap.xero_grant').split(' ');
  const tokens = JSON.parse(unseal(hex, 'tokens.key', `xero_grant:tokens:${user}`));
  keep('the access token', tokens.access);
  keep('the refresh token', tokens.refresh);
});

await step('v14_2_1 the invited, who forgets her password', async () => {
  await admin.goto(`${base}/settings/team/invite`);
  await admin.getByLabel('Name').fill('Nina Newcomer');
  await admin.getByLabel('Email').fill(nina.email);
  await admin.getByLabel('Role').selectOption('Member');
  await press(admin, 'Send invitation');
  await guest.goto(await keepLink('the invitation', nina.email, 'You are invited to The Gap', '/invite/'));
  await guest.getByLabel('New password').fill(nina.password);
  await press(guest, 'Save password');
  await guest.getByText('Your password is saved.').waitFor();
  await guest.goto(`${base}/password/forgot`);
  await guest.getByLabel('Email').fill(nina.email);
  await press(guest, 'Send the link');
  await guest.goto(await keepLink('the reset', nina.email, 'Set your password', '/password/reset/'));
  await guest.getByLabel('New password').fill(reset);
  await press(guest, 'Save password');
  await guest.getByText('Your password is saved.').waitFor();
  await logIn(guest, { email: nina.email, password: reset });
  await keepCookie(guest);
  await guest.getByRole('link', { name: 'Set up now' }).click();
  const mine = await setUpMfa(guest);
  keep('her TOTP secret', mine.key.replace(/\s/g, ''));
  keep('her recovery code', mine.codes[0]);
  await keepCookie(guest);
  keep('her CSRF token', await guest.locator('input[name=csrf]').first().inputValue());
  await press(guest, 'App Bar Menu');
  await press(guest, 'Log out');
  await logIn(guest, { email: nina.email, password: reset });
  await guest.getByLabel('Authentication Code').fill(totp(mine.key, 1));
  await press(guest, 'Log in');
  await guest.getByRole('heading', { name: 'Clients', exact: true }).waitFor();
  await keepCookie(guest);
});

/** The names of the secrets in a text: as they are, as hex, in base64. */
function found(text) {
  const hits = [];
  for (const [name, secret] of secrets) {
    const bytes = Buffer.from(secret);
    for (const form of [secret, bytes.toString('hex'), bytes.toString('base64').replace(/=+$/, ''), encodeURIComponent(secret)]) {
      if (text.includes(form)) { hits.push(name); break; }
    }
  }
  return hits;
}
const none = (hits, where) => assert(hits.length === 0, `${hits.join(', ')} in ${where}`);
const filesBelow = (folder) => readdirSync(folder, { withFileTypes: true })
  .flatMap((f) => (f.isDirectory() ? filesBelow(join(folder, f.name)) : f.isFile() ? [join(folder, f.name)] : []));

await step('v14_2_1 the search finds what is there', async () => {
  assert(secrets.size >= 28, `${secrets.size} secrets`);
  assert(found(`x${nina.password}y`).length === 1, 'a plain one is not found');
  assert(found(Buffer.from(secrets.get('the client secret')).toString('hex')).length === 1, 'a hex one is not found');
  assert(found(readFileSync(join(state, 'keys', 'tokens.key'), 'utf8')).includes('key tokens'), 'a key is not found in its file');
});

await step('v16_2_5 no log holds a secret', async () => {
  const logs = [...filesBelow(join(state, 'log')), ...filesBelow(join(state, 'nginx')).filter((f) => f.endsWith('.log'))];
  assert(logs.length >= 4, logs.join(' '));
  for (const file of logs) none(found(readFileSync(file, 'utf8')), file);
});

await step('v14_2_1 no address and no page holds one, but where it is shown once', async () => {
  const shownOnce = { '/mfa/setup': /TOTP secret/, '/mfa/setup/code': /TOTP secret|recovery code/, '/mfa/setup/done': /recovery code/ };
  assert(seen.length > 30, `${seen.length} pages and addresses`);
  for (const { what, text } of seen) {
    const path = what.split(' ')[1];
    const hits = found(text).filter((name) => !(shownOnce[path]?.test(name)) && !/CSRF/.test(name)
      && !(name === 'the invitation' && path.startsWith('/invite/')) && !(name === 'the reset' && path.startsWith('/password/reset/')));
    none(hits, what);
  }
});

await step('v11_3_1 the database has hashes and sealed boxes alone', async () => {
  const dump = execFileSync('pg_dump', ['-n', 'gap', '-d', `postgresql:///gap?host=${run}&user=postgres`], { encoding: 'utf8', maxBuffer: 1 << 28 });
  assert(dump.includes(nina.email) && dump.includes('$argon2id$'), 'the dump is empty');
  assert(dump.includes(createHash('sha256').update(Buffer.from(secrets.get('session 1'), 'base64url')).digest('hex'))
    || dump.includes('token_hash'), 'sessions are not in the dump');
  none(found(dump), 'the dump');
});

await step('v6_4_1 no mail holds one, but the link in its own', async () => {
  for (const file of readdirSync(join(state, 'mail')))
    none(found(readFileSync(join(state, 'mail', file), 'utf8')).filter((name) => ownMail.get(name) !== file), file);
});

await step('v13_3_1 no process was told one by its words or its environment, and none leaves a core', async () => {
  const ours = readdirSync('/proc').filter((pid) => /^\d+$/.test(pid)).filter((pid) => {
    try { return readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`GAP_STATE_DIR=${state}\0`); } catch { return false; }
  }).filter((pid) => !['node', 'chromium', 'bash'].some((n) => { try { return readlinkSync(`/proc/${pid}/exe`).includes(n); } catch { return true; } }));
  const names = new Set();
  for (const pid of ours) {
    const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    none(found(words), `the words of ${words}`);
    none(found(readFileSync(`/proc/${pid}/environ`, 'utf8')), `the environment of ${words}`);
    names.add(words.split('\0')[0].split('/').pop().replace(/:.*/, ''));
    assert(/Max core file size\s+0\s/.test(readFileSync(`/proc/${pid}/limits`, 'utf8')), `${words} may leave a core`);
  }
  if (process.getuid() === 0) for (const name of ['gap-web', 'gap-worker']) assert(names.has(name), `${name} was not looked at: ${[...names]}`);
});

await step('v14_3_3 the browser keeps nothing but the session cookie', async () => {
  for (const page of [admin, guest]) {
    await page.goto(`${base}/clients`);
    const kept = await page.evaluate(async () => [localStorage.length, sessionStorage.length, (await indexedDB.databases()).length,
      (await caches.keys()).length, document.cookie, (await navigator.serviceWorker.getRegistrations()).length].join());
    assert(kept === '0,0,0,0,,0', kept);
    const mine = (await page.context().cookies(base)).map((c) => c.name);
    assert(mine.length === 1 && mine[0].startsWith('__Host-gap'), mine.join(' '));
  }
});

await step('v1_2_1 two hundred hostile names come through a sync and do nothing', async () => {
  const names = readFileSync('tests/data/hostile_names.txt', 'utf8').trim().split('\n');
  let dialogs = 0;
  admin.on('dialog', (d) => { dialogs += 1; return d.dismiss(); });
  const quoted = names.map((n) => `'${n.replaceAll('\'', '\'\'')}'`).join(',');
  sql(`UPDATE sandbox.client c SET name = x.name, modified_at = now() FROM (SELECT tenant_no, seq, (ARRAY[${quoted}])[row_number() OVER (ORDER BY seq)] AS name
    FROM sandbox.client WHERE tenant_no = 1) x WHERE x.tenant_no = c.tenant_no AND x.seq = c.seq AND x.name IS NOT NULL`);
  sql('UPDATE gap.connection SET manual_ended_at = NULL');
  const before = admin.troubles.length;
  await admin.goto(`${base}/clients`);
  await press(admin, 'Update Xero Clients');
  await admin.getByText('Sync complete').waitFor({ timeout: 60000 });
  const stored = new Set(sql('SELECT string_agg(name, E\'\\n\') FROM gap.client').split('\n'));
  const arrived = names.filter((n) => stored.has(n.trim()));
  assert(arrived.length >= 150, `${arrived.length} of the names arrived`);
  const shown = new Set();
  for (let url = `${base}/clients`; url;) {
    await admin.goto(url);
    for (const text of await admin.locator('tbody tr th a').allTextContents()) shown.add(text);
    const next = admin.getByRole('link', { name: 'Next', exact: true });
    url = (await next.count()) ? new URL(await next.getAttribute('href'), base).href : null;
  }
  const live = new Set(sql('SELECT string_agg(name, E\'\\n\') FROM gap.client WHERE archived_at IS NULL').split('\n'));
  for (const name of arrived.filter((n) => live.has(n.trim()))) assert(shown.has(name.trim()), `the list does not show ${JSON.stringify(name)}`);
  const ids = sql(`SELECT string_agg(client_id::text, ' ') FROM gap.client WHERE name LIKE '%alert(1)%' OR name LIKE '%7*7%'`).split(' ');
  assert(ids.length >= 60, `${ids.length} clients to look at`);
  for (const id of ids.filter((_, i) => i % 4 === 0)) {
    await admin.goto(`${base}/clients/${id}`);
    const name = sql(`SELECT name FROM gap.client WHERE client_id = ${id}`);
    assert((await admin.locator('h1').first().textContent()).includes(name), `${id} does not show ${name}`);
    assert((await admin.title()).includes(name.replace(/\s+/g, ' ')), `the title of ${id} is ${await admin.title()}`);
  }
  assert(dialogs === 0, `${dialogs} dialogs`);
  assert(admin.troubles.length === before, admin.troubles.slice(before).join('\n'));
});

await step('no page reported a script error, a CSP breach or a foreign request', async () => {
  assert(sandbox && admin.troubles.length + guest.troubles.length === 0, [...admin.troubles, ...guest.troubles].join('\n'));
});

await browser.close();
finish();
