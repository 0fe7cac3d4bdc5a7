/** The page in a real browser, against a real server on the embedded engines. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { browserMissing, launch } from './browser/chromium.ts';
import { measureClicks, stock, watchAPurchase } from './browser/shop-journey.ts';
import { downloaded, fillBasket, newestStub, placeButton, tell, untilNewest, visit } from './browser/visit.ts';
import { RESTOCK, run, UPDATE_CUSTOMER, UPDATE_PRODUCT } from './e2e/operations.ts';
import { type Server, startServer } from './e2e/server.ts';

const SCRIPT_SIZES = `
  performance.getEntriesByType('resource')
    .filter(({ name }) => name.endsWith('.js'))
    .reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0)
`;

describe.skipIf(browserMissing)(`the page ${browserMissing}`, () => {
  let browser: Browser;
  let server: Server;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'counterfoil-page-'));
    [browser, server] = await Promise.all([launch(), startServer({ env: { DATA_DIR: folder } })]);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('offers the Northwind orders to an empty shop, and shows them arrive', async () => {
    const { page, end } = await visit(browser, server.url);
    await page.getByRole('link', { name: 'Add your first product' }).waitFor();
    await page.getByRole('button', { name: 'Load the Northwind orders' }).click();
    await page.locator('.import[data-phase="done"]').waitFor({ timeout: 100_000 });
    const tile = page.getByTestId('tile-revenue');
    await expect.poll(() => tile.textContent(), { timeout: 30_000 }).toBe('1,265,793.29');
    expect(await page.getByTestId('tile-confirmed').textContent()).toBe('830');
    await page.locator('.chart .recharts-bar-rectangle').first().waitFor();
    // The whole overview, charts included, is at most 280 KB of compressed JavaScript.
    const scripts = (await page.evaluate(SCRIPT_SIZES)) as number;
    tell(`the overview's JavaScript: ${(scripts / 1000).toFixed(0)} KB, compressed`);
    expect(scripts).toBeGreaterThan(0);
    expect(scripts).toBeLessThan(280_000);
    // A chart leads to its rows: by its table, and by its bars.
    await page.getByText('Show as a table').click();
    await page.getByRole('link', { name: 'Jul 1996' }).click();
    await page.getByText('22 purchases').waitFor();
    await end();
  });

  it('shows each step of a purchase, from the click to confirmed', async () => {
    await watchAPurchase(browser, server, 'a');
  });

  it('says how long it takes from the click to confirmed', async () => {
    const p50 = await measureClicks(browser, server, 'a');
    tell(`click to confirmed on the page, embedded engines: p50 ${p50} ms`);
    expect(p50).toBeGreaterThan(0);
  });

  it('says in words why a purchase was rejected, and places it from the basket once that is mended', async () => {
    const { page, end } = await visit(browser, server.url, '/shop');
    await fillBasket(page, 'Ada Lovelace a', [['Scones a', 40]]);
    await placeButton(page).click();
    await untilNewest(page, 'rejected');
    const rejection = await newestStub(page).locator('.stub-rejection').textContent();
    expect(rejection).toMatch(/only 4 of scones a/i);
    expect(rejection).toContain('Ask for fewer, or restock the product.');
    await newestStub(page).getByRole('link').click();
    await page.getByRole('heading', { name: 'Scones a' }).waitFor();
    await run(server, RESTOCK, { productId: 's-a', quantity: 100 });
    await newestStub(page).getByRole('button', { name: 'Change it in the basket' }).click();
    await placeButton(page).click();
    await untilNewest(page, 'completed');
    await page.goto(`${server.url}/products/s-a`);
    await page.locator('.facts', { hasText: 'Stock64' }).waitFor();
    await end();
  });

  it('shows two visitors each other’s changes, without a reload', async () => {
    const ada = await visit(browser, server.url, '/products/t-a?q=tea+a');
    const bob = await visit(browser, server.url, '/products?q=tea+a');
    await bob.page.getByRole('cell', { name: '4.20' }).waitFor();
    await ada.page.getByRole('button', { name: 'Edit' }).click();
    await ada.page.getByLabel('Price').fill('5.10');
    await ada.page.getByRole('button', { name: 'Save' }).click();
    await bob.page.getByRole('cell', { name: '5.10' }).waitFor();
    await bob.page.goto(`${server.url}/customers?q=zebedee`);
    await bob.page.getByText('No customer matches').waitFor();
    await ada.page.goto(`${server.url}/customers/new`);
    await ada.page.getByLabel('First name').fill('Zebedee');
    await ada.page.getByLabel('Last name').fill('Zephyr');
    await ada.page.locator('.panel').getByRole('button', { name: 'Add customer' }).click();
    await bob.page.getByRole('link', { name: 'Zebedee Zephyr' }).waitFor();
    await ada.end();
    await bob.end();
  });

  it('moves no row under the reader’s pointer: what is new waits behind a pill', async () => {
    const { page, end } = await visit(browser, server.url, '/purchases');
    // Until the list has come, its rows are placeholders without a text.
    const first = page.locator('tbody tr', { hasText: 'Ada Lovelace a' }).first();
    await first.hover();
    const before = await first.textContent();
    const other = await visit(browser, server.url, '/shop');
    await fillBasket(other.page, 'Ada Lovelace a', [['Tea a', 3]]);
    await placeButton(other.page).click();
    await untilNewest(other.page, 'completed');
    const pill = page.getByRole('button', { name: '1 new' });
    await pill.waitFor();
    expect(await first.textContent()).toBe(before);
    await pill.click();
    await expect.poll(() => first.textContent()).toContain('15.30');
    await other.end();
    await end();
  });

  it('finds purchases by every filter, alone and together, and keeps the search in the address', async () => {
    const { page, end } = await visit(browser, server.url, '/purchases');
    const found = async (): Promise<string> => (await page.locator('.page-head .count').textContent())?.trim() ?? '';
    const expectFound = async (filter: object) => {
      const { data } = await server.graphql(
        'query ($filter: PurchaseFilter) { purchases(filter: $filter, first: 1) { totalCount totalAmount } }',
        { filter },
      );
      const { totalCount, totalAmount } = data.purchases;
      const words = `${totalCount.toLocaleString('en-US')} ${totalCount === 1 ? 'purchase' : 'purchases'} · ${Number(totalAmount).toLocaleString('en-US', { minimumFractionDigits: 2 })}`;
      expect(totalCount).toBeGreaterThan(0);
      // Counted after the rows are there.
      await expect.poll(found, { timeout: 20_000 }).toBe(words);
    };
    await page.getByLabel('Search purchases').fill('que ch');
    await expectFound({ text: 'que ch' });
    const marked = async () => (await page.locator('tbody mark').allTextContents()).map((text) => text.toLowerCase());
    await expect.poll(marked, { timeout: 20_000 }).toContain('que');
    await page.getByLabel('Search purchases').fill('');
    await page.getByRole('checkbox', { name: 'Rejected' }).click();
    await expectFound({ status: ['REJECTED'] });
    await page.getByRole('checkbox', { name: 'Confirmed' }).click();
    await expectFound({ status: ['CONFIRMED', 'REJECTED'] });
    await page.getByRole('checkbox', { name: 'Rejected' }).click();
    await page.getByRole('button', { name: 'More filters' }).click();
    await page.getByRole('combobox', { name: 'Customer' }).fill('horst');
    await page.getByRole('option', { name: 'Horst Kloss' }).click();
    await expectFound({ status: ['CONFIRMED'], customerId: 'QUICK' });
    await page.getByLabel('From', { exact: true }).fill('1997-01-01');
    await page.getByLabel('To', { exact: true }).fill('1997-12-31');
    const zone = (text: string) => new Date(text).toISOString();
    const placedBetween = { from: zone('1997-01-01T00:00:00.000'), to: zone('1997-12-31T23:59:59.999') };
    await expectFound({ status: ['CONFIRMED'], customerId: 'QUICK', placedBetween });
    await page.getByLabel('At least').fill('2000');
    await page.getByLabel('At most').fill('9000');
    const totalBetween = { from: '2000.00', to: '9000.00' };
    await expectFound({ status: ['CONFIRMED'], customerId: 'QUICK', placedBetween, totalBetween });
    await page.getByRole('combobox', { name: 'Product' }).fill('racl');
    await page.getByRole('option', { name: 'Raclette Courdavault' }).click();
    const all = { status: ['CONFIRMED'], customerId: 'QUICK', productId: '59', placedBetween, totalBetween };
    await expectFound(all);
    // The address is the search: another visitor who opens it sees the same.
    const shared = await visit(browser, server.url, page.url().slice(server.url.length));
    await expect
      .poll(async () => (await shared.page.locator('.page-head .count').textContent())?.trim(), { timeout: 20_000 })
      .toBe(await found());
    await shared.page.getByRole('button', { name: 'Clear all' }).click();
    await shared.page.getByText(/^8\d\d purchases/).waitFor();
    await shared.end();
    await end();
  });

  it('exports what was found, for a spreadsheet a row per line', async () => {
    const { page, end } = await visit(browser, server.url, '/purchases?customer=SAVEA&status=CONFIRMED');
    await page.getByText('31 purchases').waitFor();
    await page.getByRole('button', { name: 'Export' }).click();
    const text = await downloaded(page);
    const rows = text.trim().split('\r\n');
    const { data } = await server.graphql(
      '{ purchases(filter: { customerId: "SAVEA", status: [CONFIRMED] }, first: 50) { nodes { lines { quantity } } } }',
    );
    const lines = data.purchases.nodes.flatMap((purchase: { lines: unknown[] }) => purchase.lines).length;
    expect(text.startsWith('\ufefforderID,orderNumber,orderDate,status,customerID')).toBe(true);
    expect(rows).toHaveLength(lines + 1);
    expect(new Set(rows.slice(1).map((row) => row.split(',')[0])).size).toBe(31);
    await end();
  });

  it('refuses to overwrite what someone else changed meanwhile, and applies it to the newest version when told to', async () => {
    const { page, end } = await visit(browser, server.url, '/customers/c-a');
    await page.getByRole('button', { name: 'Edit' }).click();
    await page.getByLabel('First name').fill('Augusta');
    await page.route('**/graphql', async (route) => {
      // Between the click and the command: the page cannot know of it.
      if (route.request().postData()?.includes('UpdateCustomer'))
        await run(server, UPDATE_CUSTOMER, { customerId: 'c-a', email: 'ada@example.com' });
      await route.continue();
    });
    await page.getByRole('button', { name: 'Save' }).click();
    await untilNewest(page, 'rejected');
    await page.unroute('**/graphql');
    expect(await newestStub(page).locator('.stub-rejection').textContent()).toContain('Someone else changed it');
    await newestStub(page).getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('heading', { name: 'Augusta Lovelace a' }).waitFor();
    await untilNewest(page, 'completed');
    const { data } = await server.graphql('{ customer(id: "c-a") { firstName email } }');
    expect(data.customer).toEqual({ firstName: 'Augusta', email: 'ada@example.com' });
    await run(server, UPDATE_CUSTOMER, { customerId: 'c-a', firstName: 'Ada' });
    await end();
  });

  it('sends a purchase again with the same key when its answer was lost, and has one effect', async () => {
    const count = async () =>
      (await server.graphql('{ purchases(first: 1) { totalCount } }')).data.purchases.totalCount;
    const before = await count();
    const visitor = await visit(browser, server.url, '/shop');
    const { page } = visitor;
    await fillBasket(page, 'Ada Lovelace a', [['Tea a', 1]]);
    let lost = 0;
    visitor.away();
    await page.route('**/graphql', async (route) => {
      if (lost < 2 && route.request().postData()?.includes('PlacePurchase')) {
        lost += 1;
        // The server has it; the page never hears of that.
        await route.fetch();
        await route.abort();
      } else await route.continue();
    });
    await placeButton(page).click();
    await untilNewest(page, 'completed');
    expect(lost).toBe(2);
    await expect.poll(count).toBe(before + 1);
    await page.unroute('**/graphql');
    await visitor.end();
  });

  it('finishes a counterfoil for which the server was killed and started again, also after a reload', async () => {
    const port = new URL(server.url).port;
    const count = async () =>
      (await server.graphql('{ purchases(first: 1) { totalCount } }')).data.purchases.totalCount;
    const before = await count();
    const visitor = await visit(browser, server.url, '/shop');
    const { page } = visitor;
    await fillBasket(page, 'Ada Lovelace a', [['Tea a', 1]]);
    visitor.away();
    await server.stop('SIGKILL');
    await placeButton(page).click();
    await page.getByText('Connection lost').waitFor();
    await untilNewest(page, 'unreached');
    server = await startServer({ env: { DATA_DIR: folder, PORT: port } });
    await untilNewest(page, 'completed');
    await page.getByText('Connection lost').waitFor({ state: 'detached' });
    expect(await count()).toBe(before + 1);

    await fillBasket(page, 'Ada Lovelace a', [['Tea a', 2]]);
    await server.stop('SIGKILL');
    await placeButton(page).click();
    await untilNewest(page, 'unreached');
    const key = await newestStub(page).getAttribute('data-key');
    server = await startServer({ env: { DATA_DIR: folder, PORT: port } });
    await page.reload();
    await untilNewest(page, 'completed');
    expect(await newestStub(page).getAttribute('data-key')).toBe(key);
    expect(await count()).toBe(before + 2);
    await visitor.end();
  });

  it('asks before a product is discontinued or a purchase cancelled, and gives the stock back', async () => {
    await stock(server, 'd');
    const { page, end } = await visit(browser, server.url, '/shop?q=scones+d');
    await fillBasket(page, 'Ada Lovelace d', [['Scones d', 2]]);
    await placeButton(page).click();
    await untilNewest(page, 'completed');
    await newestStub(page).getByRole('link').click();
    await page.getByRole('button', { name: 'Cancel purchase' }).click();
    await page.getByRole('button', { name: 'Keep' }).click();
    await page.getByRole('button', { name: 'Cancel purchase' }).click();
    await page.locator('.confirm').getByRole('button', { name: 'Cancel purchase' }).click();
    await page.locator('.panel h2 .badge', { hasText: 'Cancelled' }).waitFor();
    await page.locator('.panel .lines').getByRole('link', { name: 'Scones d' }).click();
    await page.locator('.facts', { hasText: 'Stock5' }).waitFor();
    await page.getByRole('button', { name: 'Discontinue' }).click();
    await page.locator('.confirm').getByRole('button', { name: 'Discontinue' }).click();
    await page.getByText('Discontinued product').waitFor();
    await end();
  });

  it('marks the rows that a pending change touches', async () => {
    const visitor = await visit(browser, server.url, '/customers/c-d');
    const { page } = visitor;
    visitor.away();
    await page.route('**/graphql', (route) =>
      route.request().postData()?.includes('UpdateCustomer') ? route.abort() : route.continue(),
    );
    await page.getByRole('button', { name: 'Edit' }).click();
    await page.getByLabel('E-mail').fill('d@example.com');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.locator('.panel').getByText('being changed').waitFor();
    await page.goto(`${server.url}/customers?q=lovelace`);
    await page.locator('tbody tr.touched', { hasText: 'Lovelace d' }).waitFor();
    expect(await page.locator('tbody tr.touched').count()).toBe(1);
    await page.unroute('**/graphql');
    await page.locator('tbody tr', { hasText: 'd@example.com' }).waitFor();
    await page.locator('tbody tr.touched').waitFor({ state: 'detached' });
    await visitor.end();
  });

  it('follows a product’s price in the shop while it is open', async () => {
    await run(server, UPDATE_PRODUCT, { productId: 't-a', price: '4.20' });
    const { page, end } = await visit(browser, server.url, '/shop?q=tea+a');
    await page.locator('.good-card', { hasText: '4.20' }).waitFor();
    await run(server, UPDATE_PRODUCT, { productId: 't-a', price: '4.44' });
    await page.locator('.good-card', { hasText: '4.44' }).waitFor();
    await end();
  });
});
