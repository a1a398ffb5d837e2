// Everything that needs a whole site: the worker's memory while 1,000 and then 100,000 clients come
// in, then pages, search, log-ins and weights over those 100,000.
import { allowAccess, base, demo, logIn, openBrowser, person, setSandbox, setUpMfa, state } from '../e2e/site.mjs';
import { existsSync, readFileSync } from 'node:fs';
import { family, figure, tiny } from './lib.mjs';
import { logins } from './logins.mjs';
import { pages } from './pages.mjs';
import { search } from './search.mjs';
import { cold } from './cold.mjs';
import { weights } from './weights.mjs';

const LARGE = tiny ? 400 : 100000;
const runPath = `${state}/run.path`;
const database = `postgresql:///gap?host=${existsSync(runPath) ? readFileSync(runPath, 'utf8').trim() : `${state}/run`}&user=postgres`;

const workers = () => family(readFileSync(`${state}/pid/worker`, 'utf8').trim().split(/\s/)[0]);

/** Peak resident memory of the largest worker process so far, MiB. */
function peak() {
  const kib = workers().map((pid) => Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]));
  return Math.max(...kib) / 1024;
}

async function connect(page) {
  await page.goto(`${base}/settings/integrations`);
  await page.getByRole('button', { name: 'Connect', exact: true }).click();
}

async function importAll(page) {
  await allowAccess(page);
  await page.getByRole('status').filter({ hasText: 'All clients have been imported from XPM' }).waitFor({ timeout: 600000 });
}

async function memory(page) {
  await setSandbox({ size: tiny ? 100 : 1000, limits: 'off' });
  await logIn(page, demo.admin);
  await connect(page);
  await setUpMfa(page);
  await importAll(page);
  const small = peak();
  await page.goto(`${base}/settings/integrations/disconnect`);
  await page.getByRole('button', { name: 'Disconnect' }).click();
  await page.getByText('Not connected', { exact: true }).waitFor({ timeout: 60000 });
  await setSandbox({ size: LARGE });
  await connect(page);
  const began = Date.now();
  await importAll(page);
  const large = peak();
  figure('import_100k_s', (Date.now() - began) / 1000, 's', 1);
  figure('worker_rss_mib_100k', large, 'MiB', 1);
  figure('worker_rss_growth_mib', large - small, 'MiB', 1);
}

const browser = await openBrowser();
const page = await person(browser);
await memory(page);
const cookie = (await page.context().cookies(base)).map((c) => `${c.name}=${c.value}`).join('; ');
await weights(page);
await browser.close();
await cold({ state, database });
await search({ database });
await pages({ base, state, cookie, database });
await logins({ base, cookie, database, email: demo.member.email });
