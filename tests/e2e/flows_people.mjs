// The flows of people: log-in, invitation, organisation, profile, factors, team.
import { demo } from './site.mjs';
import { fresh, linkMailed, sql } from './firm.mjs';
import { code, menu, saved, setUp } from './flow_steps.mjs';
import { png } from './png.mjs';

const guest = { name: 'Nina Newcomer', email: 'nina@harbourvale.example', password: 'forty brass lanterns' };

export const people = [
  ['a wrong password, a forgotten one, a new one by mail', async ({ member }) => {
    await member.logIn({ ...demo.member, password: 'not it' });
    await member.sees('That email and password do not match');
    await member.press('Forgot password');
    await member.fill('Email', demo.member.email);
    await member.press('Send the link');
    await member.heading('Check your mail');
    await member.go(await linkMailed(demo.member.email, '/password/reset/'));
    await member.fill('New password', 'sixty tin whistles');
    await member.press('Save password');
    await member.sees('Your password is saved');
    member.account = { ...demo.member, password: 'sixty tin whistles' };
    await member.logIn(member.account);
    await member.heading('Clients');
  }],
  ['the organisation: name, zone, days of grace, logo', async ({ admin }) => {
    await admin.logIn(demo.admin);
    await admin.heading('Clients');
    await menu(admin, 'Org Settings');
    await admin.heading('General Information');
    await admin.fill('Time zone', 'Nowhere/City');
    await admin.press('Save');
    await admin.sees('This time zone is not known.');
    await admin.fill('Time zone', 'Pacific/Auckland');
    await admin.fill('Organisation name', 'Harbour & Vale');
    await admin.fill('Days before Multi-Factor Authentication is required', '3');
    await admin.press('Save');
    await admin.sees('Saved.');
    await admin.upload('Picture', { name: 'logo.png', mimeType: 'image/png', buffer: png(96, 96) });
    await admin.press('Upload logo');
    await admin.sees('Logo saved.');
    await admin.press('Remove logo');
    await admin.sees('Logo removed.');
  }],
  ['an invitation, from the mail to the first log-in', async ({ admin, guest: nina }) => {
    await admin.press('Team members');
    await admin.press('Invite a team member');
    await admin.fill('Name', guest.name);
    await admin.fill('Email', 'no address');
    await admin.press('Send invitation');
    await admin.sees('name@example.com');
    await admin.fill('Email', guest.email);
    await admin.choose('Role', 'Admin');
    await admin.press('Send invitation');
    await admin.sees(`An invitation is on its way to ${guest.email}.`);
    await nina.go(await linkMailed(guest.email, '/invite/'));
    await nina.fill('New password', guest.password);
    await nina.press('Save password');
    await nina.sees('Your password is saved');
    await nina.logIn(guest);
    await nina.heading('Clients');
  }],
];

export const accounts = [
  ['the profile: zone, mails, password, another session', async ({ member, spare }) => {
    spare.key = member.key;
    await spare.logIn(member.account);
    await code(spare);
    await spare.press('Log in');
    await spare.heading('Clients');
    fresh();
    await menu(member, 'My profile');
    await member.fill('Time zone', 'Europe/London');
    await member.press('Save');
    await member.sees('Saved.');
    await member.press('Log out there');
    await member.sees('Logged out there.');
    await member.press('Choose emails');
    await member.tick('Every Monday at 7:00');
    await member.press('Save');
    await member.sees('Saved.');
    await member.press('My profile');
    await member.press('Change password');
    await member.fill('Current password', member.account.password);
    await member.fill('New password', 'nine slow rivers');
    await member.press('Change password');
    await member.sees('Your password is changed.');
  }],
  ['factors: new recovery codes, another authenticator, a passkey', async ({ admin }) => {
    fresh();
    await menu(admin, 'My profile');
    await admin.press('New recovery codes');
    await code(admin);
    await admin.press('Make new codes');
    await admin.heading('Save your recovery codes');
    await saved(admin);
    await menu(admin, 'My profile');
    await admin.press('Change authenticator');
    await setUp(admin);
    await menu(admin, 'My profile');
    await admin.press('Add a passkey');
    if (!admin.scripts) return admin.page.locator('noscript .note').waitFor();
    await admin.fill('Name', 'Desk computer');
    await admin.press('Add passkey');
    await admin.sees('The passkey is added.');
    await admin.press('Desk computer');
    await admin.fill('Name', 'Kitchen laptop');
    await admin.press('Save name');
    await admin.press('Kitchen laptop');
    await admin.press('Remove passkey');
    return admin.sees('The passkey is removed.');
  }],
  ['a member of the team: role, second factor, access', async ({ admin }) => {
    fresh();
    await menu(admin, 'Org Settings');
    await admin.press('Team members');
    await admin.press('MFA enabled');
    await admin.press(guest.name);
    await admin.choose('Role', 'Member');
    await admin.press('Change role');
    await admin.sees('is a member now');
    await admin.press('Reset MFA');
    await admin.heading(/^Reset Multi-Factor Authentication of/);
    await code(admin, 'Your own Authentication Code');
    await admin.press('Reset MFA');
    await admin.sees('has to set up Multi-Factor Authentication again');
    await admin.press('Deactivate');
    await admin.press('Activate');
    await admin.sees('can log in again');
  }],
  ['help, and the activity log', async ({ admin }) => {
    await admin.press('Help');
    await admin.heading('In seven steps');
    await admin.press('Syncs');
    await menu(admin, 'Org Settings');
    await admin.press('Activity log');
    await admin.press('Check the log');
    await admin.sees(/^Checked just now: all/);
    await admin.press('Signing in');
    await admin.press('All');
  }],
  ['log out, and in with a recovery code', async ({ admin }) => {
    await menu(admin, 'Log out');
    await admin.logIn(demo.admin);
    await admin.press('Lost your code generator?');
    await admin.fill('Recovery code', admin.codes[0]);
    await admin.press('Log in');
    await admin.heading('Clients');
  }],
];
