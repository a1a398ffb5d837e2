// The flows of the connection: preview, connect, match, sync, undo, decide, leave, come back.
import { setSandbox } from './site.mjs';
import { fresh, runsEnded, sql } from './firm.mjs';
import { aClient, allow, integrations, menu, setUp } from './flow_steps.mjs';

/** Update Xero Clients, without its cool-down, until the run has ended. */
async function update(who) {
  const ended = runsEnded();
  sql('UPDATE connection SET manual_ended_at = NULL');
  await who.press('Clients');
  await who.press('Update Xero Clients');
  await ended();
}

/** The ids that XPM has for two clients of one contact each. */
function oneContactEach() {
  return sql(`SELECT c.xpm_id FROM client c JOIN client_contact l USING (org_id, client_id) JOIN contact k USING (org_id, contact_id)
    WHERE c.xpm_id IS NOT NULL AND c.archived_at IS NULL AND k.email <> '' GROUP BY c.client_id, c.xpm_id
    HAVING count(*) = 1 ORDER BY c.client_id DESC LIMIT 2`).split('\n');
}

/** Something XPM has done by mistake: the next sync would take away too much. */
async function held(who) {
  await setSandbox({ edit: 'archive', client: '#50', count: '15%' });
  await update(who);
  await integrations(who);
  await who.press('Review changes');
  await who.heading('Review changes');
}

export const connecting = [
  ['Preview first: the second factor, Xero, what would come, Cancel', async ({ admin }, known) => {
    await integrations(admin);
    await admin.press('Preview first');
    await setUp(admin);
    await allow(admin);
    await admin.finds('Show the preview');
    await admin.press('Show the preview');
    await admin.finds('Import');
    const row = admin.page.getByRole('region', { name: 'The first clients' }).locator('tbody tr')
      .filter({ hasText: /^[A-Z][^=]*@/ }).first();
    known.sample = { name: await row.locator('th').innerText(), email: await row.locator('td').nth(1).innerText() };
    await admin.press('Cancel');
    await admin.sees('Cancelled. Nothing was imported.');
    await admin.finds('Connect');
  }],
  ['Connect: Xero, the first import, the bar', async ({ admin }, known) => {
    await admin.press('Clients');
    await admin.press('Add clients');
    await admin.fill('Client name', known.sample.name);
    await admin.fill('Contact first name', 'Hand');
    await admin.fill('Contact email', known.sample.email);
    await admin.press('Save');
    await admin.heading(known.sample.name);
    await integrations(admin);
    await admin.press('Connect');
    await allow(admin);
    await admin.sees(admin.scripts ? 'All clients have been imported from XPM.' : 'Connected since');
    await admin.finds('Disconnect');
  }],
  ['the others are asked for a second factor: later, and now', async ({ member, guest: nina }) => {
    await member.go('/mfa/notice');
    await member.press('Remind me later');
    await member.heading('Clients');
    await menu(member, 'My profile');
    await member.press('Configure Multi-Factor Authentication');
    await setUp(member);
    await member.heading('Clients');
    sql('UPDATE organisation SET mfa_grace_days = 0');
    await nina.go('/clients');
    await nina.press('Set up now');
    await setUp(nina);
    await nina.heading('Clients');
  }],
  ['matching: the suggested one, another by search, and back', async ({ admin }, known) => {
    await integrations(admin);
    await admin.press('Match clients');
    await admin.press('Confirm 1 match');
    await admin.finds(/^Undo match/);
    await admin.press(/^Undo match/);
    await admin.finds(new RegExp(`^Choose.*: ${known.sample.name}$`));
    await admin.press('Choose: Long Lane Motors');
    await admin.heading('Match Long Lane Motors to an XPM client');
    await admin.fill('Search clients of XPM', 'ltd');
    await admin.press('Search');
    await admin.press(/^Same client/);
    await admin.finds(/^Undo match/);
  }],
  ['the connection is tested, and the practice renamed', async ({ admin }) => {
    fresh();
    await integrations(admin);
    await admin.press('Test the connection');
    await admin.press('Test now');
    await admin.sees('The connection works.');
    await admin.press('Integrations');
    await admin.press('Rename the practice here');
    await admin.fill('Name shown in The Gap', 'Harbour Practice');
    await admin.press('Rename');
    await admin.sees('The practice has a new name here.');
    await admin.press('Multi-Factor Authentication for members');
    await admin.fill('Days before Multi-Factor Authentication is required', '1');
    await admin.press('Save');
    await admin.sees('Saved.');
  }],
];

