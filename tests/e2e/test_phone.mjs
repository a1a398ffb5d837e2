// Every page on a phone of 390 by 844: nothing to push sideways, everything big enough for a thumb, no text cut off,
// also when a desk's window is zoomed to 400 %; and no page that shifts under the reader while it loads.
import { assert, finish, openBrowser, step } from './site.mjs';
import { walk } from './walk.mjs';

// A table whose rows arrive in two pieces may still widen a column by a hair.
const SHIFT_MAX = 0.02;
const small = { width: 390, height: 844 };
// A window of 1280 by 1024 at 400 % (WCAG 1.4.10); 200 % is wider.
const zoomed = { width: 320, height: 256 };

/** What does not fit, in words. Runs in the page. */
function misfits(thumb) {
  const found = [];
  const root = document.documentElement;
  const say = (what, e) => found.push(`${what}: ${e.outerHTML.slice(0, 160)}`);
  if (root.scrollWidth > root.clientWidth) {
    found.push(`the page is ${root.scrollWidth - root.clientWidth} px too wide`);
    for (const e of document.querySelectorAll('body *'))
      if (e.getBoundingClientRect().right > root.clientWidth + 1 && !e.closest('.table-wrap, [tabindex="0"]')) say('sticks out', e);
  }
  const shown = (e) => e.checkVisibility() && e.getClientRects().length > 0 && !e.closest('.visually-hidden, .skip, svg');
  for (const e of document.querySelectorAll('button, input:not([type=hidden]), select, summary, a.btn, nav a, .tabs a')) {
    const { width, height } = e.getBoundingClientRect();
    const label = e.labels?.[0]?.getBoundingClientRect().height ?? 0;
    if (thumb && shown(e) && Math.max(height, label) < 24 - .5) say(`only ${Math.round(width)} by ${Math.round(height)} px`, e);
  }
  for (const e of document.querySelectorAll('main *, header *, .bar *')) {
    const style = getComputedStyle(e);
    if (!shown(e) || e.matches('input, select, option') || !e.textContent.trim()) continue;
    if (/hidden|clip/.test(style.overflowX) && e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 1 && !e.title &&
        !e.querySelector('[title]') && style.textOverflow !== 'ellipsis') say('cut off', e);
  }
  return found.slice(0, 6);
}

/** How much moved by itself since the page began to load. */
const shifted = () => new Promise((done) => {
  let sum = 0;
  const add = (list) => list.getEntries().forEach((e) => { sum += e.hadRecentInput ? 0 : e.value; });
  const watch = new PerformanceObserver(add);
  watch.observe({ type: 'layout-shift', buffered: true });
  setTimeout(() => { watch.disconnect(); done(sum); }, 50);
});

const browser = await openBrowser();
await walk(browser, async (page) => {
  const shift = await page.evaluate(shifted);
  await page.setViewportSize(small);
  const narrow = await page.evaluate(misfits, true);
  await page.setViewportSize(zoomed);
  const large = (await page.evaluate(misfits, false)).map((m) => `zoomed: ${m}`);
  await page.setViewportSize({ width: 1280, height: 800 });
  const troubles = [...narrow, ...large, ...(shift > SHIFT_MAX ? [`it shifts by ${shift}`] : [])];
  assert(troubles.length === 0, troubles.join('\n'));
}, step);
await browser.close();
finish();
