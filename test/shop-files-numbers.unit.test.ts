/** Numbers and dates of cells: what is read in any of their forms is what was written, and nothing becomes a float. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { priceReader, shareReader } from '../import/shop-files/cells.ts';
import { readDate } from '../import/shop-files/dates.ts';
import { readDecimal } from '../import/shop-files/decimals.ts';

const grouped = (digits: string, separator: string) => digits.replace(/\B(?=(\d{3})+$)/g, separator);

describe('a decimal', () => {
  it('is read the same however its groups and its decimal mark are written', () => {
    fc.assert(
      fc.property(
        fc.nat(999_999_999).map(String),
        fc.nat(99).map((cents) => String(cents).padStart(2, '0')),
        fc.constantFrom<[string, string]>(
          ['', '.'],
          ['', ','],
          [',', '.'],
          ['.', ','],
          [' ', ','],
          ['\u00a0', ','],
          ["'", '.'],
        ),
        fc.boolean(),
        (whole, cents, [group, mark], negative) => {
          const text = `${negative ? '-' : ''}${grouped(whole, group)}${mark}${cents}`;
          const fraction = cents.replace(/0+$/, '');
          expect(readDecimal(text)).toEqual({ value: { negative, whole, fraction } });
        },
      ),
    );
  });

  it.each([
    '',
    '-',
    '.',
    ',',
    '1.2.3',
    '1,23,456',
    '12.34.567',
    '1 23',
    '1e3',
    '0x10',
    'NaN',
    '٣',
    '1.234,56.7',
    '--1',
  ])('is not %s', (text) => expect(readDecimal(text)).toEqual({ problem: 'is not a number' }));

  it('is not guessed where it can be read in two ways, unless the mark is told', () => {
    for (const text of ['1.234', '12,345', '999.000']) expect(readDecimal(text)).toHaveProperty('problem');
    expect(readDecimal('1.234', 'comma')).toEqual({ value: { negative: false, whole: '1234', fraction: '' } });
    expect(readDecimal('1.234', 'point')).toEqual({ value: { negative: false, whole: '1', fraction: '234' } });
    expect(readDecimal('0.234')).toEqual({ value: { negative: false, whole: '0', fraction: '234' } });
    expect(readDecimal('1234.500')).toEqual({ value: { negative: false, whole: '1234', fraction: '5' } });
  });

  it.each([
    ['(3.50)', '3', '5'],
    ['3.50-', '3', '5'],
    ['\u22123,50', '3', '5'],
    ['-€ 3.50', '3', '5'],
  ])('is below 0 as %s', (text, whole, fraction) =>
    expect(readDecimal(text)).toEqual({ value: { negative: true, whole, fraction } }),
  );
});

describe('a price', () => {
  it.each([
    ['18', '18.00'],
    ['18.5', '18.50'],
    ['18.5000', '18.50'],
    ['€18,5', '18.50'],
    ['41.339999999999996', '41.34'],
    ['99.99999999999', '100.00'],
    ['.5', '0.50'],
    ['1000000', '1000000.00'],
  ])('%s is %s', (text, price) => expect(priceReader()(text)).toEqual({ value: price }));

  it.each(['18.0051', '-1', '1000000.01', 'free'])('is not %s', (text) =>
    expect(priceReader()(text)).toHaveProperty('problem'),
  );
});

describe('a discount', () => {
  it.each([
    ['0.15', '0.15'],
    ['15 %', '0.15'],
    ['7,5%', '0.075'],
    ['100%', '1'],
    ['0.00%', '0'],
    ['0.0500000007450581', '0.05'],
  ])('%s is %s', (text, share) => expect(shareReader()(text)).toEqual({ value: share }));

  it.each(['15', '101 %', '-0.1', '0.12345', 'half'])('is not %s', (text) =>
    expect(shareReader()(text)).toHaveProperty('problem'),
  );
});

describe('a date', () => {
  it('is read as any day of the calendar, in each format', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('1900-01-01'), max: new Date('2099-12-31'), noInvalidDate: true }),
        (date) => {
          const day = date.toISOString().slice(0, 10);
          const [y, m, d] = day.split('-');
          const value = `${day}T00:00:00.000Z`;
          expect(readDate(day)).toEqual({ value });
          expect(readDate(`${d}.${m}.${y}`, 'DD.MM.YYYY')).toEqual({ value });
          expect(readDate(`${m}/${d}/${y}`, 'MM/DD/YYYY')).toEqual({ value });
          expect(readDate(date.toISOString())).toEqual({ value: date.toISOString() });
        },
      ),
    );
  });

  it.each([
    ['2024-07-04T00:30:00+05:45', '2024-07-03T18:45:00.000Z'],
    ['2024-07-04 12:05 AM', '2024-07-04T00:05:00.000Z'],
    ['2024-07-04 12:05 p.m.', '2024-07-04T12:05:00.000Z'],
    ['2024-07-04 10:30:00 UTC', '2024-07-04T10:30:00.000Z'],
  ])('%s is %s', (text, value) => expect(readDate(text)).toEqual({ value }));

  it.each([
    '2024-02-30',
    '2023-02-29',
    '2024-00-10',
    '2024-07-04 24:00',
    '2024-07-04 13:00 PM',
    '2024-07-04 10:60',
    '0000-01-01',
    '2024-07-04+02:00',
    '2024-07-04T10:00:00+15:00',
    '24-07-04',
    '31.12.2024',
  ])('is not %s', (text) => expect(readDate(text)).toHaveProperty('problem'));
});
