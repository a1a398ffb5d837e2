// What people do about the list: put right in XPM, delete for good, and see what has changed since they last looked.
import {
  allowAccess, assert, base, demo, finish, logIn, openBrowser, person, setSandbox, setUpMfa, shoot, step, totp,
} from './site.mjs';

const browser = await openBrowser();
const admin = await person(browser);
const member = await person(browser);
let mfa, plain, gone;

const narrow = async (page) => {
  for (const width of [1280, 390]) {
    await page.setViewportSize({ width, height: 800 });
    const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert(over <= 0, `${over} px too wide at ${width}: ${page.url()}`);
  }
  await page.setViewportSize({ width: 1280, height: 800 });
};

await step('a connected firm; a first look says nothing of news', async () => {
  await logIn(admin, demo.admin);
  await admin.goto(`${base}/settings/integrations`);
  await admin.getByRole('button', { name: 'Connect', exact: true }).click();
  mfa = await setUpMfa(admin);
  await allowAccess(admin);
  await admin.getByText('All clients have been imported from XPM.').or(admin.getByText(/clients imported\./))
    .first().waitFor({ timeout: 60000 });
  await logIn(member, demo.member);
  await member.getByRole('link', { name: /Set up now/ }).or(member.getByRole('button', { name: /Set up now/ })).first().click();
  await setUpMfa(member);
  await member.goto(`${base}/clients`);
  assert(await member.getByText('Since you last looked').count() === 0, 'news at a first look');
});

await step('what to put right in XPM: reasons, links, filter by keyboard', async () => {
  await admin.goto(`${base}/clients`);
  await admin.getByRole('link', { name: /^Fix in XPM \(\d+\)$/ }).click();
  await admin.getByRole('heading', { name: 'Fix in XPM' }).waitFor();
  await shoot(admin, 'fix');
  await narrow(admin);
  await admin.getByLabel('Reason').focus();
  await admin.keyboard.press('T');
  await admin.getByRole('button', { name: 'Show', exact: true }).focus();
  await admin.keyboard.press('Enter');
  await admin.waitForURL(/reason=two-primaries/);
  await admin.getByText('More than one contact is marked as primary in XPM.').first().waitFor();
});

await step('an entry is given to a member, who finds it in the bell', async () => {
  await admin.goto(`${base}/fix`);
  await admin.getByRole('link', { name: /^Assign/ }).first().click();
  await admin.getByRole('heading').first().waitFor();
  await shoot(admin, 'fix-one');
  await narrow(admin);
  const to = admin.getByLabel('Who takes care of it?');
  const others = await to.locator('option').allInnerTexts();
  await to.selectOption(others.find((name) => name !== 'Nobody' && !name.endsWith('(you)')));
  await admin.getByRole('button', { name: 'Assign', exact: true }).click();
  await admin.getByRole('status').getByText('Assigned. They find it in their bell.').waitFor();
  await member.goto(`${base}/notifications`);
  await member.getByText('asked you to put something right in Xero Practice Manager.').first().waitFor();
  await member.goto(`${base}/fix`);
  await member.getByText('1 assigned to you').waitFor();
  await shoot(member, 'fix-mine');
});

await step('an archived client is deleted for good, by keyboard, and the bell tells when it is done', async () => {
  await admin.goto(`${base}/clients?filter=archived`);
  gone = (await admin.locator('tbody tr th a').first().innerText()).trim();
  await admin.locator('tbody tr th a').first().click();
  await admin.getByRole('heading', { name: gone }).waitFor();
  await shoot(admin, 'client-archived');
  await admin.getByRole('link', { name: 'Delete for good' }).focus();
  await admin.keyboard.press('Enter');
  await admin.getByRole('heading', { name: /^Delete .* for good\?$/ }).waitFor();
  await shoot(admin, 'client-forget');
  await narrow(admin);
  await admin.getByRole('button', { name: 'Delete for good' }).focus();
  await admin.keyboard.press('Enter');
  await admin.getByRole('status').getByText('The client is being deleted for good.').waitFor();
  for (let i = 0; i < 60; i += 1) {
    await admin.goto(`${base}/notifications`);
    if (await admin.getByText('A client was deleted for good').count() > 0) break;
    await new Promise((done) => { setTimeout(done, 250); });
  }
  await admin.getByText('A client was deleted for good').first().waitFor();
  await admin.goto(`${base}/clients/deleted`);
  assert(await admin.locator('tbody tr').count() === 1, 'no tombstone');
  await shoot(admin, 'clients-deleted');
  await narrow(admin);
});

