// The flows of the client list: by hand, from a file, found again, put right.
import { assert } from './site.mjs';
import { sql } from './firm.mjs';
import { aClient } from './flow_steps.mjs';

const csv = (text) => ({ name: 'clients.csv', mimeType: 'text/csv', buffer: Buffer.from(text) });
const HEADS = 'Client Name,First Name,Last Name,Client Email\n';

export const byHand = [
  ['a client by hand: add, correct, edit, archive, restore', async ({ admin }) => {
    await admin.press('Clients');
    await admin.press('Add clients');
    await admin.press('Save');
    await admin.sees("Enter the client's name.");
    await admin.fill('Client name', 'Harakeke Weaving');
    await admin.fill('Contact first name', 'Mere');
    await admin.fill('Contact email', 'mere@harakeke.example');
    await admin.press('Save');
    await admin.heading('Harakeke Weaving');
    await admin.press('Edit');
    await admin.fill('Client name', 'Harakeke Weavers');
    await admin.choose('Status', 'Prospect');
    await admin.press('Save');
    await admin.heading('Harakeke Weavers');
    await admin.press('Archive');
    await admin.press('Restore');
    await admin.finds('Archive');
  }],
  ['deleted for good, told by the bell, and allowed again', async ({ admin }) => {
    await admin.press('Delete for good');
    await admin.heading(/^Delete .* for good\?$/);
    await admin.press('Delete for good');
    await admin.sees('The client is being deleted for good.');
    await admin.press(/^Notifications/);
    await admin.sees('A client was deleted for good');
    await admin.press('Mark as read');
    await admin.press('Mark as unread');
    await admin.press('Mark all as read');
    await admin.press(/^Unread/);
    await admin.heading('You have read everything');
    await admin.press('Clients');
    await admin.press('Archived');
    await admin.press('Clients that were deleted for good');
    await admin.press(/^Allow again/);
    await admin.sees('Allowed again.');
  }],
  ['a CSV file: preview, rows left out, import; and pasted rows, cancelled', async ({ admin }) => {
    await admin.press('Clients');
    await admin.press('Import from CSV');
    await admin.upload('CSV file', csv(`${HEADS}Long Lane Motors,Sam,Lane,sam@longlane.example\n,,,x\n`));
    await admin.press('Show preview');
    await admin.heading('Preview of the import');
    assert((await admin.download('Download the rows left out')).includes('x'), 'the rows left out are not there');
    await admin.press(/^Something missing/);
    await admin.press('Import');
    await admin.sees('1 client was added with 1 contact. 1 row was left out.');
    await admin.press('Import from CSV');
    await admin.fill('Rows, with the names of the columns first', `${HEADS}Acorn,Ada,Oak,ada@oak.example`);
    await admin.press('Show preview of pasted rows');
    await admin.heading('Preview of the import');
    await admin.press('Cancel');
    await admin.sees('Import cancelled. Nothing was added.');
  }],
];

export const list = [
  ['the list: search, order, filters, pages, export, a day of the past', async ({ member }) => {
    await member.press('Clients');
    await member.fill('Search clients', 'zzzzqqqq');
    await member.press('Search');
    await member.heading('No clients match');
    await member.press('show all clients');
    await member.choose('Sort by', 'Name, Z to A');
    await member.press('Search');
    await member.page.waitForURL(/sort=name-down/);
    await member.choose('Sort by', 'Name, A to Z');
    await member.press('Search');
    await member.press('Next');
    await member.press('Previous');
    for (const filter of ['No Primary Contact', 'Needs attention', 'Archived', 'From XPM', 'By hand', 'Prospects', 'All']) {
      await member.press(filter);
      await member.page.locator('.filters [aria-current]').getByText(filter, { exact: true }).waitFor();
    }
    const text = await member.download('Export CSV');
    assert(text.split('\n').length > 200, 'the export is short');
    await member.press('As it was');
    await member.fill('Day', sql("SELECT (now() AT TIME ZONE time_zone)::date FROM organisation WHERE org_id = 1"));
    await member.press('Show');
    await member.sees('at the end of the day');
  }],
  ['a client: why it differs, and how it was', async ({ member }) => {
    const name = aClient();
    await member.press('Clients');
    await member.fill('Search clients', name);
    await member.press('Search');
    await member.press(name);
    await member.press('Why does this differ from XPM?');
    await member.sees(/^No difference$|by a rule of The Gap|Changed in XPM/);
    await member.press(name);
    await member.press('Show this client as it was on a day');
    await member.heading(name);
  }],
  ['what to put right in XPM: filtered, taken, given to somebody', async ({ admin, member }) => {
    await admin.press('Clients');
    await admin.press(/^Fix in XPM/);
    await admin.choose('Reason', 'No primary contact');
    await admin.press('Show');
    await admin.press(/^Assign /);
    await admin.press('I take care of it');
    await admin.sees('It is yours now.');
    await admin.press(/^Assign /);
    await admin.choose('Who takes care of it?', 'Vincent Vale');
    await admin.press('Assign');
    await admin.sees('Assigned. They find it in their bell.');
    await admin.press('Closed');
    await member.press(/^Notifications/);
    await member.sees('asked you to put something right in Xero Practice Manager.');
    await member.press('Show');
    await member.heading(/./);
  }],
];
