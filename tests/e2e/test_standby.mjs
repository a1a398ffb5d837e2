// Two people's log-ins at Xero: one without a practice, a second admin's as standby, the first switched off as when
// an accountant leaves, and handing over when who connected is deactivated here.
import {
  allowAccess, assert, base, demo, finish, logIn, openBrowser, person, sandbox, setUpMfa, shoot, step, totp,
} from './site.mjs';

const browser = await openBrowser();
const first = await person(browser);
const second = await person(browser);
const panel = await person(browser);
const tile = `${base}/settings/integrations`;
let secondMfa;

const fact = (page, name) => page.locator('.facts > div').filter({ has: page.getByText(name, { exact: true }) });
const press = (page, name) => page.getByRole('button', { name, exact: true }).click();

async function change(who, name, fields, button, told) {
  await who.goto(`${base}/settings/team`);
  await who.getByRole('link', { name }).first().click();
  for (const [label, value] of Object.entries(fields)) await who.getByLabel(label).selectOption({ label: value });
  await who.getByRole('button', { name: button }).first().click();
  if (told) await who.getByRole('status').filter({ hasText: told }).waitFor();
}

async function switchTo(word, label) {
  await panel.goto(`${sandbox}/sandbox`);
  await press(panel, `Switch ${word} ${label}`);
  await panel.getByRole('button', { name: `Switch ${word === 'off' ? 'on' : 'off'} ${label}`, exact: true }).waitFor();
}

await step('one admin connects as the practice owner, who is chosen already', async () => {
  await logIn(first, demo.admin);
  await first.goto(tile);
  await press(first, 'Connect');
  await setUpMfa(first);
  await first.getByLabel('Email address').waitFor();
  assert(await first.getByLabel('Practice owner').isChecked(), 'the practice owner is not chosen');
  await allowAccess(first, 'people-xero');
  await first.getByRole('status').filter({ hasText: 'All clients have been imported from XPM' }).waitFor({ timeout: 60000 });
});

await step('a second admin', async () => {
  await logIn(second, demo.member);
  await second.getByRole('link', { name: 'Set up now' }).or(second.getByRole('button', { name: 'Set up now' })).click();
  secondMfa = await setUpMfa(second);
  await change(first, 'Vincent Vale', { Role: 'Admin' }, /role/i, 'is an admin now');
  await logIn(second, demo.member);
  await second.getByLabel('Authentication Code').fill(totp(secondMfa.key, 1));
  await press(second, 'Log in');
});

await step('without a practice a log-in is no standby, and the tile says so', async () => {
  await second.goto(tile);
  await press(second, 'Add a standby');
  await second.getByLabel('Email address').fill(demo.xero.email);
  await second.getByLabel('Password').fill(demo.xero.password);
  await second.getByLabel('Someone without a practice').check();
  await press(second, 'Log in');
  await second.getByText("You don't have access to connect any Xero Practice Manager accounts").waitFor();
  await shoot(second, 'people-without-practice');
  await press(second, 'Cancel');
  await second.getByRole('note').filter({ hasText: 'Nobody stands by; the connection is as it was' }).waitFor();
  await shoot(second, 'people-standby-cancelled');
});

await step('the second admin consents as standby, with another log-in in the same browser', async () => {
  await press(second, 'Add a standby');
  await second.getByRole('link', { name: 'Use another log-in' }).click();
  await allowAccess(second, 'people-standby', 'Practice manager');
  await fact(second, 'Standby').filter({ hasText: 'Vincent Vale' }).waitFor({ timeout: 30000 });
  await shoot(second, 'people-standby-added');
});

await step('the first log-in is switched off: the standby takes over, and the next sync runs', async () => {
  await switchTo('off', 'Practice owner');
  await shoot(panel, 'people-panel');
  await second.goto(tile);
  await press(second, 'Update Xero Clients');
  await second.goto(tile);
  await fact(second, 'Connected since').filter({ hasText: 'by Vincent Vale' }).waitFor({ timeout: 60000 });
  await second.goto(`${base}/syncs`);
  await second.getByRole('row').filter({ hasText: 'Manual' }).filter({ hasText: 'Complete' }).waitFor({ timeout: 60000 });
  await second.goto(tile);
  await second.getByRole('button', { name: 'Update Xero Clients' }).waitFor();
  await shoot(second, 'people-taken-over');
  await second.goto(`${base}/notifications`);
  await second.getByText(/Vincent Vale.*Xero log-in has taken over the connection/).waitFor();
  await shoot(second, 'people-taken-over-notices');
});

await step('who is switched off cannot log in at Xero, and is told so there', async () => {
  await first.goto(tile);
  await press(first, 'Add a standby');
  await first.getByLabel('Email address').fill(demo.xero.email);
  await first.getByLabel('Password').fill(demo.xero.password);
  await press(first, 'Log in');
  await first.getByRole('alert').filter({ hasText: 'This log-in has been switched off' }).waitFor();
  await shoot(first, 'people-switched-off');
});

await step('on again, who connected first stands by in turn, and takes over when the other is deactivated', async () => {
  await switchTo('on', 'Practice owner');
  await first.goto(tile);
  await press(first, 'Add a standby');
  await allowAccess(first);
  await fact(first, 'Standby').filter({ hasText: 'Holly Harbour' }).waitFor({ timeout: 30000 });
  await change(first, 'Vincent Vale', {}, 'Deactivate', 'is deactivated and logged out everywhere');
  await first.goto(tile);
  await fact(first, 'Connected since').filter({ hasText: 'by Holly Harbour' }).waitFor({ timeout: 60000 });
  await first.getByRole('link', { name: 'Test the connection' }).click();
  await press(first, 'Test now');
  await first.getByText('The connection works.').waitFor({ timeout: 30000 });
});

await browser.close();
finish();
