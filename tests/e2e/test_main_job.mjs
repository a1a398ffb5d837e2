// The main job, end to end, as two people: the seven steps and the four notes.
import {
  allowAccess, assert, base, demo, finish, logIn, openBrowser, person, setUpMfa, shoot, step, totp,
} from './site.mjs';

const browser = await openBrowser();
const admin = await person(browser);
const member = await person(browser);
let adminMfa;

await step('wrong passwords and unknown people get the same answer', async () => {
  await logIn(admin, { email: demo.admin.email, password: 'not the password' });
  const wrong = await admin.getByRole('alert').innerText();
  await logIn(admin, { email: 'nobody@example.com', password: 'not the password' });
  assert((await admin.getByRole('alert').innerText()) === wrong, 'the answers differ');
  await shoot(admin, 'login-wrong');
});

await step('an admin logs in; while nothing is connected the button says Add clients', async () => {
  await logIn(admin, demo.admin);
  await admin.getByRole('heading', { name: 'Clients', exact: true }).waitFor();
  await admin.getByRole('button', { name: 'Add clients' }).waitFor();
  assert((await admin.getByRole('button', { name: 'Update Xero Clients' }).count()) === 0, 'both buttons');
  await shoot(admin, 'clients-empty');
});

await step('a member is told that only admins manage the connection', async () => {
  await logIn(member, demo.member);
  await member.goto(`${base}/settings/integrations`);
  await member.getByText('Only admins can manage this connection').waitFor();
  assert((await member.getByRole('button', { name: 'Connect' }).count()) === 0, 'a member may connect');
  await shoot(member, 'integrations-member');
});

await step('steps 1 and 2: App Bar Menu, Org Settings, Integrations', async () => {
  await admin.getByRole('button', { name: 'App Bar Menu' }).click();
  await shoot(admin, 'app-bar-menu');
  await admin.getByRole('button', { name: 'App Bar Menu' }).click();
  await admin.keyboard.press('Escape');
  await admin.getByRole('button', { name: 'App Bar Menu' }).click();
  await admin.getByRole('link', { name: 'Org Settings' }).click();
  await admin.getByRole('link', { name: 'Integrations' }).click();
  await admin.getByText('Xero Practice Manager', { exact: true }).waitFor();
  await admin.getByText('Not connected', { exact: true }).waitFor();
  await admin.getByText('Connect third-party add-ons').waitFor();
  await admin.getByText('1 other member will be asked').waitFor();
  await shoot(admin, 'integrations-not-connected');
});

await step('steps 3 and 4: Connect leads to Multi-Factor Authentication, with codes from the key', async () => {
  await admin.getByRole('button', { name: 'Connect', exact: true }).click();
  await admin.getByRole('heading', { name: 'Set up Multi-Factor Authentication' }).waitFor();
  adminMfa = await setUpMfa(admin, 'mfa-setup');
});

await step('steps 5 and 6: Xero login and Allow access', async () => {
  await allowAccess(admin, 'xero');
});

await step('step 7: back on Integrations, Connected, and the success bar', async () => {
  const bar = admin.getByRole('status').filter({ hasText: 'All clients have been imported from XPM' });
  await bar.waitFor({ timeout: 60000 });
  const text = await bar.innerText();
  assert(/[1-9][\d,]* clients, [1-9][\d,]* contacts/.test(text), `the bar counts: ${text}`);
  assert(new URL(admin.url()).pathname === '/settings/integrations', admin.url());
  assert(!admin.url().includes('code='), 'the code is in the address');
  await admin.getByText('Connected', { exact: true }).waitFor();
  await admin.getByRole('button', { name: 'Disconnect' }).waitFor();
  await admin.getByText('Next sync').waitFor();
  await shoot(admin, 'integrations-connected');
});

