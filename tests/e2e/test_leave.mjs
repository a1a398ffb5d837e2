// Leaving and coming back: the impact sheet with each choice, edits listed at a reconnect, a standby that takes
// over, handing over, and why a client differs.
import {
  allowAccess, assert, base, demo, finish, logIn, openBrowser, person, setSandbox, setUpMfa, shoot, step, totp,
} from './site.mjs';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const browser = await openBrowser();
const admin = await person(browser);
const member = await person(browser);
const tile = `${base}/settings/integrations`;
let memberMfa;

/** "Confirm it is you" stands before Disconnect when the last code is old; here it never is. */
async function disconnect(choice, shot) {
  await admin.goto(`${tile}/disconnect`);
  await admin.getByRole('heading', { name: 'Disconnect Xero Practice Manager?' }).waitFor();
  if (choice) await admin.getByLabel(choice).check();
  if (shot) await shoot(admin, shot);
  await admin.getByRole('button', { name: 'Disconnect' }).click();
  await admin.getByText('Not connected', { exact: true }).waitFor();
  await admin.getByRole('button', { name: 'Connect', exact: true }).waitFor();
}

async function connect(who = admin) {
  await who.goto(tile);
  await who.getByRole('button', { name: /^(Connect|Reconnect)$/ }).click();
  await allowAccess(who);
}

await step('connected by an admin, beside a member', async () => {
  await logIn(admin, demo.admin);
  await admin.goto(tile);
  await admin.getByRole('button', { name: 'Connect', exact: true }).click();
  await setUpMfa(admin);
  await allowAccess(admin);
  await admin.getByRole('status').filter({ hasText: 'All clients have been imported from XPM' }).waitFor({ timeout: 60000 });
  await logIn(member, demo.member);
  await member.getByRole('link', { name: 'Set up now' }).or(member.getByRole('button', { name: 'Set up now' })).click();
  memberMfa = await setUpMfa(member);
});

await step('why does this differ: no difference, then a change in XPM', async () => {
  await member.goto(`${base}/clients`);
  const first = member.locator('tbody tr th a').first();
  const name = await first.innerText();
  await first.click();
  await shoot(member, 'client-with-why');
  await member.getByRole('button', { name: 'Why does this differ from XPM?' }).click();
  await member.getByRole('heading', { name: 'No difference' }).or(member.getByText('by a rule of The Gap')).first().waitFor({ timeout: 20000 });
  await shoot(member, 'why-answer');
  await setSandbox({ edit: 'rename', client: name, value: 'Renamed in XPM' });
  await member.goto(`${base}/clients`);
  await member.locator('tbody tr th a').nth(1).click();
  const second = await member.getByRole('heading', { level: 1 }).innerText();
  await setSandbox({ edit: 'rename', client: second, value: 'Second renamed' });
  await setSandbox({ latency_ms: '2500' });
  await member.getByRole('button', { name: 'Why does this differ from XPM?' }).click();
  await member.getByText('Asking Xero…').waitFor();
  await shoot(member, 'why-asking');
  await member.getByText('Second renamed').waitFor({ timeout: 30000 });
  await member.getByText('Changed in XPM since the last sync.').waitFor();
  await shoot(member, 'why-changed');
  await setSandbox({ latency_ms: '0' });
});

await step('the impact sheet, and records kept read only until an admin makes them editable', async () => {
  await disconnect('Keep read only', 'disconnect-sheet');
  await admin.getByText('are kept read only').waitFor();
  await shoot(admin, 'left-read-only');
  await admin.goto(`${base}/clients`);
  await admin.getByText("You've been disconnected from XPM").waitFor();
  await admin.locator('tbody tr th a').first().click();
  await admin.getByText('was kept read only').waitFor();
  assert((await admin.getByRole('link', { name: 'Edit' }).count()) === 0, 'a read-only client has Edit');
  await shoot(admin, 'client-read-only');
  await admin.goto(tile);
  await admin.getByRole('button', { name: 'Make editable' }).click();
  await admin.getByRole('status').filter({ hasText: 'become editable' }).waitFor();
  await admin.goto(`${base}/clients`);
  await admin.locator('tbody tr th a').first().click();
  await admin.getByRole('link', { name: 'Edit' }).waitFor();
});

