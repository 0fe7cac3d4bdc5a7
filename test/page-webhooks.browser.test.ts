/** Webhooks on the page: added with a secret that is shown once, their deliveries as they go, and what an admin does with them. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { browserMissing, launch } from './browser/chromium.ts';
import { untilNewest, visit } from './browser/visit.ts';
import { ADD, run } from './e2e/operations.ts';
import { type Server, startServer } from './e2e/server.ts';
import { isSignedBy, Receiver } from './outbox.receiver.ts';

describe.skipIf(browserMissing)(`the page of webhooks ${browserMissing}`, () => {
  let browser: Browser;
  let server: Server;
  let receiver: Receiver;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'counterfoil-hooks-'));
    receiver = await Receiver.start();
    [browser, server] = await Promise.all([launch(), startServer({ env: { DATA_DIR: folder } })]);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
    await receiver?.kill();
    await rm(folder, { recursive: true, force: true });
  });

  it('adds one, shows its secret once, and its deliveries as they go: failing, tried again, dropped', async () => {
    const { page, end } = await visit(browser, server.url, '/webhooks/new');
    await page.getByLabel('Name').fill('Warehouse');
    await page.getByLabel('URL').fill('nowhere');
    await page.getByRole('button', { name: 'Add webhook' }).click();
    await page.getByText('An address that begins with').waitFor();
    await page.getByLabel('URL').fill(receiver.url);
    await page.getByLabel('ProductAdded').check();
    await page.getByRole('button', { name: 'Add webhook' }).click();
    await untilNewest(page, 'completed');
    const secret = (await page.locator('.notice code').textContent()) ?? '';
    expect(secret).toMatch(/^whsec_.{44}$/);
    // What the browser keeps of the command holds it no longer.
    expect(await page.evaluate('JSON.stringify(localStorage)')).not.toContain(secret);

    receiver.answer = () => 500;
    await page.getByRole('link', { name: 'Warehouse' }).first().click();
    await page.getByText('None yet').waitFor();
    await run(server, ADD, { name: 'Tea', price: '1.00', stock: 1 });
    const delivery = page.getByRole('listitem').filter({ hasText: 'ProductAdded' });
    await delivery.getByText('the receiver answered 500').waitFor();
    receiver.answer = () => 204;
    await delivery.getByRole('button', { name: /^Retry ProductAdded/ }).click();
    await delivery.getByText('Delivered').waitFor();
    expect(receiver.received.every((each) => isSignedBy(secret, each))).toBe(true);

    receiver.answer = () => 500;
    await run(server, ADD, { name: 'Milk', price: '1.00', stock: 1 });
    const second = page.getByRole('listitem').filter({ hasText: 'the receiver answered 500' });
    await second.getByRole('button', { name: 'Drop' }).focus();
    await page.keyboard.press('Enter');
    await second.getByRole('group').getByRole('button', { name: 'Drop' }).focus();
    await page.keyboard.press('Enter');
    await page.getByText('Dropped').waitFor();

    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByRole('button', { name: 'Go on' }).waitFor();
    await page.getByRole('button', { name: 'New secret' }).click();
    await untilNewest(page, 'completed');
    const another = (await page.locator('.notice code').textContent()) ?? '';
    expect(another).toMatch(/^whsec_.{44}$/);
    expect(another).not.toBe(secret);
    await page.reload();
    await page.getByRole('button', { name: 'Go on' }).waitFor();
    expect(await page.getByText(another).count()).toBe(0);
    await end();
  });
});
