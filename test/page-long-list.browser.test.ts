/**
 * A list that is really long, under a wheel that turns as fast as it goes: to its end, without a gap or a stop, also after a search
 * was cleared, on an idle machine and on a busy one.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generateFolder, sizesFor } from '../bench/rigs/generate.ts';
import { burn } from './browser/busy-machine.ts';
import { browserMissing, launch } from './browser/chromium.ts';
import { visit } from './browser/visit.ts';
import { type Server, startServer } from './e2e/server.ts';

const PURCHASES = 20_000;
const ROW_HEIGHT = 48;
/** Turns of the wheel that are sent without waiting for what comes of them. */
const TURNS = 20;
const FAR = 12_000;
/** Longest time in which the list may show no further row while there are some. */
const STOPPED_MS = 20_000;
/** Where rows are compared with the server's. */
const LOOKS = 12;

const count = (page: Page, told: string) => page.locator('.page-head .count', { hasText: told });
const placeOf = async (page: Page): Promise<number> =>
  Number(await page.locator('tbody tr[aria-rowindex]').last().getAttribute('aria-rowindex'));

/** @throws when the list stops before its end */
async function scrollToTheEnd(page: Page): Promise<void> {
  await page.locator('.table-scroll').hover();
  let [furthest, movedAt] = [0, performance.now()];
  while (furthest < PURCHASES + 1) {
    await Promise.all(Array.from({ length: TURNS }, () => page.mouse.wheel(0, FAR)));
    const at = await placeOf(page);
    if (at > furthest) [furthest, movedAt] = [at, performance.now()];
    else if (performance.now() - movedAt > STOPPED_MS) throw new Error(`the list stopped at row ${at - 1}`);
  }
}

/** Compares rows here and there with the server's order, and the height with the number of rows. */
async function expectNoGap(page: Page, ids: readonly string[]): Promise<void> {
  const scroller = page.locator('.table-scroll');
  expect(await scroller.evaluate((element) => element.scrollHeight)).toBeGreaterThanOrEqual(PURCHASES * ROW_HEIGHT);
  for (let look = 0; look < LOOKS; look++) {
    const index = Math.floor((look / (LOOKS - 1)) * (PURCHASES - 1));
    await scroller.evaluate((element, top) => element.scrollTo({ top }), index * ROW_HEIGHT);
    const row = page.locator(`tbody tr[aria-rowindex="${index + 2}"]`);
    await row.waitFor();
    const shown = await page
      .locator('tbody tr[aria-rowindex]')
      .evaluateAll((rows) =>
        rows.map((one) => [Number(one.getAttribute('aria-rowindex')), one.querySelector('a')?.getAttribute('href')]),
      );
    expect(shown.length).toBeGreaterThan(10);
    for (const [at, href] of shown) expect(String(href)).toContain(`/purchases/${ids[Number(at) - 2]}`);
  }
}

describe.skipIf(browserMissing)(`a list of twenty thousand ${browserMissing}`, () => {
  let browser: Browser;
  let server: Server;
  let folder: string;
  let ids: readonly string[];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'counterfoil-long-list-'));
    await generateFolder(folder, sizesFor(PURCHASES));
    [browser, server] = await Promise.all([launch(), startServer({ env: { DATA_DIR: folder } })]);
    const all: string[] = [];
    const query = `query ($after: String) { purchases(first: 200, after: $after) { nodes { id } pageInfo { hasNextPage endCursor } } }`;
    for (let after: string | null = null, more = true; more; ) {
      const { data } = await server.graphql(query, { after });
      all.push(...data.purchases.nodes.map(({ id }: { id: string }) => id));
      ({ hasNextPage: more, endCursor: after } = data.purchases.pageInfo);
    }
    expect(new Set(all).size).toBe(PURCHASES);
    ids = all;
  }, 480_000);
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  for (const machine of ['idle', 'busy'] as const) {
    it(`is scrolled to its end on a machine that is ${machine}, and again after a search was cleared`, async () => {
      const calm = machine === 'busy' ? burn() : () => {};
      try {
        const { page, end } = await visit(browser, server.url, '/purchases');
        await count(page, '20,000 purchases').waitFor();
        await scrollToTheEnd(page);
        await expectNoGap(page, ids);
        // From the end of the list: its rows are kept, and the reader begins at the first again.
        await page.getByLabel('Search purchases').fill(ids[PURCHASES - 1] ?? '');
        await count(page, '1 purchase').waitFor();
        await page.getByLabel('Search purchases').fill('');
        await count(page, '20,000 purchases').waitFor();
        await page.locator('tbody tr[aria-rowindex="2"]').waitFor();
        await scrollToTheEnd(page);
        await expectNoGap(page, ids);
        await end();
      } finally {
        calm();
      }
    }, 280_000);
  }
});
