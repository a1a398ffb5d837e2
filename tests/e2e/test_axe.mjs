// axe-core finds nothing on any page in any state, light and dark, at 1280 and at 390 px. Pictures of all of them
// are left in build/screens/: of two modes, or of all four in the long form.
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { assert, finish, openBrowser, step } from './site.mjs';
import { walk } from './walk.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const screens = join(process.cwd(), 'build', 'screens');
const styled = ['color-contrast', 'link-in-text-block', 'target-size', 'scrollable-region-focusable'];
const long = process.env.LONG === '1';
// Every rule once on a desk in light and once on a phone in the dark; what a scheme or a width can change, in all four.
const modes = [['light', 1280, true], ['dark', 1280, long], ['light', 390, long], ['dark', 390, true]];
rmSync(screens, { recursive: true, force: true });
mkdirSync(screens, { recursive: true });

const audit = ([whole, rules]) => window.axe.run(document, {
  resultTypes: ['violations'],
  rules: { 'target-size': { enabled: true } },
  ...(whole ? {} : { runOnly: { type: 'rule', values: rules } }),
}).then((found) => found.violations.map((v) => ({
  id: v.id, help: v.help, nodes: v.nodes.slice(0, 3).map((n) => `${n.target.join(' ')}: ${n.failureSummary}`),
})));

const browser = await openBrowser();
await walk(browser, async (page, name) => {
  const troubles = [];
  await page.evaluate(axe);
  for (const [colorScheme, width, whole] of modes) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: width === 390 ? 844 : 800 });
    for (const v of await page.evaluate(audit, [whole, styled]))
      troubles.push(`${colorScheme} ${width}: ${v.id}: ${v.help}\n${v.nodes.join('\n')}`);
    if (whole) await page.screenshot({ path: join(screens, `${name}-${colorScheme}-${width}.png`), fullPage: true });
  }
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize({ width: 1280, height: 800 });
  assert(troubles.length === 0, troubles.join('\n'));
}, step);
await browser.close();
finish();
