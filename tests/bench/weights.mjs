// Page weights: what the clients list costs on the wire, compressed, the first time and after.
import { base } from '../e2e/site.mjs';
import { figure } from './lib.mjs';

/** KiB on the wire of everything that opening the address loads. */
export async function weigh(page, address) {
  const client = await page.context().newCDPSession(page);
  await client.send('Network.enable');
  let bytes = 0;
  client.on('Network.loadingFinished', (e) => { bytes += e.encodedDataLength; });
  await page.goto(address, { waitUntil: 'networkidle' });
  await client.detach();
  return bytes / 1024;
}

export async function weights(page) {
  const fresh = await page.context().browser().newContext({ ignoreHTTPSErrors: true, storageState: await page.context().storageState() });
  const other = await fresh.newPage();
  figure('page_weight_first_kib', await weigh(other, `${base}/clients`), 'KiB', 1);
  figure('page_weight_after_kib', await weigh(other, `${base}/clients`), 'KiB', 1);
  await fresh.close();
}
