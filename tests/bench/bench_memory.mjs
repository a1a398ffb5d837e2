// The worker's peak memory while a practice of 100,000 clients imports, and how much of it is due to
// the size: worker_rss_mib_100k, worker_rss_growth_mib (performance targets: 32 and 8). A child of the
// worker keeps its peak, so each size gets a site of its own run of children: peaks are reset between.
import { allowAccess, demo, logIn, openBrowser, person, setSandbox, setUpMfa, base, state } from '../e2e/site.mjs';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The worker and all below it. */
function workers() {
  const parent = readFileSync(join(state, 'pid', 'worker'), 'utf8').trim().split(/\s/)[0];
  const found = [parent];
  for (const pid of readdirSync('/proc').filter((p) => /^\d+$/.test(p))) {
    try {
      const ppid = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /, '').split(' ')[1];
      if (ppid === parent) found.push(pid);
    } catch { /* it ended meanwhile */ }
  }
  return found;
}

/** Peak resident memory of the largest worker process, MiB, since the last reset. */
function peak() {
  const kib = workers().map((pid) => Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]));
  return Math.max(...kib) / 1024;
}

function reset() {
  for (const pid of workers()) writeFileSync(`/proc/${pid}/clear_refs`, '5');
}

async function run(page, how) {
  const began = Date.now();
  await how();
  await page.getByRole('status').filter({ hasText: 'All clients have been imported from XPM' }).waitFor({ timeout: 600000 });
  return (Date.now() - began) / 1000;
}

const browser = await openBrowser();
const page = await person(browser);
await setSandbox({ size: 1000, limits: 'off' });
await logIn(page, demo.admin);
await page.goto(`${base}/settings/integrations`);
await page.getByRole('button', { name: 'Connect', exact: true }).click();
await setUpMfa(page);
await run(page, () => allowAccess(page));
const small = peak();

await page.goto(`${base}/settings/integrations/disconnect`);
await page.getByRole('button', { name: 'Disconnect' }).click();
await page.getByText('Not connected', { exact: true }).waitFor({ timeout: 60000 });
await setSandbox({ size: 100000 });
reset();
await page.goto(`${base}/settings/integrations`);
await page.getByRole('button', { name: 'Connect', exact: true }).click();
const seconds = await run(page, () => allowAccess(page));
const large = peak();
console.log(`import_100k_s ${seconds.toFixed(1)} s`);
console.log(`worker_rss_mib_100k ${large.toFixed(1)} MiB`);
console.log(`worker_rss_growth_mib ${(large - small).toFixed(1)} MiB`);
if (large > 32) process.exitCode = 1;
await browser.close();
