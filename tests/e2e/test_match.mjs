// Preview first, matching clients added by hand, and the way back, in a browser.
import {
  allowAccess, assert, base, demo, finish, logIn, openBrowser, person, setUpMfa, shoot, step,
} from './site.mjs';

const browser = await openBrowser();
const admin = await person(browser);
let sample;

async function addClient(name, email) {
  await admin.goto(`${base}/clients/new`);
  await admin.locator('input[name="name"]').fill(name);
  await admin.locator('input[name="contact_first"]').fill('Hand');
  await admin.locator('input[name="email"]').fill(email);
  await admin.locator('main form button[type="submit"]').first().click();
  await admin.getByRole('heading', { name, exact: true }).waitFor();
}

await step('Preview first is a quiet second way beside Connect', async () => {
  await logIn(admin, demo.admin);
  await admin.goto(`${base}/settings/integrations`);
  await admin.getByRole('button', { name: 'Connect', exact: true }).waitFor();
  await shoot(admin, 'preview-first');
  await admin.getByRole('button', { name: 'Preview first' }).click();
  await setUpMfa(admin, 'preview-mfa');
  await allowAccess(admin, 'preview-xero');
});

await step('the preview counts what would come, and nothing is stored', async () => {
  await admin.getByRole('link', { name: 'Show the preview' }).click({ timeout: 60000 });
  await admin.getByRole('button', { name: 'Import', exact: true }).waitFor({ timeout: 60000 });
  await admin.getByText('Prospects, left out').waitFor();
  const row = admin.getByRole('region', { name: 'The first clients' }).locator('tbody tr').filter({ hasText: /^[A-Z][^=]*@/ }).first();
  sample = { name: await row.locator('th').innerText(), email: await row.locator('td').nth(1).innerText() };
  await shoot(admin, 'preview-ready');
  await admin.goto(`${base}/clients`);
  assert((await admin.locator('tbody tr').count()) === 0, 'clients are there before Import');
});

await step('Cancel ends the connection and leaves nothing', async () => {
  await admin.goto(`${base}/settings/integrations`);
  await admin.getByRole('link', { name: 'Show the preview' }).click();
  await admin.getByRole('button', { name: 'Cancel' }).click();
  await admin.getByText('Cancelled. Nothing was imported.').waitFor();
  await admin.getByRole('button', { name: 'Connect', exact: true }).waitFor({ timeout: 30000 });
  await admin.getByText('Not connected', { exact: true }).waitFor();
});

await step('clients added by hand are counted as matches of the next preview, and Import brings the rest', async () => {
  await addClient(sample.name.toUpperCase(), sample.email);
  await addClient('Only here', sample.email);
  await addClient('Nobody of XPM', 'nobody@example.com');
  await admin.goto(`${base}/settings/integrations`);
  await admin.getByRole('button', { name: 'Preview first' }).click();
  await allowAccess(admin, 'preview-xero-again');
  await admin.getByRole('link', { name: 'Show the preview' }).click({ timeout: 60000 });
  await admin.getByRole('button', { name: 'Import', exact: true }).waitFor({ timeout: 60000 });
  await shoot(admin, 'preview-matches');
  await admin.getByRole('button', { name: 'Import', exact: true }).click();
  await admin.getByText('Connected', { exact: true }).waitFor({ timeout: 60000 });
  await admin.getByRole('status').filter({ hasText: 'have been imported' }).waitFor();
});

await step('Match clients: one is suggested, by keyboard alone', async () => {
  await admin.getByRole('link', { name: 'Match clients' }).click();
  await admin.getByText('same name and same email').waitFor();
  await admin.getByText('same email, another name').waitFor();
  await shoot(admin, 'match');
  await admin.getByRole('link', { name: 'Choose: Nobody of XPM' }).focus();
  await admin.keyboard.press('Enter');
  await admin.getByRole('heading', { name: /Match Nobody of XPM/ }).waitFor();
  await admin.getByRole('searchbox').fill(sample.name.split(' ')[0]);
  await admin.keyboard.press('Enter');
  await admin.getByRole('button', { name: /^Same client/ }).first().waitFor();
  await shoot(admin, 'match-find');
  await admin.goto(`${base}/settings/integrations/match`);
  await admin.getByRole('button', { name: /^Confirm 1/ }).focus();
  await admin.keyboard.press('Enter');
  await admin.getByRole('button', { name: /^Undo match/ }).waitFor({ timeout: 30000 });
  await shoot(admin, 'match-done');
});

await step('the matched client is view only, says so, and Undo match makes two of it again', async () => {
  await admin.locator('section:has(#done) tbody th a').first().click();
  await admin.getByText('View only', { exact: true }).waitFor();
  await admin.getByText('Added by hand, and matched with this XPM client').waitFor();
  await shoot(admin, 'match-client');
  await admin.getByRole('link', { name: 'Undo match' }).click();
  await admin.getByRole('button', { name: /^Undo match/ }).click();
  await admin.getByText('The match is being undone.').waitFor();
  await admin.getByRole('button', { name: /^Undo match/ }).waitFor({ state: 'detached', timeout: 30000 });
  await admin.getByRole('link', { name: sample.name.toUpperCase(), exact: true }).first().waitFor();
  await admin.goto(`${base}/settings/integrations/match?tab=gone`);
  await admin.getByText('Nothing to join').waitFor();
  await shoot(admin, 'match-gone');
});

assert(admin.troubles.length === 0, admin.troubles.join('\n'));
await browser.close();
finish();
