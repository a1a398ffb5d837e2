// Clients from a CSV file, through the real nginx: the file chooser, the preview, "Import", what is left out,
// 10 MB, and the same without JavaScript.
import { readFileSync } from 'node:fs';
import {
  assert, base, demo, finish, logIn, openBrowser, person, shoot, step,
} from './site.mjs';
import { holdImports, sql } from './firm.mjs';

const browser = await openBrowser();
const member = await person(browser);
const plain = await person(browser, { javaScriptEnabled: false, viewport: { width: 390, height: 844 } });
const path = (page) => new URL(page.url()).pathname;
const heading = (page, name) => page.getByRole('heading', { name, exact: true }).waitFor();
const press = (page, name) => page.getByRole('button', { name, exact: true }).click();
const follow = (page, name) => page.getByRole('link', { name, exact: true }).first().click();
const HEADS = 'Client Name,First Name,Last Name,Client Email,Phone,Status,Primary,Tax number\n';

/** By the chooser that the browser opens, as a person does it. */
async function choose(page, name, text) {
  const opened = page.waitForEvent('filechooser');
  await page.getByLabel('CSV file').click();
  await (await opened).setFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(text) });
  await press(page, 'Show preview');
}

async function download(page, link) {
  const came = page.waitForEvent('download');
  await follow(page, link);
  return readFileSync(await (await came).path(), 'utf8');
}

await step('the list leads to the import, and the template can be filled in', async () => {
  await logIn(member, demo.member);
  await member.goto(`${base}/clients`);
  await follow(member, 'Import from CSV');
  await heading(member, 'Import from CSV');
  await shoot(member, 'import-1-choose');
  const template = await download(member, 'Download the template');
  assert(template.startsWith('Client Name,First Name,Last Name,Client Email,Phone,Status,Primary\r\n'), template);
  await choose(member, 'template.csv', template);
  await heading(member, 'Preview of the import');
  await member.getByText('Example Bakery Limited').waitFor();
  await press(member, 'Cancel');
  await member.getByText('Import cancelled. Nothing was added.').waitFor();
});

await step('a file that cannot be read says why and what to do', async () => {
  await member.goto(`${base}/clients/import`);
  await choose(member, 'excel.csv', Buffer.from('\ufeffClient Name\tFirst Name\n', 'utf16le'));
  await member.getByRole('alert').getByText('Save it as "CSV UTF-8"').waitFor();
  await shoot(member, 'import-2-refused');
});

await step('each row is marked, by itself and beside the others', async () => {
  await choose(member, 'clients from the old system.csv', `${HEADS}`
    + 'Kōwhai Nurseries,Tessa,Wharehinga,tessa@kowhai.example,09 555 0142,Client,,10\n'
    + 'Kōwhai Nurseries,Piripi,Ngata,piripi@kowhai.example,,,Yes,10\n'
    + 'Kōwhai Nurseries,Tessa,Wharehinga,TESSA@kowhai.example,,,,10\n'
    + 'Long Lane Motors,Jo,,jo@longlane.example,,,,\n'
    + 'Long Lane Motors,Sam,Lane,sam@longlane.example,,,,\n'
    + '"Smith, Jones & Partners",Alex,Smith,alex.smith.example,,Client,,\n'
    + 'Tides & Co,Kim,Tide,kim@tides.example,,Friend,,\n'
    + `${'Very long name '.repeat(15)},Lee,Long,lee@long.example,,,,\n`
    + 'مكتبة النور,ليلى,حداد,layla@noor.example,+961 1 555,Prospect,,\n');
  await heading(member, 'Preview of the import');
  for (const text of ['Duplicate of row 2: the same client and email.', 'Missing last name.',
    'Row 5 of the same client has to be put right first.', 'is not an email address', 'The status is Client or Prospect.',
    'has more than 200 characters', 'These columns are not read: Tax number.']) {
    assert(await member.getByText(text).count() > 0, `no "${text}"`);
  }
  await shoot(member, 'import-3-preview');
  await member.getByRole('link', { name: 'Something missing (1)' }).click();
  await member.getByText('Long Lane Motors').waitFor();
  assert(await member.getByText('Tides & Co').count() === 0, 'the filter shows all');
  const out = await download(member, 'Download the rows left out');
  assert(out.split('\r\n').length === 8, out);
  assert(out.includes('"Missing last name."') || out.includes(',Missing last name.'), out);
});

