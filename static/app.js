// Enhancements only: every page works without this script.

const $ = (selector, from = document) => from.querySelector(selector);
const live = $('#live');
const asked = { headers: { 'X-Requested-With': 'fetch' } };
document.documentElement.classList.add('js');

// Replaces parts of the page by a new version; equal nodes stay in the document.

const alike = (a, b) => a.nodeName === b.nodeName && a.id === b.id &&
  (a.nodeType !== 1 || a.classList[0] === b.classList[0]);

function morph(old, fresh) {
  if (old.nodeType !== 1) {
    if (old.data !== fresh.data) old.data = fresh.data;
    return;
  }
  for (const { name } of [...old.attributes])
    if (!fresh.hasAttribute(name) && name !== 'open') old.removeAttribute(name);
  for (const { name, value } of fresh.attributes)
    if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  const rest = [...old.childNodes];
  const nodes = [...fresh.childNodes].map((node) => {
    const i = rest.findIndex((o) => alike(o, node));
    if (i < 0 || (i > 0 && node.nodeType !== 1)) return node;
    const same = rest.splice(0, i + 1)[i];
    morph(same, node);
    return same;
  });
  for (const node of [...old.childNodes]) if (!nodes.includes(node)) node.remove();
  nodes.forEach((node, i) => node === old.childNodes[i] || old.insertBefore(node, old.childNodes[i]));
}

async function swap(address, isWanted, isFine = ({ ok }) => ok) {
  const answer = await fetch(address, asked);
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
  if (!isFine(answer) || answer.redirected || !isWanted()) throw new Error('not this page');
  const focused = document.activeElement;
  const isNews = takeNews($('#live', page));
  for (const part of ['.bell', '#live']) morph($(part), document.importNode($(part, page), true));
  refocus(focused);
  if (isNews) say();
  judge();
}

const refocus = (was) => was.isConnected || $('#page').focus({ preventScroll: true });

// Bars: one at a time; each is announced once.

const words = (from) => $('.bar', from) && $('.bar p', from).textContent;
let told = words(live), stays;

// Screen readers do not announce a status element inserted together with its text, only a later
// change.
function say() {
  const bar = $('.bar', live);
  stays = bar && bar.dataset.stays;
  if (stays) setTimeout(() => $('p', bar).replaceChildren(told), 200);
}

// A bar that is being read stays; a bar that was closed does not return.
function takeNews(fresh) {
  const now = $('.bar', live), next = $('.bar', fresh), isNews = next && words(fresh) !== told;
  if (isNews) told = words(fresh);
  if (isNews && now) now.remove();
  if (!isNews && next && !now) next.remove();
  if (now && !next) fresh.append(now.cloneNode(true));
  return isNews;
}

function close(bar) {
  const page = new URL(location);
  const focused = document.activeElement;
  bar.remove();
  refocus(focused);
  page.searchParams.delete('watch'); // a reload does not tell it again
  history.replaceState(null, '', page);
}

setInterval(() => {
  const bar = $('.bar[data-stays]');
  if (bar && !bar.matches(':hover, :focus-within') && --stays < 0) close(bar);
}, 1000);

// Polls a small address to learn whether the page has changed.

let timer, misses = 0;

// The page is not updated while somebody types or presses.
const writing = () => $(':active', live) || [...live.querySelectorAll('input:not([type=hidden]), textarea')]
  .some((f) => f.value !== f.defaultValue || f.checked !== f.defaultChecked);

// A person who saw a running sync is also told of its end.
function here() {
  const page = new URL(location);
  if (live.dataset.every === '1' && !/watch=/.test(page)) page.searchParams.set('watch', '1');
  return page;
}

async function ask() {
  if (document.hidden || !live.dataset.poll) return;
  try {
    const answer = await fetch(live.dataset.poll, asked);
    const isOver = answer.redirected; // the session: the page itself leads to the log-in, once nobody writes
    if (isOver && !writing()) location.reload();
    if (!isOver && answer.status < 429 && !/json/.test(answer.headers.get('Content-Type'))) return;
    const { key } = isOver ? live.dataset : await answer.json();
    if (key !== live.dataset.key && !writing()) await swap(here(), () => !writing());
    misses = 0;
  } catch {
    misses += 1;
  }
  clearTimeout(timer);
  timer = setTimeout(ask, Math.min(60, live.dataset.every * 2 ** misses) * 1000);
}

// Search as you type.

let typed, turn = 0;

function find(form) {
  const query = new URLSearchParams([...new FormData(form)].filter((pair) => pair[1]));
  const address = `${form.getAttribute('action')}?${query}`.replace(/\?$/, '');
  const mine = turn += 1;
  // A 503 list page says itself that the list is unavailable; other error pages have nothing to
  // put in place.
  swap(address, () => mine === turn, ({ ok, status }) => ok || status === 503).then(() => history.replaceState(null, '', address), () => {});
}

function type({ target, isComposing }) {
  judge();
  clearTimeout(typed);
  if (target.matches('.search :is([type=search], select)') && !isComposing) typed = setTimeout(find, 250, target.form);
}

// A form can be sent only once.

const held = new Set();

function judge() {
  const field = $('[data-needs-digits]');
  if (field) $('[type=submit]', field.form).disabled =
    field.value.replace(/\D/g, '').length < field.dataset.needsDigits;
}

function release() {
  for (const button of held) button.disabled = false;
  held.clear();
  judge();
}

// Delayed: the browser must first collect the form's values.
function hold({ target }) {
  if (target.method === 'post') setTimeout(() => {
    target.querySelectorAll('[type=submit]:enabled').forEach((button) => held.add(button));
    for (const button of held) button.disabled = true;
  });
  setTimeout(release, 10000);
}

const text = (id) => $(`#${id}`).innerText;

function press({ target }) {
  const button = target.closest('button') || target;
  const { copy, download, name, passkey } = button.dataset;
  if (copy) navigator.clipboard.writeText(text(copy)).then(() => {
    button.textContent = 'Copied';
    setTimeout(() => { button.textContent = 'Copy'; }, 2000);
  }, () => getSelection().selectAllChildren($(`#${copy}`)));
  if (download) Object.assign(document.createElement('a'),
    { href: URL.createObjectURL(new Blob([text(download)])), download: name }).click();
  if (passkey) import('./passkey.js').then((keys) => keys.passkey(button));
  if (button.matches('[data-close]')) close(button.closest('.bar'));
}

// A link with the role of a button reacts to the space bar, too.
function push(event) {
  if (event.key !== ' ' || !event.target.matches('a[role=button]')) return;
  event.preventDefault();
  event.target.click();
}

// Scrolls so that the focused element is not hidden under a bar.
function uncover({ target }) {
  const bar = $('.bar');
  if (!bar || bar.contains(target)) return;
  const under = target.getBoundingClientRect().bottom + 16 - bar.getBoundingClientRect().top;
  if (under > 0) scrollBy(0, under);
}

const on = { click: press, keydown: push, focusin: uncover, submit: hold, input: type, compositionend: type, visibilitychange: ask };
for (const [event, act] of Object.entries(on)) document.addEventListener(event, act);
addEventListener('pageshow', release);
say();
timer = setTimeout(ask, live.dataset.every * 1000);
