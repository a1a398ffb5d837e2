// The people: an invitation, a forgotten password, the profile, and an admin's page of each member.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  assert, base, demo, finish, logIn, openBrowser, person, setUpMfa, shoot, state, step, totp,
} from './site.mjs';

const browser = await openBrowser();
const admin = await person(browser);
const guest = await person(browser);
const member = await person(browser);
const secrets = { invited: 'forty brass lanterns', reset: 'sixty tin whistles', changed: 'nine slow rivers' };
const nina = { email: 'nina@harbourvale.example', password: secrets.invited };
const folder = join(state, 'mail');
let adminMfa, ninaMfa;

const mailsTo = (email, subject) => {
  try {
    return readdirSync(folder).filter((f) => f.endsWith('.eml')).map((f) => readFileSync(join(folder, f), 'utf8'))
      .filter((m) => m.includes(`To: <${email}>`) && m.includes(`Subject: ${subject}`));
  } catch {
    return [];
  }
};

/** The worker writes mails to files; the nth of that subject. */
async function mail(email, subject, nth = 1) {
  for (let i = 0; i < 150; i += 1) {
    const found = mailsTo(email, subject);
    if (found.length >= nth) return found[nth - 1];
    await new Promise((done) => { setTimeout(done, 100); });
  }
  throw new Error(`no mail "${subject}" to ${email}`);
}
const linkIn = (text, path) => text.match(new RegExp(`${base}${path}[\\w-]{22}`))[0];
const path = (page) => new URL(page.url()).pathname;
const heading = (page, name) => page.getByRole('heading', { name, exact: true }).waitFor();
const press = (page, name) => page.getByRole('button', { name, exact: true }).click();
const follow = (page, name) => page.getByRole('link', { name, exact: true }).first().click();

await step('an admin sets up Multi-Factor Authentication from the profile', async () => {
  await logIn(admin, demo.admin);
  await admin.goto(`${base}/profile`);
  await follow(admin, 'Configure Multi-Factor Authentication');
  adminMfa = await setUpMfa(admin);
});

await step('members see the team and no button', async () => {
  await logIn(member, demo.member);
  await member.goto(`${base}/settings/team`);
  await heading(member, 'Team members');
  assert(await member.getByText('Invite a team member').count() === 0, 'a member may invite');
  await shoot(member, 'people-team-member');
});

await step('an admin invites somebody by mail', async () => {
  await admin.goto(`${base}/settings/team`);
  await admin.getByRole('button', { name: 'Invite a team member' }).click();
  await heading(admin, 'Invite a team member');
  await admin.getByLabel('Name').fill('Nina Newcomer');
  await admin.getByLabel('Email').fill('no address');
  await press(admin, 'Send invitation');
  await admin.getByText('name@example.com').waitFor();
  await shoot(admin, 'people-invite');
  await admin.getByLabel('Email').fill(nina.email);
  await admin.getByLabel('Role').selectOption('Member');
  await press(admin, 'Send invitation');
  await admin.getByRole('status').getByText(`An invitation is on its way to ${nina.email}.`).waitFor();
  await shoot(admin, 'people-team-admin');
});

await step('the invitation leads to a password and ends at the log-in form', async () => {
  const text = await mail(nina.email, 'You are invited to The Gap');
  assert(text.includes('You were invited by Holly Harbour of'), text);
  await guest.goto(linkIn(text, '/invite/'));
  await guest.getByLabel('New password').fill('Harbour-Vale-2026');
  await press(guest, 'Save password');
  await guest.getByText('which others know').waitFor();
  await shoot(guest, 'people-choose-password');
  await guest.getByLabel('New password').fill(secrets.invited);
  await press(guest, 'Save password');
  await guest.getByText('Your password is saved. Log in with it.').waitFor();
  await shoot(guest, 'people-login-saved');
  await logIn(guest, nina);
  await heading(guest, 'Clients');
});

await step('she sets up her second factor and a time zone of her own', async () => {
  await guest.goto(`${base}/mfa/setup`);
  ninaMfa = await setUpMfa(guest);
  await guest.goto(`${base}/profile`);
  await guest.getByLabel('Time zone').fill('Nowhere/City');
  await press(guest, 'Save');
  await guest.getByText('This time zone is not known.').waitFor();
  await guest.getByLabel('Time zone').fill('Europe/London');
  await press(guest, 'Save');
  await guest.getByText('Saved.').waitFor();
  assert(await guest.getByLabel('Time zone').inputValue() === 'Europe/London', 'the zone is not kept');
});

await step('a forgotten password: the same answer for everybody', async () => {
  const page = await person(browser);
  const texts = [];
  for (const email of ['nobody@example.com', nina.email]) {
    await page.goto(`${base}/login`);
    await follow(page, 'Forgot password');
    if (email === nina.email) await shoot(page, 'people-forgot');
    await page.getByLabel('Email').fill(email);
    await press(page, 'Send the link');
    await heading(page, 'Check your mail');
    texts.push(await page.locator('main').innerText());
  }
  assert(texts[0] === texts[1], 'the answers differ');
  await shoot(page, 'people-forgot-sent');
  assert(page.troubles.length === 0, page.troubles.join('\n'));
});

