/** The heart of the page, the same on every pair of engines: a purchase placed and watched to its end, step by step. */
import type { Browser } from 'playwright-core';
import { expect } from 'vitest';
import { ADD, REGISTER, run } from '../e2e/operations.ts';
import type { Server } from '../e2e/server.ts';
import { fillBasket, median, newestStub, placeButton, untilNewest, visit } from './visit.ts';

/** Notes each state and each step that the newest counterfoil shows, in the order in which they appear. */
const WATCH_TRAY = `
  window.seen = [];
  const note = (what) => { if (!window.seen.includes(what)) window.seen.push(what); };
  const look = () => {
    const stub = document.querySelector('.tray > ol > li');
    if (stub === null) return;
    note(stub.dataset.state);
    for (const step of stub.querySelectorAll('.stub-steps li span:first-child')) note(step.textContent.replace(/ ×.*/, ''));
  };
  new MutationObserver(look).observe(document.querySelector('.tray'), { subtree: true, childList: true, attributes: true, characterData: true });
`;

const MEASURED = 25;

/** Makes a customer and two products, and gives their names. */
export async function stock(server: Server, tag: string): Promise<void> {
  await run(server, REGISTER, { id: `c-${tag}`, firstName: 'Ada', lastName: `Lovelace ${tag}` });
  await run(server, ADD, { id: `t-${tag}`, name: `Tea ${tag}`, price: '4.20', stock: 1000 });
  await run(server, ADD, { id: `s-${tag}`, name: `Scones ${tag}`, price: '2.05', stock: 5 });
}

export async function watchAPurchase(browser: Browser, server: Server, tag: string): Promise<void> {
  await stock(server, tag);
  const shop = await visit(browser, server.url, '/shop');
  const { page } = shop;
  await fillBasket(page, `Ada Lovelace ${tag}`, [
    [`Tea ${tag}`, 2],
    [`Scones ${tag}`, 1],
  ]);
  expect(await page.getByTestId('basket-total').textContent()).toBe('10.45');
  await page.evaluate(WATCH_TRAY);
  await placeButton(page).click();
  // Nothing blocks: the form is free again before anything can have come back.
  expect(await page.getByTestId('basket-total').textContent()).toBe('0.00');
  await untilNewest(page, 'completed');
  const seen = (await page.evaluate('window.seen')) as string[];
  expect(seen[0]).toBe('sending');
  expect(seen.at(-1)).toBe('confirmed');
  const story = ['sending', 'accepted', 'placed', 'stock reserved', 'customer approved', 'confirmed'];
  expect(seen.filter((what) => story.includes(what)).toSorted()).toEqual(story.toSorted());
  expect(seen.indexOf('accepted')).toBeLessThan(seen.indexOf('confirmed'));

  await newestStub(page).getByRole('link').click();
  await page.getByRole('heading', { name: '10.45' }).waitFor();
  await page.locator('.timeline li', { hasText: `stock reserved: Tea ${tag}` }).waitFor();
  await page.locator('.timeline li.good', { hasText: 'confirmed' }).waitFor();
  await shop.end();
}

/** From the click to "confirmed" on the page, in ms. */
export async function measureClicks(browser: Browser, server: Server, tag: string): Promise<number> {
  const shop = await visit(browser, server.url, '/shop');
  const { page } = shop;
  const took: number[] = [];
  for (let n = 0; n < MEASURED; n += 1) {
    await fillBasket(page, `Ada Lovelace ${tag}`, [[`Tea ${tag}`, 1]]);
    const before = await newestStub(page)
      .getAttribute('data-key', { timeout: 1_000 })
      .catch(() => null);
    await placeButton(page).click();
    await page.locator(`.tray > ol > li:first-child[data-state="completed"]:not([data-key="${before}"])`).waitFor();
    took.push(Number(await newestStub(page).getAttribute('data-took')));
  }
  await shop.end();
  return median(took);
}
