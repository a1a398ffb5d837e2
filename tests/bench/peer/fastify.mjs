// A competent Fastify + pg site of one page: the same 50 rows of the same 100,000 from the same
// database, the same number of bytes of HTML, with no session, no row-level security and no escaping.
// Two processes, a pool each, prepared statement, unix sockets on both sides.
//
//   node fastify.mjs SOCKET DATABASE PAGE    PAGE: a file with the page as gap-web sends it
import cluster from 'node:cluster';
import { readFileSync } from 'node:fs';
import Fastify from 'fastify';
import pg from 'pg';

const [socket, database, file] = process.argv.slice(2);
const PROCESSES = 2;

const query = {
  name: 'clients',
  text: `SELECT c.client_id, c.name, k.name AS contact, k.email, k.phone, c.status, c.archived_at
    FROM gap.client c LEFT JOIN gap.contact k ON k.org_id = c.org_id AND k.contact_id = c.primary_contact_id
    WHERE c.org_id = $1 AND c.archived_at IS NULL AND (c.name, c.client_id) > ($2, $3::bigint)
    ORDER BY c.name, c.client_id LIMIT 50`,
  values: [1, '', 0],
};

const row = (r, synced) => `
      <tr>
        <th scope="row" data-label="Client"><a href="/clients/${r.client_id}"><bdi>${r.name}</bdi></a></th>
        <td class="name" data-label="Name">${r.contact ? `<bdi>${r.contact}</bdi>` : '<span class="quiet">No Primary Contact</span>'}</td>
        <td class="roomy" data-label="Email">${r.email ? `<bdi>${r.email}</bdi>` : '<span class="quiet">—</span>'}</td>
        <td class="fit" data-label="Phone">${r.phone ? `<bdi>${r.phone}</bdi>` : '<span class="quiet">—</span>'}</td>
        <td class="fit" data-label="Status">${r.status === 'prospect' ? 'Prospect' : 'Client'}</td>
        <td class="fit" data-label="Source">XPM <span class="chip lock">View only</span></td>
        <td class="fit" data-label="Last synced">${synced}</td>
      </tr>`;

async function serve() {
  const page = readFileSync(file, 'utf8');
  const [head, rest] = page.split('<tbody>');
  const tail = rest.slice(rest.indexOf('</tbody>'));
  const bytes = Buffer.byteLength(page);
  const pool = new pg.Pool({ connectionString: database, max: 4 });
  const app = Fastify({ logger: false });
  app.get('/fastify', async (request, reply) => {
    const { rows } = await pool.query(query);
    let html = `${head}<tbody>`;
    for (const r of rows) html += row(r, 'just now');
    html += tail;
    html += ' '.repeat(Math.max(0, bytes - Buffer.byteLength(html)));
    reply.header('Cache-Control', 'no-store').type('text/html; charset=utf-8');
    return html;
  });
  await app.listen({ path: socket });
}

if (cluster.isPrimary) {
  process.umask(0);
  for (let i = 0; i < PROCESSES; i += 1) cluster.fork();
  process.on('SIGTERM', () => process.exit(0));
} else {
  process.on('disconnect', () => process.exit(0));
  await serve();
}
