/** What makes the page quick to use: keys, the palette, copy buttons, spans of time, links to help, the shop's currency. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { browserMissing, launch } from './browser/chromium.ts';
import { stock } from './browser/shop-journey.ts';
import { visit } from './browser/visit.ts';
import { PLACE, run } from './e2e/operations.ts';
import { type Server, startServer } from './e2e/server.ts';

const DAY_MS = 86_400_000;
const focused = (page: Page) =>
  page.evaluate('document.activeElement?.textContent || document.activeElement?.ariaLabel');

describe.skipIf(browserMissing)(`the page, for quick hands ${browserMissing}`, () => {
  let browser: Browser;
  let server: Server;
  let folder: string;
  let purchase: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'counterfoil-keys-'));
    [browser, server] = await Promise.all([launch(), startServer({ env: { DATA_DIR: folder } })]);
    await stock(server, 'k');
    const line = { productId: 't-k', quantity: 2 };
    purchase = (await run(server, PLACE, { customerId: 'c-k', lines: [line] })).id;
    await run(server, PLACE, { customerId: 'c-k', lines: [{ ...line, quantity: 1 }] });
    const lastMonth = new Date(Date.now() - 40 * DAY_MS).toISOString();
    await run(server, PLACE, { customerId: 'c-k', lines: [{ ...line, quantity: 3 }], placedAt: lastMonth });
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('goes to the search field by /, and from there through the rows by arrows', async () => {
    const { page, end } = await visit(browser, server.url, '/products');
    await page.locator('tbody a').first().waitFor();
    await page.locator('h1').click();
    await page.keyboard.press('/');
    expect(await focused(page)).toBe('Search products');
    // In a field of text it is a character like any other.
    await page.keyboard.type('/k');
    expect(await page.getByLabel('Search products').inputValue()).toBe('/k');
    await page.getByLabel('Search products').fill('');
    const names = await page.locator('tbody tr[aria-rowindex] a').allTextContents();
    expect(names.length).toBeGreaterThan(1);
    await page.keyboard.press('ArrowDown');
    expect(await focused(page)).toBe(names[0]);
    await page.keyboard.press('ArrowDown');
    expect(await focused(page)).toBe(names[1]);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 2, name: names[1] ?? '' }).waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(() => focused(page)).toBe(names[1]);
    await page.keyboard.press('End');
    await expect.poll(() => focused(page)).toBe(names.at(-1));
    await page.keyboard.press('Home');
    await expect.poll(() => focused(page)).toBe(names[0]);
    await page.keyboard.press('ArrowUp');
    expect(await focused(page)).toBe('Search products');
    await end();
  });

  it('finds pages, actions and entities in the palette, by name and by id', async () => {
    const { page, end } = await visit(browser, server.url, '/transactions');
    await page.locator('tbody a').first().waitFor();
    const choose = async (text: string, option: RegExp) => {
      await page.keyboard.press('Control+k');
      await page.getByRole('combobox', { name: 'Search everything' }).fill(text);
      await page.getByRole('option', { name: option }).first().waitFor();
      await page.keyboard.press('Enter');
      await page.locator('dialog').waitFor({ state: 'detached' });
    };
    await choose('add a cust', /Add a customer/);
    await page.getByRole('heading', { name: 'Add a customer' }).waitFor();
    await choose(purchase, /Ada Lovelace k/);
    await expect.poll(() => new URL(page.url()).pathname).toBe(`/purchases/${purchase}`);
    await choose('scones k', /Scones k/);
    await expect.poll(() => new URL(page.url()).pathname).toBe('/products/s-k');
    await choose('shop', /Shop/);
    await expect.poll(() => new URL(page.url()).pathname).toBe('/shop');
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: 'Search everything' }).fill('nobody of this name');
    await page.getByText('Nothing of that name.').waitFor();
    await page.keyboard.press('Escape');
    await page.locator('dialog').waitFor({ state: 'detached' });
    await end();
  });

  it('copies an id', async () => {
    const permissions = ['clipboard-read', 'clipboard-write'];
    const { page, end } = await visit(browser, server.url, `/purchases/${purchase}`, { permissions });
    await page.getByRole('button', { name: "Copy the purchase's id" }).click();
    await page.getByText('Copied').waitFor({ state: 'attached' });
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(purchase);
    await end();
  });

  it('shows purchases of today, and what was taken compared with the span before', async () => {
    const { page, end } = await visit(browser, server.url, '/purchases');
    await page.getByText('3 purchases').waitFor();
    await page.getByRole('button', { name: 'More filters' }).click();
    await page.getByRole('button', { name: 'Today' }).click();
    await page.getByText('2 purchases').waitFor();
    expect(await page.getByRole('button', { name: 'Today' }).getAttribute('aria-pressed')).toBe('true');
    await page.getByRole('button', { name: 'Today' }).click();
    await page.getByText('3 purchases').waitFor();

    await page.goto(`${server.url}/?period=today`);
    const count = page.getByTestId('compared-purchases');
    await expect.poll(() => count.textContent()).toContain('2');
    expect(await count.textContent()).toContain('before: 0');
    await page.getByRole('radio', { name: '7 days' }).check();
    await page.getByText('with the 7 days before, until this time').waitFor();
    expect(new URL(page.url()).searchParams.get('period')).toBe('week');
    await end();
  });

  it('leads to GraphiQL and the documentation, which the server itself has', async () => {
    const { page, end } = await visit(browser, server.url, '/shop');
    const graphiql = page.getByRole('link', { name: 'GraphiQL' });
    expect(await graphiql.getAttribute('href')).toBe('/graphql');
    const docs = await page.getByRole('link', { name: 'Documentation' }).getAttribute('href');
    await page.goto(server.url + docs);
    await page.getByRole('heading', { level: 1, name: 'Counterfoil' }).waitFor();
    await page.getByRole('link', { name: 'guarantees', exact: false }).first().click();
    await page.getByRole('heading', { level: 1, name: 'What is promised, and how it was tried' }).waitFor();
    await end();
  });
});

describe.skipIf(browserMissing)(`the page of a server with its own settings ${browserMissing}`, () => {
  it('goes by the days and clocks of its time zone, wherever the reader is', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'counterfoil-zone-'));
    const env = { DATA_DIR: folder, TIME_ZONE: 'Pacific/Kiritimati' };
    const [browser, server] = await Promise.all([launch(), startServer({ env })]);
    try {
      await stock(server, 'z');
      // Half past midnight on the first of February there, and January everywhere else.
      const placedAt = '2026-01-31T10:30:00Z';
      await run(server, PLACE, { customerId: 'c-z', placedAt, lines: [{ productId: 't-z', quantity: 2 }] });
      const day = await visit(browser, server.url, '/purchases?from=2026-02-01&to=2026-02-01', { timezoneId: 'UTC' });
      await day.page.getByText(/^1 purchase/).waitFor();
      await day.page.locator('tbody tr', { hasText: 'Feb 1, 2026' }).waitFor();
      await day.end();
      const all = await visit(browser, server.url, '/?span=all', { timezoneId: 'UTC' });
      await all.page.getByText('Show as a table').click();
      await all.page.getByRole('link', { name: 'Feb 2026' }).waitFor();
      await all.end();
    } finally {
      await browser.close();
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('writes in its currency for its locale, and offers no GraphiQL where there is none', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'counterfoil-writing-'));
    const env = { DATA_DIR: folder, CURRENCY: 'EUR', LOCALE: 'de-DE', GRAPHIQL: 'off' };
    const [browser, server] = await Promise.all([launch(), startServer({ env })]);
    try {
      await stock(server, 'w');
      await run(server, PLACE, { customerId: 'c-w', lines: [{ productId: 't-w', quantity: 2 }] });
      const { page, end } = await visit(browser, server.url, '/purchases');
      await expect.poll(() => page.getByTestId('total-amount').textContent()).toMatch(/^\d+,\d\d\s€$/);
      expect(await page.getByRole('link', { name: 'GraphiQL' }).count()).toBe(0);
      await page.getByRole('link', { name: 'Documentation' }).waitFor();
      await end();
    } finally {
      await browser.close();
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    }
  });
});
