/** The page's exports in a real browser: what a file holds, where the choice stands, and that a cut one is no file. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { browserMissing, launch } from './browser/chromium.ts';
import { downloaded, visit } from './browser/visit.ts';
import { ADD, PLACE, REGISTER, run } from './e2e/operations.ts';
import { type Server, startServer } from './e2e/server.ts';

describe.skipIf(browserMissing)(`an export on the page ${browserMissing}`, () => {
  let folder = '';
  let server: Server;
  let browser: Browser;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'counterfoil-page-export-'));
    server = await startServer({ env: { DATA_DIR: folder }, built: true });
    await run(server, REGISTER, { id: 'c-zoe', firstName: 'Zoë', lastName: 'Łukasz' });
    await run(server, REGISTER, { id: 'c-ada', firstName: 'Ada', lastName: 'Lovelace' });
    await run(server, ADD, { id: 'tea', name: 'Tea, "loose"', price: '1234.50', stock: 10 });
    const lines = [{ productId: 'tea', quantity: 2 }];
    await run(server, PLACE, { id: 'o-1', customerId: 'c-zoe', placedAt: '2020-01-02T10:20:30.456Z', lines });
    browser = await launch();
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const objects = (text: string): readonly unknown[] =>
    text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));

  it.each([
    ['/customers?q=zoe', [{ id: 'c-zoe', lastName: 'Łukasz', totalSpent: '2469.00' }]],
    ['/products', [{ id: 'tea', name: 'Tea, "loose"', stock: 8 }]],
    ['/purchases', [{ id: 'o-1', line: { product: { id: 'tea' }, quantity: 2 } }]],
  ])('has at %s what the list has', async (path, expected) => {
    const { page, end } = await visit(browser, server.url, path);
    await page.getByRole('button', { name: 'Export' }).click();
    await page.getByRole('radio', { name: 'NDJSON' }).check();
    expect(objects(await downloaded(page))).toMatchObject(expected);
    await end();
  });

  it('is written for spreadsheets as the reader’s country has numbers', async () => {
    const { page, end } = await visit(browser, server.url, '/purchases', { locale: 'de-DE' });
    await page.getByRole('button', { name: 'Export' }).click();
    await page.getByRole('radio', { name: 'A row for each purchase' }).check();
    const [header, row] = (await downloaded(page)).split('\r\n');
    expect(header).toMatch(/^\ufefforderID;orderNumber;customerID;customerName;orderDate;/);
    expect(row).toMatch(/^o-1;;c-zoe;Zoë Łukasz;2020-01-02 10:20:30;CONFIRMED;2469,00;/);
    await end();
  });

  it('that fails on its way says so, and is no file', async () => {
    const { page, end } = await visit(browser, server.url, '/customers');
    let downloads = 0;
    page.on('download', () => {
      downloads += 1;
    });
    await page.route('**/graphql', async (route) => {
      if (!route.request().postData()?.includes('query Export')) return await route.continue();
      const errors = [{ message: 'the disk is full', extensions: { code: 'INTERNAL_SERVER_ERROR' } }];
      return await route.fulfill({ json: { errors } });
    });
    await page.getByRole('button', { name: 'Export' }).click();
    await page.getByRole('button', { name: 'Download' }).click();
    await page.getByRole('alert').getByText('there is no file: the disk is full').waitFor();
    expect(downloads).toBe(0);
    await page.keyboard.press('Escape');
    await page.getByRole('group', { name: 'Export' }).waitFor({ state: 'hidden' });
    await end();
  });

  it('can be chosen on a phone', async () => {
    const { page, end } = await visit(browser, server.url, '/purchases', { viewport: { width: 390, height: 844 } });
    await page.getByRole('button', { name: 'Export' }).click();
    const box = await page.getByRole('group', { name: 'Export' }).boundingBox();
    expect(box?.x).toBeGreaterThanOrEqual(0);
    expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual(390);
    await page.getByRole('button', { name: 'Download' }).click({ trial: true });
    await end();
  });
});
