// What is looked for on every page beside axe's rules, each run in the page: what does not fit a phone, what moves by
// itself, which date does not say its exact time.
import { assert } from './site.mjs';

/** What does not fit, in words. Runs in the page. */
export function misfits(thumb) {
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
  for (const e of document.querySelectorAll('td, tbody th'))
    if (shown(e) && e.scrollWidth > e.clientWidth + 1) say('runs into the next cell', e);
  return found.slice(0, 6);
}

/** May the columns of a long table still settle, since its rows come in pieces? */
export const settles = () => [...document.querySelectorAll('table')]
  .some((table) => table.rows.length > 40 && getComputedStyle(table).tableLayout !== 'fixed');

/** How much moved by itself since the page began to load: what was painted is known two frames later. */
export const shifted = () => new Promise((done) => {
  let sum = 0;
  const add = (list) => list.getEntries().forEach((e) => { sum += e.hadRecentInput ? 0 : e.value; });
  const watch = new PerformanceObserver(add);
  watch.observe({ type: 'layout-shift', buffered: true });
  requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => done(sum), 50)));
});

/** Dates that do not say their exact time, in words. What notices tell is theirs; a day alone has no time to say. */
export function bareDates() {
  const date = /\b\d{1,2} (Jan|Feb|Mar|Apr|May|June?|July?|Aug|Sept?|Oct|Nov|Dec)[a-z]* \d{4}|\b(\d+ (minute|hour|day)s? ago|yesterday)\b/;
  const found = [...document.querySelectorAll('time')].filter((e) => !e.dateTime || (/T/.test(e.dateTime) && !e.title))
    .map((e) => `a time without its exact one: ${e.outerHTML}`);
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const { data, parentElement: e } = walker.currentNode;
    if (date.test(data) && !e.closest('time, bdi, script, svg, option, .notices li p:first-child, .form-problem'))
      found.push(`a bare date: ${data.trim()}`);
  }
  return found.slice(0, 6);
}

/** These eyes see what they are for. */
export async function proveEyes(browser) {
  const page = await browser.newPage({ viewport: { width: 390, height: 844 } });
  await page.setContent(`<main><p id="late"></p><p>Last sync 22 Nov 2026, 06:12</p><p><time>yesterday</time></p>
    <div style="width:900px">wide</div>
    <table style="width:200px;table-layout:fixed"><tr><td>awordmuchwiderthanthecellitisin<td>next</table></main>`);
  await page.waitForTimeout(700); // within half a second of a new size nothing counts
  await page.evaluate(shifted);
  await page.evaluate(() => { document.querySelector('#late').style.height = '300px'; });
  let seen = 0; // on a busy machine a frame may come late
  for (let i = 0; seen === 0 && i < 20; i += 1) seen = await page.evaluate(shifted);
  assert(seen > 0, 'no shift is seen');
  assert((await page.evaluate(bareDates)).length === 2, 'bare dates are not seen');
  assert((await page.evaluate(misfits, true)).length > 0, 'no misfit is seen');
  assert((await page.evaluate(misfits, true)).some((m) => /^runs into/.test(m)), 'no cell is seen that runs into the next');
  await page.close();
}
