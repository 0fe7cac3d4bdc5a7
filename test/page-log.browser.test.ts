/** The log behind an entity, on the page: what stands where, who asked for it, and what led to what. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { browserMissing, launch } from './browser/chromium.ts';
import { stock } from './browser/shop-journey.ts';
import { visit } from './browser/visit.ts';
import { PLACE, run } from './e2e/operations.ts';
import { type Server, startServer } from './e2e/server.ts';

describe.skipIf(browserMissing)(`the page, on the log ${browserMissing}`, () => {
  let browser: Browser;
  let server: Server;
  let folder: string;
  let purchase: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'counterfoil-log-'));
    [browser, server] = await Promise.all([launch(), startServer({ env: { DATA_DIR: folder } })]);
    await stock(server, 'g');
    purchase = (await run(server, PLACE, { customerId: 'c-g', lines: [{ productId: 't-g', quantity: 2 }] })).id;
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('tells of a purchase what was asked for, what was decided, where it stands and why', async () => {
    const { page, end } = await visit(browser, server.url, `/purchases/${purchase}`);
    await page.getByRole('button', { name: 'Show the log' }).click();
    const records = page.locator('.log-records > li');
    await records.filter({ hasText: 'PurchaseConfirmed' }).waitFor();
    const placed = records.filter({ hasText: 'PurchasePlaced' });
    await expect
      .poll(() => placed.textContent())
      .toMatch(/by anonymous, because of placePurchase.*purchases\.events\/\d+@\d+/);
    await placed.getByText('State after it').click();
    await expect.poll(() => placed.locator('pre').last().textContent()).toMatch(/"status": "PENDING"/);
    await placed.getByRole('link', { name: 'whole transaction' }).click();
    await page.getByRole('button', { name: 'Show the log' }).click();
    // Through all aggregates, each behind what caused it.
    await records.filter({ hasText: 'StockSettled' }).waitFor();
    const types = await records.locator('strong').allTextContents();
    for (const [first, then] of [
      ['placePurchase', 'PurchasePlaced'],
      ['PurchasePlaced', 'reserveStock'],
      ['reserveStock', 'StockReserved'],
      ['StockReserved', 'recordStockReserved'],
      ['PurchaseConfirmed', 'settleStock'],
    ] as const)
      expect(types.indexOf(first)).toBeLessThan(types.indexOf(then));
    await end();
  });

  it.each(['/products/t-g', '/customers/c-g'])('tells it of %s as well', async (path) => {
    const { page, end } = await visit(browser, server.url, path);
    await page.getByRole('button', { name: 'Show the log' }).click();
    await page.locator('.log-records > li').first().waitFor();
    await end();
  });
});
