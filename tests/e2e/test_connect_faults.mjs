// Connecting that goes wrong: each ends in its own sentence on the tile and leaves nothing half-connected.
import {
  allowAccess, assert, base, demo, finish, logIn, openBrowser, person, setSandbox, setUpMfa, shoot, step,
} from './site.mjs';

const browser = await openBrowser();
const admin = await person(browser);

async function connect() {
  await admin.goto(`${base}/settings/integrations`);
  await admin.getByRole('button', { name: 'Connect', exact: true }).click();
}

/** Not connected, with the sentence both on the tile and in a bar, and no client imported. */
async function refused(sentence, shot) {
  await admin.getByRole('note').filter({ hasText: sentence }).waitFor({ timeout: 60000 });
  await admin.getByText('Not connected', { exact: true }).waitFor();
  await admin.getByRole('button', { name: 'Connect', exact: true }).waitFor();
  await shoot(admin, `connect-${shot}`);
  await admin.goto(`${base}/clients`);
  await admin.getByRole('heading', { name: 'No clients yet' }).waitFor();
}

await step('the admin sets up Multi-Factor Authentication on the way', async () => {
  await logIn(admin, demo.admin);
  await connect();
  await setUpMfa(admin);
  await admin.getByLabel('Email address').waitFor();
});

await step('cancelled at Xero', async () => {
  await admin.getByLabel('Email address').fill(demo.xero.email);
  await admin.getByLabel('Password').fill(demo.xero.password);
  await admin.getByRole('button', { name: 'Log in' }).click();
  await admin.getByRole('button', { name: 'Cancel' }).click();
  await refused('You did not allow access in Xero. Nothing was connected.', 'cancelled');
});

await step('no practice behind this Xero login', async () => {
  await setSandbox({ practices: '0' });
  await connect();
  await admin.getByText("You don't have access to connect any Xero Practice Manager accounts").waitFor();
  await shoot(admin, 'xero-no-practice');
  await admin.getByRole('button', { name: 'Cancel' }).click();
  await refused('You did not allow access in Xero. Nothing was connected.', 'no-practice');
  await setSandbox({ practices: '1' });
});

await step('a return address that nobody asked for', async () => {
  const answer = await admin.request.get(`${base}/oauth/xero/callback?state=forged&code=forged`, { maxRedirects: 0 });
  assert(answer.status() === 303, `status ${answer.status()}`);
  assert((await answer.body()).length === 0, 'the answer has a body');
  await admin.goto(`${base}/oauth/xero/callback?state=forged&code=forged`);
  await refused('This sign-in link has expired. Select Connect to start again.', 'expired');
});

await step('Xero does not answer while connecting', async () => {
  await setSandbox({ fault: '500', for: 'token', times: 'always' });
  await connect();
  await admin.getByRole('button', { name: 'Allow access' }).click();
  await refused('Xero is not answering.', 'xero-down');
  await setSandbox({ clear: 'all' });
});

await step('Xero takes its time: the tile says so, and the page may be left', async () => {
  await setSandbox({ latency_ms: '3000' });
  await connect();
  await admin.getByRole('button', { name: 'Allow access' }).click();
  await admin.getByText(/Finishing connection|Reading clients from Xero/).first().waitFor();
  await shoot(admin, 'connecting');
  await admin.goto(`${base}/clients`);
  await setSandbox({ latency_ms: '0' });
  await admin.goto(`${base}/settings/integrations?watch=1`);
  await admin.getByRole('status').filter({ hasText: 'All clients have been imported' }).waitFor({ timeout: 60000 });
});

// Fault 35: scripts of every direction, accents on accents, names of 1,024 bytes.
await step('odd names keep the page as wide as the window', async () => {
  const size = admin.viewportSize();
  for (const width of [1280, 390]) {
    await admin.setViewportSize({ width, height: 844 });
    for (const search of ['', 'Very Long', 'Storm', 'Pasted', 'Lamps', '灯笼']) {
      await admin.goto(`${base}/clients?q=${encodeURIComponent(search)}`);
      await admin.locator('tbody tr th a').first().waitFor();
      const over = await admin.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      assert(over <= 0, `"${search}" is ${over} px wider than ${width}`);
      if (search === 'Very Long') await shoot(admin, 'clients-odd-names');
      if (search === '') continue;
      await admin.locator('tbody tr th a').first().click();
      await admin.getByRole('heading', { level: 1 }).waitFor();
      const wide = await admin.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      assert(wide <= 0, `the client "${search}" is ${wide} px wider than ${width}`);
      if (search === 'Very Long') await shoot(admin, 'client-odd-name');
    }
  }
  await admin.setViewportSize(size);
});

await step('a sync that fails changes no client, says why, and the connection stays', async () => {
  await admin.goto(`${base}/clients`);
  const before = await admin.locator('tbody tr th a').allInnerTexts();
  await setSandbox({ fault: 'cut', for: 'list', times: 'always' });
  await admin.getByRole('button', { name: 'Update Xero Clients' }).click();
  await admin.getByRole('alert').filter({ hasText: 'did not finish' }).waitFor({ timeout: 90000 });
  await shoot(admin, 'clients-sync-failed');
  await admin.goto(`${base}/clients`);
  assert(JSON.stringify(await admin.locator('tbody tr th a').allInnerTexts()) === JSON.stringify(before), 'the list changed');
  await admin.goto(`${base}/settings/integrations`);
  await admin.getByText('Connected', { exact: true }).waitFor();
  await shoot(admin, 'integrations-degraded');
  await setSandbox({ clear: 'all' });
});

await browser.close();
finish();
