/**
 * One visitor with a browser profile of their own. What must never happen is gathered while they look around: errors on
 * the console, exceptions, and requests to anywhere but the server.
 */
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { expect } from 'vitest';

/** A lost connection, or a server that is only starting, is told by the browser itself, on the console, in these words. */
const LOST_CONNECTION =
  /ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE|ERR_FAILED|ERR_INTERNET_DISCONNECTED|WebSocket connection to|status of 503/;

export interface Visit {
  readonly page: Page;
  /** What should not have happened so far. */
  readonly troubles: readonly string[];
  /** The server is about to be away: until `back`, the browser may say that it does not answer. */
  away(): void;
  back(): void;
  /** Ends the visit. @throws when something happened that must not. */
  end(): Promise<void>;
}

export async function visit(
  browser: Browser,
  origin: string,
  path = '/',
  options: BrowserContextOptions = {},
  /** What the browser may say on the console all the same. */
  expected?: RegExp,
): Promise<Visit> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'en-US', ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  const troubles: string[] = [];
  let away = false;
  page.on('console', (message) => {
    if (message.type() !== 'error' && message.type() !== 'warning') return;
    if (away && LOST_CONNECTION.test(message.text())) return;
    if (expected?.test(message.text())) return;
    troubles.push(`${message.type()} on ${page.url()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => troubles.push(`exception on ${page.url()}: ${error.stack ?? error.message}`));
  const host = new URL(origin).host;
  const seen = (url: string) => {
    const { protocol, host: to } = new URL(url);
    if (to !== host && protocol !== 'data:' && protocol !== 'blob:')
      troubles.push(`a request left the machine: ${url}`);
  };
  page.on('request', (request) => seen(request.url()));
  page.on('websocket', (socket) => seen(socket.url()));
  await page.goto(origin + path);
  return {
    page,
    troubles,
    away: () => {
      away = true;
    },
    back: () => {
      away = false;
    },
    async end() {
      await context.close();
      expect(troubles).toEqual([]);
    },
  };
}

/** The newest counterfoil in the tray. */
export const newestStub = (page: Page): Locator => page.locator('.tray > ol > li').first();

/** Waits until the newest counterfoil has this state. */
export async function untilNewest(page: Page, state: string): Promise<void> {
  await page.locator(`.tray > ol > li:first-child[data-state="${state}"]`).waitFor();
}

/** In the shop: fills the basket and chooses the customer; what remains is the click on "Place purchase". */
export async function fillBasket(
  page: Page,
  customer: string,
  products: readonly (readonly [string, number])[],
): Promise<void> {
  for (const [product, quantity] of products) {
    await page.getByRole('button', { name: `Put ${product} into the basket` }).click();
    if (quantity !== 1) await page.getByLabel(`Units of ${product}`).fill(String(quantity));
  }
  const finder = page.getByRole('combobox', { name: 'Customer' });
  if ((await finder.inputValue()) === customer) return;
  await finder.fill(customer);
  await page.getByRole('option', { name: customer }).first().click();
}

/** Has an export's file made that is open for choice, and reads it. */
export async function downloaded(page: Page): Promise<string> {
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download' }).click();
  const chunks: Buffer[] = [];
  for await (const chunk of await (await download).createReadStream()) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8');
}

export const placeButton = (page: Page): Locator => page.getByRole('button', { name: 'Place purchase', exact: true });

/** The median, for figures that are printed. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** Prints a figure that was measured; figures are told, never asserted. */
export function tell(figure: string): void {
  process.stdout.write(`${figure}\n`);
}
