/** The page of a server that wants to know who is asking. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SignJWT } from 'jose';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { browserMissing, launch } from './browser/chromium.ts';
import { newestStub, placeButton, untilNewest, type Visit, visit } from './browser/visit.ts';
import { ADD, PLACE, REGISTER, run } from './e2e/operations.ts';
import { type Server, startServer } from './e2e/server.ts';

const SECRET = 'a secret that only this test and its server know';

const token = (sub: string, roles: readonly string[]): Promise<string> =>
  new SignJWT({ roles })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(sub)
    .setExpirationTime('1h')
    .sign(new TextEncoder().encode(SECRET));

async function signIn({ page }: Visit, jwt: string): Promise<void> {
  await page.getByLabel('Token').fill(jwt);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

describe.skipIf(browserMissing)(`the page, signed in ${browserMissing}`, () => {
  let browser: Browser;
  let server: Server;
  let folder: string;
  let admin: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'counterfoil-identity-'));
    admin = await token('root', ['admin']);
    [browser, server] = await Promise.all([
      launch(),
      startServer({ env: { DATA_DIR: folder, AUTH_JWT_SECRET: SECRET }, token: admin }),
    ]);
    await run(server, REGISTER, { id: 'c-1', firstName: 'Ada', lastName: 'Lovelace' }, admin);
    await run(server, ADD, { id: 't-1', name: 'Tea', price: '4.20', stock: 10 }, admin);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** Being asked who one is goes with a 401, and browsers put each of those on the console. */
  const strangers = async (path: string): Promise<Visit> => {
    const stranger = await visit(browser, server.url, path, {}, /status of 401/);
    await stranger.page.getByLabel('Token').waitFor();
    return stranger;
  };

  it('asks a stranger for a token, refuses a false one, and shows an admin everything', async () => {
    const visitor = await strangers('/customers');
    const { page } = visitor;
    await signIn(visitor, 'nonsense');
    await page.getByText('did not accept this token').waitFor();
    await signIn(visitor, admin);
    await page.getByRole('link', { name: 'Ada Lovelace' }).waitFor();
    await page.getByText('root', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('Token').waitFor();
    await visitor.end();
  });

  const navigation = (page: Page) => page.getByRole('navigation').getByRole('link').allTextContents();

  it('lets a customer say who it is, buy for itself, see its own purchases alone, and cancel', async () => {
    await run(server, PLACE, { customerId: 'c-1', lines: [{ productId: 't-1', quantity: 1 }] }, admin);
    const visitor = await strangers('/');
    const { page } = visitor;
    await signIn(visitor, await token('bob', []));
    await page.getByRole('heading', { name: 'Shop' }).waitFor();
    expect(await navigation(page)).toEqual(['Purchases', 'Products', 'Shop', 'Transactions', 'My details']);
    await page.getByRole('button', { name: 'Put Tea into the basket' }).click();
    await page.getByRole('link', { name: 'Tell us who you are' }).click();
    await page.getByLabel('First name').fill('Bob');
    await page.getByLabel('Last name').fill('Babbage');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { name: 'Bob Babbage' }).waitFor();

    await page.getByRole('link', { name: 'Shop' }).click();
    await page.getByText('For Bob Babbage.').waitFor();
    await placeButton(page).click();
    await untilNewest(page, 'completed');
    expect(await newestStub(page).textContent()).toContain('confirmed');
    await page.getByText('8 left').waitFor();

    await newestStub(page).getByRole('link').click();
    await page.locator('.page-head .count', { hasText: /^1 purchase\b/ }).waitFor();
    await page.locator('.panel').getByText('stock reserved').waitFor();
    expect(await page.getByRole('link', { name: 'Ada Lovelace' }).count()).toBe(0);
    await page.getByRole('button', { name: 'Cancel purchase' }).click();
    await page.locator('.confirm').getByRole('button', { name: 'Cancel purchase' }).click();
    await untilNewest(page, 'completed');

    await page.getByRole('link', { name: 'My details' }).click();
    await page.getByRole('button', { name: 'Change' }).click();
    await page.getByLabel('E-mail').fill('bob@example.com');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.locator('.facts', { hasText: 'bob@example.com' }).waitFor();
    expect(await newestStub(page).getByRole('link').getAttribute('href')).toBe('/account');

    await page.goto(`${server.url}/customers`);
    await page.getByText('There is nothing here').waitFor();
    await visitor.end();
  });

  it('shows staff the back office, without what is for admins', async () => {
    const visitor = await strangers('/');
    const { page } = visitor;
    await signIn(visitor, await token('sue', ['staff']));
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    expect(await navigation(page)).toEqual(['Overview', 'Purchases', 'Customers', 'Products', 'Shop', 'Transactions']);
    await page.getByRole('link', { name: 'Customers', exact: true }).click();
    await page.getByRole('link', { name: 'Ada Lovelace' }).click();
    await page.getByRole('button', { name: 'Edit' }).click();
    await page.getByLabel('User').fill('ada');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.locator('.facts', { hasText: 'Userada' }).waitFor();
    await visitor.end();
  });

  it('lets visitors look at the products where the server lets them in, and asks them to sign in to buy', async () => {
    const open = await startServer({
      env: { DATA_DIR: join(folder, 'open'), AUTH_JWT_SECRET: SECRET, AUTH_VISITORS: 'on' },
      token: admin,
    });
    try {
      await run(open, ADD, { id: 't-1', name: 'Tea', price: '4.20', stock: 10 }, admin);
      const { page, end } = await visit(browser, open.url, '/');
      await page.getByRole('heading', { name: 'Shop' }).waitFor();
      expect(await navigation(page)).toEqual(['Products', 'Shop']);
      await page.getByText('10 left').waitFor();
      await page.getByRole('button', { name: 'Sign in to buy' }).click();
      await page.getByLabel('Token').fill(await token('eve', []));
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByRole('link', { name: 'Tell us who you are' }).waitFor();
      await end();
    } finally {
      await open.stop();
    }
  });
});
