// What a page is measured against, beside a running site: an nginx with the site's own configuration
// on another port, which leads to gap-web as the site's does, and besides to the floor (/floor,
// /floor-small: libfcgi with a constant page) and to Fastify (/fastify).
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { wait } from './lib.mjs';

const locations = (dir) => `
        location = /floor { fastcgi_pass unix:${dir}/floor.sock; }
        location = /floor-small { fastcgi_pass unix:${dir}/small.sock; }
        location = /fastify {
            proxy_pass http://fastify;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
        }
        include gap/site.conf;`;

const freePort = () => new Promise((found) => {
  const server = createServer().listen(0, '127.0.0.1', () => {
    const { port } = server.address();
    server.close(() => found(port));
  });
});

/** The site's configuration, moved to another folder and port, without the sandbox. */
function configuration(state, dir, from, to) {
  const text = readFileSync(join(state, 'nginx', 'nginx.conf'), 'utf8')
    .replace(/ *#sandbox-begin[\s\S]*#sandbox-end\n/, '')
    .replaceAll(`:${from} `, `:${to} `)
    .replace('include gap/site.conf;', locations(dir))
    .replace('http {', `http {\n    upstream fastify { server unix:${dir}/fastify.sock; keepalive 32; }`);
  return process.getuid() === 0 ? `user root;\n${text}` : text;
}

/** {base, stop}: every side answers when it returns. `pages`: the bodies of list and client. */
export async function beside({ base, state, database, pages, processes }) {
  const dir = mkdtempSync('/tmp/gap-bench-');
  const port = await freePort();
  const started = [];
  const start = (program, ...args) => started.push(spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit'] }));
  for (const name of ['gap', 'static']) symlinkSync(join(process.cwd(), name === 'gap' ? 'nginx' : name), join(dir, name));
  symlinkSync(join(state, 'tls'), join(dir, 'tls'));
  mkdirSync(join(dir, 'tmp'));
  chmodSync(dir, 0o755);
  writeFileSync(join(dir, 'list.html'), pages.list);
  writeFileSync(join(dir, 'client.html'), pages.client);
  writeFileSync(join(dir, 'nginx.conf'), configuration(state, dir, new URL(base).port, port));
  start('build/tests/bench/floor', join(dir, 'floor.sock'), join(dir, 'list.html'), processes);
  start('build/tests/bench/floor', join(dir, 'small.sock'), join(dir, 'client.html'), processes);
  start('tests/support/node.sh', 'tests/bench/peer/fastify.mjs', join(dir, 'fastify.sock'), database, join(dir, 'list.html'));
  for (let i = 0; i < 100 && !existsSync(join(dir, 'fastify.sock')); i += 1) await wait(50);
  start('/usr/sbin/nginx', '-p', `${dir}/`, '-c', 'nginx.conf', '-e', 'stderr');
  const own = `https://localhost:${port}`;
  const stop = async () => {
    for (const child of started) child.kill('SIGTERM');
    await Promise.all(started.map((child) => child.exitCode ?? new Promise((end) => { child.once('exit', end); })));
    rmSync(dir, { recursive: true });
  };
  const answers = async () => {
    for (const path of ['/healthz', '/floor', '/floor-small', '/fastify']) {
      const answer = await fetch(own + path).catch(() => null);
      if (!answer?.ok) return false;
    }
    return true;
  };
  for (let i = 0; !(await answers()); i += 1) {
    if (i === 100) {
      await stop();
      throw new Error('not every side of the bench answers');
    }
    await wait(100);
  }
  return { base: own, stop };
}
