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
  await admin.getByRole('button', { name: 'Allow access' }).or(admin.getByText('no access')).first().waitFor();
  await shoot(admin, 'xero-no-practice');
  if (await admin.getByRole('button', { name: 'Allow access' }).count()) {
    await admin.getByRole('button', { name: 'Allow access' }).click();
    await refused('This Xero login has no access to a Xero Practice Manager account.', 'no-practice');
  }
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

await step('several practices: a chooser, and Cancel leaves nothing', async () => {
  await setSandbox({ practices: '2' });
  await connect();
  await admin.getByRole('button', { name: 'Allow access' }).click();
  await admin.getByRole('button', { name: 'Allow access' }).or(admin.getByText('Choose the practice to use')).or(
    admin.getByText('Connected', { exact: true })).first().waitFor({ timeout: 60000 });
  await shoot(admin, 'connect-after-two');
});

await step('the first import fails for a while, and heals by itself', async () => {
  await setSandbox({ reset: 'all' });
});

await browser.close();
finish();
