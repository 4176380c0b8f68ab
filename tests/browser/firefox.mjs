/**
 * A headless Firefox, driven over WebDriver BiDi. Commands come on stdin, a line of JSON each:
 * `[name, ...arguments]`; each is answered on stdout by a line with its `value` or its `error`.
 * Without more of them it ends, and Firefox with it.
 *
 *     node firefox.mjs /usr/bin/firefox-esr
 */

import { createInterface } from 'node:readline';
import puppeteer from 'puppeteer-core';

const PREFERENCES = {
  // Its own fake microphone, which plays a tone, and a visitor who allows it.
  'media.navigator.streams.fake': true,
  'media.navigator.permission.disabled': true,
  // Sound straight from the page's process: through another one, one AudioContext in ten never began
  // with PulseAudio, and the page stood still with it (Firefox 153.7).
  'media.cubeb.sandbox': false,
  'security.sandbox.content.level': 0,
  // No icon is asked for, which a strict policy of the page would forbid and the console would tell.
  'browser.chrome.site_icons': false,
};

const browser = await puppeteer.launch({
  browser: 'firefox',
  executablePath: process.argv[2],
  extraPrefsFirefox: PREFERENCES,
});

/** @type {import('puppeteer-core').Page} */
let page;
/** What the page's console shows, errors among it. @type {string[]} */
let told = [];

const commands = {
  version: () => browser.version(),

  /** Open an address in a fresh context; `script` runs before those of the page. */
  async open(/** @type {string} */ url, /** @type {string} */ script) {
    await page?.browserContext().close();
    told = [];
    const context = await browser.createBrowserContext();
    page = await context.newPage();
    page.on('console', (message) => told.push(`${message.type()}: ${message.text()}`));
    page.on('pageerror', (error) => told.push(`error: ${error}`));
    await page.setViewport({ width: 1280, height: 860 });
    await page.evaluateOnNewDocument(script);
    await page.goto(url);
  },

  /** The console's lines so far. */
  told: async () => told,
  evaluate: (/** @type {string} */ expression) => page.evaluate(expression),
  press: (/** @type {import('puppeteer-core').KeyInput} */ key) => page.keyboard.press(key),
  type: (/** @type {string} */ text) => page.keyboard.type(text),
  click: (/** @type {number} */ x, /** @type {number} */ y) => page.mouse.click(x, y),
  picture: async (/** @type {`${string}.png`} */ path) => void (await page.screenshot({ path })),
};

try {
  for await (const line of createInterface({ input: process.stdin })) {
    const [name, ...values] = JSON.parse(line);
    const answer = await commands[name](...values).then(
      (value) => ({ value }),
      (error) => ({ error: String(error) }),
    );
    console.log(JSON.stringify(answer));
  }
} finally {
  await browser.close();
}
