/** From the pieces of a file to rows: whatever the cells hold, and wherever a piece or a block of lines ends. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CsvRow, csvRows } from '../import/shop-files/csv-rows.ts';
import { linesOf } from '../import/shop-files/lines.ts';

async function* pieces(texts: readonly string[]): AsyncGenerator<string> {
  yield* texts;
}

async function rowsOf(texts: readonly string[], delimiter = ','): Promise<readonly CsvRow[]> {
  const rows: CsvRow[] = [];
  for await (const block of csvRows(linesOf(pieces(texts)), delimiter, 1)) rows.push(...block);
  return rows;
}

function cut(text: string, at: readonly number[]): readonly string[] {
  const ends = [...new Set(at.map((place) => place % (text.length + 1)))].sort((one, other) => one - other);
  return [0, ...ends].map((from, index) => text.slice(from, ends[index] ?? text.length));
}

const quoted = (cell: string) => `"${cell.replaceAll('"', '""')}"`;

describe('rows', () => {
  it('are those that were written, each with its first line, wherever the pieces end', async () => {
    const cell = fc
      .array(fc.constantFrom('a', '5"', ',', ';', '\n', 'é', '𝒳', ' ', "'"), { maxLength: 6 })
      .map((parts) => parts.join(''));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 30 }),
        fc.constantFrom('\n', '\r\n', '\r'),
        fc.constantFrom(',', ';', '\t'),
        fc.array(fc.nat(10_000), { maxLength: 8 }),
        async (table, lineEnd, delimiter, cuts) => {
          // A row of empty cells is no row.
          const written = table.map((cells) => ['x', ...cells]);
          const text = written.map((cells) => cells.map(quoted).join(delimiter)).join('\n');
          const read = await rowsOf(cut(text.replaceAll('\n', lineEnd), cuts), delimiter);
          expect(read.map(({ cells }) => cells)).toEqual(written);
          const lines = written.map((cells) => cells.join('').split('\n').length);
          const firstLines = lines.map((_, index) => 1 + lines.slice(0, index).reduce((sum, count) => sum + count, 0));
          expect(read.map(({ line }) => line)).toEqual(firstLines);
        },
      ),
    );
  });

  it('go on behind a broken one, in any block of lines, with their right lines', async () => {
    const lines = Array.from({ length: 2000 }, (_, index) => {
      if (index % 97 === 5) return `${index},"open`;
      return index % 31 === 7 ? `${index},5" pan` : `${index},"text ${index}"`;
    });
    const rows = await rowsOf(cut(lines.join('\n'), [100, 5000, 12_345]));
    expect(rows.map(({ line, cells }) => [line, cells[0]])).toEqual(
      lines.map((_, index) => [index + 1, String(index)]),
    );
    expect(rows.filter(({ broken }) => broken !== undefined).map(({ line }) => line)).toEqual(
      lines.flatMap((_, index) => (index % 97 === 5 ? [index + 1] : [])),
    );
    expect(rows[7]?.cells).toEqual(['7', '5" pan']);
  });

  it('may have a cell of many lines, but not of half the file', async () => {
    const long = `1,"${'line\n'.repeat(90)}end"`;
    const [row] = await rowsOf([`${long}\n2,x\n`]);
    expect(row?.cells[1]?.split('\n')).toHaveLength(91);
    const open = await rowsOf([`1,"open\n${'2,x\n'.repeat(500)}`]);
    expect(open).toHaveLength(501);
    expect(open[0]?.broken).toBe('a quotation mark opens here and is not closed');
  });

  it('are none where lines hold nothing', async () => {
    expect(await rowsOf(['\n\n  \n,,,\n', '\r\n'])).toEqual([]);
    expect((await rowsOf(['\n\na,b\n\n\nc,d'])).map(({ line }) => line)).toEqual([3, 6]);
  });
});