await step('only the newest link works, once, ends every session and never skips the code', async () => {
  const page = await person(browser);
  const first = linkIn(await mail(nina.email, 'Set your password'), '/password/reset/');
  await page.goto(`${base}/password/forgot`);
  await page.getByLabel('Email').fill(nina.email);
  await press(page, 'Send the link');
  await heading(page, 'Check your mail');
  await mail(nina.email, 'Set your password', 2);
  const second = mailsTo(nina.email, 'Set your password').map((m) => linkIn(m, '/password/reset/')).find((l) => l !== first);
  assert((await page.goto(first)).status() === 404, 'the older link works');
  await page.goto(second);
  await page.getByLabel('New password').fill(secrets.reset);
  await press(page, 'Save password');
  await page.getByText('Your password is saved.').waitFor();
  assert((await page.goto(second)).status() === 404, 'the link works twice');
  await guest.goto(`${base}/clients`);
  assert(path(guest) === '/login', 'the old session lives');
  nina.password = secrets.reset;
  await logIn(guest, nina);
  await heading(guest, 'Enter MFA code');
  await guest.getByLabel('Authentication Code').fill(totp(ninaMfa.key, 1));
  await press(guest, 'Log in');
  await heading(guest, 'Clients');
  await mail(nina.email, 'Your password was changed');
});

await step('the profile: other sessions, and a new password', async () => {
  const elsewhere = await person(browser);
  await logIn(elsewhere, demo.member);
  await heading(elsewhere, 'Clients');
  await member.goto(`${base}/profile`);
  await shoot(member, 'people-profile');
  await member.getByRole('button', { name: 'Log out there' }).first().click();
  await member.getByText('Logged out there.').waitFor();
  await elsewhere.goto(`${base}/clients`);
  assert(path(elsewhere) === '/login', 'the other session lives');
  await logIn(elsewhere, demo.member);
  await heading(elsewhere, 'Clients');
  await follow(member, 'Change password');
  await member.getByLabel('Current password').fill('not the password');
  await member.getByLabel('New password').fill(secrets.changed);
  await press(member, 'Change password');
  await member.getByText('That is not your password.').waitFor();
  await shoot(member, 'people-change-password');
  await member.getByLabel('Current password').fill(demo.member.password);
  await member.getByLabel('New password').fill(secrets.changed);
  await press(member, 'Change password');
  await member.getByText('Your password is changed.').waitFor();
  await elsewhere.goto(`${base}/clients`);
  assert(path(elsewhere) === '/login', 'the other session lives');
});

await step('new recovery codes ask a code and replace the old ones', async () => {
  await guest.goto(`${base}/profile`);
  await shoot(guest, 'people-profile-mfa');
  await follow(guest, 'New recovery codes');
  await guest.getByLabel('Authentication Code').fill('000000');
  await press(guest, 'Make new codes');
  await guest.getByText('That code is not right.').waitFor();
  await shoot(guest, 'people-new-codes');
});

await step('an admin changes a role: the person has to log in again', async () => {
  await admin.goto(`${base}/settings/team`);
  await follow(admin, 'Nina Newcomer');
  await heading(admin, 'Nina Newcomer');
  await shoot(admin, 'people-member');
  await admin.getByLabel('Role').selectOption('Admin');
  await press(admin, 'Change role');
  await admin.getByText('Nina Newcomer is an admin now').waitFor();
  await guest.goto(`${base}/clients`);
  assert(path(guest) === '/login', 'the session lives');
});

await step('resetting her second factor asks for the admin\'s own code, and she is told', async () => {
  await admin.getByRole('button', { name: 'Reset MFA' }).click();
  await admin.getByText('Your own Authentication Code').waitFor();
  await admin.getByLabel('Your own Authentication Code').fill('000000');
  await press(admin, 'Reset MFA');
  await admin.getByText('That code is not right.').waitFor();
  await shoot(admin, 'people-reset-mfa');
  await admin.getByLabel('Your own Authentication Code').fill(totp(adminMfa.key, 1));
  await press(admin, 'Reset MFA');
  await admin.getByText('has to set up Multi-Factor Authentication again').waitFor();
  const text = await mail(nina.email, 'Your Multi-Factor Authentication was reset');
  assert(text.includes('It was reset by Holly Harbour.'), text);
});

await step('deactivated: out at once; activated: in again', async () => {
  await logIn(guest, nina);
  await heading(guest, 'Clients');
  await press(admin, 'Deactivate');
  await admin.getByText('is deactivated and logged out everywhere').waitFor();
  await shoot(admin, 'people-member-off');
  await guest.goto(`${base}/clients`);
  assert(path(guest) === '/login', 'the session lives');
  await logIn(guest, nina);
  await guest.getByText('That email and password do not match.').waitFor();
  await press(admin, 'Activate');
  await admin.getByText('can log in again').waitFor();
  await logIn(guest, nina);
  await heading(guest, 'Clients');
});

await step('the last admin stays', async () => {
  await admin.getByLabel('Role').selectOption('Member');
  await press(admin, 'Change role');
  await admin.getByText('is a member now').waitFor();
  await admin.goto(`${base}/settings/team`);
  await follow(admin, 'Holly Harbour');
  await press(admin, 'Deactivate');
  await admin.getByRole('alert').getByText('This is the only admin who can log in.').waitFor();
  await shoot(admin, 'people-last-admin');
});

await step('no page reported a script error, a CSP breach or a foreign request', async () => {
  for (const page of [admin, guest, member]) assert(page.troubles.length === 0, page.troubles.join('\n'));
});

await browser.close();
finish();
