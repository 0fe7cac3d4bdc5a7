/** The export's lines: read back by a CSV parser as they were, and never a formula. */
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CsvDialect, csvHeader, csvLine, DECIMAL_COMMA, PLAIN, SPREADSHEET } from '../export/csv.ts';

const dialects = [PLAIN, SPREADSHEET, { ...PLAIN, ...DECIMAL_COMMA }];
const FORMULA = /(?:^|[\r\n\t,;])'*[=+\-@\t\r＝＋－＠]/;

const read = (text: string, { separator }: CsvDialect = PLAIN): string[][] =>
  parse(text, { record_delimiter: '\r\n', delimiter: separator });

describe('a line of the export', () => {
  it.each(dialects)('is read back as it was, whatever stands in it (%o)', (dialect) => {
    const text = fc.oneof(fc.string(), fc.stringMatching(/^[a",;\r\n' \t]{1,8}$/));
    const row = fc.array(text, { minLength: 2, maxLength: 6 });
    fc.assert(
      fc.property(
        fc.array(
          row.filter((cells) => !cells.some((cell) => FORMULA.test(cell))),
          { minLength: 1 },
        ),
        (rows) => {
          const width = Math.min(...rows.map((cells) => cells.length));
          const table = rows.map((cells) => cells.slice(0, width));
          expect(read(table.map((cells) => csvLine(cells, dialect)).join(''), dialect)).toEqual(table);
        },
      ),
    );
  });

  it('is never run as a formula by a spreadsheet', () => {
    const start = fc.constantFrom('=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠');
    fc.assert(
      fc.property(start, fc.string(), (first, rest) => {
        const [cell = ''] = read(csvLine([first + rest, 'end'], PLAIN))[0] ?? [];
        expect(cell.startsWith(`'${first}`)).toBe(true);
      }),
    );
  });

  it.each([
    ['a line break', 'Ada\n=1+1', "Ada\n'=1+1"],
    ['a carriage return', 'Ada\r\n@SUM(A1)', "Ada\r\n'@SUM(A1)"],
    ['a semicolon', 'Ada;=cmd|x', "Ada;'=cmd|x"],
    ['a comma', 'Ada,=cmd|x', "Ada,'=cmd|x"],
    ['a tab', 'Ada\t=cmd|x', "Ada\t'=cmd|x"],
  ])('has no formula after %s, for programs that begin a cell there', (_what, text, expected) => {
    for (const dialect of dialects) expect(read(csvLine([text, 'end'], dialect), dialect)).toEqual([[expected, 'end']]);
  });

  it('has a mark for each formula that a reader can take away, whatever apostrophes stood there', () => {
    const written = ['=1', "'=1", "''=1"].map((text) => read(csvLine([text, 'end'], PLAIN))[0]?.[0]);
    expect(written).toEqual(["'=1", "''=1", "'''=1"]);
  });

  it('has numbers as they are, a negative amount too, and nothing where nothing is known', () => {
    expect(csvLine(['a', -1, null, { decimal: '-1234.50' }, 'b "c", d'], PLAIN)).toBe(
      'a,-1,,-1234.50,"b ""c"", d"\r\n',
    );
  });

  it('has a comma before decimals, and semicolons between cells, where spreadsheets want that', () => {
    expect(csvLine(['a', { decimal: '1234.50' }, 'b, c'], { ...PLAIN, ...DECIMAL_COMMA })).toBe('a;1234,50;"b, c"\r\n');
  });

  it('has times as a spreadsheet reads them, for spreadsheets alone', () => {
    const cells = [{ moment: '1996-07-04T10:20:30.456Z' }];
    expect(csvLine(cells, PLAIN)).toBe('1996-07-04T10:20:30.456Z\r\n');
    expect(csvLine(cells, SPREADSHEET)).toBe('1996-07-04 10:20:30\r\n');
  });

  it('comes behind a header that tells spreadsheets of its letters', () => {
    expect(csvHeader(['name', 'price'], PLAIN)).toBe('name,price\r\n');
    expect(Buffer.from(csvHeader(['name', 'price'], SPREADSHEET)).subarray(0, 4)).toEqual(
      Buffer.from([0xef, 0xbb, 0xbf, 0x6e]),
    );
  });
});
