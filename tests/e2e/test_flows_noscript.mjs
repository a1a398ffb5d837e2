// Every flow with JavaScript off, by touch on a phone of 390 px; and a page that waits for something reloads itself.
import { assert, base, finish, openBrowser, step } from './site.mjs';
import { sql } from './firm.mjs';
import { flows } from './flows.mjs';

const browser = await openBrowser();
const { admin: { page } } = await flows(browser, 'noscript');

await step('while a page waits for something it reloads itself', async () => {
  sql("UPDATE connection SET state = 'connecting'");
  await page.goto(`${base}/settings/integrations`);
  assert(await page.locator('meta[http-equiv=refresh]').count() === 1, 'it stands still');
});

await browser.close();
finish();