await step('a sync leaves it out and says so; what it brought is news', async () => {
  await setSandbox({ day: 'next' });
  await member.goto(`${base}/clients`);
  await member.evaluate(() => { window.isOpen = true; });
  await admin.goto(`${base}/clients`);
  await admin.getByRole('button', { name: 'Update Xero Clients' }).click();
  await admin.getByText(/^Sync complete\./).waitFor({ timeout: 60000 });
  await admin.goto(`${base}/clients?filter=archived&q=${encodeURIComponent(gone)}`);
  assert(await admin.getByRole('link', { name: gone, exact: true }).count() === 0, 'it came back');
  await admin.goto(`${base}/syncs?trigger=manual`);
  await admin.locator('tbody tr a').first().click();
  await admin.getByText('Deleted here for privacy').waitFor();
  // The page that was open has it by now, and was not loaded again.
  await member.getByRole('heading', { name: /^Since you last looked/ }).waitFor();
  assert(await member.evaluate(() => window.isOpen), 'the open page was loaded again');
  await shoot(member, 'clients-news');
  await narrow(member);
  await member.getByRole('link', { name: 'Show what has changed' }).click();
  await member.waitForURL(/filter=since/);
  assert(await member.locator('tbody tr').count() > 0, 'nothing is shown');
  await shoot(member, 'clients-since');
  await member.goto(`${base}/clients`);
  await member.getByRole('button', { name: 'Seen' }).click();
  await member.waitForURL(`${base}/clients`);
  await member.getByRole('heading', { name: 'Clients', exact: true }).waitFor();
  assert(await member.getByText('Since you last looked').count() === 0, 'seen, and still there');
});

await step('the list is sorted by the last change, in place and in the export', async () => {
  await admin.goto(`${base}/clients`);
  await admin.getByLabel('Sort by').focus();
  await admin.keyboard.press('L');
  await admin.waitForURL(/\/clients\?sort=changed$/);
  await admin.getByRole('columnheader', { name: 'Last changed' }).waitFor();
  const top = await admin.locator('tbody tr th a').first().innerText();
  await shoot(admin, 'clients-sorted');
  await narrow(admin);
  await admin.getByRole('link', { name: 'Next', exact: true }).click();
  await admin.waitForURL(/sort=changed/);
  await admin.getByRole('link', { name: 'Previous', exact: true }).click();
  await admin.waitForURL(/before=/);
  assert(await admin.locator('tbody tr th a').first().innerText() === top, 'another first row');
  await admin.getByRole('link', { name: 'Archived', exact: true }).click();
  await admin.waitForURL(/filter=archived&sort=changed/);
  const [file] = await Promise.all([admin.waitForEvent('download'), admin.getByRole('link', { name: 'Export CSV' }).click()]);
  assert(/clients\.csv\?filter=archived&sort=changed/.test(file.url()), `the export is ${file.url()}`);
});

await step('without scripts, at 390 px: assign, filter, allow again', async () => {
  plain = await person(browser, { javaScriptEnabled: false, viewport: { width: 390, height: 844 } });
  await logIn(plain, demo.admin);
  await plain.getByLabel('Authentication Code').fill(totp(mfa.key, 1));
  await plain.getByRole('button', { name: 'Log in' }).click();
  await plain.getByRole('heading', { name: 'Clients', exact: true }).waitFor();
  await plain.getByLabel('Sort by').selectOption('Name, Z to A');
  await plain.getByRole('button', { name: 'Search' }).click();
  await plain.waitForURL(/sort=name-down/);
  const names = await plain.locator('tbody tr th a').allInnerTexts();
  assert(names.length > 9 && names[0].localeCompare(names.at(-1)) > 0, `${names[0]} before ${names.at(-1)}`);
  await plain.goto(`${base}/fix?who=-1`);
  await plain.getByRole('link', { name: /^Assign/ }).first().click();
  await plain.getByRole('button', { name: 'I take care of it' }).click();
  await plain.getByText('It is yours now.').waitFor();
  await plain.goto(`${base}/clients/deleted`);
  await plain.getByRole('button', { name: /^Allow again/ }).click();
  await plain.getByText('Allowed again.').waitFor();
  await plain.getByRole('heading', { name: 'Nothing was deleted for good' }).waitFor();
});

await step('nothing was reported and nothing came from elsewhere', async () => {
  const troubles = [...admin.troubles, ...member.troubles, ...plain.troubles];
  assert(troubles.length === 0, troubles.join('\n'));
});

await browser.close();
finish();
