/** What people type into the page's search and put into its address: names as they type them, and days of their own zone. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { browserMissing, launch } from './browser/chromium.ts';
import { visit } from './browser/visit.ts';
import { ADD, PLACE, REGISTER, run } from './e2e/operations.ts';
import { type Server, startServer } from './e2e/server.ts';

/** At midnight in Auckland, which is the afternoon before in UTC; and a minute earlier. */
const TIMES = { first: '2026-01-31T11:00:00Z', before: '2026-01-31T10:59:00Z' };

describe.skipIf(browserMissing)(`the page's search ${browserMissing}`, () => {
  let browser: Browser;
  let server: Server;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'counterfoil-page-'));
    [browser, server] = await Promise.all([launch(), startServer({ env: { DATA_DIR: folder } })]);
    await run(server, ADD, { id: 'tea', name: '東京 Thé', price: '1.00', stock: 100 });
    await run(server, REGISTER, { id: 'c1', firstName: 'Łukasz', lastName: "O'Connor" });
    for (const [id, placedAt] of Object.entries(TIMES)) {
      const lines = [{ productId: 'tea', quantity: 1 }];
      expect((await run(server, PLACE, { id, customerId: 'c1', lines, placedAt })).status).toBe('COMPLETED');
    }
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const counts = (page: Page, text: string) =>
    expect.poll(() => page.locator('.page-head .count').textContent(), { timeout: 20_000 }).toContain(text);

  it('finds and marks names as people type them, and nothing by symbols alone', async () => {
    const { page, end } = await visit(browser, server.url, '/customers?q=lukasz+oconn');
    await expect.poll(() => page.locator('mark').allTextContents(), { timeout: 20_000 }).toEqual(['Łukasz', "O'Conn"]);
    await page.getByLabel('Search customers').fill('***');
    await page.getByText('No customer matches').waitFor();
    await end();
  });

  it('takes the days in the address for those of the reader', async () => {
    const { page, end } = await visit(browser, server.url, '/purchases?from=2026-02-01&to=2026-02-01', {
      timezoneId: 'Pacific/Auckland',
    });
    await counts(page, '1 purchase');
    await end();
    const utc = await visit(browser, server.url, '/purchases?from=2026-01-31&to=2026-01-31', { timezoneId: 'UTC' });
    await counts(utc.page, '2 purchases');
    await utc.end();
  });

  it('counts sales by the days of the reader', async () => {
    const { page, end } = await visit(browser, server.url, '/?span=all', { timezoneId: 'Pacific/Auckland' });
    await page.getByText('Show as a table').first().click();
    const rows = page.getByRole('table', { name: 'Sales per month' }).getByRole('row');
    await expect
      .poll(() => rows.allTextContents(), { timeout: 20_000 })
      .toEqual([
        expect.stringContaining('When'),
        expect.stringMatching(/^Jan 2026\s*1/),
        expect.stringMatching(/^Feb 2026\s*1/),
      ]);
    await rows.last().getByRole('link').click();
    await counts(page, '1 purchase');
    await end();
  });

  it('says of a day that there is not how to go on, and goes on', async () => {
    const refused = /status of 400/;
    const { page, end } = await visit(browser, server.url, '/purchases?from=2026-02-30', {}, refused);
    await page.getByText('2026-02 has 28 days').waitFor();
    await page.getByRole('button', { name: 'More filters' }).click();
    await page.getByText('There is no date 2026-02-30: choose another.').waitFor();
    await page.getByLabel('From', { exact: true }).fill('2026-01-01');
    await counts(page, '2 purchases');
    await end();
  });
});
