/** Ten thousand purchases on one page: scrolled to the end, while more come in. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { browserMissing, launch } from './browser/chromium.ts';
import { tell, visit } from './browser/visit.ts';
import { ADD, PLACE, REGISTER, run, submit } from './e2e/operations.ts';
import { type Server, startServer } from './e2e/server.ts';

const PURCHASES = 10_000;
const AT_ONCE = 64;

/** Notes the time between frames until `window.stopFrames()`, which answers with them. */
const NOTE_FRAMES = `
  const gaps = [];
  let last = performance.now();
  let on = true;
  const frame = (now) => { gaps.push(now - last); last = now; if (on) requestAnimationFrame(frame); };
  requestAnimationFrame(frame);
  window.stopFrames = () => { on = false; return gaps; };
`;

describe.skipIf(browserMissing)(`the page with ten thousand purchases ${browserMissing}`, () => {
  let browser: Browser;
  let server: Server;
  let folder: string;

  const placed = async (): Promise<number> =>
    (await server.graphql('{ purchases(filter: { status: [CONFIRMED] }, first: 1) { totalCount } }')).data.purchases
      .totalCount;
  const place = (n: number) =>
    submit(server, PLACE, {
      id: `p-${n}`,
      customerId: `c-${n % 50}`,
      lines: [{ productId: `t-${n % 20}`, quantity: 1 + (n % 7) }],
    });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'counterfoil-scroll-'));
    [browser, server] = await Promise.all([launch(), startServer({ env: { DATA_DIR: folder } })]);
    for (let n = 0; n < 50; n += 1)
      await submit(server, REGISTER, { id: `c-${n}`, firstName: 'Visitor', lastName: `No ${n}` });
    for (let n = 0; n < 20; n += 1)
      await run(server, ADD, { id: `t-${n}`, name: `Tea ${n}`, price: '1.25', stock: 1_000_000 });
    let next = 0;
    const worker = async () => {
      while (next < PURCHASES) await place(next++);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    await vi.waitUntil(async () => (await placed()) === PURCHASES, { timeout: 60_000, interval: 200 });
  }, 240_000);
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('scrolls through all of them with few rows in the document, and stays where the reader is while more come in', async () => {
    const { page, end } = await visit(browser, server.url, '/purchases');
    await page.getByText('10,000 purchases').waitFor();
    const scroller = page.locator('.table-scroll');
    await scroller.hover();
    await page.evaluate(NOTE_FRAMES);
    const lastRow = page.locator(`tbody tr[aria-rowindex="${PURCHASES + 1}"]`);
    let mostRows = 0;
    while ((await lastRow.count()) === 0) {
      await page.mouse.wheel(0, 6_000);
      mostRows = Math.max(mostRows, await page.locator('tbody tr').count());
    }
    const gaps = ((await page.evaluate('window.stopFrames()')) as number[]).toSorted((a, b) => a - b);
    const at = (share: number) => (gaps[Math.floor(gaps.length * share)] ?? 0).toFixed(0);
    tell(
      `10,000 purchases scrolled: ${gaps.length} frames, between two p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, p99 ${at(0.99)} ms`,
    );
    expect(mostRows).toBeLessThan(80);

    // Changes elsewhere, while the reader is far down: the row before their eyes stays where it is.
    const watched = page.locator('tbody tr').nth(12);
    await expect.poll(() => watched.textContent()).not.toBe('');
    const before = { text: await watched.textContent(), box: await watched.boundingBox() };
    for (let n = PURCHASES; n < PURCHASES + 30; n += 1) await place(n);
    await page.getByRole('button', { name: '30 new' }).waitFor();
    expect({ text: await watched.textContent(), box: await watched.boundingBox() }).toEqual(before);
    await page.getByRole('button', { name: '30 new' }).click();
    await expect.poll(() => page.locator('tbody tr').first().getAttribute('aria-rowindex')).toBe('2');
    await page.getByText('10,030 purchases').waitFor();
    await end();
  }, 240_000);
});
