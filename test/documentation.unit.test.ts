/** The documentation that the server serves: whole, and every link in it leads somewhere. */
import { existsSync } from 'node:fs';
import { join, posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import { documentation } from '../scripts/documentation.ts';

const root = join(import.meta.dirname, '..');
const pages = documentation(root);
const byPath = new Map(pages.map((page) => [page.path, page]));

const linksOf = (html: string): string[] => [...html.matchAll(/<a href="([^"]+)"/g)].map(([, href]) => href ?? '');

describe('the documentation', () => {
  it('begins with the README, and has a page for each document', () => {
    expect(pages[0]?.path).toBe('index.html');
    for (const path of ['guarantees.html', 'errors.html', 'decisions/why-lmdb.html'])
      expect([...byPath.keys()]).toContain(path);
    expect(byPath.get('index.html')?.html).toContain('<h1 id="counterfoil">Counterfoil</h1>');
  });

  it.each(pages.map(({ path }) => path))('has no link in %s that leads nowhere', (path) => {
    const page = byPath.get(path);
    const links = linksOf(page?.html ?? '').filter((href) => !/^https?:/.test(href));
    expect(links.length).toBeGreaterThan(10);
    const dead = links.filter((href) => {
      const [to = '', anchor] = href.split('#');
      const target = to === '' ? path : posix.join(posix.dirname(path), to);
      // The web page itself.
      if (target === '../index.html') return false;
      const there = byPath.get(target)?.html;
      return there === undefined || (anchor !== undefined && !there.includes(` id="${anchor}"`));
    });
    expect(dead).toEqual([]);
    for (const picture of page?.pictures ?? []) expect(existsSync(join(root, picture))).toBe(true);
  });
});
