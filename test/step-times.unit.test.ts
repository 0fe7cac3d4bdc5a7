/** The times of a transaction's steps: when each was done, so that it is known how long a transaction took. */
import { describe, expect, it } from 'vitest';
import { TRANSACTIONS } from '../records/topics.ts';
import { Books } from './audit.books.ts';

const WRITTEN = '2026-01-01T08:59:58.750Z';
/** By the clock of the books' processors. */
const DECIDED = '2026-01-01T09:00:00.000Z';

const customer = { firstName: 'Ada', lastName: 'Lovelace', email: null };

function newest(books: Books, transaction: string): Record<string, unknown> {
  const record = books.records(TRANSACTIONS).findLast(({ key, value }) => {
    return key === transaction || value?.toString().includes(`"id":"${transaction}"`);
  });
  return JSON.parse(String(record?.value));
}

describe('a transaction of one command', () => {
  it('took from when its command was written to when it was decided', () => {
    const books = new Books();
    const transaction = books.submit('customers', 'registerCustomer', 'ada', customer, { time: WRITTEN });
    books.process();
    const { acceptedAt, finishedAt, steps } = newest(books, transaction);
    expect({ acceptedAt, finishedAt }).toEqual({ acceptedAt: WRITTEN, finishedAt: DECIDED });
    expect(steps).toMatchObject([
      { name: 'accepted', at: WRITTEN },
      { name: 'completed', at: DECIDED },
    ]);
  });

  it('that is rejected took as long as that', () => {
    const books = new Books();
    const transaction = books.submit('customers', 'removeCustomer', 'ada', {}, { time: WRITTEN });
    books.process();
    expect(newest(books, transaction)).toMatchObject({ status: 'REJECTED', acceptedAt: WRITTEN, finishedAt: DECIDED });
  });

  it('has not ended before it began, by clocks that differ', () => {
    const books = new Books();
    const ahead = '2026-01-01T09:10:00.000Z';
    const transaction = books.submit('customers', 'registerCustomer', 'ada', customer, { time: ahead });
    books.process();
    expect(newest(books, transaction)).toMatchObject({ acceptedAt: ahead, finishedAt: ahead });
  });
});
