// sync_*: runs of the worker's own code from the list in memory to the commit, history, counters and
// row-level security included, against the floor (a raw COPY of the same rows plus expat over the same
// bytes) and against Node peers over the same list and tables, with the same result.
import { spawn } from 'node:child_process';
import { mkdtempSync, chmodSync, readFileSync, rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { figure, median, ratios, remark, rounds, tiny } from './lib.mjs';
import { digest, sync } from './peer/bulk.mjs';

const LARGE = tiny ? 300 : 100000;
const SMALL = tiny ? 100 : 10000;

/** tests/bench/sync.c over so many clients; `ask` gives {s, kib} of one command. */
async function world(clients, body) {
  const dir = mkdtempSync('/tmp/gap-bench-');
  chmodSync(dir, 0o777); // the server writes the rows of the floor there
  const child = spawn('build/tests/bench/sync', [clients, `${dir}/list.xml`], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const line = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error('tests/bench/sync ended');
    return value;
  };
  const ended = new Promise((end) => { child.once('exit', end); });
  try {
    const [, database, org, other, tenant] = (await line()).split(' ');
    const ask = async (command) => {
      child.stdin.write(`${command}\n`);
      const [s, kib] = (await line()).split(' ').map(Number);
      return { s, kib };
    };
    await body({ ask, database, org, other, tenant, list: () => readFileSync(`${dir}/list.xml`, 'utf8') });
  } finally {
    child.stdin.end();
    await ended;
    rmSync(dir, { recursive: true });
  }
}

/** The figure of WAL is the whole server's: what autovacuum writes of the import before is not the run's. */
async function still(work) {
  const db = new pg.Client({ connectionString: process.env.GAP_TEST_PG });
  const at = async () => (await db.query("SELECT FROM pg_stat_activity WHERE backend_type = 'autovacuum worker'")).rowCount;
  const say = async (sql) => { await db.query(sql); await db.query('SELECT pg_reload_conf()'); };
  await db.connect();
  try {
    await say('ALTER SYSTEM SET autovacuum = off');
    while (await at() > 0) await sleep(200);
    return await work();
  } finally {
    await say('ALTER SYSTEM RESET autovacuum');
    await db.end();
  }
}

async function againstFloor({ ask }) {
  const t = { first: [], same: [], changed: [], floor: [], wal: [] };
  for (let i = 0; i < rounds; i += 1) {
    await ask('empty');
    t.first.push((await ask('sync')).s);
    const parse = (await ask('expat')).s;
    t.floor.push((await ask('copy')).s + parse);
    const same = await still(() => ask('sync'));
    t.same.push(same.s);
    t.wal.push(same.kib);
    await ask('change');
    t.changed.push((await ask('sync')).s);
  }
  remark(`${LARGE} clients: floor ${median(t.floor).toFixed(2)} s, first ${median(t.first).toFixed(2)} s, same ${median(t.same).toFixed(2)} s, 1% ${median(t.changed).toFixed(2)} s`);
  figure('sync_first_vs_copy', ratios(t.first, t.floor), 'ratio');
  figure('sync_same_vs_copy', ratios(t.same, t.floor), 'ratio');
  figure('sync_same_wal_kib', t.wal, 'KiB', 1);
  figure('sync_1pct_vs_copy', ratios(t.changed, t.floor), 'ratio');
}

async function timed(work) {
  const began = process.hrtime.bigint();
  await work();
  return Number(process.hrtime.bigint() - began) / 1e9;
}

async function againstPeers(practice) {
  const db = new pg.Client({ connectionString: process.env.GAP_TEST_PG.replace('///postgres?', `///${practice.database}?`) });
  await db.connect();
  try {
    await measurePeers(db, practice);
  } finally {
    await db.end();
  }
}

async function measurePeers(db, { ask, org, other, tenant, list }) {
  const text = list();
  const t = { first: [], same: [], floor: [], peerFirst: [], peerSame: [] };
  const peer = (batch) => () => sync(db, other, tenant, text, batch);
  for (let i = 0; i < rounds; i += 1) {
    await ask('empty');
    t.first.push((await ask('sync')).s);
    t.floor.push((await ask('copy')).s + (await ask('expat')).s);
    t.peerFirst.push(await timed(peer()));
    if (await digest(db, org) !== await digest(db, other)) throw new Error('the peer made other tables of the same list');
    t.same.push((await ask('sync')).s);
    t.peerSame.push(await timed(peer()));
  }
  await ask('empty');
  const rows = { first: await timed(peer(1)), same: await timed(peer(1)) };
  figure('sync_first_vs_peer', ratios(t.first, t.peerFirst), 'ratio', 3);
  figure('sync_same_vs_peer', ratios(t.same, t.peerSame), 'ratio', 3);
  // No import can take less of the peer's time than the floor does.
  figure('copy_vs_peer', ratios(t.floor, t.peerFirst), 'ratio', 3);
  figure('sync_first_vs_row_by_row', median(t.first) / rows.first, 'ratio', 3);
  figure('sync_same_vs_row_by_row', median(t.same) / rows.same, 'ratio', 3);
}

await world(LARGE, againstFloor);
await world(SMALL, againstPeers);
