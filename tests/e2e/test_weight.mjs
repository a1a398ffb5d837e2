// What pages cost on the wire, compressed: everything that opening one loads, for somebody who has never been here, and
// again. Nothing comes from anywhere else.
import { allowAccess, assert, base, demo, finish, logIn, openBrowser, person, setUpMfa, step } from './site.mjs';
import { ids } from './firm.mjs';
import { weigh } from '../bench/weights.mjs';

const FIRST_KIB = 60, AFTER_KIB = 8;
const browser = await openBrowser();
const admin = await person(browser);

await step('a connected firm', async () => {
  await logIn(admin, demo.admin);
  await admin.goto(`${base}/settings/integrations`);
  await admin.getByRole('button', { name: 'Connect', exact: true }).click();
  await setUpMfa(admin);
  await allowAccess(admin);
  await admin.getByText(/clients(, \d| imported)/).first().waitFor({ timeout: 60000 });
});

const { synced, first } = ids();
const pages = [
  '/clients', `/clients/${synced}`, '/fix', '/settings/integrations', '/settings/team', '/syncs', `/syncs/${first}`,
  '/profile', '/help',
];

for (const path of pages) {
  await step(`${path} is light, and from here alone`, async () => {
    const context = await browser.newContext({ ignoreHTTPSErrors: true, storageState: await admin.context().storageState() });
    const page = await context.newPage();
    const foreign = [];
    let requests = 0;
    page.on('request', (r) => {
      requests += 1;
      if (!r.url().startsWith(`${base}/`) && !r.url().startsWith('data:')) foreign.push(r.url());
    });
    const once = await weigh(page, `${base}${path}`);
    assert(page.url() === `${base}${path}`, `it leads to ${page.url()}`);
    const again = await weigh(page, `${base}${path}`);
    await context.close();
    console.log(`#   ${once.toFixed(1)} KiB, then ${again.toFixed(1)} KiB`);
    assert(requests >= 4 && once > again && again > 0.5, `${requests} requests, ${once} and ${again} KiB: nothing was weighed`);
    assert(once <= FIRST_KIB, `${once.toFixed(1)} KiB the first time`);
    assert(again <= AFTER_KIB, `${again.toFixed(1)} KiB after`);
    assert(foreign.length === 0, `requests to ${foreign}`);
  });
}

await browser.close();
finish();
