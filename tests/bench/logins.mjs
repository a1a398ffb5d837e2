// Log-ins: does an unknown user take as long as a wrong password, and do other pages stay fast while
// twenty people log in at once? The throttle is emptied between guesses: it is tested elsewhere.
import pg from 'pg';
import { figure, load, ratios, remark, rounds, tiny, wait } from './lib.mjs';

const PAIRS = tiny ? 2 : 60;
const PARALLEL = 20;

/** One log-in; ms until its answer. The form needs no token: it stands before any session. */
async function attempt(base, email) {
  const began = process.hrtime.bigint();
  const answer = await fetch(`${base}/login`, {
    method: 'POST',
    redirect: 'manual',
    headers: { Origin: base, 'Sec-Fetch-Site': 'same-origin' },
    body: new URLSearchParams({ email, password: 'surely not the password' }),
  });
  await answer.arrayBuffer();
  return { ms: Number(process.hrtime.bigint() - began) / 1e6, status: answer.status };
}

/** Guess by guess in turn, far enough apart for nginx's own limit. */
async function timing({ base, email, db }) {
  const took = { wrong: [], unknown: [] };
  for (let i = 0; i < PAIRS; i += 1) {
    for (const side of i % 2 ? ['wrong', 'unknown'] : ['unknown', 'wrong']) {
      await db.query('DELETE FROM gap.throttle');
      const a = await attempt(base, side === 'wrong' ? email : `nobody${i}@harbourvale.example`);
      if (a.status !== 422 && a.status !== 401) throw new Error(`a wrong log-in answers ${a.status}`);
      took[side].push(a.ms);
      await wait(tiny ? 0 : 60);
    }
  }
  took.wrong.sort((a, b) => a - b);
  took.unknown.sort((a, b) => a - b);
  const middle = (v) => v[Math.floor(v.length / 2)];
  remark(`  wrong password ${middle(took.wrong).toFixed(1)} ms, unknown user ${middle(took.unknown).toFixed(1)} ms`);
  figure('login_unknown_vs_wrong', middle(took.unknown) / middle(took.wrong), 'ratio', 3);
}

/** p99 of the clients list with twenty people logging in without pause, against quiet. */
async function storm({ base, cookie, email, db }) {
  const p99 = { quiet: [], storm: [] };
  const seen = {};
  const page = () => load(`${base}/clients`, { cookie, connections: 4 });
  for (let i = 0; i < rounds; i += 1) {
    p99.quiet.push((await page()).p99);
    let over = false;
    const people = Array.from({ length: PARALLEL }, async (_, k) => {
      while (!over) {
        const { status } = await attempt(base, k % 2 ? email : `nobody${k}@harbourvale.example`);
        seen[status] = (seen[status] ?? 0) + 1;
        if (status === 429) await wait(200);
      }
    });
    const clear = setInterval(() => db.query('DELETE FROM gap.throttle').catch(() => {}), 100);
    p99.storm.push((await page()).p99);
    over = true;
    await Promise.all(people);
    clearInterval(clear);
  }
  remark(`  answers to the storm: ${JSON.stringify(seen)}`);
  figure('login_storm_list_p99_ms', p99.storm, 'ms', 1);
  figure('login_storm_p99_vs_quiet', ratios(p99.storm, p99.quiet), 'ratio');
}

export async function logins({ base, cookie, database, email }) {
  const db = new pg.Client({ connectionString: database });
  await db.connect();
  try {
    await timing({ base, email, db });
    await storm({ base, cookie, email, db });
  } finally {
    await db.end();
  }
}
