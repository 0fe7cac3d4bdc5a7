/** The export's lines: read back by a CSV parser as they were, and never a formula. */
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PurchaseFieldsFragment } from '../web/src/gql/graphql';
import { HEADER, rowsOf } from '../web/src/pages/purchase-rows';
import { csvLine } from '../web/src/text/csv';

const read = (text: string): string[][] => parse(text, { record_delimiter: '\r\n' });

describe('a line of the export', () => {
  it('is read back as it was, whatever stands in it', () => {
    const text = fc.oneof(fc.string(), fc.stringMatching(/^[a",;\r\n' ]{1,8}$/));
    const cells = fc.array(text, { minLength: 2, maxLength: 6 });
    fc.assert(
      fc.property(
        fc.array(
          cells.filter((row) => !row.some((cell) => /(^|[\r\n;])[=+\-@\t\r]/.test(cell))),
          { minLength: 1 },
        ),
        (rows) => {
          const width = Math.min(...rows.map((row) => row.length));
          const table = rows.map((row) => row.slice(0, width));
          expect(read(`${table.map(csvLine).join('\r\n')}\r\n`)).toEqual(table);
        },
      ),
    );
  });

  it('is never run as a formula by a spreadsheet', () => {
    const start = fc.constantFrom('=', '+', '-', '@', '\t', '\r');
    fc.assert(
      fc.property(start, fc.string(), (first, rest) => {
        const [cell = ''] = read(`${csvLine([first + rest, 'end'])}\r\n`)[0] ?? [];
        expect(cell.startsWith(`'${first}`)).toBe(true);
      }),
    );
  });

  it.each([
    ['a line break', 'Ada\n=1+1', "Ada\n'=1+1"],
    ['a carriage return', 'Ada\r\n@SUM(A1)', "Ada\r\n'@SUM(A1)"],
    ['a semicolon', 'Ada;=cmd|x', "Ada;'=cmd|x"],
  ])('has no formula after %s, for programs that begin a cell there', (_what, text, expected) => {
    expect(read(`${csvLine([text, 'end'])}\r\n`)).toEqual([[expected, 'end']]);
  });

  it('has numbers as they are, and nothing where nothing is known', () => {
    expect(csvLine(['a', -1, null, 'b "c", d'])).toBe('a,-1,,"b ""c"", d"');
  });
});

describe('a purchase in the export', () => {
  it('has a row for each of its lines, a cell for each column', () => {
    const line = (id: string, total: string | null) => ({
      product: { id, name: `Product ${id}` },
      quantity: 2,
      listPrice: total === null ? null : '1.50',
      discount: null,
      unitPrice: total === null ? null : '1.50',
      total,
    });
    const purchase: PurchaseFieldsFragment = {
      id: 'o-1',
      version: 3,
      number: null,
      status: 'PENDING',
      total: '3.00',
      placedAt: '1996-07-04T00:00:00.000Z',
      confirmedAt: null,
      cancelledAt: null,
      customer: { id: 'c-1', firstName: 'Ada', lastName: 'Lovelace', removed: false },
      lines: [line('p-1', '3.00'), line('p-2', null)],
      rejection: null,
    };
    const rows = rowsOf(purchase);
    expect(rows.map((row) => row.length)).toEqual([HEADER.length, HEADER.length]);
    expect(rows.map(csvLine)).toEqual([
      'o-1,PENDING,1996-07-04T00:00:00.000Z,c-1,Ada Lovelace,p-1,Product p-1,2,1.50,3.00,3.00',
      'o-1,PENDING,1996-07-04T00:00:00.000Z,c-1,Ada Lovelace,p-2,Product p-2,2,,,3.00',
    ]);
  });
});
