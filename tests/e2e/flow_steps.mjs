// What several flows do on their way.
import { demo, totp } from './site.mjs';
import { codesAgain, sql } from './firm.mjs';

export async function menu(who, entry) {
  await who.press('App Bar Menu');
  await who.press(entry);
}

export async function integrations(who) {
  await menu(who, 'Org Settings');
  await who.press('Integrations');
  await who.heading('Xero Practice Manager');
}

/** From the page that shows the key to the recovery codes and on; the key and the codes stay with the hand. */
export async function setUp(who) {
  await who.heading('Set up Multi-Factor Authentication');
  who.key = await who.page.locator('#mfa-key').innerText();
  await who.press('Next');
  await who.fill('Authentication Code', totp(who.key));
  await who.press('Complete Multi-Factor Authentication Setup');
  await who.heading('Save your recovery codes');
  await saved(who);
}

export async function saved(who) {
  who.codes = await who.page.locator('#recovery-codes code').allInnerTexts();
  await who.tick('I have saved these codes');
  await who.press('Continue');
}

/** A code that was not used yet, for a log-in, or behind one. */
export async function code(who, label = 'Authentication Code') {
  codesAgain();
  await who.fill(label, totp(who.key));
}

/** At Xero; this browser may be logged in there already. */
export async function allow(who) {
  const email = who.page.getByLabel('Email address');
  await email.or(who.page.getByRole('button', { name: 'Allow access' })).first().waitFor();
  if (await email.isVisible()) {
    await who.fill('Email address', demo.xero.email);
    await who.fill('Password', demo.xero.password);
    await who.press('Log in');
  }
  await who.press('Allow access');
}

/** A synced client at the top of the list, the only one of its name. */
export function aClient() {
  return sql(`SELECT min(name) FROM client c WHERE xpm_id IS NOT NULL AND archived_at IS NULL
    AND name ~ '^[A-Z][a-z]+ [A-Z]' AND NOT EXISTS (SELECT FROM client o WHERE o.name = c.name
    AND o.client_id <> c.client_id)`);
}