await step('clients are there, view only, and the button says Update Xero Clients', async () => {
  await admin.getByRole('link', { name: 'Clients', exact: true }).click();
  await admin.getByRole('button', { name: 'Update Xero Clients' }).waitFor();
  assert((await admin.getByRole('button', { name: 'Add clients' }).count()) === 0, 'Add clients is still there');
  const rows = await admin.locator('tbody tr').count();
  assert(rows === 50, `${rows} rows on the first page`);
  await admin.getByText('Records are view only').waitFor();
  await shoot(admin, 'clients');
  await admin.getByRole('link', { name: 'Next', exact: true }).click();
  await admin.getByRole('link', { name: 'Previous', exact: true }).waitFor();
});

await step('a client is view only: no control, and a crafted POST is refused', async () => {
  await admin.goto(`${base}/clients`);
  await admin.locator('tbody tr a').first().click();
  await admin.getByText('View only', { exact: true }).waitFor();
  for (const name of ['Edit', 'Archive', 'Save', 'Delete'])
    assert((await admin.getByRole('button', { name, exact: true }).count()) +
      (await admin.getByRole('link', { name, exact: true }).count()) === 0, `${name} is offered`);
  await shoot(admin, 'client');
  const id = new URL(admin.url()).pathname.split('/').pop();
  const csrf = await admin.locator('input[name=csrf]').first().inputValue();
  const answer = await admin.request.post(`${base}/clients/${id}/edit`, {
    form: { csrf, name: 'Changed by hand', status: 'client' },
    headers: { Origin: base },
  });
  assert(answer.status() === 409, `status ${answer.status()}`);
  assert(/view only/i.test(await answer.text()), 'no reason is given');
});

await step('search finds by name, contact and email', async () => {
  await admin.goto(`${base}/clients`);
  const name = (await admin.locator('tbody tr th a').nth(3).innerText()).trim();
  await admin.goto(`${base}/clients?q=${encodeURIComponent(name.slice(0, 12))}`);
  assert((await admin.locator('tbody tr').count()) >= 1, `nothing found for ${name}`);
  await admin.goto(`${base}/clients?q=zzzzqqqq`);
  await admin.getByRole('heading', { name: 'No clients match' }).waitFor();
  await shoot(admin, 'clients-no-hit');
});

await step('filters: No Primary Contact, Archived', async () => {
  await admin.goto(`${base}/clients`);
  await admin.getByRole('link', { name: 'No Primary Contact' }).click();
  await admin.locator('tbody').getByText('No Primary Contact').first().waitFor();
  await admin.getByRole('link', { name: 'Archived', exact: true }).click();
  assert((await admin.locator('tbody tr').count()) >= 1, 'no archived client');
  await shoot(admin, 'clients-archived');
});

await step('Update Xero Clients: started, complete, then a cool-down', async () => {
  await admin.goto(`${base}/clients`);
  await admin.getByRole('button', { name: 'Update Xero Clients' }).click();
  await admin.getByText(/Sync started|Sync complete/).first().waitFor();
  await admin.getByText('Sync complete').waitFor({ timeout: 30000 });
  await shoot(admin, 'clients-updated');
  await admin.goto(`${base}/clients`);
  await admin.getByRole('button', { name: 'Update Xero Clients' }).click();
  await admin.getByText(/Available in \d:\d\d/).first().waitFor();
});

await step('sync history shows both runs', async () => {
  await admin.getByRole('link', { name: 'Sync history' }).first().click();
  await admin.locator('td').getByText('First import').first().waitFor();
  await admin.locator('td').getByText('Manual').first().waitFor();
  await shoot(admin, 'syncs');
  await admin.locator('tbody tr a').last().click();
  await admin.getByText('Prospects left out').waitFor();
  await shoot(admin, 'sync');
});

await step('the other user meets the notice, in the open session and at the next log-in', async () => {
  await member.goto(`${base}/clients`);
  await member.getByText('Set up Multi-Factor Authentication to continue').waitFor();
  await shoot(member, 'mfa-notice');
  await member.getByRole('button', { name: 'Log out' }).click();
  await logIn(member, demo.member);
  await member.getByText('Set up Multi-Factor Authentication to continue').waitFor();
  await member.goto(`${base}/clients`);
  assert(new URL(member.url()).pathname === '/mfa/notice', `client pages are open: ${member.url()}`);
  await member.getByRole('link', { name: 'Set up now' }).click();
  await setUpMfa(member);
  await member.getByRole('heading', { name: 'Clients', exact: true }).waitFor();
});

