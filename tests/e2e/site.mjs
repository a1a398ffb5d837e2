// What the browser tests share: a site of their own (started by the runner), people, codes, steps
// that print `ok - name` / `not ok - name`, and screenshots kept under build/screenshots/.
import { chromium } from 'playwright-core';
import { createHmac } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const base = process.env.GAP_BASE_URL;
export const sandbox = process.env.GAP_SANDBOX_URL;
export const state = process.env.GAP_STATE_DIR;
export const demo = JSON.parse(readFileSync(join(state, 'demo.json'), 'utf8'));
const shots = join(process.cwd(), 'build', 'screenshots');
mkdirSync(shots, { recursive: true });

let failed = 0;

/** One named step; what it throws is its failure, and later steps still run. */
export async function step(name, body) {
  try {
    await body();
    console.log(`ok - ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`not ok - ${name}`);
    console.log(String(error.stack ?? error).replace(/^/gm, '#   '));
  }
}

export function finish() {
  process.exitCode = failed === 0 ? 0 : 1;
}

export function assert(truth, sentence) {
  if (!truth) throw new Error(sentence);
}

/** A 6-digit TOTP code (RFC 6238) of a Base32 key as the page shows it; `ahead` steps from now. */
export function totp(key, ahead = 0) {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  let bits = '';
  for (const c of key.replace(/\s/g, '')) bits += alphabet.indexOf(c).toString(2).padStart(5, '0');
  const bytes = Buffer.from(bits.match(/.{8}/g).map((b) => parseInt(b, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30000) + ahead));
  const mac = createHmac('sha1', bytes).update(counter).digest();
  const at = mac[19] & 15;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1000000).padStart(6, '0');
}

const args = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync',
  '--disable-background-networking', '--disable-component-update', '--ignore-certificate-errors',
];

export async function openBrowser() {
  return chromium.launch({ executablePath: '/usr/bin/chromium', args });
}

/** A person: a browser context of their own, whose console errors and foreign requests are kept. */
export async function person(browser, options = {}) {
  const context = await browser.newContext({ ignoreHTTPSErrors: true, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(15000);
  page.troubles = [];
  page.on('console', (m) => {
    if (m.type() === 'error' && !/status of 4\d\d/.test(m.text())) page.troubles.push(m.text());
  });
  page.on('pageerror', (e) => page.troubles.push(String(e)));
  page.on('request', (r) => {
    const origin = new URL(r.url()).origin;
    if (origin !== base && origin !== sandbox && !r.url().startsWith('data:')) page.troubles.push(`request to ${origin}`);
  });
  return page;
}

/** Kept to be looked at: desktop and 390 px, light and dark. */
export async function shoot(page, name) {
  const size = page.viewportSize();
  for (const scheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme: scheme });
    for (const width of [1280, 390]) {
      await page.setViewportSize({ width, height: width === 390 ? 844 : 800 });
      await page.screenshot({ path: join(shots, `${name}-${scheme}-${width}.png`), fullPage: true });
    }
  }
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize(size);
}

export async function logIn(page, who) {
  await page.goto(`${base}/login`);
  await page.getByLabel('Email').fill(who.email);
  await page.getByLabel('Password').fill(who.password);
  await page.getByRole('button', { name: 'Log in' }).click();
}

/** What a scanner reads from an element: proves that the QR code is one. */
export async function scan(locator, name) {
  const file = join(shots, `${name}.png`);
  writeFileSync(file, await locator.screenshot({ scale: 'css' }));
  return execFileSync('zbarimg', ['--quiet', '--raw', file], { encoding: 'utf8' }).trim();
}

/** From the set-up page to the recovery codes and on. Returns the key. */
export async function setUpMfa(page, shot) {
  const key = await page.locator('#mfa-key').innerText();
  const image = page.getByRole('img', { name: /^QR code/ });
  if (shot) await shoot(page, `${shot}-1-key`);
  const text = await scan(image, `${shot ?? 'mfa'}-qr`);
  assert(text.startsWith('otpauth://totp/'), `the QR code holds ${text}`);
  assert(new URL(text).searchParams.get('secret') === key.replace(/\s/g, ''), 'QR code and key differ');
  await page.getByRole('button', { name: 'Next' }).click();
  if (shot) await shoot(page, `${shot}-2-code`);
  await page.getByLabel('Authentication Code').fill(totp(key));
  await page.getByRole('button', { name: 'Complete Multi-Factor Authentication Setup' }).click();
  await page.getByLabel('I have saved these codes').waitFor();
  const codes = await page.locator('#recovery-codes code').allInnerTexts();
  assert(new Set(codes).size === 10, `${codes.length} recovery codes`);
  if (shot) await shoot(page, `${shot}-3-codes`);
  await page.getByLabel('I have saved these codes').check();
  await page.getByRole('button', { name: 'Continue' }).click();
  return { key, codes };
}

/** At Xero: log in, unless this browser is logged in there already, and allow. `who`: not as the practice owner. */
export async function allowAccess(page, shot, who) {
  const email = page.getByLabel('Email address');
  const allow = page.getByRole('button', { name: 'Allow access' });
  await email.or(allow).waitFor();
  if (await email.isVisible()) {
    await email.fill(demo.xero.email);
    await page.getByLabel('Password').fill(demo.xero.password);
    if (who) await page.getByLabel(who).check();
    if (shot) await shoot(page, `${shot}-login`);
    await page.getByRole('button', { name: 'Log in' }).click();
    await allow.waitFor();
  }
  if (shot) await shoot(page, `${shot}-consent`);
  await allow.click();
}

export async function setSandbox(form) {
  const answer = await fetch(`${sandbox}/sandbox/faults`, {
    method: 'POST',
    body: new URLSearchParams(form),
  });
  assert(answer.ok, `sandbox settings ${JSON.stringify(form)}: ${answer.status}`);
}
