// start_cold_ms: from starting gap-web to its first answer, over a socket of its own.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createConnection } from 'node:net';
import { figure, rounds } from './lib.mjs';

/** Is there a listener that takes a connection? */
const listens = (path) => new Promise((told) => {
  const socket = createConnection(path, () => { socket.destroy(); told(true); }).on('error', () => told(false));
});

/** A FastCGI GET of /healthz: the answer's first bytes. */
function ask(path) {
  const record = (type, body) => Buffer.concat([Buffer.from([1, type, 0, 1, body.length >> 8, body.length & 255, 0, 0]), body]);
  const pair = ([name, value]) => Buffer.concat([Buffer.from([name.length, value.length]), Buffer.from(name + value)]);
  const params = { REQUEST_METHOD: 'GET', REQUEST_URI: '/healthz', DOCUMENT_URI: '/healthz', QUERY_STRING: '', REMOTE_ADDR: '127.0.0.1', HTTP_HOST: 'localhost', SERVER_PROTOCOL: 'HTTP/1.1', REQUEST_ID: '0'.repeat(32) };
  return new Promise((answered, failed) => {
    const socket = createConnection(path).on('error', failed);
    socket.once('data', (data) => { socket.destroy(); answered(data.toString('latin1')); });
    socket.write(Buffer.concat([record(1, Buffer.from([0, 1, 0, 0, 0, 0, 0, 0])), record(4, Buffer.concat(Object.entries(params).map(pair))), record(4, Buffer.alloc(0)), record(5, Buffer.alloc(0))]));
  });
}

async function once(env) {
  const dir = mkdtempSync('/tmp/gap-bench-');
  const began = process.hrtime.bigint();
  const web = spawn('build/gap-web', [], { env: { ...env, GAP_RUN_DIR: dir }, stdio: 'ignore' });
  let ended = null;
  web.once('exit', (code) => { ended = code; });
  while (!(await listens(`${dir}/web.sock`))) {
    if (ended !== null) throw new Error(`gap-web ended with ${ended}`);
    await new Promise(setImmediate);
  }
  const text = await ask(`${dir}/web.sock`);
  const took = Number(process.hrtime.bigint() - began) / 1e6;
  web.kill('SIGTERM');
  await new Promise((end) => { web.once('exit', end); });
  rmSync(dir, { recursive: true });
  if (!text.includes('Status: 200')) throw new Error(`gap-web answers ${text}`);
  return took;
}

export async function cold({ state, database }) {
  const env = {
    ...process.env,
    GAP_DATABASE_URL: database.replace('user=postgres', 'user=gap_web'),
    GAP_TOTP_KEY_FILE: `${state}/keys/totp.key`,
    XERO_CLIENT_ID: 'bench',
    XERO_AUTHORIZE_URL: `${process.env.GAP_SANDBOX_URL}/identity/connect/authorize`,
  };
  const took = [];
  for (let i = 0; i < rounds; i += 1) took.push(await once(env));
  figure('start_cold_ms', took, 'ms', 1);
}
