// Crafted requests through the real nginx, as bytes on a TLS connection: what libraries would not send.
// Run by tests/env/test_crafted_nginx.sh, which looks at the tables and the log before and after.
import { connect } from 'node:tls';
import { readFileSync } from 'node:fs';

const port = Number(process.env.GAP_PORT);
const ca = readFileSync(`${process.env.GAP_STATE_DIR}/tls/ca.pem`);
const host = `localhost:${port}`;
const SLOW_MS = 1000;
const AT_ONCE = 8;

// All answers on one connection; nginx's own time-outs are ten seconds, so who waits is one of those.
function speak(bytes) {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', servername: 'localhost', ca });
    const began = performance.now();
    let text = '', first = 0;
    const end = () => resolve({ text, ms: first || performance.now() - began });
    socket.setTimeout(3000, () => { socket.destroy(); end(); });
    socket.on('secureConnect', () => socket.write(bytes));
    socket.on('data', (d) => { first ||= performance.now() - began; text += d.toString('latin1'); });
    socket.on('close', end);
    socket.on('error', (e) => (text === '' && e.code !== 'ECONNRESET' && e.code !== 'EPIPE' ? reject(e) : end()));
  });
}

const crlf = '\r\n';
const plain = (line, headers = '', body = '') =>
  Buffer.from(`${line}${crlf}Host: ${host}${crlf}${headers}Connection: close${crlf}${crlf}${body}`, 'latin1');
const form = `Content-Type: application/x-www-form-urlencoded${crlf}`;
const inner = `GET /smuggled HTTP/1.1${crlf}Host: ${host}${crlf}${crlf}`;

// Where do two readers see two ends? RFC 9112 sections 6 and 11.2.
function smuggling() {
  const post = (headers, body) => plain('POST /login HTTP/1.1', form + headers, body);
  const te = ['chunked', ' chunked', 'chunked ', 'Chunked', 'xchunked', 'chunked, identity', 'identity, chunked',
    'chunked\t', '\x0bchunked', 'chunked, chunked', 'gzip, chunked', '"chunked"', 'chunked\x00', ''];
  const names = ['Transfer-Encoding', 'Transfer-Encoding ', ' Transfer-Encoding', 'Transfer_Encoding',
    'transfer-encoding', 'Transfer-Encoding\t', 'X: y\nTransfer-Encoding', 'X: y\rTransfer-Encoding'];
  const all = [];
  for (const name of names)
    for (const value of te) {
      all.push(post(`Content-Length: ${5 + inner.length}${crlf}${name}: ${value}${crlf}`, `0${crlf}${crlf}${inner}`));
      all.push(post(`${name}: ${value}${crlf}Content-Length: ${5 + inner.length}${crlf}`, `0${crlf}${crlf}${inner}`));
    }
  for (const length of ['0', '-1', '+5', '0x5', '5, 6', '5,5', ' ', '1e1', '5\x00', '99999999999999999999', '05 0'])
    all.push(post(`Content-Length: ${length}${crlf}Content-Length: ${inner.length}${crlf}`, inner));
  for (const size of ['-1', '0x0', 'FFFFFFFFFFFFFFFFF', '0;x', ' 0', 'g', '0\r', ''])
    all.push(post(`Transfer-Encoding: chunked${crlf}`, `${size}${crlf}x=1${crlf}Q${crlf}${inner}`));
  for (const line of ['GET /login HTTP/1.1 HTTP/1.1', 'GET  /login HTTP/1.1', 'GET\t/login\tHTTP/1.1', 'GET /login',
    'GET /login HTTP/0.9', 'GET /login HTTP/3.0', 'GET /login http/1.1', ' GET /login HTTP/1.1', '\x00GET /login HTTP/1.1',
    'GET http://evil.example/login HTTP/1.1', 'CONNECT localhost:1 HTTP/1.1', 'TRACE /login HTTP/1.1',
    'PRI * HTTP/2.0', `GET /login?${'a'.repeat(9000)} HTTP/1.1`, `${'M'.repeat(9000)} / HTTP/1.1`, 'OPTIONS * HTTP/1.1'])
    all.push(plain(line));
  return all;
}

