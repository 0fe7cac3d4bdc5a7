/**
 * How quick the page is on a folder with many purchases, in Chromium, with the built server: when the first row is there, how
 * long a search takes from the key to its result, how the list scrolls to its end under fast turns of the wheel.
 * `node --import tsx bench/page-speed.ts DIR [no-scroll]`, after `npm run build`; DIR as `bench/fill-folder.ts` makes it. With MONGODB_URL the
 * views are there, else embedded. Figures are told, not judged.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Browser, Page } from 'playwright-core';
import { launch } from '../test/browser/chromium.ts';
import { median, tell } from '../test/browser/visit.ts';
import { type Server, startServer } from '../test/e2e/server.ts';

const ROUNDS = 7;
/** Pages opened, typed into and scrolled are given up after this time. */
const PATIENCE_MS = 300_000;
/** A search that has shown nothing new after this time has the same result as the one before. */
const SAME_AFTER_MS = 5_000;
/** Rare and common ones, alone and together, as the names of the folder have them; and one that is not there. */
const WORDS = ['ada', 'tea', 'hopper 1234', 'lov tea', 'number 7', 'xyz', 'gr co', 'a', 'turing pepper', 'kn'];

/** Notes how long after the newest key the list shows another result: its count, or its rows. */
const NOTE_RESULTS = `
  window.results = [];
  let keyAt = 0;
  document.addEventListener('input', () => { keyAt = performance.now(); }, true);
  const text = () => document.querySelector('tbody')?.textContent + '|' + document.querySelector('.page-head .count')?.textContent;
  let before = text();
  const look = () => {
    const now = text();
    const stale = document.querySelector('.table-scroll.stale') !== null;
    if (!stale && keyAt > 0 && now !== before) { window.results.push(performance.now() - keyAt); keyAt = 0; before = now; }
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
`;

/** Notes the time between frames until `window.stopFrames()`, which answers with them. */
const NOTE_FRAMES = `
  const gaps = [];
  let last = performance.now();
  let on = true;
  const frame = (now) => { gaps.push(now - last); last = now; if (on) requestAnimationFrame(frame); };
  requestAnimationFrame(frame);
  window.stopFrames = () => { on = false; return gaps; };
`;

const at = (values: readonly number[], share: number): string => {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[Math.floor(sorted.length * share)] ?? Number.NaN).toFixed(0);
};

/** Notes when the first row of a list is in the document, counted from the beginning of the navigation. */
const NOTE_FIRST_ROW = `
  window.firstRow = new Promise((resolve) => {
    new MutationObserver((_, observer) => {
      if (document.querySelector('tbody tr[aria-rowindex="2"]') === null) return;
      observer.disconnect();
      resolve(performance.now());
    }).observe(document, { subtree: true, childList: true });
  });
`;

async function open(browser: Browser, server: Server, path: string): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, locale: 'en-US' });
  page.setDefaultTimeout(PATIENCE_MS);
  await page.addInitScript(NOTE_FIRST_ROW);
  await page.goto(server.url + path);
  return page;
}

async function firstRows(browser: Browser, server: Server): Promise<void> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const page = await open(browser, server, '/purchases');
    times.push((await page.evaluate('window.firstRow')) as number);
    await page.close();
  }
  const each = times.map((ms) => ms.toFixed(0)).join(', ');
  tell(`first row, from an empty browser cache: p50 ${at(times, 0.5)} ms (${each})`);
}

async function searches(browser: Browser, server: Server): Promise<void> {
  const page = await open(browser, server, '/purchases');
  await page.locator('tbody tr[aria-rowindex="2"]').waitFor();
  await page.evaluate(NOTE_RESULTS);
  const field = page.getByLabel('Search purchases');
  const times: number[] = [];
  for (const word of WORDS) {
    for (const text of [word, '']) {
      const noted = async () => ((await page.evaluate('window.results')) as number[]).length;
      const before = await noted();
      await field.fill(text);
      const giveUpAt = performance.now() + SAME_AFTER_MS;
      // The page's policy allows no waiting by a function within it.
      while ((await noted()) === before && performance.now() < giveUpAt) await pause(20);
    }
  }
  times.push(...((await page.evaluate('window.results')) as number[]));
  tell(`search, from the key to the result: p50 ${at(times, 0.5)} ms, p95 ${at(times, 0.95)} ms, of ${times.length}`);
  await page.close();
}

