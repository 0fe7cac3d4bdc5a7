/** The page behind a proxy that changes Host and puts everything below a path. */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SignJWT } from 'jose';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { browserMissing, launch } from './browser/chromium.ts';
import { type RewritingProxy, startProxy } from './browser/rewriting-proxy.ts';
import { fillBasket, newestStub, placeButton, untilNewest, visit } from './browser/visit.ts';
import { type Server, startServer } from './e2e/server.ts';

const SECRET = 'a secret that only this test and its server know';
const BELOW = '/my/shop/';

async function signIn(page: Page, token: string): Promise<void> {
  await page.getByLabel('Token').fill(token);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

/** In the browser: who the server takes one for, and whether it opens a WebSocket. */
async function askFromPage({ url, token }: { readonly url: string; readonly token: string }) {
  const http = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: '{"query":"{ viewer { id } }"}',
  })
    .then((answer) => answer.json())
    .then(
      ({ data }) => data.viewer.id,
      (error: Error) => error.name,
    );
  const socket = await new Promise((resolve) => {
    const opened = new WebSocket(url.replace('http', 'ws'), 'graphql-transport-ws');
    opened.onopen = () => resolve('open');
    opened.onerror = () => resolve('refused');
  });
  return { http, socket };
}

const portOf = ({ url }: Server): number => Number(new URL(url).port);

/** The browser puts a 401 on the console when the page is asked who it is. */
const ASKED = /status of 401/;

