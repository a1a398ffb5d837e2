// Passkeys in a real browser, with the authenticator that Chromium plays: set up, log in, confirm, remove; and
// the team's board.
import {
  assert, base, demo, finish, logIn, openBrowser, person, setUpMfa, shoot, step, totp,
} from './site.mjs';

const browser = await openBrowser();
const admin = await person(browser);
const member = await person(browser);
const path = (page) => new URL(page.url()).pathname;
const heading = (page, name) => page.getByRole('heading', { name, exact: true }).waitFor();
const press = (page, name) => page.getByRole('button', { name, exact: true }).click();
const follow = (page, name) => page.getByRole('link', { name, exact: true }).first().click();

/** A device with a built-in authenticator whose owner is there; `options` as in CDP. */
async function authenticator(page, options = {}) {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('WebAuthn.enable');
  const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', { options: {
    protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true,
    isUserVerified: true, automaticPresenceSimulation: true, ...options,
  } });
  return {
    send: (name, more) => cdp.send(`WebAuthn.${name}`, { authenticatorId, ...more }),
  };
}

const device = await authenticator(member);
let adminMfa;

async function logOut(page) {
  await page.getByRole('button', { name: 'App Bar Menu' }).click();
  await press(page, 'Log out');
  await page.getByLabel('Email').waitFor();
}

await step('a member adds a passkey instead of an authenticator app', async () => {
  await logIn(member, demo.member);
  await member.goto(`${base}/mfa/setup`);
  await shoot(member, 'passkey-setup-link');
  await follow(member, 'Use a passkey instead');
  await heading(member, 'Add a passkey');
  await shoot(member, 'passkey-add');
  await member.getByLabel('Name').fill('Desk computer');
  await press(member, 'Add passkey');
  await heading(member, 'Save your recovery codes');
  await shoot(member, 'passkey-codes');
  await member.getByLabel('I have saved these codes').check();
  await press(member, 'Continue');
  await heading(member, 'Clients');
  assert((await device.send('getCredentials')).credentials.length === 1, 'no credential was made');
});

await step('it logs in where the code was asked for', async () => {
  await logOut(member);
  await logIn(member, demo.member);
  await heading(member, 'Use your passkey');
  await shoot(member, 'passkey-challenge');
  await press(member, 'Use your passkey');
  await heading(member, 'Clients');
});

await step('the profile lists it, and a device has one passkey an account', async () => {
  await member.goto(`${base}/profile`);
  await member.getByRole('link', { name: 'Desk computer' }).waitFor();
  await shoot(member, 'passkey-profile');
  await follow(member, 'Add a passkey');
  await press(member, 'Add passkey');
  await member.getByText('already holds a passkey').waitFor();
  await shoot(member, 'passkey-add-again');
});

await step('a second way beside it: both stand on the challenge page', async () => {
  await member.goto(`${base}/profile`);
  await follow(member, 'Add an authenticator app');
  const { key } = await setUpMfa(member);
  await logOut(member);
  await logIn(member, demo.member);
  await heading(member, 'Enter MFA code');
  await shoot(member, 'passkey-challenge-both');
  await member.getByLabel('Authentication Code').fill(totp(key, 1));
  await press(member, 'Log in');
  await heading(member, 'Clients');
});

await step('somebody who does not touch the key stays outside, and is told', async () => {
  await logOut(member);
  await logIn(member, demo.member);
  await device.send('setUserVerified', { isUserVerified: false });
  await device.send('clearCredentials');
  await press(member, 'Use your passkey');
  await member.getByText('No passkey was used.').waitFor();
  await shoot(member, 'passkey-not-used');
  assert(path(member) === '/login/mfa', 'it let in');
});

await step('the board shows who is set up, and an admin reminds the rest', async () => {
  await logIn(admin, demo.admin);
  await admin.goto(`${base}/profile`);
  await shoot(admin, 'passkey-profile-none');
  await follow(admin, 'Configure Multi-Factor Authentication');
  adminMfa = await setUpMfa(admin);
  await admin.goto(`${base}/settings/team`);
  await admin.getByText('Authenticator app and passkey').waitFor();
  await shoot(admin, 'board');
});

await step('an admin adds a passkey in the profile, renames it, and confirms with it', async () => {
  const key = await authenticator(admin, {
    transport: 'usb', hasResidentKey: false, hasUserVerification: false, isUserVerified: false,
  });
  await admin.goto(`${base}/profile`);
  await follow(admin, 'Add a passkey');
  await admin.getByLabel('Name').fill('Green key');
  await press(admin, 'Add passkey');
  await admin.getByText('The passkey is added.').waitFor();
  await follow(admin, 'Green key');
  await admin.getByLabel('Name').fill('Green key, drawer');
  await shoot(admin, 'passkey-one');
  await press(admin, 'Save name');
  await admin.getByText('The passkey has its new name.').waitFor();
  await admin.goto(`${base}/profile/codes`);
  await shoot(admin, 'passkey-renew');
  await press(admin, 'Use your passkey');
  await heading(admin, 'Save your recovery codes');
  await admin.goto(`${base}/confirm`);
  await shoot(admin, 'passkey-confirm');
  await admin.getByLabel('Password').fill(demo.admin.password);
  await press(admin, 'Use your passkey');
  await heading(admin, 'My profile');
  assert((await key.send('getCredentials')).credentials.length === 1, 'the key holds something else');
});

await step('a reset by an admin takes the passkey along', async () => {
  await admin.goto(`${base}/settings/team`);
  await admin.locator('tbody tr', { hasText: demo.member.email }).getByRole('link').click();
  await press(admin, 'Reset MFA');
  await shoot(admin, 'passkey-reset');
  await press(admin, 'Use your passkey');
  await admin.getByText('has to set up Multi-Factor Authentication again').waitFor();
  await admin.goto(`${base}/settings/team`);
  await shoot(admin, 'board-after-reset');
  await admin.getByRole('button', { name: /^Nudge/ }).first().click();
  await admin.getByText('A reminder is on its way').waitFor();
  await shoot(admin, 'board-nudged');
});

await step('without script the code form remains', async () => {
  const page = await person(browser, { javaScriptEnabled: false });
  await logIn(page, demo.admin);
  await page.getByLabel('Authentication Code').waitFor();
  assert(!await page.getByRole('button', { name: 'Use your passkey' }).isVisible(), 'a button that does nothing');
  await page.getByLabel('Authentication Code').fill(totp(adminMfa.key, 1));
  await press(page, 'Log in');
  await heading(page, 'Clients');
});

await step('no page reported a script error, a CSP breach or a foreign request', async () => {
  for (const page of [admin, member]) assert(page.troubles.length === 0, page.troubles.join('\n'));
});

await browser.close();
finish();
