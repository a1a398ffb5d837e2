// Every flow by keyboard alone: each control is reached by Tab, in view and not covered, shows that it has the focus,
// and nothing holds it fast.
import { assert, base, finish, openBrowser, step } from './site.mjs';
import { flows } from './flows.mjs';

const browser = await openBrowser();
const { admin: { page } } = await flows(browser, 'keyboard');
const press = (key) => page.keyboard.press(key);
const focus = () => page.evaluate(() => {
  const e = document.activeElement;
  return { tag: e.localName, name: (e.getAttribute('aria-label') ?? e.innerText ?? '').trim() };
});

await step('the first Tab leads past the menu', async () => {
  await page.goto(`${base}/clients`);
  await press('Tab');
  assert((await focus()).name === 'Skip to the content', 'no skip link comes first');
  assert(await page.locator('.skip').evaluate((e) => e.getBoundingClientRect().top >= 0 &&
    getComputedStyle(e).clipPath === 'none'), 'the skip link is not seen');
  await press('Enter');
  assert((await focus()).tag === 'main', 'the focus is not on the content');
});

await step('the menu opens by Enter and by Space and closes by Escape, which gives the focus back', async () => {
  await page.goto(`${base}/clients`);
  for (const key of ['Enter', 'Space']) {
    for (let i = 0; (await focus()).name !== 'App Bar Menu' && i < 20; i += 1) await press('Tab');
    await press(key);
    assert(await page.locator('#app-menu').isVisible(), `${key} does not open it`);
    await press('Escape');
    assert(!await page.locator('#app-menu').isVisible(), 'Escape does not close it');
    assert((await focus()).name === 'App Bar Menu', 'the focus is lost');
  }
});

await step('no page holds the focus fast', async () => {
  for (const at of ['/clients/new', '/settings/integrations', '/settings', '/profile', '/syncs', '/help']) {
    await page.goto(base + at);
    const first = (await press('Tab'), await focus()).name;
    let i = 0;
    do { await press('Tab'); i += 1; } while ((await focus()).name !== first && i < 250);
    assert(i < 250, `${at} does not lead round to its first link`);
  }
});

await browser.close();
finish();
