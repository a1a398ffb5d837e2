// Three ways to use a site, under one set of words: by keyboard alone, by touch on a phone of 390 px, and by touch
// there with JavaScript off. A flow says press, fill, choose, tick, upload, sees; the hand it is given decides how.
import { readFileSync } from 'node:fs';
import { assert, base, person } from './site.mjs';

const PATIENCE_MS = 40000;
const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

const spoken = (name) => ({ name, exact: typeof name === 'string' });
const shown = (locator) => locator.filter({ visible: true }).first();
const whole = (name) => (typeof name === 'string' ? new RegExp(`^\\s*${name.replace(/[^\w\s]/g, '\\$&')}\\s*$`) : name);
const control = (page, name) => shown(page.getByRole('button', spoken(name)).or(page.getByRole('link', spoken(name)))
  .or(page.locator('summary').filter({ hasText: whole(name) })));
const field = (page, label) => shown(page.getByLabel(label, { exact: true }));

// --- the keyboard -------------------------------------------------------------------------------------

/**
 * Runs in the page: how the element with the focus stands to `wanted`, and what is wrong with it. What had the focus
 * before must look different without it.
 */
function look(wanted) {
  const style = (e) => {
    const s = getComputedStyle(e);
    return [s.outlineStyle, s.outlineWidth, s.outlineColor, s.boxShadow, s.borderColor, s.backgroundColor].join();
  };
  const at = document.activeElement;
  const told = (fault, e) => `${fault}: ${e.outerHTML.slice(0, 160)}`;
  const was = window.hadFocus;
  window.hadFocus = { at, style: style(at) };
  if (!wanted.isConnected) return { gone: true };
  if (was && was.at !== at && was.at.isConnected && !was.at.matches('body, main') && style(was.at) === was.style)
    return { fault: told('nothing showed that this had the focus', was.at) };
  if (!at.matches('body, main')) {
    const box = at.getBoundingClientRect();
    const [x, y] = [box.x + Math.min(box.width / 2, innerWidth - 8 - box.x), box.y + Math.min(box.height / 2, 20)];
    if (box.bottom <= 0 || box.top >= innerHeight || box.right <= 0 || box.left >= innerWidth)
      return { fault: told('this has the focus out of view', at) };
    const over = document.elementFromPoint(x, y);
    if (over && !at.contains(over) && !over.contains(at) && ![...(at.labels ?? [])].some((l) => l.contains(over)))
      return { fault: told(`this has the focus under <${over.localName} class="${over.className}">`, at) };
  }
  const alike = at.type === 'radio' && at.name === wanted.name && at.form === wanted.form;
  return {
    here: at === wanted || alike,
    back: !!(at.compareDocumentPosition(wanted) & Node.DOCUMENT_POSITION_PRECEDING),
  };
}

async function reach(page, target) {
  let goal = await target.elementHandle({ timeout: PATIENCE_MS });
  for (let turns = 0; turns < 300; turns += 1) {
    const now = await goal.evaluate(look).catch(() => ({ gone: true }));
    if (now.gone) goal = await target.elementHandle();
    assert(!now.fault, now.fault);
    if (now.here) return goal;
    if (!now.gone) await page.keyboard.press(now.back ? 'Shift+Tab' : 'Tab');
  }
  throw new Error(`Tab does not lead to ${await goal.evaluate((e) => e.outerHTML.slice(0, 160))}`);
}

const keyboard = {
  async press(page, target) {
    const goal = await reach(page, target);
    const role = await goal.evaluate((e) => (e.matches('button, [role=button], summary') ? 'Space' : 'Enter'));
    await page.keyboard.press(role);
  },
  async fill(page, target, text) {
    const goal = await reach(page, target);
    const isDate = await goal.evaluate((e) => e.type === 'date');
    if (!isDate) await page.keyboard.press('Control+A');
    if (text === '') await page.keyboard.press('Delete');
    else await page.keyboard.type(isDate ? text.replace(/(\d+)-(\d+)-(\d+)/, '$2$3$1') : text);
  },
  async choose(page, target, option) {
    const goal = await reach(page, target);
    const steps = await goal.evaluate((e, wanted) =>
      [...e.options].findIndex((o) => o.text === wanted) - e.selectedIndex, option);
    for (let i = 0; i < Math.abs(steps); i += 1) await page.keyboard.press(steps > 0 ? 'ArrowDown' : 'ArrowUp');
    assert(await goal.evaluate((e) => e.selectedOptions[0].text) === option, `${option} cannot be chosen`);
  },
  async tick(page, target) {
    const goal = await reach(page, target);
    const is = () => goal.evaluate((e) => e.checked);
    const radio = await goal.evaluate((e) => e.type === 'radio');
    for (let i = 0; i < 20 && !await is(); i += 1) await page.keyboard.press(radio ? 'ArrowDown' : 'Space');
    assert(await is(), 'it cannot be ticked');
  },
  async browse(page, target) {
    await reach(page, target);
    await page.keyboard.press('Enter');
  },
};

