/** Deciding every command again: the same under the same rules, and what other rules decided is listed. */
import { beforeEach, describe, expect, it } from 'vitest';
import { decideAgain, type OtherOutcome } from '../audit/decide-again.ts';
import { aggregateNames } from '../domain/registry.ts';
import { processorOf } from '../processors/index.ts';
import { type Books, keptBooks } from './audit.books.ts';

let books: Books;
beforeEach(() => {
  books = keptBooks();
});

describe('deciding again', () => {
  const eventHeaders = {
    ...{ ce_id: 'x', ce_type: 'CustomerUpdated', ce_source: '/stranger', ce_subject: '?' },
    ce_time: '2026-01-01T09:00:00.000Z',
  };

  async function others(): Promise<{ readonly commands: number; readonly found: readonly OtherOutcome[] }> {
    const found: OtherOutcome[] = [];
    const commands = await decideAgain({ log: books.log(), processorOf, onOther: (other) => found.push(other) });
    return { commands, found };
  }

  it('finds every outcome the same under the same rules', async () => {
    const { commands, found } = await others();
    expect(found).toEqual([]);
    expect(commands).toBe(aggregateNames.reduce((sum, name) => sum + books.records(`${name}.commands`).length, 0));
  });

  it('lists what was decided by other rules, and only that', async () => {
    // As if there had been a rule once that refused Bob.
    const rejection = { code: 'NO_BOBS', message: 'no Bobs here' };
    const registered = books.records('customers.events').find(({ key }) => key === 'bob');
    books.falsify('customers.events', (record) =>
      record === registered
        ? {
            ...record,
            headers: { ...record.headers, ce_type: 'CommandRejected' },
            value: Buffer.from(JSON.stringify({ command: 'registerCustomer', rejection })),
          }
        : record,
    );
    const { found } = await others();
    expect(found[0]).toMatchObject({
      topic: 'customers.commands',
      partition: 0,
      id: 'bob',
      command: 'registerCustomer',
      recorded: [{ type: 'CommandRejected', data: { rejection } }],
      today: [{ type: 'CustomerRegistered', data: { firstName: 'Bob' } }],
    });
    expect(found.every(({ id }) => id === 'bob')).toBe(true);
  });

  it.each([
    ['that nobody can read', {}],
    ['of a cause that is none', { ...eventHeaders, ce_causationid: 'nobody' }],
    ['without a cause', eventHeaders],
  ])('sees past foreign events %s, wherever they stand among ours', async (_, headers) => {
    const before = await others();
    for (const name of aggregateNames) {
      const topic = `${name}.events`;
      const foreign = { topic, partition: 0, offset: 0, key: '?', value: Buffer.from('?'), headers, timestamp: 0 };
      books.records(topic).splice(0, Number.POSITIVE_INFINITY, ...books.records(topic).flatMap((r) => [foreign, r]));
    }
    expect(await others()).toEqual(before);
    // What has been decided by other rules is still found behind them.
    books.falsify('customers.events', (record) =>
      record.key === 'bob' && record.headers['ce_type'] === 'CustomerRemoved'
        ? { ...record, headers: { ...record.headers, ce_type: 'CustomerUpdated' } }
        : record,
    );
    expect((await others()).found[0]).toMatchObject({ id: 'bob', command: 'removeCustomer' });
  });

  it('passes over repeats, what cannot be read, and what nobody has decided yet', async () => {
    const [first] = books.records('customers.commands');
    if (first) books.append({ ...first, key: first.key ?? '' });
    books.append({ topic: 'customers.commands', key: 'bad', value: '?', headers: {} });
    books.process();
    books.submit('customers', 'registerCustomer', 'cid', { firstName: 'Cid', lastName: 'Day', email: null });
    expect((await others()).found).toEqual([]);
  });
});
