/** Reading an export page by page: every node once, the header once, and an end that is seen as what it is. */
import { describe, expect, it } from 'vitest';
import { PLAIN } from '../export/csv.ts';
import { exportKinds } from '../export/kinds.ts';
import {
  type ExportPage,
  type ExportPart,
  type ExportSource,
  type ExportVariables,
  readExport,
} from '../export/read-export.ts';

const REQUEST = {
  kinds: [exportKinds.products],
  format: { as: 'csv', dialect: PLAIN },
  filter: { text: 'a' },
} as const;
const TOO_LARGE = new Error('too large');

/** A list of so many products; a page of it is refused with what `refuse` returns. */
function listOf(count: number, refuse: (asked: ExportVariables) => Error | undefined = () => undefined) {
  const asked: ExportVariables[] = [];
  const source: ExportSource = {
    async ask(_document, variables) {
      asked.push(variables);
      const refusal = refuse(variables);
      if (refusal !== undefined) throw refusal;
      const start = Number(variables.after ?? 0);
      const end = Math.min(start + variables.first, count);
      const nodes = Array.from({ length: end - start }, (_, i) => ({ id: `p${start + i}`, name: 'Tea' }));
      const page: ExportPage = { nodes, pageInfo: { hasNextPage: end < count, endCursor: String(end) } };
      return variables.count ? { ...page, totalCount: count } : page;
    },
    isTooLarge: (error) => error === TOO_LARGE,
  };
  return { source, asked };
}

async function all(source: ExportSource): Promise<readonly ExportPart[]> {
  const parts: ExportPart[] = [];
  for await (const part of readExport(source, REQUEST)) parts.push(part);
  return parts;
}

const idsIn = (parts: readonly ExportPart[]) =>
  parts
    .flatMap(({ texts }) => texts.join('').trimEnd().split('\r\n'))
    .map((row) => row.split(',')[0])
    .filter((cell) => cell !== '');

describe('an export', () => {
  it('has every node once, behind one header, and tells how far it is', async () => {
    const { source, asked } = listOf(450);
    const parts = await all(source);
    expect(idsIn(parts)).toEqual(['productID', ...Array.from({ length: 450 }, (_, i) => `p${i}`)]);
    expect(parts.map(({ done, total }) => [done, total])).toEqual([200, 400, 450].map((done) => [done, 450]));
    expect(asked.map(({ count }) => count)).toEqual([true, false, false]);
    expect(asked.every(({ filter }) => filter === REQUEST.filter)).toBe(true);
  });

  it('of an empty list is a header alone', async () => {
    const parts = await all(listOf(0).source);
    expect(parts).toMatchObject([{ done: 0, total: 0 }]);
    expect(parts[0]?.texts[0]).toMatch(/^productID,[^\n]*\r\n$/);
  });

  it('asks for fewer at once when an answer would be too large, and misses none', async () => {
    const { source, asked } = listOf(450, ({ first }) => (first > 30 ? TOO_LARGE : undefined));
    expect(idsIn(await all(source))).toHaveLength(451);
    expect(asked.map(({ first }) => first).slice(0, 5)).toEqual([200, 100, 50, 25, 25]);
  });

  it('ends with what is in the way, also when a single node is too large', async () => {
    const tooLarge = listOf(450, () => TOO_LARGE);
    await expect(all(tooLarge.source)).rejects.toBe(TOO_LARGE);
    expect(tooLarge.asked.at(-1)?.first).toBe(1);
    const gone = new Error('gone');
    const cut = listOf(450, ({ after }) => (after === '200' ? gone : undefined));
    await expect(all(cut.source)).rejects.toBe(gone);
  });

  it('does not go round for ever when a server gives the same page again', async () => {
    const { source } = listOf(450);
    const same: ExportSource = {
      ...source,
      ask: async (document, variables) => await source.ask(document, { ...variables, after: null }),
    };
    await expect(all(same)).rejects.toThrow('no next page');
  });
});