export const syncing = [
  ['a client that is gone is joined with the one it lives on in', async ({ admin }) => {
    const [from, into] = oneContactEach();
    await setSandbox({ edit: 'share-contact', client: from, into });
    await update(admin);
    await setSandbox({ edit: 'delete', client: from });
    await update(admin);
    await integrations(admin);
    await admin.press('Match clients');
    await admin.press(/^Gone from XPM/);
    await admin.press(/^Join: /);
    await admin.sees(/, gone from XPM$/);
  }],
  ['an update, and what is new since a last look', async ({ admin, member }) => {
    await setSandbox({ day: '2' });
    await update(admin);
    await member.press('Clients');
    await member.press('Show what has changed');
    await member.page.waitForURL(/filter=since/);
    await member.press('Clients');
    await member.press('Seen');
    await member.finds('Search');
  }],
  ['the history: filters, tabs, and a sync undone and let go on', async ({ admin }) => {
    await admin.press('Sync history');
    await admin.choose('Trigger', 'Manual');
    await admin.choose('Result', 'Complete');
    await admin.press('Show');
    await admin.press(/^\d+ \w+ \d{4}, \d\d:\d\d$/);
    for (const tab of ['Skipped', 'Failed', 'Log', 'Changes']) {
      await admin.press(new RegExp(`^${tab}`));
      await admin.heading(tab);
    }
    fresh();
    await admin.press('Undo this sync');
    await admin.heading(/^Undo the sync of/);
    await admin.press('Undo this sync');
    await admin.heading('This sync has been undone');
    await admin.press('Show what was put back');
    await admin.press(/^Lift all holds/);
    await admin.sees(/hold .*is lifted/);
  }],
  ['a sync that would take away too much: looked at again, discarded, applied', async ({ admin }) => {
    await held(admin);
    let ended = runsEnded();
    await admin.press('Look again');
    await ended();
    await integrations(admin);
    await admin.press('Review changes');
    await admin.press('Discard');
    await admin.finds('Update Xero Clients');
    await held(admin);
    ended = runsEnded();
    await admin.press(/^Apply these changes/);
    await ended();
  }],
];

export const leaving = [
  ['a standby has to be another Xero log-in', async ({ guest: nina }) => {
    fresh();
    await integrations(nina);
    await nina.press('Add a standby');
    await allow(nina);
    await nina.sees('A standby needs another Xero log-in');
  }],
  ['Disconnect: read only, made editable, edited, and XPM again', async ({ admin }) => {
    fresh();
    await integrations(admin);
    await admin.press('Disconnect');
    await admin.heading('Disconnect Xero Practice Manager?');
    await admin.tick('Keep read only');
    await admin.press('Disconnect');
    await admin.sees('are kept read only');
    await admin.press('Make editable');
    await admin.sees('become editable');
    await admin.press('Clients');
    await admin.press('From XPM');
    await admin.press(aClient());
    await admin.press('Edit');
    await admin.fill('Client name', 'Edited by hand');
    await admin.press('Save');
    await admin.heading('Edited by hand');
    await admin.press('Reconnect');
    await admin.press('Connect');
    await allow(admin);
    await admin.finds('Review changes');
    await admin.press('Review changes');
    await admin.heading('Edits made while disconnected');
    await admin.press("Replace with XPM's");
    await admin.finds('Disconnect');
  }],
  ['removal in 30 days, and not after all', async ({ admin }) => {
    fresh();
    await admin.press('Disconnect');
    await admin.heading('Disconnect Xero Practice Manager?');
    await admin.tick('Remove in 30 days');
    await admin.press('Disconnect');
    await admin.press('Cancel the removal');
    await admin.sees('The removal is cancelled.');
  }],
];
