/** The purchases' search: what the address bar says is what the API is asked. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dateProblem, dayOf, filterOf, STATUSES, statusesIn } from '../web/src/pages/purchase-search';
import { pageTimeZone } from '../web/src/text/days';

const filter = (search: string) => filterOf(new URLSearchParams(search));

describe('the search of purchases', () => {
  it('asks for everything when the address says nothing', () => {
    expect(filter('')).toEqual({});
    expect(filter('q=&status=&customer=&from=&to=&min=&max=&sort=TOTAL&dir=asc')).toEqual({});
  });

  it('takes words, customer, product, statuses, reason and amounts from the address', () => {
    expect(
      filter('q=chai+ada&customer=c-1&product=p-1&status=CONFIRMED,PENDING&reason=TIMED_OUT&min=1,000&max=2000.5'),
    ).toEqual({
      text: 'chai ada',
      customerId: 'c-1',
      productId: 'p-1',
      status: ['PENDING', 'CONFIRMED'],
      rejection: ['TIMED_OUT'],
      totalBetween: { from: '1000.00', to: '2000.50' },
    });
  });

  it('takes a day as the whole of it, in the time zone of the page', () => {
    expect(filter('from=2026-03-01&to=2026-03-01').placedBetween).toEqual({
      ...{ from: '2026-03-01', to: '2026-03-01' },
      timeZone: pageTimeZone(),
    });
  });

  it('takes an exact time, which the charts put there, as it is', () => {
    const from = '1996-07-01T00:00:00.000Z';
    expect(filter(`from=${encodeURIComponent(from)}`).placedBetween).toEqual({ from });
  });

  it('leaves out what it cannot understand, of every address', () => {
    expect(filter('min=much&max=-1&status=LOST')).toEqual({});
    const names = ['q', 'customer', 'product', 'status', 'from', 'to', 'min', 'max', 'reason'] as const;
    const address = fc.dictionary(fc.constantFrom(...names), fc.string());
    fc.assert(fc.property(address, (params) => void filterOf(new URLSearchParams(params))));
  });

  it('hands on dates that there are not, for the server to refuse, rather than show all', () => {
    expect(filter('from=soon&to=2026-02-30').placedBetween).toMatchObject({ from: 'soon', to: '2026-02-30' });
    for (const wrong of ['soon', '2026-02-30', '2026-99-99', '2023-02-29', '2026-02-30T00:00:00Z'])
      expect(dateProblem(wrong)).toBe(`There is no date ${wrong}: choose another.`);
    for (const right of [null, '', '2026-02-28', '2024-02-29', '1996-07-01T00:00:00.000Z'])
      expect(dateProblem(right)).toBeUndefined();
  });

  it('names statuses in one order, and each once, however they are listed', () => {
    const listed = fc.array(fc.constantFrom(...STATUSES, 'LOST'));
    fc.assert(
      fc.property(listed, (names) => {
        expect(statusesIn(names.join())).toEqual(STATUSES.filter((status) => names.includes(status)));
      }),
    );
  });
});

describe('the day of a date field', () => {
  it('is that of the day or of the exact time in the address, in the time zone of the page', () => {
    expect(dayOf('2026-03-01')).toBe('2026-03-01');
    expect(dayOf(new Date(2026, 2, 1, 23, 59).toISOString())).toBe('2026-03-01');
  });

  it('is empty for what is no date', () => {
    expect([null, '', 'soon', '2026-02-30'].map(dayOf)).toEqual(['', '', '', '']);
  });
});
