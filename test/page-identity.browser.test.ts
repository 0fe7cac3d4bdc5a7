/** The page of a server that wants to know who is asking. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SignJWT } from 'jose';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { browserMissing, launch } from './browser/chromium.ts';
import { newestStub, placeButton, untilNewest, type Visit, visit } from './browser/visit.ts';
import { ADD, REGISTER, run } from './e2e/operations.ts';
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
    await run(server, REGISTER, { id: 'c-1', firstName: 'Ada', lastName: 'Lovelace', userId: 'bob' }, admin);
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

  it('shows a customer the products, the shop, and its own transactions alone', async () => {
    const visitor = await strangers('/');
    const { page } = visitor;
    await signIn(visitor, await token('bob', []));
    await page.getByRole('heading', { name: 'Shop' }).waitFor();
    expect(await page.getByRole('navigation').getByRole('link').allTextContents()).toEqual([
      'Products',
      'Shop',
      'Transactions',
    ]);
    await page.getByRole('button', { name: 'Put Tea into the basket' }).click();
    await page.getByLabel('Customer id').fill('c-1');
    await placeButton(page).click();
    await untilNewest(page, 'completed');
    expect(await newestStub(page).textContent()).toContain('confirmed');
    await page.getByText('9 left').waitFor();
    await page.getByRole('link', { name: 'Transactions' }).click();
    await page.getByText('1 transaction', { exact: true }).waitFor();
    await page.goto(`${server.url}/customers`);
    await page.getByText('There is nothing here').waitFor();
    await visitor.end();
  });
});
