// Every page in every state: axe-core finds nothing, light and dark, at 1280 and at 390 px; nothing has to be pushed
// sideways on a phone or in a window zoomed to 400 %, everything is big enough for a thumb, no text is cut off; nothing
// moves by itself while it loads; every date says its exact time. Pictures of all of them are left in build/screens/:
// of two modes, or of all four in the long form.
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { bareDates, misfits, proveEyes, settles, shifted } from './eyes.mjs';
import { assert, finish, openBrowser, step } from './site.mjs';
import { walk } from './walk.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const screens = join(process.cwd(), 'build', 'screens');
const styled = ['color-contrast', 'link-in-text-block', 'target-size', 'scrollable-region-focusable'];
const long = process.env.LONG === '1';
// Every rule once on a desk in light and once on a phone in the dark; what a scheme or a width can change, in all four.
const modes = [['light', 1280, true], ['dark', 1280, long], ['light', 390, long], ['dark', 390, true]];
const desk = { width: 1280, height: 800 };
const small = { width: 390, height: 844 };
// A window of 1280 by 1024 at 400 % (WCAG 1.4.10); 200 % is wider.
const zoomed = { width: 320, height: 256 };
rmSync(screens, { recursive: true, force: true });
mkdirSync(screens, { recursive: true });

const audit = ([whole, rules]) => window.axe.run(document, {
  resultTypes: ['violations'],
  rules: { 'target-size': { enabled: true } },
  ...(whole ? {} : { runOnly: { type: 'rule', values: rules } }),
}).then((found) => found.violations.map((v) => ({
  id: v.id, help: v.help, nodes: v.nodes.slice(0, 3).map((n) => `${n.target.join(' ')}: ${n.failureSummary}`),
})));

/** Before anything is resized or pressed. */
async function byEye(page) {
  const shift = await page.evaluate(shifted);
  // A thousandth nobody sees: a word of a page that polls became longer. A line that moves is ten times that.
  const most = await page.evaluate(settles) ? 0.02 : 0.001;
  const dates = await page.evaluate(bareDates);
  const wide = (await page.evaluate(misfits, false)).map((m) => `desk: ${m}`);
  await page.setViewportSize(small);
  const narrow = await page.evaluate(misfits, true);
  await page.setViewportSize(zoomed);
  const large = (await page.evaluate(misfits, false)).map((m) => `zoomed: ${m}`);
  await page.setViewportSize(desk);
  return [...(shift > most ? [`it shifts by ${shift}`] : []), ...dates, ...wide, ...narrow, ...large];
}

const browser = await openBrowser();
await step('what the eyes look for is seen where it is', () => proveEyes(browser));
await walk(browser, async (page, name) => {
  const troubles = await byEye(page);
  await page.evaluate(axe);
  for (const [colorScheme, width, whole] of modes) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: width === 390 ? 844 : 800 });
    for (const v of await page.evaluate(audit, [whole, styled]))
      troubles.push(`${colorScheme} ${width}: ${v.id}: ${v.help}\n${v.nodes.join('\n')}`);
    await page.evaluate(() => scrollTo(0, 0)); // else a bar that stays in view lies across the picture
    if (whole) await page.screenshot({ path: join(screens, `${name}-${colorScheme}-${width}.png`), fullPage: true });
  }
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize(desk);
  assert(troubles.length === 0, troubles.join('\n'));
}, step);
await browser.close();
finish();
