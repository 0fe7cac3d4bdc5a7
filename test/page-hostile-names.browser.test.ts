/** HTML, scripts and marks of direction in names: on the page they are text and nothing else, and its policy stops the rest. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { browserMissing, launch } from './browser/chromium.ts';
import { downloaded, type Visit, visit } from './browser/visit.ts';
import { ADD, PLACE, REGISTER, run } from './e2e/operations.ts';
import { type Server, startServer } from './e2e/server.ts';

const HOSTILE = [
  '<img src=x onerror="window.hacked=1;alert(1)">',
  '"><script>window.hacked=1;alert(1)</script>',
  '<svg/onload=alert(1)><a href="javascript:alert(1)">click</a>',
  'javascript:window.hacked=1;alert(1)//',
  '{{constructor.constructor("window.hacked=1;alert(1)")()}}',
  '\u202etxt.exe\u202d \u2067reversed',
  `Very${'W'.repeat(190)}Long`,
] as const;

/** What names must never have become. */
const BECAME = `({
  hacked: window.hacked,
  images: document.querySelectorAll('img[src="x"], svg[onload]').length,
  inline: [...document.querySelectorAll('script:not([src])')].filter((one) => one.textContent.includes('hacked')).length,
  handlers: document.querySelectorAll('[onerror], [onload], [onclick]').length,
  links: document.querySelectorAll('a[href^="javascript:" i], iframe, object, embed').length,
  wider: document.documentElement.scrollWidth > document.documentElement.clientWidth,
})`;
const NOTHING = { hacked: undefined, images: 0, inline: 0, handlers: 0, links: 0, wider: false };

/** What the browser says of what was put there: the policy, and the picture that nobody has. */
const STOPPED = /Content Security Policy|Failed to load resource: .*404/;

describe.skipIf(browserMissing)(`names that hold HTML ${browserMissing}`, () => {
  let browser: Browser;
  let server: Server;
  let folder: string;
  const dialogs: string[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'counterfoil-page-'));
    [browser, server] = await Promise.all([launch(), startServer({ env: { DATA_DIR: folder } })]);
    for (const [i, name] of HOSTILE.entries()) {
      await run(server, ADD, { id: `p${i}`, name, price: '1.00', stock: 100 });
      const email = `"><img/src=x/onerror=alert(${i})>@example.com`;
      await run(server, REGISTER, { id: `c${i}`, firstName: name, lastName: name, email });
      const lines = [{ productId: `p${i}`, quantity: 1 }];
      expect((await run(server, PLACE, { id: `o${i}`, customerId: `c${i}`, lines })).status).toBe('COMPLETED');
    }
    // A rejection's message holds the product's name.
    await run(server, PLACE, { id: 'o-refused', customerId: 'c0', lines: [{ productId: 'p0', quantity: 999 }] });
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  async function look(path: string, expected?: RegExp): Promise<Visit> {
    const visited = await visit(browser, server.url, path, {}, expected);
    visited.page.on('dialog', (dialog) => {
      dialogs.push(`${path}: ${dialog.message()}`);
      void dialog.dismiss();
    });
    return visited;
  }

  const shows = (page: Page, text: string) =>
    expect.poll(() => page.evaluate('document.body.textContent'), { timeout: 20_000 }).toContain(text);

  const pages: readonly (readonly [path: string, names: readonly string[]])[] = [
    ['/', []],
    ['/products', HOSTILE],
    ['/customers', HOSTILE],
    ['/purchases', HOSTILE],
    ['/shop', HOSTILE],
    ['/purchases/o-refused', HOSTILE.slice(0, 1)],
    ['/transactions', []],
    [`/products?q=${encodeURIComponent(HOSTILE[0])}`, HOSTILE.slice(0, 1)],
    [`/no-such-page/${encodeURIComponent('<img src=x onerror="alert(1)">')}`, []],
    ...HOSTILE.flatMap((name, i): (readonly [string, readonly string[]])[] => [
      [`/products/p${i}`, [name]],
      [`/customers/c${i}`, [name]],
      [`/purchases/o${i}`, [name]],
    ]),
  ];

  it.each(pages)('are text alone at %s', async (path, names) => {
    const { page, end } = await look(path);
    await page.locator('h1, h2').first().waitFor();
    for (const name of names) await shows(page, name);
    expect(await page.evaluate(BECAME)).toEqual(NOTHING);
    expect(dialogs).toEqual([]);
    await end();
  });

  it('turn no text around that stands beside them (marks of direction)', async () => {
    const { page, end } = await look('/products');
    const link = page.getByRole('link', { name: HOSTILE[5] });
    await link.waitFor();
    expect(await link.evaluate((element) => getComputedStyle(element).unicodeBidi)).toBe('isolate');
    await end();
  });

  it('stand in the export as they are', async () => {
    const { page, end } = await look('/purchases');
    await shows(page, HOSTILE[0]);
    await page.getByRole('button', { name: 'Export' }).click();
    const csv = await downloaded(page);
    for (const name of HOSTILE) expect(csv).toContain(name.replaceAll('"', '""'));
    expect(csv).not.toMatch(/(^|,|[\r\n;])[=+@]/m);
    await end();
  });

  it.each(['/products', '/graphql'])('would run nothing at %s, were one to become HTML', async (path) => {
    const { page, end } = await look(path, STOPPED);
    await page
      .locator(path === '/graphql' ? '.graphiql-container' : 'h1')
      .first()
      .waitFor();
    const stopped = page.evaluate(`new Promise((resolve) => {
      document.addEventListener('securitypolicyviolation', (event) => resolve(event.violatedDirective), { once: true });
      const box = document.createElement('div');
      box.innerHTML = ${JSON.stringify(HOSTILE[0])};
      document.body.append(box);
    })`);
    expect(await stopped).toMatch(/script-src/);
    await page.evaluate(`{
      const script = document.createElement('script');
      script.textContent = 'window.hacked = 1';
      document.body.append(script);
    }`);
    expect(await page.evaluate('window.hacked')).toBeUndefined();
    expect(dialogs).toEqual([]);
    await end();
  });

  it('are text in an answer that GraphiQL shows', async () => {
    const query = '{ products { nodes { name } } customers { nodes { firstName email } } }';
    const { page, end } = await look(`/graphql?query=${encodeURIComponent(query)}`);
    await page.locator('.graphiql-container').first().waitFor();
    await page.getByRole('button', { name: /Execute query/ }).click();
    await expect.poll(() => page.locator('.result-window').textContent(), { timeout: 20_000 }).toContain('onerror');
    expect(await page.evaluate(BECAME)).toMatchObject({ hacked: undefined, images: 0, inline: 0, links: 0 });
    expect(dialogs).toEqual([]);
    await end();
  });
});
