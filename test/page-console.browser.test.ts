/** A newcomer with a stuck transaction: the console shows it, its dead letter and the reason; mended, it is put back there. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { findings, widerThanScreen } from './browser/axe.ts';
import { browserMissing, launch } from './browser/chromium.ts';
import { stock } from './browser/shop-journey.ts';
import { visit } from './browser/visit.ts';
import { olderBuild } from './e2e/older-build.ts';
import { ended, PLACE, submit } from './e2e/operations.ts';
import { type Server, startServer } from './e2e/server.ts';
import { SECRET, token } from './e2e/tokens.ts';

const DEAD = '{ deadLetters { totalCount } }';

describe.skipIf(browserMissing)(`the console on the page ${browserMissing}`, () => {
  let browser: Browser;
  let server: Server;
  let folder: string;
  let older: string;
  let stuck: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'counterfoil-console-'));
    [browser, older] = await Promise.all([launch(), olderBuild()]);
    const before = await startServer({ env: { DATA_DIR: folder }, folder: older, built: true });
    await stock(before, 'n');
    stuck = (await submit(before, PLACE, { customerId: 'c-n', lines: [{ productId: 't-n', quantity: 2 }] }))
      .transactionId;
    await vi.waitFor(async () => expect((await before.graphql(DEAD)).data.deadLetters.totalCount).toBe(1));
    // The upgrade is the mending: the version of today reads the command.
    await before.stop();
    server = await startServer({ env: { DATA_DIR: folder } });
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
    await rm(older, { recursive: true, force: true });
  });

  it('leads from a stuck transaction to its record and the reason, and lets it go on', async () => {
    const { page, end } = await visit(browser, server.url, `/transactions/${stuck}`);
    await page
      .getByRole('navigation')
      .getByRole('img', { name: /, 1 dead letter$/ })
      .waitFor();
    // It is stuck once it has been under way for a minute.
    const note = page.getByRole('status').filter({ hasText: 'under way for more than a minute' });
    await note.waitFor({ timeout: 90_000 });
    expect(await findings(page)).toEqual([]);
    await note.getByRole('link', { name: 'console' }).click();
    const transactions = page.getByRole('region', { name: 'Stuck transactions' });
    const one = transactions
      .getByRole('listitem')
      .filter({ hasText: 'Waits for reserveStock of products t-n' })
      .first();
    await one.waitFor();
    expect(await one.textContent()).toContain('there is no command reserveStock');
    const letters = page.getByRole('region', { name: 'Dead letters' });
    expect(await letters.textContent()).toContain(`A transaction waits for it: ${stuck}`);
    await letters.getByText(/^Record, \d+ bytes$/).click();
    expect(await letters.locator('pre').last().textContent()).toMatch(/"productId":"t-n"/);
    expect(await findings(page)).toEqual([]);

    await letters.getByRole('button', { name: 'Retry' }).click();
    await letters
      .getByRole('group', { name: /^Put the record back/ })
      .getByRole('button', { name: 'Retry' })
      .click();
    await letters.getByText('None.').waitFor();
    await transactions.getByText('None: whatever has not ended is younger than a minute.').waitFor();
    expect(await ended(server, stuck)).toMatchObject({ status: 'COMPLETED' });
    await end();
  });

  it('drops a letter only after it has asked, by keyboard alone as well', async () => {
    await server.stop();
    const before = await startServer({ env: { DATA_DIR: folder }, folder: older, built: true });
    await submit(before, PLACE, { customerId: 'c-n', lines: [{ productId: 't-n', quantity: 1 }] });
    await expect.poll(async () => (await before.graphql(DEAD)).data.deadLetters.totalCount).toBe(1);
    await before.stop();
    server = await startServer({ env: { DATA_DIR: folder } });
    const { page, end } = await visit(browser, server.url, '/console', { viewport: { width: 375, height: 720 } });
    const letters = page.getByRole('region', { name: 'Dead letters' });
    await letters.getByRole('button', { name: 'Drop' }).focus();
    await page.keyboard.press('Enter');
    await letters.getByRole('group', { name: /^Take it off the list/ }).waitFor();
    expect([await findings(page), await widerThanScreen(page)]).toEqual([[], 0]);
    // The safe answer has the focus; Escape keeps it as well.
    await page.keyboard.press('Enter');
    await letters.getByRole('button', { name: 'Drop' }).focus();
    await page.keyboard.press('Enter');
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Enter');
    await letters.getByText('None.').waitFor();
    expect((await server.graphql(DEAD)).data.deadLetters.totalCount).toBe(0);
    await end();
  });

  it('starts a verification and a rebuild, and shows how each ended', async () => {
    // Embedded views cannot be read while they are built anew, which those who ask are told.
    const told = /status of 503/;
    const { page, end } = await visit(browser, server.url, '/console', {}, told);
    const jobs = page.getByRole('region', { name: 'Books and views' });
    await jobs.getByRole('button', { name: 'Verify' }).click();
    await jobs.locator('[data-state="DONE"]').waitFor({ timeout: 90_000 });
    expect(await jobs.textContent()).toMatch(/Verifying Done.*no difference/);
    await jobs.getByRole('button', { name: 'Rebuild' }).click();
    await jobs.getByRole('group').getByRole('button', { name: 'Rebuild' }).click();
    await jobs.getByText('the views have been built anew from the log').waitFor();
    const processes = page.getByRole('region', { name: 'Processes' });
    await processes.getByText('1 of 1 well').waitFor();
    await processes.getByText(/^\d+ parts$/).click();
    expect(await processes.textContent()).toMatch(/processor products.*nothing to catch up with/);
    await end();
  });

  it('is there for admins alone', async () => {
    const guarded = await mkdtemp(join(tmpdir(), 'counterfoil-console-'));
    const other = await startServer({ env: { DATA_DIR: guarded, AUTH_JWT_SECRET: SECRET } });
    const { page, end } = await visit(browser, other.url, '/console', {}, /status of 401/);
    await page.getByLabel('Token').fill(await token('clerk', ['staff']));
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('There is nothing here').waitFor();
    expect(await page.getByRole('link', { name: 'Console' }).count()).toBe(0);
    await end();
    await other.stop();
    await rm(guarded, { recursive: true, force: true });
  });
});
