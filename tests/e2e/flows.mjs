// Every flow of the site, told once in flows_*.mjs: who presses, fills and sees what. hands.mjs says by which means.
// One firm is led from its first log-in to its last log-out, so each flow stands on those before it.
import { assert, step } from './site.mjs';
import { accounts, people } from './flows_people.mjs';
import { byHand, list } from './flows_clients.mjs';
import { connecting, leaving, syncing } from './flows_xpm.mjs';
import { hand } from './hands.mjs';

const all = [...people, ...byHand, ...connecting, ...list, ...syncing, ...leaving, ...accounts];

/** All of them, or the first few, with hands of one kind. */
export async function flows(browser, kind, some = all) {
  const who = {};
  for (const name of ['admin', 'member', 'guest', 'spare']) who[name] = await hand(browser, kind);
  const known = {};
  if (who.admin.scripts) await playAuthenticator(who.admin.page);
  for (const [name, flow] of some)
    await step(name, () => flow(who, known));
  await step('no page reported a script error, a CSP breach or a foreign request', async () => {
    for (const [name, { page }] of Object.entries(who)) assert(page.troubles.length === 0, `${name}: ${page.troubles.join('\n')}`);
  });
  return who;
}

/** A device for passkeys, whose owner is there. */
async function playAuthenticator(page) {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('WebAuthn.enable');
  await cdp.send('WebAuthn.addVirtualAuthenticator', { options: {
    protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true,
    isUserVerified: true, automaticPresenceSimulation: true,
  } });
}
