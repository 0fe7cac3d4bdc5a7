/** What a gateway keeps unread of transactions that nobody there asks for, and what becomes of it. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { LogRecord } from '../log/event-log.ts';
import { LazyRecord } from '../log/lazy-record.ts';
import { commandsTopic, KEYS, TRANSACTIONS } from '../records/topics.ts';
import type { TransactionTracker } from '../transactions/transaction-tracker.ts';
import { UnopenedTransactions } from '../transactions/unopened-transactions.ts';
import { ViewsUnavailable } from '../views/view-store.ts';
import { asRead, command, emptyViews, fedGateway, status } from './transactions.fed-gateway.ts';

const PRODUCTS = commandsTopic('products');
const KEYED = commandsTopic(KEYS);

let trackers: TransactionTracker[] = [];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
});
afterEach(async () => {
  for (const tracker of trackers) await tracker.stop();
  trackers = [];
  vi.useRealTimers();
});

async function gateway(views = emptyViews(), keepMs?: number) {
  const fed = await fedGateway(views, keepMs);
  trackers.push(fed.tracker);
  return fed;
}

/** Until it holds: a second passes before each look. */
function eventually<T>(look: () => T) {
  return expect.poll(() => {
    vi.advanceTimersByTime(1000);
    return look();
  });
}

/** A record in the bytes of a fetch, which it holds until it has its own. */
class InAFetch extends LazyRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly key: string | null;
  readonly timestamp: number;
  readonly value: Buffer | null;
  readonly #record: LogRecord;
  opened = false;
  copied = false;

  constructor(record: LogRecord) {
    super();
    ({ topic: this.topic, partition: this.partition, offset: this.offset, key: this.key } = record);
    ({ timestamp: this.timestamp, value: this.value } = record);
    this.#record = record;
  }

  get headers() {
    this.opened = true;
    return this.#record.headers;
  }

  header(name: string): string | undefined {
    return this.#record.headers[name];
  }

  under(): InAFetch {
    return this;
  }

  detached(): InAFetch {
    this.copied = true;
    return this;
  }
}

describe('while the views are out of reach', () => {
  const away = () => ({ ...emptyViews(), positions: () => Promise.reject(new ViewsUnavailable('away')) });

  it('unread records let go of the buffers that they came in', async () => {
    const { read } = await gateway(away());
    const record = new InAFetch(command('t1', PRODUCTS));
    await read(record);
    await eventually(() => record.copied).toBe(true);
    expect(record.opened).toBe(false);
  });

  it('a transaction that has not ended after a while is opened', async () => {
    const { tracker, read } = await gateway(away(), 0);
    const record = new InAFetch(command('t1', PRODUCTS));
    await read(record);
    await eventually(() => record.opened).toBe(true);
    expect(tracker.unfinishedOf('ada')).toBe(1);
  });
});

function heard(tracker: TransactionTracker): readonly string[] {
  const told: string[] = [];
  tracker.followAll((record) => void told.push(`${record.id} ${record.status}`));
  return told;
}

describe('a subscriber to all transactions', () => {
  it('is not told ACCEPTED of one that ended before it came, whose command is read again', async () => {
    const { tracker, read } = await gateway();
    await read(command('t1', KEYED, 'key'));
    await read(status('t1', 'COMPLETED'));
    const told = heard(tracker);
    await read(command('t1', PRODUCTS, 'key'));
    // The view knows neither, and so is no reason for silence; it is asked about both in turn.
    await read(command('t2', PRODUCTS));
    await expect.poll(() => told).toContain('t2 ACCEPTED');
    expect(told).toEqual(['t2 ACCEPTED']);
  });

  it('is told of the end of one that had only begun before it came', async () => {
    const { tracker, read } = await gateway();
    await read(command('t1', PRODUCTS));
    const told = heard(tracker);
    await read(status('t1', 'COMPLETED'));
    expect(told).toEqual(['t1 COMPLETED']);
  });
});

describe('foreign bytes under the key of a transaction', () => {
  const ofAda = { user: 'ada' };
  const everythingIsShown = () => true;
  const headers: Readonly<Record<string, string>>[] = [
    {},
    { ce_type: 'TransactionStatus', ce_id: 'other#2' },
    { ce_type: 'State', ce_id: 't1#2' },
  ];

  it.each(headers)('are not its end, whatever they say: %j', (foreign) => {
    const unopened = new UnopenedTransactions();
    unopened.keep('t1', command('t1', PRODUCTS), ofAda);
    const value = '{"status":"COMPLETED"}';
    unopened.keep('t1', asRead({ topic: TRANSACTIONS, key: 't1', value, headers: foreign }), ofAda);
    unopened.leave(everythingIsShown, 0);
    expect(unopened.unfinishedOf('ada')).toBe(1);
    expect(unopened.open('t1')?.status).toMatchObject({ id: 't1', status: 'ACCEPTED' });
  });

  it('do not stand in the way of its end', () => {
    const unopened = new UnopenedTransactions();
    unopened.keep('t1', command('t1', PRODUCTS), ofAda);
    const value = '{"status":"REJECTED"}';
    unopened.keep('t1', asRead({ topic: TRANSACTIONS, key: 't1', value, headers: {} }), ofAda);
    unopened.keep('t1', status('t1', 'COMPLETED'), ofAda);
    expect(unopened.unfinishedOf('ada')).toBe(0);
    expect(unopened.open('t1')?.status).toHaveProperty('status', 'COMPLETED');
  });
});

describe('of very many that the view shows', () => {
  const MOST = 20;
  /** More than are kept when all has been read. */
  const ids = Array.from({ length: MOST + 10 }, (_, at) => `t${at}`);
  const shown = () => true;
  const LONG = 3_600_000;

  /** Where the command of each stands, and where it has been read before the view shows the end. */
  const cases: [name: string, key: string | undefined, early: string[], late: string[]][] = [
    ['its command', undefined, [], [PRODUCTS]],
    ['both copies of its command', 'key', [], [KEYED, PRODUCTS]],
    ['the copy that was handed on', 'key', [KEYED], [PRODUCTS]],
    ['the copy with the key', 'key', [PRODUCTS], [KEYED]],
  ];

  it.each(cases)('none comes back as unfinished by a late record: %s', (_, key, early, late) => {
    const unopened = new UnopenedTransactions(MOST);
    const keep = (topics: readonly string[]) => {
      for (const id of ids)
        for (const topic of topics) unopened.keep(id, command(id, topic, key), { user: 'ada', key });
    };
    keep(early);
    for (const id of ids) unopened.keep(id, status(id, 'COMPLETED'), { user: 'ada' });
    unopened.leave(shown, LONG);
    expect(unopened.waiting).toBe(0);
    keep(late);
    expect(unopened.unfinishedOf('ada')).toBe(0);
    unopened.leave(shown, LONG);
    expect(unopened.waiting).toBe(0);
  });

  it.each(cases)('the oldest leave once all of each has been read: %s', (_, key, early, late) => {
    const unopened = new UnopenedTransactions(MOST);
    for (const id of ids) {
      for (const topic of [...early, ...late]) unopened.keep(id, command(id, topic, key), { user: 'ada', key });
      unopened.keep(id, status(id, 'COMPLETED'), { user: 'ada' });
    }
    unopened.leave(shown, LONG);
    expect(ids.filter((id) => unopened.userOf(id) === undefined)).toEqual(ids.slice(0, 10));
  });
});
