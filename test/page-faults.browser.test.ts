/** Faults that the page had, each as someone met it: on an idle machine, and the races on a busy one too. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { burn } from './browser/busy-machine.ts';
import { browserMissing, launch } from './browser/chromium.ts';
import { stock } from './browser/shop-journey.ts';
import { fillBasket, newestStub, placeButton, untilNewest, visit } from './browser/visit.ts';
import { ADD, PLACE, REGISTER, run, submit, UPDATE_CUSTOMER } from './e2e/operations.ts';
import { type Server, startServer } from './e2e/server.ts';

const CUSTOMERS = 1_500;
const AT_ONCE = 50;

/** Far more than a screen at once, as a fast wheel or the scroll bar does it. */
const FAR = 30_000;

const firstRow = (page: Page) => page.locator('tbody tr[aria-rowindex="2"]');

describe.skipIf(browserMissing)(`faults of the page ${browserMissing}`, () => {
  let browser: Browser;
  let server: Server;
  let folder: string;

  const start = async (port = '0') => {
    server = await startServer({ env: { DATA_DIR: folder, PORT: port } });
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'counterfoil-faults-'));
    [browser] = await Promise.all([launch(), start()]);
    await stock(server, 'f');
    await run(server, PLACE, { customerId: 'c-f', lines: [{ productId: 't-f', quantity: 1 }] });
    let next = 0;
    const worker = async () => {
      while (next < CUSTOMERS) {
        const n = String(next++).padStart(4, '0');
        await submit(server, REGISTER, { id: `c-${n}`, firstName: 'Visitor', lastName: `No ${n}` });
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    const count = async () =>
      (await server.graphql('{ customers(first: 1) { totalCount } }')).data.customers.totalCount;
    await vi.waitUntil(async () => (await count()) === CUSTOMERS + 1, { timeout: 60_000, interval: 200 });
  }, 180_000);
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** With the wheel, as fast as it goes, until the last row is there. @throws when it does not come */
  async function scrollToTheEnd(page: Page, rows: number): Promise<void> {
    const last = page.locator(`tbody tr[aria-rowindex="${rows + 1}"]`);
    await page.locator('.table-scroll').hover();
    await expect
      .poll(
        async () => {
          for (let n = 0; n < 5; n += 1) await page.mouse.wheel(0, FAR);
          return await last.count();
        },
        { timeout: 45_000 },
      )
      .toBe(1);
  }

  for (const machine of ['idle', 'busy'] as const) {
    describe(`on a machine that is ${machine}`, () => {
      let calm = () => {};
      beforeAll(() => {
        if (machine === 'busy') calm = burn();
      });
      afterAll(() => calm());

      it('a list grows to its end under a fast wheel, and again after a search was cleared', async () => {
        const { page, end } = await visit(browser, server.url, '/customers?sort=NAME&dir=asc');
        await page.getByText('1,501 customers').waitFor();
        await scrollToTheEnd(page, CUSTOMERS + 1);
        for (const text of ['visitor 0007', 'ada']) {
          await page.getByLabel('Search customers').fill(text);
          await page.getByText('1 customer', { exact: true }).waitFor();
          await page.getByLabel('Search customers').fill('');
          await page.getByText('1,501 customers').waitFor();
          await firstRow(page).waitFor();
          await scrollToTheEnd(page, CUSTOMERS + 1);
        }
        await end();
      });

      it('a list under change grows to its end', async () => {
        const { page, end } = await visit(browser, server.url, '/customers?sort=NAME&dir=asc');
        await page.getByText('1,501 customers').waitFor();
        let changing = true;
        const changes = (async () => {
          for (let n = 0; changing; n += 1)
            await run(server, UPDATE_CUSTOMER, {
              customerId: `c-${String(n % 50).padStart(4, '0')}`,
              email: `a${n}@b.example`,
            });
        })();
        await scrollToTheEnd(page, CUSTOMERS + 1).finally(() => {
          changing = false;
        });
        await changes;
        await end();
      });

      it('a page that is opened while the server is down is there once the server is back', async () => {
        const visitor = await visit(browser, server.url, '/products');
        const { page } = visitor;
        await page.getByRole('link', { name: 'Tea f' }).waitFor();
        const { port } = new URL(server.url);
        visitor.away();
        await server.stop();
        await page.getByRole('link', { name: 'Transactions' }).click();
        await page.getByText('Connection lost').waitFor();
        await start(port);
        await page.getByRole('heading', { name: 'Transactions' }).waitFor();
        await page.getByRole('cell', { name: 'Completed' }).first().waitFor();
        await page.getByRole('link', { name: 'Shop' }).click();
        await page.getByRole('button', { name: 'Put Tea f into the basket' }).waitFor();
        await visitor.end();
      });

      it('a page that is opened while the server is starting is there once it has started', async () => {
        const context = await browser.newContext();
        const page = await context.newPage();
        let refused = 0;
        await page.route('**/graphql', async (route) => {
          if (refused >= 3 || !(route.request().postData() ?? '').includes('viewer')) return await route.continue();
          refused += 1;
          const errors = [{ message: 'this server is starting', extensions: { code: 'UNAVAILABLE' } }];
          const contentType = 'application/graphql-response+json';
          await route.fulfill({ status: 503, contentType, body: JSON.stringify({ errors }) });
        });
        await page.goto(`${server.url}/products`);
        await page.getByText('this server is starting').waitFor();
        await page.getByRole('link', { name: 'Tea f' }).waitFor();
        expect(refused).toBe(3);
        await context.close();
      });

      it('two tabs share one basket', async () => {
        const { page, end } = await visit(browser, server.url, '/shop');
        const other = await page.context().newPage();
        await other.goto(`${server.url}/shop`);
        await other.getByRole('button', { name: 'Put Scones f into the basket' }).waitFor();
        await page.getByRole('button', { name: 'Put Tea f into the basket' }).click();
        await other.getByRole('button', { name: 'Put Scones f into the basket' }).click();
        for (const tab of [page, other]) {
          await tab.getByLabel('Units of Tea f').waitFor();
          await tab.getByLabel('Units of Scones f').waitFor();
          await expect.poll(() => tab.getByTestId('basket-total').textContent()).toBe('6.25');
        }
        await other.getByRole('button', { name: 'One less of Tea f' }).click();
        await expect.poll(() => page.getByTestId('basket-total').textContent()).toBe('2.05');
        await end();
      });

      it('a purchase that is rejected goes back into the basket, with the line to blame marked', async () => {
        const { page, end } = await visit(browser, server.url, '/shop');
        await fillBasket(page, 'Ada Lovelace f', [
          ['Tea f', 1],
          ['Scones f', 40],
        ]);
        // Told before it is sent, and not in the way: there may be more when it is decided.
        await page.locator('.basket .warning', { hasText: 'As things stand' }).waitFor();
        await placeButton(page).click();
        await untilNewest(page, 'rejected');
        const marked = page.locator('.basket .refused');
        await marked.getByText('Scones f', { exact: true }).waitFor();
        await expect.poll(() => marked.locator('.problem').textContent()).toMatch(/Only \d of Scones f/);
        expect(await marked.count()).toBe(1);
        expect(await page.getByLabel('Units of Tea f').inputValue()).toBe('1');
        // Kept when the page is loaded again, and back but once.
        await page.reload();
        await marked.getByText('Scones f', { exact: true }).waitFor();
        expect(await page.locator('.basket-body > ul > li').count()).toBe(2);
        await page.getByRole('button', { name: 'Change it in the basket' }).first().click();
        await fillBasket(page, 'Ada Lovelace f', []);
        await page.getByLabel('Units of Scones f').fill('1');
        await marked.waitFor({ state: 'detached' });
        await placeButton(page).click();
        await untilNewest(page, 'completed');
        await expect.poll(() => page.getByTestId('basket-total').textContent()).toBe('0.00');
        await end();
      });
    });
  }

  it('every list can be sorted by its columns', async () => {
    const { page, end } = await visit(browser, server.url, '/customers');
    await page.getByRole('button', { name: 'Name' }).click();
    await expect.poll(() => firstRow(page).textContent()).toContain('Ada Lovelace f');
    await page.getByRole('button', { name: 'Name' }).click();
    await expect.poll(() => firstRow(page).textContent()).toContain(`No ${CUSTOMERS - 1}`);
    expect(await page.getByRole('columnheader', { name: 'Name' }).getAttribute('aria-sort')).toBe('descending');
    expect(new URL(page.url()).search).toBe('?sort=NAME&dir=desc');
    for (const [path, columns] of [
      ['/customers', ['Name', 'Purchases', 'Spent', 'Last purchase']],
      ['/products', ['Product', 'Price', 'Stock', 'Sold', 'Purchases', 'Customers', 'Revenue']],
      ['/purchases', ['Customer', 'Status', 'Placed', 'Total']],
      ['/transactions', ['Status', 'By', 'Accepted']],
    ] as const) {
      await page.goto(server.url + path);
      for (const column of columns) {
        await page.locator('thead').getByRole('button', { name: column, exact: true }).click();
        await page.locator('thead th[aria-sort]', { hasText: column }).waitFor();
        await page.locator('tbody tr:not(.placeholder)').first().waitFor();
        await expect.poll(() => page.locator('.table-scroll.stale').count()).toBe(0);
      }
    }
    await end();
  });

  it('a change of a customer took some time, and says how much', async () => {
    for (let n = 0; n < 5; n += 1) await run(server, UPDATE_CUSTOMER, { customerId: 'c-f', email: `${n}@example.com` });
    const { page, end } = await visit(browser, server.url, '/transactions');
    const took = page.locator('tbody tr', { hasText: 'Change customer' }).locator('td:last-child');
    await took.nth(4).waitFor();
    const told = (await took.allTextContents()).slice(0, 5);
    expect(told.filter((text) => /^[\d.]+ m?s$/.test(text) && text !== '0 ms')).not.toEqual([]);
    await end();
  });

  it('a purchase that was rejected has no part of a total, and no sum holds any of it', async () => {
    await run(server, ADD, { id: 'rare', name: 'Rare', price: '900.00', stock: 0 });
    const lines = [
      { productId: 't-f', quantity: 3 },
      { productId: 'rare', quantity: 1 },
    ];
    const { id, status } = await run(server, PLACE, { customerId: 'c-f', lines });
    expect(status).toBe('REJECTED');
    const { page, end } = await visit(browser, server.url, `/purchases/${id}?status=REJECTED&product=rare`);
    await page.locator('.panel h2', { hasText: '0.00' }).waitFor();
    expect(await page.getByTestId('total-amount').textContent()).toBe('0.00');
    expect(await page.locator('.panel tfoot td').textContent()).toBe('0.00');
    await end();
  });

  it('on a phone the basket is always at hand', async () => {
    const { page, end } = await visit(browser, server.url, '/shop', { viewport: { width: 375, height: 667 } });
    await page.getByRole('button', { name: 'Put Tea f into the basket' }).click();
    const bar = page.getByRole('button', { name: /^Basket, 1 product/ });
    const box = await bar.boundingBox();
    expect(box !== null && box.y > 300 && box.y + box.height <= 667).toBe(true);
    await bar.click();
    const button = await placeButton(page).boundingBox();
    expect(button !== null && button.y > 0 && button.y + button.height <= 667).toBe(true);
    await page.keyboard.press('Escape');
    await placeButton(page).waitFor({ state: 'hidden' });
    await end();
  });

  it('at 200 % zoom a list has room', async () => {
    // What is left of 1280 × 720 at that zoom.
    const { page, end } = await visit(browser, server.url, '/customers', { viewport: { width: 640, height: 360 } });
    await firstRow(page).waitFor();
    const box = await page.locator('.table-scroll').boundingBox();
    expect(box?.height).toBeGreaterThanOrEqual(240);
    await scrollToTheEnd(page, CUSTOMERS + 1);
    await end();
  });

  it('without a network it says that it is offline, and comes back by itself', async () => {
    const visitor = await visit(browser, server.url, '/products');
    const { page } = visitor;
    await page.locator('.socket-state.connected').waitFor();
    visitor.away();
    await page.context().setOffline(true);
    await page.locator('.socket-state', { hasText: 'Offline' }).waitFor();
    await page.context().setOffline(false);
    await page.locator('.socket-state', { hasText: 'Live' }).waitFor();
    await visitor.end();
  });

  it('what would surely be rejected is told before it is sent', async () => {
    const { page, end } = await visit(browser, server.url, '/customers/c-f');
    await page.getByRole('button', { name: 'Edit' }).click();
    await run(server, UPDATE_CUSTOMER, { customerId: 'c-f', email: 'other@example.com' });
    await page.locator('.facts', { hasText: 'other@example.com' }).waitFor();
    await page.getByLabel('First name').fill('Augusta');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.locator('.form [role="alert"]', { hasText: 'Someone else changed it' }).waitFor();
    expect(await page.locator('.tray > ol > li').count()).toBe(0);
    await page.getByRole('button', { name: 'Make my changes to the newest version' }).click();
    await untilNewest(page, 'completed');
    await page.getByRole('heading', { name: 'Augusta Lovelace f' }).waitFor();
    const { data } = await server.graphql('{ customer(id: "c-f") { firstName email } }');
    expect(data.customer).toEqual({ firstName: 'Augusta', email: 'other@example.com' });
    await run(server, UPDATE_CUSTOMER, { customerId: 'c-f', firstName: 'Ada' });
    await end();
  });

  it('a change is shown as expected until its status comes, in the panel and in the list', async () => {
    const { page, end } = await visit(browser, server.url, '/customers/c-f?q=lovelace');
    await page.getByRole('heading', { name: 'Ada Lovelace f' }).waitFor();
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    await page.route('**/graphql', async (route) => {
      if (route.request().postData()?.includes('UpdateCustomer')) await held;
      await route.continue();
    });
    await page.getByRole('button', { name: 'Edit' }).click();
    await page.getByLabel('First name').fill('Augusta');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.locator('.panel h2 .expected', { hasText: 'Augusta Lovelace f' }).waitFor();
    await page.locator('tbody tr.expected', { hasText: 'Augusta Lovelace f' }).waitFor();
    release();
    await page.locator('.expected').first().waitFor({ state: 'detached' });
    await page.getByRole('heading', { name: 'Augusta Lovelace f' }).waitFor();
    await page.unroute('**/graphql');
    await run(server, UPDATE_CUSTOMER, { customerId: 'c-f', firstName: 'Ada' });
    await end();
  });

  it('a change that is rejected is taken back on the page, with the reason', async () => {
    const { page, end } = await visit(browser, server.url, '/customers/c-f?q=lovelace');
    await page.getByRole('heading', { name: 'Ada Lovelace f' }).waitFor();
    await page.getByRole('button', { name: 'Edit' }).click();
    await page.getByLabel('First name').fill('Augusta');
    await page.route('**/graphql', async (route) => {
      // Someone else is quicker by a moment: neither of them could know.
      if (route.request().postData()?.includes('UpdateCustomer'))
        await run(server, UPDATE_CUSTOMER, { customerId: 'c-f', email: 'quicker@example.com' });
      await route.continue();
    });
    await page.getByRole('button', { name: 'Save' }).click();
    await untilNewest(page, 'rejected');
    await page.locator('.not-changed', { hasText: 'Someone else changed it' }).waitFor();
    await page.getByRole('heading', { name: 'Ada Lovelace f' }).waitFor();
    expect(await page.locator('.expected').count()).toBe(0);
    expect(await newestStub(page).locator('.stub-rejection').textContent()).toContain('Someone else changed it');
    await page.unroute('**/graphql');
    await newestStub(page).getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('heading', { name: 'Augusta Lovelace f' }).waitFor();
    await run(server, UPDATE_CUSTOMER, { customerId: 'c-f', firstName: 'Ada' });
    await end();
  });
});
