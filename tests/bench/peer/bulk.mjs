// A competent bulk connector in Node, as a firm would write it: fast-xml-parser, then UNNEST in
// batches with ON CONFLICT … WHERE something differs, in one transaction, as a superuser (no row-level
// security). It keeps no history, no flags, no searched text, no counters, no notices.
import { XMLParser } from 'fast-xml-parser';

const BATCH = 1000;
const parser = new XMLParser({ ignoreAttributes: true, parseTagValue: false, isArray: (name) => name === 'Client' || name === 'Contact' });
const or = (text) => (text === undefined || text === '' ? null : text);

/** The document as rows of the three tables. */
export function rowsOf(text) {
  const { Response } = parser.parse(text);
  if (Response.Status !== 'OK') throw new Error('the list is not OK');
  const rows = { clients: [], contacts: [], links: [] };
  for (const c of Response.Clients.Client) {
    if (c.IsProspect === 'Yes') continue;
    rows.clients.push([c.UUID, c.Name.trim(), or(c.WebUrl), c.IsArchived === 'Yes' || c.IsDeleted === 'Yes']);
    (c.Contacts?.Contact ?? []).filter((k) => k.IsDeleted !== 'Yes').forEach((k, ord) => {
      rows.contacts.push([k.UUID, k.Name, or(k.Email), or(k.Phone) ?? or(k.Mobile)]);
      rows.links.push([c.UUID, k.UUID, k.IsPrimary === 'Yes', ord + 1]);
    });
  }
  return rows;
}

const columns = (rows) => rows[0].map((_, i) => rows.map((r) => r[i]));

export const statements = {
  clients: `INSERT INTO gap.client AS t (org_id, tenant_id, xpm_id, name, web_url, archived_at, archived_reason)
    SELECT $1, $2, x.id, x.name, x.url, CASE WHEN x.gone THEN now() END, CASE WHEN x.gone THEN 'archived_in_xpm' END
    FROM unnest($3::uuid[], $4::text[], $5::text[], $6::boolean[]) x (id, name, url, gone)
    ON CONFLICT (org_id, tenant_id, xpm_id) WHERE xpm_id IS NOT NULL DO UPDATE
    SET name = excluded.name, web_url = excluded.web_url, archived_at = excluded.archived_at,
      archived_reason = excluded.archived_reason, changed_at = now()
    WHERE (t.name, t.web_url, t.archived_at IS NULL) IS DISTINCT FROM (excluded.name, excluded.web_url, excluded.archived_at IS NULL)`,
  contacts: `INSERT INTO gap.contact AS t (org_id, tenant_id, xpm_id, name, email, phone)
    SELECT $1, $2, x.* FROM unnest($3::uuid[], $4::text[], $5::text[], $6::text[]) x
    ON CONFLICT (org_id, tenant_id, xpm_id) WHERE xpm_id IS NOT NULL DO UPDATE
    SET name = excluded.name, email = excluded.email, phone = excluded.phone, changed_at = now()
    WHERE (t.name, t.email, t.phone) IS DISTINCT FROM (excluded.name, excluded.email, excluded.phone)`,
  links: `INSERT INTO gap.client_contact AS t (org_id, tenant_id, client_id, contact_id, is_primary, ord)
    SELECT $1, $2, c.client_id, k.contact_id, x.is_primary, x.ord
    FROM unnest($3::uuid[], $4::uuid[], $5::boolean[], $6::integer[]) x (client, contact, is_primary, ord)
    JOIN gap.client c ON c.org_id = $1 AND c.tenant_id = $2 AND c.xpm_id = x.client
    JOIN gap.contact k ON k.org_id = $1 AND k.tenant_id = $2 AND k.xpm_id = x.contact
    ON CONFLICT (org_id, client_id, contact_id) DO UPDATE SET is_primary = excluded.is_primary, ord = excluded.ord
    WHERE (t.is_primary, t.ord) IS DISTINCT FROM (excluded.is_primary, excluded.ord)`,
};
const gone = `UPDATE gap.client SET archived_at = now(), archived_reason = 'gone_from_xpm'
  WHERE org_id = $1 AND tenant_id = $2 AND archived_at IS NULL AND xpm_id <> ALL ($3::uuid[])`;

/** What our triggers keep (history, the list as it was, data versions) is not the peer's to pay for. */
const triggers = (what) => ['client', 'contact', 'client_contact']
  .map((table) => `ALTER TABLE gap.${table} ${what} TRIGGER USER`).join('; ');

/** One run, whole: parse, write what differs, archive what is gone. `batch` 1 is the naive way. */
export async function sync(db, org, tenant, text, batch = BATCH) {
  const rows = rowsOf(text);
  await db.query('BEGIN');
  await db.query(triggers('DISABLE'));
  await db.query("SELECT set_config('gap.org_id', $1, true)", [String(org)]);
  for (const table of ['clients', 'contacts', 'links']) {
    for (let at = 0; at < rows[table].length; at += batch) {
      const values = [org, tenant, ...columns(rows[table].slice(at, at + batch))];
      await db.query({ name: `${table}-${batch}`, text: statements[table], values });
    }
  }
  await db.query(gone, [org, tenant, rows.clients.map((c) => c[0])]);
  await db.query(triggers('ENABLE'));
  await db.query('COMMIT');
}

/** What both must have made of the list, as one hash. */
export async function digest(db, org) {
  const { rows } = await db.query(`SELECT md5(string_agg(line, E'\\n' ORDER BY line)) AS sum FROM (
    SELECT concat_ws('|', c.xpm_id, c.name, c.web_url, c.archived_at IS NULL) AS line FROM gap.client c WHERE c.org_id = $1
    UNION ALL SELECT concat_ws('|', k.xpm_id, k.name, k.email, k.phone) FROM gap.contact k WHERE k.org_id = $1
    UNION ALL SELECT concat_ws('|', c.xpm_id, k.xpm_id, l.is_primary, l.ord) FROM gap.client_contact l
      JOIN gap.client c USING (org_id, client_id) JOIN gap.contact k USING (org_id, contact_id) WHERE l.org_id = $1) x`, [org]);
  return rows[0].sum;
}