// --- the finger ------------------------------------------------------------------------------------------

const finger = {
  press: (page, target) => target.tap(),
  fill: (page, target, text) => target.fill(text),
  choose: (page, target, option) => target.selectOption({ label: option }),
  async tick(page, target) {
    if (!await target.isChecked()) await target.tap();
    assert(await target.isChecked(), 'it cannot be ticked');
  },
  browse: (page, target) => target.tap(),
};

/** On a phone nothing may have to be pushed sideways, at any moment of a flow. */
async function fits(page) {
  const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert(over <= 0, `${page.url()} is ${over} px too wide`);
}

const kinds = {
  keyboard: { ways: keyboard, options: {}, check: () => {} },
  touch: { ways: finger, options: phone, check: fits },
  noscript: { ways: finger, options: { ...phone, javaScriptEnabled: false }, check: fits },
};

// --- the hand --------------------------------------------------------------------------------------------

/** A person of that kind, logged in nowhere. A name is exact as a string, or a pattern. */
export async function hand(browser, kind) {
  const { ways, options, check } = kinds[kind];
  const page = await person(browser, options);
  const scripts = kind !== 'noscript';
  page.setDefaultTimeout(PATIENCE_MS);

  const patient = async (locator, words) => {
    for (let i = 0; ; i += 1) {
      try {
        return await shown(locator).waitFor({ timeout: scripts ? PATIENCE_MS : 700 });
      } catch (e) {
        assert(!scripts && i * 700 < PATIENCE_MS, `${page.url()} does not show ${words}`);
        // A page without scripts is asked again, as by its own refresh or the browser's button.
        await page.goto(page.url());
      }
    }
  };
  const me = {
    page, kind, scripts,
    /** An address typed in, or a link from a mail. */
    go: async (path) => { await page.goto(path.startsWith('http') ? path : base + path); await check(page); },
    /** A control; what leads to another page has led there when this returns. */
    async press(name) {
      const target = control(page, name);
      const leads = await target.evaluate((e) => e.matches('a[href], [type=submit]'));
      const there = leads ? page.waitForEvent('framenavigated', (frame) => frame === page.mainFrame()) : null;
      there?.catch(() => {}); // what fails before it is told instead
      await ways.press(page, target);
      if (await there) await page.waitForLoadState('domcontentloaded');
    },
    fill: async (label, text) => { await ways.fill(page, field(page, label), text); },
    choose: async (label, option) => { await ways.choose(page, field(page, label), option); },
    tick: async (label) => { await ways.tick(page, field(page, label)); },
    /** file: {name, mimeType, buffer} */
    async upload(label, file) {
      const opened = page.waitForEvent('filechooser');
      await ways.browse(page, field(page, label));
      await (await opened).setFiles(file);
    },
    async download(name) {
      const came = page.waitForEvent('download');
      await ways.press(page, control(page, name));
      return readFileSync(await (await came).path(), 'utf8');
    },
    /** Anywhere on the page, now or soon. */
    sees: async (text) => { await patient(page.getByText(text), text); await check(page); },
    heading: async (name) => { await patient(page.getByRole('heading', spoken(name)), name); await check(page); },
    /** A control that is there, now or soon. */
    finds: async (name) => { await patient(control(page, name), name); },
    logIn: async ({ email, password }) => {
      await me.go('/login');
      await me.fill('Email', email);
      await me.fill('Password', password);
      await me.press('Log in');
    },
  };
  return me;
}