describe.skipIf(browserMissing)(`the page behind a proxy ${browserMissing}`, () => {
  let browser: Browser;
  let folder: string;
  let admin: string;
  const servers: Server[] = [];
  const proxies: RewritingProxy[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'counterfoil-proxy-'));
    browser = await launch();
    admin = await new SignJWT({ roles: ['admin'] })
      .setProtectedHeader({ alg: 'HS256' })
      .setSubject('root')
      .setExpirationTime('1h')
      .sign(new TextEncoder().encode(SECRET));
  });
  afterAll(async () => {
    await browser?.close();
    for (const proxy of proxies) proxy.close();
    for (const server of servers) await server.stop();
    await rm(folder, { recursive: true, force: true });
  });

  async function serverWith(env: Record<string, string>): Promise<Server> {
    const data = join(folder, String(servers.length));
    const server = await startServer({
      env: { DATA_DIR: data, AUTH_JWT_SECRET: SECRET, BASE_PATH: BELOW, ...env },
      token: admin,
    });
    servers.push(server);
    return server;
  }

  async function proxyThat(strip: string): Promise<RewritingProxy> {
    const proxy = await startProxy({ strip, below: BELOW });
    proxies.push(proxy);
    return proxy;
  }

  it('works below the path that the proxy takes away, from sign-in to a purchase, with listed operations alone', async () => {
    const server = await serverWith({ TRUST_PROXY: 'loopback', PERSISTED_OPERATIONS: 'page' });
    const proxy = await proxyThat('/my/shop');
    proxy.to = portOf(server);
    const { origin, paths } = proxy;
    const { page, end } = await visit(browser, origin, BELOW, {}, ASKED);
    await signIn(page, admin);
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    await page.locator('.socket-state.connected').waitFor();
    await page.getByRole('link', { name: 'Add your first product' }).click();
    await page.getByLabel('Name').fill('Tea');
    await page.getByLabel('Price').fill('4.20');
    await page.getByLabel('Units in stock').fill('10');
    await page.locator('.panel').getByRole('button', { name: 'Add product' }).click();
    await page.getByRole('link', { name: 'Tea' }).first().waitFor();
    await page.getByRole('link', { name: 'Customers', exact: true }).click();
    await page.getByRole('link', { name: 'Add customer' }).first().click();
    await page.getByLabel('First name').fill('Ada');
    await page.getByLabel('Last name').fill('Lovelace');
    await page.locator('.panel').getByRole('button', { name: 'Add customer' }).click();
    await page.locator('.table').getByRole('link', { name: 'Ada Lovelace' }).click();
    await page.getByRole('heading', { name: 'Ada Lovelace' }).waitFor();
    // Focus comes back to the row whose panel is closed: its link has the path before it too.
    await page.getByRole('button', { name: 'Close' }).click();
    await expect.poll(() => page.evaluate('document.activeElement.textContent')).toContain('Ada Lovelace');

    await page.getByRole('link', { name: 'Shop', exact: true }).click();
    await fillBasket(page, 'Ada Lovelace', [['Tea', 2]]);
    await placeButton(page).click();
    await untilNewest(page, 'completed');
    await newestStub(page).getByRole('link').click();
    await page.locator('.timeline li.good', { hasText: 'confirmed' }).waitFor();
    expect(new URL(page.url()).pathname).toMatch(/^\/my\/shop\/purchases\/./);
    // A page in the middle finds its files too.
    await page.reload();
    await page.locator('.timeline li.good', { hasText: 'confirmed' }).waitFor();
    await page.getByRole('button', { name: 'Cancel purchase' }).click();
    await page.locator('.confirm').getByRole('button', { name: 'Cancel purchase' }).click();
    await untilNewest(page, 'completed');
    for (const [link, heading] of [
      ['Purchases', 'Purchases'],
      ['Products', 'Products'],
      ['Transactions', 'Transactions'],
      ['Overview', 'Overview'],
    ] as const) {
      await page.getByRole('link', { name: link, exact: true }).click();
      await page.getByRole('heading', { name: heading, exact: true }).waitFor();
    }
    await page.getByTestId('tile-customers').waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByLabel('Token').waitFor();
    expect(new URL(page.url()).pathname).toBe(BELOW);
    await end();
    expect(paths.filter((path) => !path.startsWith(BELOW))).toEqual([]);
    expect((await server.graphql('{ viewer { id } }')).errors?.[0]?.extensions.code).toBe('OPERATION_NOT_ALLOWED');
  });

  it('works where the proxy leaves the path and nobody trusts it, once its origin is named', async () => {
    const proxy = await proxyThat('');
    const { origin } = proxy;
    proxy.to = portOf(await serverWith({}));
    const lost = await visit(browser, origin, `${BELOW}products`, {}, /status of 401|WebSocket connection to/);
    await signIn(lost.page, admin);
    await lost.page.getByRole('heading', { name: 'Products', exact: true }).waitFor();
    await lost.page.locator('.socket-state.lost').waitFor();
    await lost.end();

    const server = await serverWith({ ALLOWED_ORIGINS: origin });
    proxy.to = portOf(server);
    const { page, end } = await visit(browser, origin, `${BELOW}products`, {}, ASKED);
    await signIn(page, admin);
    await page.locator('.socket-state.connected').waitFor();
    await page.goto(`${origin}${BELOW}graphql`);
    await page.getByRole('button', { name: /Execute/ }).click();
    await page.locator('.result-window', { hasText: 'transactionId' }).waitFor();
    await page.goto(`${origin}${BELOW}customers`);
    await page.getByRole('link', { name: 'Ada Lovelace' }).waitFor();
    await end();

    const past = await visit(browser, new URL(server.url).origin, '/', {}, ASKED);
    await past.page.getByLabel('Token').waitFor();
    expect(new URL(past.page.url()).pathname).toBe(BELOW);
    await past.end();
  });

  it('a page of another origin asks over HTTP and WebSocket when its origin is named, and reads nothing when not', async () => {
    const other = createServer((_request, answer) => answer.end('<!doctype html><title>another page</title>'));
    other.listen(0, '127.0.0.1');
    await once(other, 'listening');
    const port = (other.address() as AddressInfo).port;
    const server = await serverWith({ ALLOWED_ORIGINS: `http://localhost:${port}`, AUTH_VISITORS: 'on' });
    const context = await browser.newContext();
    try {
      const page = await context.newPage();
      const asked = async (origin: string) => {
        await page.goto(origin);
        return page.evaluate(askFromPage, { url: `${server.url}/graphql`, token: admin });
      };
      expect(await asked(`http://localhost:${port}`)).toEqual({ http: 'root', socket: 'open' });
      expect(await asked(`http://127.0.0.1:${port}`)).toEqual({ http: 'TypeError', socket: 'refused' });
    } finally {
      await context.close();
      other.close();
      other.closeAllConnections();
    }
  });
});