await step('import adds the good rows, with their contacts and their history', async () => {
  await member.goto(`${base}/clients/import/preview`);
  await press(member, 'Import');
  await member.getByText('2 clients were added with 3 contacts. 6 rows were left out.').waitFor();
  await shoot(member, 'import-4-list');
  await follow(member, 'Kōwhai Nurseries');
  await member.getByText('By hand, ').first().waitFor();
  assert((await member.locator('main').innerText()).includes('(import)'), 'no "(import)"');
});

await step('a client of the list is linked from its duplicate', async () => {
  await member.goto(`${base}/clients/import`);
  await choose(member, 'again.csv', `${HEADS}KŌWHAI NURSERIES,Tessa,Wharehinga,tessa@kowhai.example,,,,\n`);
  await member.getByText('No row can be added as it is.').waitFor();
  assert(await member.getByRole('button', { name: 'Import' }).count() === 0, 'an import of nothing');
  await member.locator('main').getByRole('link', { name: 'Kōwhai Nurseries' }).click();
  assert(/\/clients\/\d+$/.test(path(member)), path(member));
});

await step('who waits for the worker may leave, come back, and look from two windows', async () => {
  await member.goto(`${base}/clients/import`);
  await choose(member, 'two.csv', `${HEADS}Fern & Frond,Rae,Fern,rae@fern.example,,,,\nGorse Ltd,Gil,Gorse,gil@gorse.example,,,,\n`);
  await heading(member, 'Preview of the import');
  const release = await holdImports();
  await press(member, 'Import');
  await heading(member, 'Importing clients');
  await member.getByText('Importing 2 clients from two.csv…').waitFor();
  await shoot(member, 'import-5-busy');
  const other = await member.context().newPage();
  await other.goto(`${base}/clients/import/preview`);
  await heading(other, 'Importing clients');
  await follow(member, 'Go to clients');
  await heading(member, 'Clients');
  await follow(member, 'Import from CSV');
  await member.getByText('two.csv is being imported.').waitFor();
  await shoot(member, 'import-6-waits');
  await follow(member, 'Show');
  await heading(member, 'Importing clients');
  // What the worker says of a failure comes to the page by itself, and Import is there again.
  sql("UPDATE import_preview SET state = 'failed', said = 'The import did not finish, and nothing was added. Select Import to try again.'");
  await member.getByRole('alert').getByText('The import did not finish').waitFor();
  await heading(member, 'Preview of the import');
  await shoot(member, 'import-7-failed');
  await press(member, 'Import');
  await heading(member, 'Importing clients');
  await press(other, 'Import'); // selected twice: this window is led to the same page
  await heading(other, 'Importing clients');
  await release();
  const said = '2 clients were added with 2 contacts. 0 rows were left out.';
  for (const page of [member, other]) {
    await page.getByRole('status').getByText(said).waitFor();
    await heading(page, 'Clients');
    assert(path(page) === '/clients', path(page));
  }
  await other.close();
  await member.goto(`${base}/clients/import`);
  await member.getByText(`two.csv has been imported. ${said}`).waitFor();
  await shoot(member, 'import-8-done');
  assert(member.troubles.length === 0, member.troubles.join('\n'));
});

