/** Every page, light and dark, wide and narrow, examined by axe; and what the keyboard alone can do. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findings, widerThanScreen } from './browser/axe.ts';
import { browserMissing, launch } from './browser/chromium.ts';
import { stock } from './browser/shop-journey.ts';
import { fillBasket, newestStub, placeButton, untilNewest, visit } from './browser/visit.ts';
import { ADD_WEBHOOK, PLACE, run } from './e2e/operations.ts';
import { type Server, startServer } from './e2e/server.ts';

const PAGES = [
  ['/', 'Top products'],
  ['/purchases', 'Lovelace x'],
  ['/purchases?q=nothing+such', 'No purchase matches'],
  ['/customers', 'Lovelace x'],
  ['/customers/c-x', 'Bought'],
  ['/customers/new', 'Add a customer'],
  ['/products', 'Tea x'],
  ['/products/t-x', 'Bought by'],
  ['/shop', 'Tea x'],
  ['/transactions', 'Place purchase'],
  ['/console', 'nothing to catch up with'],
  ['/webhooks', 'Warehouse'],
  ['/webhooks/w', 'ECONNREFUSED'],
  ['/webhooks/new', 'PurchaseConfirmed'],
  ['/nowhere', 'There is nothing here'],
  ['/docs/errors.html', 'What a client can be told'],
] as const;

describe.skipIf(browserMissing)(`the page, for everyone ${browserMissing}`, () => {
  let browser: Browser;
  let server: Server;
  let folder: string;
  let purchase: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'counterfoil-axe-'));
    [browser, server] = await Promise.all([launch(), startServer({ env: { DATA_DIR: folder } })]);
    const webhook = { id: 'w', name: 'Warehouse', url: 'http://127.0.0.1:1/', secret: `whsec_${'a'.repeat(43)}=` };
    await run(server, ADD_WEBHOOK, webhook);
    await stock(server, 'x');
    purchase = (await run(server, PLACE, { customerId: 'c-x', lines: [{ productId: 't-x', quantity: 2 }] })).id;
    await run(server, PLACE, { customerId: 'c-x', lines: [{ productId: 's-x', quantity: 900 }] });
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  for (const [look, options] of [
    ['light, wide', { colorScheme: 'light' }],
    ['dark, wide', { colorScheme: 'dark' }],
    ['light, a phone', { colorScheme: 'light', viewport: { width: 375, height: 720 } }],
    ['dark, a phone', { colorScheme: 'dark', viewport: { width: 375, height: 720 } }],
  ] as const) {
    it(`has nothing that axe calls serious: ${look}`, async () => {
      const { page, end } = await visit(browser, server.url, '/', options);
      for (const [path, shows] of [...PAGES, [`/purchases/${purchase}`, 'What happened'] as const]) {
        await page.goto(server.url + path);
        await page.getByText(shows).filter({ visible: true }).first().waitFor();
        expect(await findings(page), `${path}, ${look}`).toEqual([]);
        expect(await widerThanScreen(page), `${path}, ${look}: wider than the screen`).toBe(0);
      }
      await end();
    });
  }

  it('has nothing that axe calls serious with counterfoils in the tray and filters open', async () => {
    const { page, end } = await visit(browser, server.url, '/shop');
    await fillBasket(page, 'Ada Lovelace x', [['Tea x', 1]]);
    await placeButton(page).click();
    await untilNewest(page, 'completed');
    await fillBasket(page, 'Ada Lovelace x', [['Scones x', 700]]);
    await placeButton(page).click();
    await untilNewest(page, 'rejected');
    await page.getByRole('combobox', { name: 'Customer' }).fill('ada');
    await page.getByRole('option').first().waitFor();
    expect(await findings(page)).toEqual([]);
    await page.getByRole('link', { name: 'Purchases' }).click();
    await page.getByRole('button', { name: 'More filters' }).click();
    await page.getByLabel('At least').fill('much');
    expect(await findings(page)).toEqual([]);
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: 'Search everything' }).fill('ada');
    await page
      .getByRole('option', { name: /Ada Lovelace x/ })
      .first()
      .waitFor();
    expect(await findings(page)).toEqual([]);
    await end();
  });

  it('lets a purchase be placed by keyboard alone', async () => {
    const { page, end } = await visit(browser, server.url, '/shop?q=tea');
    await page.getByLabel('Search products').focus();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('combobox', { name: 'Customer' }).focus();
    await page.keyboard.type('love');
    await page.getByRole('option', { name: 'Ada Lovelace x' }).waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await untilNewest(page, 'completed');
    expect(await newestStub(page).textContent()).toContain('Ada Lovelace x · 1 product');
    expect(await page.locator('.tray [role="status"]').textContent()).toContain('confirmed');
    await end();
  });

  it('opens and closes a row by keyboard, and goes back to where it was', async () => {
    const { page, end } = await visit(browser, server.url, '/customers');
    const row = page.locator('tbody').getByRole('link', { name: 'Ada Lovelace x' });
    await row.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 2, name: 'Ada Lovelace x' }).waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(() => new URL(page.url()).pathname).toBe('/customers');
    await expect.poll(() => page.evaluate('document.activeElement?.textContent')).toBe('Ada Lovelace x');
    await end();
  });
});
