/** The web page's files: what browsers may keep, what is sent compressed, and which paths are the page's own. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, brotliDecompressSync } from 'node:zlib';
import Fastify, { type FastifyInstance, type InjectOptions } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { addPage } from '../gateway/page.ts';

const BROWSER = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

let folder: string;
let app: FastifyInstance;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'counterfoil-page-'));
  app = Fastify();
});
afterEach(async () => {
  await app.close();
  await rm(folder, { recursive: true });
});

async function build(basePath = '', told: Record<string, string | undefined> = {}): Promise<void> {
  await mkdir(join(folder, 'assets'));
  await writeFile(join(folder, 'index.html'), '<title>Counterfoil</title>');
  await writeFile(join(folder, 'theme.js'), 'theme()');
  await writeFile(join(folder, 'assets/index-Dmj9LeAh.js'), 'page()');
  await writeFile(join(folder, 'assets/index-Dmj9LeAh.js.br'), brotliCompressSync('page()'));
  await addPage(app, { basePath, told, folders: [join(folder, 'nowhere'), folder] });
}

const get = (url: string, headers: Record<string, string> = {}, method: InjectOptions['method'] = 'GET') =>
  app.inject({ method, url, headers });

describe('a page that has been built', () => {
  it('is asked for anew each time, except for files whose names change with what is in them', async () => {
    await build();
    expect((await get('/')).headers['cache-control']).toBe('no-cache');
    expect((await get('/theme.js')).headers['cache-control']).toBe('no-cache');
    const hashed = await get('/assets/index-Dmj9LeAh.js');
    expect(hashed.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    expect(hashed.headers['content-type']).toContain('javascript');
    expect(hashed.body).toBe('page()');
  });

  it('is sent compressed to who takes it so', async () => {
    await build();
    const { headers, rawPayload } = await get('/assets/index-Dmj9LeAh.js', { 'accept-encoding': 'gzip, br' });
    expect(headers['content-encoding']).toBe('br');
    expect(headers['content-type']).toContain('javascript');
    expect(headers['cache-control']).toContain('immutable');
    expect(rawPayload).toEqual(brotliCompressSync('page()'));
  });

  it('is shown at every path that a browser opens and that is nothing else', async () => {
    await build();
    for (const path of ['/', '/purchases', '/purchases/0193?status=PENDING', '/customers/a-b_c']) {
      const { statusCode, body } = await get(path, BROWSER);
      expect([path, statusCode, body]).toEqual([path, 200, '<title>Counterfoil</title>']);
    }
  });

  it('is not shown for files that are missing, paths of the API, or programs', async () => {
    await build();
    for (const path of ['/assets/index-old.js', '/assets/gone', '/favicon.ico', '/graphql/x', '/metrics/x']) {
      expect([path, (await get(path, BROWSER)).statusCode]).toEqual([path, 404]);
    }
    expect((await get('/purchases', { accept: 'application/json' })).statusCode).toBe(404);
    expect((await get('/purchases', BROWSER, 'POST')).statusCode).toBe(404);
  });

  it('is told the settings that it must know, as text that cannot end its place', async () => {
    await build('', { currency: 'EUR', locale: undefined, name: '"><script>' });
    await writeFile(
      join(folder, 'index.html'),
      '<meta name="currency" content="" /><meta name="locale" content="xx" /><meta name="name" content="" /><meta name="other" content="1" />',
    );
    expect((await get('/')).body).toBe(
      '<meta name="currency" content="EUR" /><meta name="locale" content="" /><meta name="name" content="&quot;>&lt;script>" /><meta name="other" content="1" />',
    );
  });

  it('is sent with the base path in its links, compressed, and not again to who has it', async () => {
    const html = '<meta name="base-path" content="/" /><link href="./icon.svg" /><script src="./assets/a.js"></script>';
    await build('/my/shop');
    await writeFile(join(folder, 'index.html'), html);
    const links =
      '<meta name="base-path" content="/my/shop/" /><link href="/my/shop/icon.svg" /><script src="/my/shop/assets/a.js"></script>';
    for (const path of ['/', '/index.html']) expect((await get(path)).body).toBe(links);
    const { body, headers } = await get('/purchases/0193', BROWSER);
    expect([body, headers['cache-control']]).toEqual([links, 'no-cache']);
    const small = await get('/', { 'accept-encoding': 'gzip, br' });
    expect(small.headers).toMatchObject({ 'content-encoding': 'br', etag: headers['etag'], vary: 'accept-encoding' });
    expect(String(brotliDecompressSync(small.rawPayload))).toBe(links);
    expect((await get('/', { 'if-none-match': String(headers['etag']) })).statusCode).toBe(304);
  });

  it('names the files that the page at its address needs besides, if the build tells them', async () => {
    await build('/my/shop');
    await writeFile(join(folder, 'index.html'), '<head><title>Counterfoil</title></head>');
    const pages = { overview: ['assets/o.js'], purchases: ['assets/p.js', 'assets/"q.js'], customers: [] };
    await writeFile(join(folder, 'pages.json'), JSON.stringify(pages));
    const bodyAt = async (path: string) => (await get(path, BROWSER)).body;
    const head = (...files: readonly string[]) =>
      `<head><title>Counterfoil</title>${files.map((file) => `<link rel="modulepreload" crossorigin href="/my/shop/assets/${file}">`).join('')}</head>`;
    for (const path of ['/', '/index.html', '/overview?x=purchases']) expect(await bodyAt(path)).toBe(head('o.js'));
    for (const path of ['/purchases', '/purchases/0193', '/purchases?q=a'])
      expect(await bodyAt(path)).toBe(head('p.js', '&quot;q.js'));
    for (const path of ['/customers', '/nothing', '/constructor', '/purchasesx', '/Purchases'])
      expect([path, await bodyAt(path)]).toEqual([path, head()]);
    const etags = await Promise.all(
      ['/', '/purchases', '/nothing'].map(async (path) => (await get(path, BROWSER)).headers['etag']),
    );
    expect(new Set(etags).size).toBe(3);
  });

  it('gives nothing from outside its folder', async () => {
    await build();
    for (const path of ['/../package.json', '/%2e%2e/package.json', '/assets/..%2f..%2fetc/passwd', '//etc/passwd']) {
      expect([path, (await get(path)).statusCode]).toEqual([path, expect.toSatisfy((status) => status >= 400)]);
    }
  });
});

describe('a page that has not been built', () => {
  it('says in plain text how to build it', async () => {
    await addPage(app, { basePath: '', told: {}, folders: [folder] });
    const { statusCode, headers, body } = await get('/', BROWSER);
    expect(statusCode).toBe(404);
    expect(headers['content-type']).toContain('text/plain');
    expect(body).toContain('npm run build');
  });
});
