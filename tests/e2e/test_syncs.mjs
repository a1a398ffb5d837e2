// The sync history: strip and chart, filters and tabs, by keyboard and without scripts, and a session that ends.
import {
  allowAccess, assert, base, demo, finish, logIn, openBrowser, person, setSandbox, setUpMfa, shoot, step, totp,
} from './site.mjs';

const browser = await openBrowser();
const admin = await person(browser);
let mfa, plain;

await step('a connected firm with a first import and a sync that failed', async () => {
  await logIn(admin, demo.admin);
  await admin.goto(`${base}/settings/integrations`);
  await admin.getByRole('button', { name: 'Connect', exact: true }).click();
  mfa = await setUpMfa(admin);
  await allowAccess(admin);
  await admin.getByText('All clients have been imported from XPM.').waitFor({ timeout: 30000 });
  await admin.goto(`${base}/clients`);
  await setSandbox({ fault: '404', for: 'list', times: 'always' });
  await admin.getByRole('button', { name: 'Update Xero Clients' }).click();
  await admin.getByText('The sync did not finish.').waitFor({ timeout: 60000 });
  await setSandbox({ clear: 'all' });
});

await step('the strip says how things stand and the chart is one picture with words', async () => {
  await admin.goto(`${base}/syncs`);
  await admin.getByRole('heading', { name: 'Needs attention' }).waitFor();
  await admin.getByText('Xero calls in 24 hours').waitFor();
  await admin.getByRole('img', { name: /^Duration, changes and problems of the last \d+ syncs/ }).waitFor();
  const drawn = await admin.locator('.duration').first().evaluate((e) => e.getBoundingClientRect().height);
  assert(drawn > 1, `a bar is ${drawn} high`);
  await admin.getByText('Show these as a table').click();
  await admin.getByRole('region', { name: /as a table$/ }).getByRole('link').first().waitFor();
  await shoot(admin, 'syncs-table');
  await admin.getByText('Show these as a table').click();
  await shoot(admin, 'syncs-chart');
  for (const width of [1280, 390]) {
    await admin.setViewportSize({ width, height: 800 });
    const over = await admin.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert(over <= 0, `${over} px too wide at ${width}`);
  }
  await admin.setViewportSize({ width: 1280, height: 800 });
});

await step('by keyboard: filter, open the first import, walk through its tabs', async () => {
  await admin.goto(`${base}/syncs`);
  await admin.getByLabel('Trigger').focus();
  await admin.keyboard.press('F');
  await admin.keyboard.press('Tab');
  await admin.getByRole('button', { name: 'Show', exact: true }).focus();
  await admin.keyboard.press('Enter');
  await admin.waitForURL(/trigger=first/);
  assert(await admin.getByRole('row').count() === 2, 'not one first import');
  await admin.locator('tbody tr a').first().focus();
  await admin.keyboard.press('Enter');
  await admin.getByRole('heading', { name: 'Changes' }).waitFor();
  await shoot(admin, 'sync-changes');
  for (const tab of ['Skipped', 'Failed', 'Log']) {
    await admin.getByRole('navigation', { name: 'This sync' }).getByRole('link', { name: tab }).focus();
    await admin.keyboard.press('Enter');
    await admin.getByRole('heading', { name: tab, exact: true }).waitFor();
    await shoot(admin, `sync-${tab.toLowerCase()}`);
  }
});

await step('a failed sync says why, and Retry is the ordinary one', async () => {
  await admin.goto(`${base}/syncs?result=failed`);
  await admin.locator('tbody tr a').first().click();
  await admin.getByRole('link', { name: /^Failed/ }).click();
  await admin.getByText('The sync itself did not finish').waitFor();
  await shoot(admin, 'sync-failed-whole');
  await admin.getByRole('button', { name: 'Retry' }).click();
  await admin.getByText(/Available in \d:\d\d|Sync started|A sync is already running/).first().waitFor();
});

await step('without scripts: chart, table, filter, tabs and pages', async () => {
  plain = await person(browser, { javaScriptEnabled: false });
  await logIn(plain, demo.admin);
  await plain.getByLabel('Authentication Code').fill(totp(mfa.key, 1));
  await plain.getByRole('button', { name: 'Log in' }).click();
  await plain.getByRole('heading', { name: 'Clients', exact: true }).waitFor();
  await plain.goto(`${base}/syncs`);
  assert(await plain.locator('.bar-of').count() >= 2, 'no chart');
  await plain.getByLabel('Result').selectOption('Failed');
  await plain.getByRole('button', { name: 'Show', exact: true }).click();
  await plain.waitForURL(/result=failed/);
  await plain.goto(`${base}/syncs?trigger=first`);
  await plain.locator('tbody tr a').first().click();
  await plain.getByRole('link', { name: 'Next', exact: true }).click();
  await plain.getByRole('link', { name: 'First', exact: true }).click();
  await plain.getByLabel('Kind of change').selectOption('Archived and restored');
  await plain.getByRole('button', { name: 'Show', exact: true }).click();
  await plain.waitForURL(/kind=archived/);
});

await step('a page whose session has ended reloads itself to the log-in', async () => {
  await admin.goto(`${base}/syncs`);
  await admin.getByRole('heading', { name: 'Sync history' }).waitFor();
  await admin.context().clearCookies();
  await admin.getByRole('button', { name: 'Log in' }).waitFor({ timeout: 20000 });
});

await step('nothing was reported and nothing came from elsewhere', async () => {
  const troubles = [...admin.troubles, ...plain.troubles];
  assert(troubles.length === 0, troubles.join('\n'));
});

await browser.close();
finish();