async function scroll(browser: Browser, server: Server, purchases: number): Promise<void> {
  const page = await open(browser, server, '/purchases');
  await page.locator('tbody tr[aria-rowindex="2"]').waitFor();
  await page.locator('.table-scroll').hover();
  await page.evaluate(NOTE_FRAMES);
  const last = page.locator(`tbody tr[aria-rowindex="${purchases + 1}"]`);
  const began = performance.now();
  let most = 0;
  while ((await last.count()) === 0) {
    if (performance.now() - began > PATIENCE_MS) throw new Error('the end of the list was not reached');
    for (let turn = 0; turn < 10; turn++) await page.mouse.wheel(0, 12_000);
    most = Math.max(most, await page.locator('tbody tr').count());
  }
  const seconds = (performance.now() - began) / 1000;
  const gaps = (await page.evaluate('window.stopFrames()')) as number[];
  const heap = (await page.evaluate('performance.memory.usedJSHeapSize')) as number;
  tell(
    `${purchases} rows scrolled to the end in ${seconds.toFixed(1)} s, at most ${most} in the document, heap ${(heap / 2 ** 20).toFixed(0)} MB; ` +
      `between frames p50 ${at(gaps, 0.5)} ms, p95 ${at(gaps, 0.95)} ms, p99 ${at(gaps, 0.99)} ms, longest ${at(gaps, 0.9999)} ms`,
  );
  await page.close();
}

async function queries(server: Server): Promise<void> {
  const times = async (query: string, variables: object) => {
    const taken: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const began = performance.now();
      const { errors } = await server.graphql(query, variables);
      if (errors) throw new Error(JSON.stringify(errors));
      taken.push(performance.now() - began);
    }
    return median(taken).toFixed(0);
  };
  const ROWS = 'query ($filter: PurchaseFilter) { purchases(filter: $filter, first: 100) { nodes { id total } } }';
  const COUNTS = 'query ($filter: PurchaseFilter) { purchases(filter: $filter, first: 1) { totalCount totalAmount } }';
  for (const text of [undefined, ...WORDS]) {
    const filter = text === undefined ? {} : { text };
    tell(
      `"${text ?? ''}": rows ${await times(ROWS, { filter })} ms, count and sum ${await times(COUNTS, { filter })} ms`,
    );
  }
  const PERIODS =
    'query ($filter: PurchaseFilter) { purchaseGroups(by: STATUS, filter: $filter) { key count amount } }';
  const year = new Date().getUTCFullYear() - 1;
  const placedBetween = { from: `${year}-01-01T00:00:00Z`, to: `${year}-12-31T23:59:59Z` };
  tell(`last year's sales: ${await times(PERIODS, { filter: { status: ['CONFIRMED'], placedBetween } })} ms`);
}

const [dir, only] = process.argv.slice(2);
if (dir === undefined || ![undefined, 'no-scroll'].includes(only))
  throw new Error('usage: page-speed.ts DIR [no-scroll]');
const mongo = process.env['MONGODB_URL'];
const server = await startServer({ built: true, env: { DATA_DIR: dir, ...(mongo ? { MONGODB_URL: mongo } : {}) } });
const browser = await launch();
try {
  const { data } = await server.graphql('{ purchases(first: 1) { totalCount } }');
  await queries(server);
  await firstRows(browser, server);
  await searches(browser, server);
  if (only === undefined) await scroll(browser, server, data.purchases.totalCount);
} finally {
  await browser.close();
  await server.stop();
}