await step('edits made meanwhile are listed before a reconnect replaces them', async () => {
  const name = await admin.getByRole('heading', { level: 1 }).innerText();
  await admin.getByRole('link', { name: 'Edit' }).click();
  await admin.getByLabel('Client name').fill('Edited by hand');
  await admin.getByRole('button', { name: 'Save' }).click();
  await admin.getByRole('heading', { level: 1, name: 'Edited by hand' }).waitFor();
  await connect();
  await admin.getByRole('link', { name: 'Review changes' }).waitFor({ timeout: 60000 });
  await shoot(admin, 'reconnect-held');
  await admin.getByRole('link', { name: 'Review changes' }).click();
  await admin.getByRole('heading', { name: 'Edits made while disconnected' }).waitFor();
  await admin.getByText('Edited by hand').first().waitFor();
  await shoot(admin, 'reconnect-edits');
  await admin.getByRole('button', { name: "Replace with XPM's" }).click();
  await admin.getByText('Connected', { exact: true }).waitFor({ timeout: 60000 });
  await admin.goto(`${base}/clients?q=Edited`);
  await admin.getByText('No clients match').waitFor();
  assert(name !== 'Edited by hand', name);
});

await step('removal in 30 days: said to everyone, cancelled by an admin', async () => {
  await disconnect('Remove in 30 days');
  await admin.getByRole('note').filter({ hasText: 'will be removed on' }).waitFor();
  await shoot(admin, 'left-removal');
  await member.goto(`${base}/clients`);
  await member.getByText('will be removed on').waitFor();
  assert((await member.getByRole('button', { name: 'Cancel the removal' }).count()) === 0, 'a member may cancel');
  await shoot(member, 'banner-removal');
  await admin.goto(`${base}/clients`);
  await admin.getByRole('button', { name: 'Cancel the removal' }).click();
  await admin.getByRole('status').filter({ hasText: 'The removal is cancelled' }).waitFor();
});

await step('kept and editable, by default; the same practice comes back without a question', async () => {
  await connect();
  await admin.getByText('Connected', { exact: true }).waitFor({ timeout: 60000 });
  await disconnect();
  await admin.goto(`${base}/clients`);
  await admin.getByRole('button', { name: 'Add clients' }).waitFor();
  await connect();
  await admin.getByText('Connected', { exact: true }).waitFor({ timeout: 60000 });
});

await step('a standby needs another Xero log-in; who connected leaves, and another admin takes it over', async () => {
  await admin.goto(`${base}/settings/team`);
  await admin.getByRole('link', { name: demo.member.name ?? 'Vincent Vale' }).first().click();
  await admin.getByLabel('Role').selectOption({ label: 'Admin' });
  await admin.getByRole('button', { name: /role/i }).first().click();
  await admin.getByRole('status').filter({ hasText: 'is an admin now' }).waitFor();
  await logIn(member, demo.member);
  await member.getByLabel('Authentication Code').fill(totp(memberMfa.key, 1));
  await member.getByRole('button', { name: 'Log in' }).click();
  await member.goto(tile);
  await shoot(member, 'tile-add-standby');
  await member.getByRole('button', { name: 'Add a standby' }).click();
  await allowAccess(member);
  await member.getByText('A standby needs another Xero log-in').waitFor({ timeout: 30000 });
  await shoot(member, 'tile-standby-refused');
  await member.goto(`${base}/settings/team`);
  await member.getByRole('link', { name: demo.admin.name ?? 'Holly Harbour' }).first().click();
  await member.getByLabel('Role').selectOption({ label: 'Member' });
  await member.getByRole('button', { name: /role/i }).first().click();
  await member.getByRole('status').filter({ hasText: 'is a member now' }).waitFor();
  await member.goto(tile);
  await member.getByText('Choose a new connector').waitFor();
  await shoot(member, 'tile-hand-over');
  await member.getByRole('button', { name: 'Hand over' }).click();
  await allowAccess(member);
  await member.getByText('Connected', { exact: true }).waitFor({ timeout: 60000 });
  await member.getByText('by Vincent Vale').waitFor();
});

await browser.close();
finish();
