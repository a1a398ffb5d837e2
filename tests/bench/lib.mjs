// What the benches share: figures on stdout (`name value unit`), remarks on stderr, medians, rounds
// that go A B A B, and wrk as the load.
import { execFile } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { promisify } from 'node:util';

const run = promisify(execFile);
/** Tiny sizes, to prove in seconds that every figure can still be taken; the values mean nothing. */
export const tiny = process.env.GAP_BENCH_TINY === '1';
export const rounds = tiny ? 1 : 5;

export const remark = (text) => process.stderr.write(`${text}\n`);

export function median(values) {
  const v = [...values].sort((a, b) => a - b);
  return v.length % 2 ? v[(v.length - 1) / 2] : (v[v.length / 2 - 1] + v[v.length / 2]) / 2;
}

/** One figure, the median of the values; how far they lie apart is the remark. */
export function figure(name, values, unit, digits = 2) {
  const v = Array.isArray(values) ? values : [values];
  if (v.length === 0 || v.some((x) => !Number.isFinite(x))) throw new Error(`${name} was not measured: ${v}`);
  console.log(`${name} ${median(v).toFixed(digits)} ${unit}`);
  if (v.length > 1) remark(`  ${name}: ${v.map((x) => x.toFixed(digits)).join(' ')}`);
}

/** Each round runs every side once, one after the other; {name: [result of each round]}. */
export async function inTurn(sides, times = rounds) {
  const results = Object.fromEntries(Object.keys(sides).map((name) => [name, []]));
  for (let i = 0; i < times; i += 1) {
    for (const [name, side] of Object.entries(sides)) results[name].push(await side());
  }
  return results;
}

/** The ratio of two sides, round by round: neighbours in time met the same neighbours on the machine. */
export const ratios = (over, under) => over.map((x, i) => x / under[i]);

const ms = (text) => parseFloat(text) * (/us$/.test(text) ? 0.001 : /ms$/.test(text) ? 1 : 1000);

/**
 * Load on one address: {rate: answers a second, p99: ms}. An answer that is no 2xx is an error. A machine
 * so busy that not one answer came in time measures nothing: it is asked again, longer each time.
 */
export async function load(url, { cookie, connections = 32, seconds = tiny ? 1 : 3, tries = 5 } = {}) {
  const headers = cookie ? ['-H', `Cookie: ${cookie}`] : [];
  const { stdout } = await run('wrk', ['-t1', `-c${connections}`, `-d${seconds}s`, '--latency', ...headers, url]);
  if (/Non-2xx|Socket errors:.*(connect|read|write) [1-9]/.test(stdout)) throw new Error(`${url}: ${stdout}`);
  const rate = parseFloat(/Requests\/sec:\s+([\d.]+)/.exec(stdout)[1]);
  const p99 = ms(/99%\s+(\S+)/.exec(stdout)[1]);
  if (rate > 0 && p99 > 0) return { rate, p99 };
  if (tries === 1) throw new Error(`${url} answered nothing in ${seconds} s: ${stdout}`);
  return load(url, { cookie, connections, seconds: 2 * seconds, tries: tries - 1 });
}

export const wait = (milliseconds) => new Promise((go) => { setTimeout(go, milliseconds); });

/** A process and all below it. */
export function family(parent) {
  const kids = new Map();
  for (const pid of readdirSync('/proc').filter((p) => /^\d+$/.test(p))) {
    try {
      const ppid = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /, '').split(' ')[1];
      kids.set(ppid, [...(kids.get(ppid) ?? []), pid]);
    } catch { /* it ended meanwhile */ }
  }
  const found = [String(parent)];
  for (let i = 0; i < found.length; i += 1) found.push(...(kids.get(found[i]) ?? []));
  return found;
}