await step('logging in again asks for the code, and a code works once', async () => {
  await admin.getByRole('button', { name: 'App Bar Menu' }).click();
  await admin.getByRole('button', { name: 'Log out' }).click();
  await logIn(admin, demo.admin);
  await admin.getByRole('heading', { name: 'Enter MFA code' }).waitFor();
  await shoot(admin, 'mfa-challenge');
  await admin.goto(`${base}/clients`);
  assert(new URL(admin.url()).pathname === '/login/mfa', 'a half session got further');
  await admin.getByLabel('Authentication Code').fill('000000');
  await admin.getByRole('button', { name: 'Log in' }).click();
  await admin.getByText('That code is not right').waitFor();
  await admin.getByLabel('Authentication Code').fill(totp(adminMfa.key, 1));
  await admin.getByRole('button', { name: 'Log in' }).click();
  await admin.getByRole('heading', { name: 'Clients', exact: true }).waitFor();
});

await step('other pages', async () => {
  for (const [path, name] of [['/settings', 'settings'], ['/settings/team', 'team'], ['/profile', 'profile'],
    ['/notifications', 'notifications'], ['/help', 'help'], ['/nothing-here', 'not-found']]) {
    await admin.goto(base + path);
    await shoot(admin, name);
  }
});

await step('Disconnect: badge, banner for everyone, records editable, the button back', async () => {
  await admin.goto(`${base}/settings/integrations`);
  await admin.getByRole('button', { name: 'Disconnect' }).click();
  await admin.getByRole('heading', { name: 'Disconnect Xero Practice Manager?' }).waitFor();
  await shoot(admin, 'disconnect');
  await admin.getByRole('button', { name: 'Disconnect' }).click();
  await admin.getByText('Not connected', { exact: true }).waitFor({ timeout: 30000 });
  await shoot(admin, 'integrations-disconnected');
  await member.goto(`${base}/clients`);
  await member.getByText("You've been disconnected from XPM").waitFor();
  await member.getByRole('button', { name: 'Add clients' }).waitFor();
  await shoot(member, 'clients-disconnected');
  await member.locator('tbody tr a').first().click();
  await member.getByRole('link', { name: 'Edit' }).click();
  await member.getByLabel('Client name').fill('Edited after the disconnect');
  await member.getByRole('button', { name: 'Save' }).click();
  await member.getByRole('heading', { name: 'Edited after the disconnect' }).waitFor();
});

await step('reconnecting the same practice brings XPM back in charge', async () => {
  await admin.goto(`${base}/settings/integrations`);
  await admin.getByRole('button', { name: 'Connect', exact: true }).click();
  await allowAccess(admin);
  await admin.getByText('Connected', { exact: true }).waitFor({ timeout: 60000 });
  // What was edited meanwhile is listed before it is replaced.
  await admin.goto(`${base}/settings/integrations/edits`);
  await admin.getByText('Edited after the disconnect').first().waitFor();
  await admin.getByRole('button', { name: /^Replace with XPM/ }).click();
  for (let i = 0; i < 100; i += 1) {
    await admin.goto(`${base}/clients?q=Edited+after`);
    if (await admin.getByRole('heading', { name: 'No clients match' }).isVisible()) break;
    await admin.waitForTimeout(200);
  }
  await admin.getByRole('heading', { name: 'No clients match' }).waitFor();
});

await step('no page reported a script error, a CSP breach or a foreign request', async () => {
  assert(admin.troubles.length === 0, admin.troubles.join('\n'));
  assert(member.troubles.length === 0, member.troubles.join('\n'));
});

await browser.close();
finish();
