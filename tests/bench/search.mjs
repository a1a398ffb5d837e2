// search_ms_100k: the words of a search as gap-web asks for them, through the one function that may use
// the index; seqscan_ms_100k: the same words looked for in every row. Names, contacts, e-mails, phones.
import { readFileSync } from 'node:fs';
import pg from 'pg';
import { figure, inTurn, median, ratios, tiny } from './lib.mjs';

const found = readFileSync('sql/queries/clients.sql', 'utf8').split('-- name: ')
  .find((text) => text.startsWith('client_page_found\n')).replace(/^(--|client_page).*\n/gm, '').replace(/;\s*$/, '');
const scan = `SELECT client_id, name FROM client WHERE org_id = $1 AND archived_at IS NULL
  AND search LIKE '%' || $2 || '%' ORDER BY name, client_id LIMIT 51`;

/** Pieces of what rows hold: of a name, a contact's name, an e-mail, a phone number. */
async function wordsFrom(db) {
  const { rows } = await db.query(`SELECT lower(c.name) AS name, lower(k.name) AS contact, lower(k.email) AS email, k.phone
    FROM gap.client c JOIN gap.contact k ON k.org_id = c.org_id AND k.contact_id = c.primary_contact_id
    WHERE c.org_id = 1 AND c.archived_at IS NULL AND k.email IS NOT NULL AND length(k.phone) > 6
    ORDER BY md5(c.client_id::text) LIMIT ${tiny ? 2 : 10}`);
  return rows.flatMap((r) => [r.name.slice(0, 14), r.contact, r.email, r.phone]);
}

async function timed(words, ask) {
  const took = [];
  for (const word of words) {
    const began = process.hrtime.bigint();
    await ask(word);
    took.push(Number(process.hrtime.bigint() - began) / 1e6);
  }
  return median(took);
}

export async function search({ database }) {
  const owner = new pg.Client({ connectionString: database });
  const web = new pg.Client({ connectionString: database.replace('user=postgres', 'user=gap_web') });
  await Promise.all([owner.connect(), web.connect()]);
  try {
    const words = await wordsFrom(owner);
    await web.query("SELECT set_config('gap.org_id', '1', false)");
    await owner.query('SET search_path = gap; SET enable_indexscan = off; SET enable_bitmapscan = off');
    const find = () => timed(words, (w) => web.query({ name: 'found', text: found, values: [1, '', 0, 51, w, '{1,2,3,5,6,7,9,10,11}', 0, -1, false] }));
    figure('search_ms_after_import', await find(), 'ms');
    // An index of words takes new rows to its heart at the next vacuum, which comes by itself within
    // minutes of an import.
    await owner.query('VACUUM (ANALYZE) client, contact');
    const r = await inTurn({
      found: find,
      scan: () => timed(words.slice(0, 8), (w) => owner.query({ name: 'scan', text: scan, values: [1, w] })),
    });
    figure('search_ms_100k', r.found, 'ms');
    figure('seqscan_ms_100k', r.scan, 'ms');
    figure('search_vs_seqscan_100k', ratios(r.found, r.scan), 'ratio', 3);
  } finally {
    await Promise.all([owner.end(), web.end()]);
  }
}
