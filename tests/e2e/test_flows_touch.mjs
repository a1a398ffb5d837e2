// The flows by touch, on a phone of 390 px, with scripts: all of them in the long form, else those of people. Without
// scripts test_flows_noscript drives all of them by touch in the short form, too.
import { finish, openBrowser } from './site.mjs';
import { people } from './flows_people.mjs';
import { flows } from './flows.mjs';

const browser = await openBrowser();
await flows(browser, 'touch', process.env.LONG === '1' ? undefined : people);
await browser.close();
finish();