await step('10 MB of rows pass through nginx, pages of 50 show them, and importing them holds up nobody', async () => {
  let text = HEADS;
  for (let n = 0; n < 49900; n += 1) {
    text += `Client ${n},Ada,Lind,ada${n}@b.example,021,,,${'x'.repeat(150)}\n`;
  }
  assert(text.length > 9e6 && text.length < 10 * 1024 * 1024, `${text.length} bytes`);
  await member.goto(`${base}/clients/import`);
  member.setDefaultTimeout(60000);
  const since = Date.now();
  await choose(member, 'big.csv', text);
  await heading(member, 'Preview of the import');
  console.log(`# ${text.length} bytes: ${Date.now() - since} ms`);
  await member.getByText('Page 1 of 998').waitFor();
  await member.getByRole('link', { name: 'Next' }).click();
  await member.getByText('Page 2 of 998').waitFor();
  const pressed = Date.now();
  await press(member, 'Import');
  await member.getByText('Importing 49,900 clients from big.csv…').waitFor();
  const toWait = Date.now() - pressed;
  assert(toWait < 5000, `the page that waits came after ${toWait} ms`);
  await member.getByText('49,900 clients were added with 49,900 contacts. 0 rows were left out.').waitFor();
  assert(path(member) === '/clients', path(member));
  console.log(`# importing: the page that waits after ${toWait} ms, the list after ${Date.now() - pressed} ms`);
  assert(member.troubles.length === 0, member.troubles.join('\n'));
});

await step('what is too large, or comes to another address, is refused with an answer', async () => {
  const post = async (url, bytes, cookies = true) => {
    const who = cookies ? member : await person(browser);
    const answer = await who.request.post(`${base}${url}`, {
      maxRedirects: 0, headers: { origin: base },
      multipart: { csrf: 'none', file: { name: 'x.csv', mimeType: 'text/csv', buffer: Buffer.alloc(bytes, 'x') } },
    });
    return answer.status();
  };
  const got = {
    'over 11 MB': await post('/clients/import', 12 * 1024 * 1024),
    'over 10 MB': await post('/clients/import', 10.5 * 1024 * 1024),
    'without a token': await post('/clients/import', 9 * 1024 * 1024),
    'without a session': await post('/clients/import', 9 * 1024 * 1024, false),
    'small, elsewhere': await post('/clients/new', 100),
    'large, elsewhere': await post('/clients/new', 100 * 1024),
  };
  const want = {
    'over 11 MB': 413, 'over 10 MB': 413, 'without a token': 403, 'without a session': 303, 'small, elsewhere': 400,
    'large, elsewhere': 413,
  };
  assert(JSON.stringify(got) === JSON.stringify(want), JSON.stringify(got));
});

await step('without JavaScript, on a phone, pasted rows are imported', async () => {
  await logIn(plain, demo.member);
  await plain.goto(`${base}/clients/import`);
  await plain.getByLabel('Rows, with the names of the columns first').fill(
    'client name;first name;last name;email\nHarvest & Hive;Bea;Comb;bea@hive.example\nHarvest & Hive;;;\n',
  );
  await press(plain, 'Show preview of pasted rows');
  await heading(plain, 'Preview of the import');
  await plain.getByText('Pasted rows, 2 rows.').waitFor();
  const wide = await plain.evaluate(() => document.documentElement.scrollWidth).catch(() => 390);
  assert(wide <= 390, `the page is ${wide} px wide`);
  await plain.goto(`${base}/clients/import`);
  await plain.getByLabel('CSV file').setInputFiles({
    name: 'hive.csv', mimeType: 'text/csv', buffer: Buffer.from(`${HEADS}Harvest & Hive,Bea,Comb,bea@hive.example,,,,\n`),
  });
  await press(plain, 'Show preview');
  await heading(plain, 'Preview of the import');
  const release = await holdImports();
  await press(plain, 'Import');
  await plain.getByText('Importing 1 client from hive.csv…').waitFor();
  const busy = await plain.evaluate(() => document.documentElement.scrollWidth).catch(() => 390);
  assert(busy <= 390, `the page that waits is ${busy} px wide`);
  await release();
  await plain.getByText('1 client was added with 1 contact. 0 rows were left out.').waitFor();
});

await browser.close();
finish();