// Each path times each oddity of the header section and of the address.
function mixtures() {
  const paths = ['/', '/login', '/clients', '/clients/7', '/settings/integrations', '/oauth/xero/callback?code=x&state=y',
    '/invite/AAAA', '/password/forgot', '/profile', '/syncs', '/clients.csv', '/mfa/setup', '/healthz', '/csp-report',
    '/metrics', '/static/css/errors.css', '/nothing'];
  const headers = ['X: y\nZ: w', 'Cookie: a=b\r\nCookie: c=d', `Cookie: ${'c'.repeat(7000)}`, `Cookie: ${'c'.repeat(40000)}`,
    'Cookie: \xff\xfe', `Host: evil.example`, 'Host: ', 'X-Forwarded-Host: evil.example', 'X-Forwarded-For: 127.0.0.1',
    'Proxy: http://evil.example', 'Range: bytes=0-1,0-1,0-1', 'Expect: 100-continue', 'Expect: x', 'Upgrade: h2c',
    'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAAA', 'X\x00Y: z', ': empty', 'NoColon',
    ' folded: x', 'User-Agent: () { :;}; id', 'User-Agent: %n%s\x01', 'Accept-Encoding: \xff', 'If-None-Match: *',
    'If-Modified-Since: x', 'Content-Type: multipart/form-data; boundary=x', 'Origin: https://evil.example',
    'Sec-Fetch-Site: cross-site', 'X-HTTP-Method-Override: DELETE', 'Authorization: Basic Og==', 'TE: trailers, x'];
  const tails = ['%00', '%0d%0aSet-Cookie:%20x=y', '/%2e%2e/%2e%2e/etc/passwd', '/../../etc/passwd', '%ff', '%', '%zz', '\\',
    '//', ';x', '?a=1&a=2', '?%00', '?\xff', '#f', '/..%5c', '%252e', '?' + 'q='.repeat(3000)];
  const all = [];
  for (const path of paths) {
    for (const method of ['GET', 'POST', 'PUT', 'DELETE']) {
      const body = method === 'GET' ? '' : 'x=1';
      for (const h of method === 'GET' || method === 'POST' ? headers : headers.slice(0, 4))
        all.push(plain(`${method} ${path} HTTP/1.1`, `${h}${crlf}${body && `${form}Content-Length: 3${crlf}`}`, body));
    }
    for (const tail of tails) all.push(plain(`GET ${path}${tail} HTTP/1.1`));
  }
  return all;
}

const wrong = [];
async function judge(bytes) {
  let said = await speak(bytes);
  if (said.ms > SLOW_MS && said.text !== '') said = await speak(bytes); // a machine at its limit is no page that hangs
  const statuses = [...said.text.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map((m) => Number(m[1])).filter((s) => s !== 100);
  const line = JSON.stringify(bytes.toString('latin1').slice(0, 200));
  if (statuses.some((s) => s >= 500 && s !== 501 && s !== 505)) wrong.push(`${statuses} to ${line}`);
  if (statuses.length > 1) wrong.push(`${statuses.length} answers to ${line}`);
  if (said.text !== '' && said.ms > SLOW_MS) wrong.push(`${Math.round(said.ms)} ms for ${line}`);
  if (/^set-cookie: x=y|^location: https?:\/\/(?!localhost|127)/im.test(said.text)) wrong.push(`a header of ours by ${line}`);
}

const rest = [...smuggling(), ...mixtures()];
console.log(`# ${rest.length} crafted requests through nginx`);
await Promise.all(Array.from({ length: AT_ONCE }, async () => {
  for (let bytes = rest.pop(); bytes !== undefined; bytes = rest.pop()) await judge(bytes);
}));
for (const w of wrong.slice(0, 20)) console.log(`#   ${w}`);
console.log(wrong.length === 0 ? 'ok - nginx: one answer each, in time, no 5xx' : `not ok - nginx: ${wrong.length} answered wrongly`);
process.exitCode = wrong.length === 0 ? 0 : 1;
