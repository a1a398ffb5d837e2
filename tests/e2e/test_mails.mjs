// Notifications, the choice of mails, the organisation's logo, and paper: the list and a client as printed.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  allowAccess, assert, base, demo, finish, logIn, openBrowser, person, setUpMfa, shoot, state, step,
} from './site.mjs';
import { png } from './png.mjs';

const browser = await openBrowser();
const admin = await person(browser);
const press = (name) => admin.getByRole('button', { name, exact: true }).click();
const heading = (name) => admin.getByRole('heading', { name, exact: true }).waitFor();

await step('first visit: log-in, terms, nothing there', async () => {
  await admin.goto(`${base}/login`);
  await shoot(admin, 'first-login');
  await admin.getByLabel('Email').fill('nobody@example.com');
  await admin.getByLabel('Password', { exact: true }).fill('wrong');
  await press('Log in');
  await shoot(admin, 'first-login-wrong');
  await admin.goto(`${base}/nothing-here`);
  await shoot(admin, 'first-not-found');
});

await step('an empty start', async () => {
  await logIn(admin, demo.admin);
  for (const [path, name] of [['/clients', 'empty-clients'], ['/syncs', 'empty-syncs'],
    ['/notifications', 'empty-notifications'], ['/help', 'help-first']]) {
    await admin.goto(base + path);
    await shoot(admin, name);
  }
});

await step('a logo is chosen, shown on every page, and refused when it is none', async () => {
  await admin.goto(`${base}/settings`);
  const file = admin.getByLabel('Picture', { exact: true });
  await file.setInputFiles({ name: 'l.png', mimeType: 'image/png', buffer: Buffer.from('<svg onload="x">') });
  await press('Upload logo');
  await admin.getByRole('alert').getByText('no PNG or JPEG').waitFor();
  await file.setInputFiles({ name: 'l.png', mimeType: 'image/png', buffer: png(96, 96) });
  await press('Upload logo');
  await admin.getByText('Logo saved.').waitFor();
  await shoot(admin, 'settings-logo');
  await admin.goto(`${base}/clients`);
  const wide = await admin.locator('.org-logo').evaluate((img) => img.naturalWidth);
  assert(wide === 96, `the browser shows ${wide} pixels`);
});

await step('connect, so that there is something to tell', async () => {
  await admin.goto(`${base}/settings/integrations`);
  await press('Connect');
  await setUpMfa(admin);
  await allowAccess(admin);
  await admin.getByText('Connected', { exact: true }).waitFor({ timeout: 60000 });
});

await step('the bell counts, one notice is read, unread and opened', async () => {
  await admin.goto(`${base}/notifications`);
  await shoot(admin, 'notifications-new');
  await press('Mark as read');
  await press('Mark as unread');
  await admin.getByRole('link', { name: 'Notifications, 1 unread' }).waitFor();
  await press('Show');
  assert(new URL(admin.url()).pathname.startsWith('/syncs/'), `Show leads to ${admin.url()}`);
  assert(await admin.getByRole('link', { name: 'Notifications, 1 unread' }).count() === 0, 'still counted');
});

await step('which mails', async () => {
  await admin.goto(`${base}/profile`);
  await admin.getByRole('link', { name: 'Choose emails' }).click();
  await heading('Emails');
  await admin.getByLabel('Syncing works again after that').uncheck();
  await admin.getByLabel('Every Monday at 7:00').check();
  await press('Save');
  await admin.getByText('Saved.').waitFor();
  assert(!await admin.getByLabel('Syncing works again after that').isChecked(), 'still on');
  await shoot(admin, 'profile-mails');
});

await step('a mail in HTML', async () => {
  const folder = join(state, 'mail');
  let text;
  for (let i = 0; i < 100 && text === undefined; i += 1) {
    try {
      text = readdirSync(folder).map((f) => readFileSync(join(folder, f), 'utf8'))
        .find((m) => m.includes('Set up Multi-Factor Authentication'));
    } catch { /* not made yet */ }
    await new Promise((done) => { setTimeout(done, 100); });
  }
  const html = text.slice(text.indexOf('<!doctype html>'), text.indexOf('</html>') + 7);
  const reader = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  await reader.setContent(html);
  for (const colorScheme of ['light', 'dark']) {
    await reader.emulateMedia({ colorScheme });
    await reader.screenshot({ path: `build/screenshots/mail-${colorScheme}.png` });
  }
  await reader.close();
});

await step('paper: the list and a client', async () => {
  await admin.goto(`${base}/clients`);
  await admin.emulateMedia({ media: 'print', colorScheme: 'dark' });
  await admin.setViewportSize({ width: 794, height: 1123 });
  await admin.screenshot({ path: 'build/screenshots/print-clients.png' });
  const pdf = await admin.pdf({ format: 'A4', path: 'build/screenshots/print-clients.pdf' });
  assert(pdf.length > 1000, 'no PDF');
  for (const gone of ['.appbar', '.filters', '.search', '.pager', '.foot']) {
    for (const part of await admin.locator(gone).all()) assert(!await part.isVisible(), `${gone} is printed`);
  }
  const over = await admin.evaluate(() => [...document.querySelectorAll('html, .table-wrap')].map((e) => e.scrollWidth - e.clientWidth));
  assert(Math.max(...over) <= 1, `the paper is too narrow by ${over} px`);
  const ground = await admin.evaluate(() => getComputedStyle(document.body).backgroundColor);
  assert(['rgb(255, 255, 255)', 'rgba(0, 0, 0, 0)'].includes(ground), `ink on the whole sheet: ${ground}`);
  await admin.emulateMedia({ media: 'screen' });
  await admin.locator('tbody tr a').first().click();
  await admin.emulateMedia({ media: 'print', colorScheme: 'dark' });
  await admin.screenshot({ path: 'build/screenshots/print-client.png' });
  assert((await admin.locator('main a[href^="https"]').count()) === 0
    || await admin.locator('main a[href^="https"]').first().isHidden(), 'a button is printed');
  await admin.emulateMedia({ media: 'screen', colorScheme: 'light' });
});

await browser.close();
finish();
