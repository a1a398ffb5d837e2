// The list of clients cannot be read: what stands around it stays, typing tells it too, and the list comes back by itself.
import { assert, base, demo, finish, logIn, openBrowser, person, shoot, step } from './site.mjs';
import { sql } from './firm.mjs';

const browser = await openBrowser();
const page = await person(browser);
const fault = page.getByRole('heading', { name: 'The list could not be loaded.' });
const kestrel = page.getByRole('link', { name: 'Kestrel Holdings' });
const search = page.getByLabel('Search clients');
const goes = () => sql(`
  CREATE POLICY away ON client AS RESTRICTIVE FOR SELECT TO gap_web USING (1 / (client_id - client_id) = 0);
  UPDATE organisation SET data_version = data_version + 1`);
const comes = () => sql('DROP POLICY away ON client');

await logIn(page, demo.admin);
await page.waitForURL(`${base}/clients`);
sql("INSERT INTO client (org_id, name, search) VALUES (1, 'Kestrel Holdings', 'kestrel holdings')");

await step('in the list\'s place stands what has happened, and Retry brings the list', async () => {
  await page.goto(`${base}/clients`);
  await kestrel.waitFor();
  goes();
  const answer = await page.goto(`${base}/clients?filter=by-hand`);
  assert(answer.status() === 503, `status ${answer.status()}`);
  await fault.waitFor();
  await page.locator('.filters [aria-current]').getByText('By hand').waitFor();
  await shoot(page, 'clients-away');
  comes();
  await page.getByRole('link', { name: 'Retry' }).click();
  await kestrel.waitFor();
  assert(await fault.count() === 0 && page.url() === `${base}/clients?filter=by-hand`, 'not the same list');
});

await step('who types is told, and what they typed stays', async () => {
  goes();
  await search.fill('kestr');
  await fault.waitFor();
  assert(await kestrel.count() === 0, 'the list of before is still there');
  assert(await search.inputValue() === 'kestr', 'what was typed is gone');
  comes();
  await search.fill('kestre');
  await kestrel.waitFor();
  assert(await fault.count() === 0, 'it is still said');
});

await step('the list comes back by itself', async () => {
  goes();
  await page.goto(`${base}/clients`);
  await fault.waitFor();
  comes();
  await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange'))); // else within seconds
  await kestrel.waitFor();
  assert(await fault.count() === 0, 'it is still said');
});

await browser.close();
finish();
