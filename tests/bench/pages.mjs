// page_*: the clients list (50 of 100,000 rows; session, row-level security, escaping) and one client,
// through nginx and TLS with 32 connections, against a constant page through the same nginx and
// libfcgi, and against Fastify behind the same nginx.
import { readFileSync } from 'node:fs';
import { beside } from './beside.mjs';
import { family, figure, inTurn, load, ratios, remark, tiny } from './lib.mjs';

async function body(url, cookie) {
  const answer = await fetch(url, { headers: { Cookie: cookie } });
  if (answer.status !== 200) throw new Error(`${url} answers ${answer.status}`);
  return answer.text();
}

/**
 * Memory of all processes of gap-web, MiB: their PSS. They let nobody but root look into them, so for
 * others it is what is private to each and the largest share, which is a little more.
 */
function webMemory(state) {
  const all = family(readFileSync(`${state}/pid/web`, 'utf8').trim().split(/\s/)[0]);
  const kib = (pid, file, name) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(readFileSync(`/proc/${pid}/${file}`, 'utf8'))[1]);
  const sum = (values) => values.reduce((a, b) => a + b);
  const mib = process.getuid() === 0
    ? sum(all.map((pid) => kib(pid, 'smaps_rollup', 'Pss'))) / 1024
    : (sum(all.map((pid) => kib(pid, 'status', 'RssAnon'))) + Math.max(...all.map((pid) => kib(pid, 'status', 'RssFile')))) / 1024;
  return { mib, processes: all.length };
}

export async function pages({ base, state, cookie, database }) {
  const list = await body(`${base}/clients`, cookie);
  const path = /href="(\/clients\/\d+)"/.exec(list)[1];
  const client = await body(base + path, cookie);
  const side = await beside({ base, state, database, pages: { list, client }, processes: webMemory(state).processes - 3 });
  try {
    const fastify = await body(`${side.base}/fastify`, cookie);
    remark(`the list has ${Buffer.byteLength(list)} bytes, Fastify's ${Buffer.byteLength(fastify)}, the client ${Buffer.byteLength(client)}`);
    const on = (where) => () => load(side.base + where, { cookie });
    const sides = { list: on('/clients'), fastify: on('/fastify'), floor: on('/floor'), client: on(path), small: on('/floor-small') };
    if (!tiny) await inTurn(sides, 1);
    const r = await inTurn(sides);
    const rate = (name) => r[name].map((x) => x.rate);
    const p99 = (name) => r[name].map((x) => x.p99);
    figure('page_list_rps', rate('list'), 'answers/s', 0);
    figure('page_fastify_rps', rate('fastify'), 'answers/s', 0);
    figure('page_floor_rps', rate('floor'), 'answers/s', 0);
    figure('page_list_vs_fastify', ratios(rate('list'), rate('fastify')), 'ratio');
    figure('page_list_vs_fcgi_floor', ratios(rate('list'), rate('floor')), 'ratio');
    figure('page_list_p99_vs_fastify', ratios(p99('list'), p99('fastify')), 'ratio');
    figure('page_client_vs_fcgi_floor', ratios(rate('client'), rate('small')), 'ratio');
    figure('web_pss_mib', webMemory(state).mib, 'MiB', 1);
  } finally {
    await side.stop();
  }
}
