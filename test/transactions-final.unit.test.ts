/** A transaction ends once: whatever the processors remember of it, and in whichever order they get to work. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isFinal, isNews, type TransactionRecord } from '../domain/transaction.ts';
import type { LogRecord } from '../log/event-log.ts';
import { Recent } from '../processors/recent.ts';
import { TRANSACTIONS, type TransactionDoc, viewSpecs } from '../projectors/documents.ts';
import { transactions } from '../projectors/transactions.ts';
import { toHeaders } from '../records/cloud-event.ts';
import { commandsTopic, TRANSACTIONS as TOPIC } from '../records/topics.ts';
import { MemoryStore } from '../store/memory-store.ts';
import { openTemporaryViews } from '../views/embedded/embedded-views.ts';
import { NAMES, type Name, SmallLog } from './processors.small-log.ts';

const DAY = 24 * 60 * 60 * 1000;

let count = 0;

function send(log: SmallLog, aggregate: Name, type: string, id: string, data: object): string {
  const transaction = `t${count++}`;
  log.append({
    topic: commandsTopic(aggregate),
    key: id,
    value: JSON.stringify({ [`${aggregate.slice(0, -1)}Id`]: id, ...data }),
    headers: toHeaders({
      id: transaction,
      type,
      source: '/gateway',
      subject: id,
      time: new Date(log.now).toISOString(),
      transactionid: transaction,
      issuedby: 'ada',
      roles: 'admin',
    }),
  });
  return transaction;
}

function shop(): SmallLog {
  const log = new SmallLog();
  send(log, 'customers', 'registerCustomer', 'ada', { firstName: 'Ada', lastName: 'King', email: null });
  send(log, 'products', 'addProduct', 'tea', { name: 'Tea', price: 100, stock: 4 });
  log.settle();
  return log;
}

const place = (log: SmallLog, id: string, quantity = 1) =>
  send(log, 'purchases', 'placePurchase', id, { customerId: 'ada', lines: [{ productId: 'tea', quantity }] });
const cancel = (log: SmallLog, id: string) => send(log, 'purchases', 'cancelPurchase', id, {});

function statusesOf(log: SmallLog, id: string): readonly string[] {
  return (log.statuses().get(id) ?? []).map(({ status }) => status);
}

const nothingLeft = () => false;

describe('a placing transaction', () => {
  it('stays COMPLETED when its purchase is cancelled more than a week later', () => {
    const log = shop();
    const placing = place(log, 'p1');
    log.settle();
    expect(statusesOf(log, placing).at(-1)).toBe('COMPLETED');
    log.now += 8 * DAY;
    log.restart('purchases', nothingLeft);
    const cancelling = cancel(log, 'p1');
    log.settle();
    expect(statusesOf(log, cancelling)).toEqual(['COMPLETED']);
    expect(statusesOf(log, placing).filter((status) => status !== 'PENDING')).toEqual(['COMPLETED']);
  });

  it('is decided once when its command comes again after all its statuses have left the log', () => {
    const log = shop();
    const placing = place(log, 'p1');
    log.settle();
    const told = statusesOf(log, placing);
    log.restart('purchases', nothingLeft);
    const [command] = log.records(commandsTopic('purchases'));
    if (command) log.append({ ...command, key: 'p1' });
    log.settle();
    expect(statusesOf(log, placing)).toEqual(told);
  });

  it('that was pending for longer than statuses are kept ends with all its steps, and its end is news', () => {
    const log = shop();
    const placing = place(log, 'p1');
    log.work('purchases');
    log.work('customers');
    log.work('purchases');
    const before = log.statuses().get(placing) ?? [];
    log.restart('purchases', nothingLeft);
    log.settle();
    const after = log.statuses().get(placing) ?? [];
    expect(after.at(-1)?.steps.map(({ name }) => name)).toEqual([
      'accepted',
      'placed',
      'customer approved',
      'stock reserved',
      'confirmed',
    ]);
    expect(after.slice(before.length).every((next, at, all) => isNews(all[at - 1] ?? before.at(-1), next))).toBe(true);
  });
});

describe('statuses', () => {
  it('never change once final, whatever is forgotten and whoever works first', async () => {
    const action = fc.oneof(
      {
        weight: 4,
        arbitrary: fc.record({ do: fc.constant('place' as const), quantity: fc.integer({ min: 1, max: 3 }) }),
      },
      { weight: 4, arbitrary: fc.record({ do: fc.constant('cancel' as const), which: fc.nat(9) }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constant('expire' as const), which: fc.nat(9) }) },
      {
        weight: 10,
        arbitrary: fc.record({
          do: fc.constant('work' as const),
          who: fc.constantFrom(...NAMES),
          most: fc.integer({ min: 1, max: 4 }),
        }),
      },
      {
        weight: 3,
        arbitrary: fc.record({
          do: fc.constant('restart' as const),
          who: fc.constantFrom(...NAMES),
          left: fc.func(fc.boolean()),
        }),
      },
      { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), days: fc.integer({ min: -2, max: 9 }) }) },
    );
    let ended = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(action, { minLength: 5, maxLength: 60, size: 'max' }), async (actions) => {
        const log = shop();
        let purchases = 0;
        for (const act of actions) {
          if (act.do === 'place') place(log, `p${purchases++}`, act.quantity);
          else if (act.do === 'cancel') cancel(log, `p${act.which}`);
          else if (act.do === 'expire') expire(log, `p${act.which}`);
          else if (act.do === 'work') log.work(act.who, act.most);
          else if (act.do === 'restart') log.restart(act.who, ({ offset }) => act.left(offset));
          else log.now += act.days * DAY;
        }
        log.settle();
        for (const [id, statuses] of log.statuses()) {
          const final = statuses.filter(({ status }) => isFinal(status));
          expect(final, id).toHaveLength(1);
          expect(statuses.at(-1)).toBe(final[0]);
          expect(toldTo(statuses).at(-1)).toBe(final[0]);
          ended++;
        }
        await expectShown(log.records(TOPIC), log.statuses());
      }),
      { numRuns: 200 },
    );
    expect(ended).toBeGreaterThan(1000);
  });

  it('are shown with the first end they had, should the log ever hold another', async () => {
    const log = shop();
    const placing = place(log, 'p1');
    log.settle();
    const final = log.statuses().get(placing)?.at(-1);
    if (final === undefined) throw new Error('no status');
    const records = [...log.records(TOPIC)];
    const other: TransactionRecord = { ...final, status: 'REJECTED', steps: [...final.steps, ...final.steps] };
    const again = log.append({ topic: TOPIC, key: placing, value: JSON.stringify(other), headers: {} });
    const views = openTemporaryViews({ views: viewSpecs });
    for (const step of [records, [again]]) {
      await views.step([], async (tx) => void (await transactions.project(step, tx, () => undefined)));
    }
    expect((await views.get<TransactionDoc>(TRANSACTIONS, [placing])).get(placing)?.status).toBe('COMPLETED');
  });
});

describe('a memory that forgets', () => {
  it('never forgets what is younger than it is to keep, whichever way the clock goes', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -5, max: 5 }), { maxLength: 50 }), (steps) => {
        const recent = new Recent(new MemoryStore(), 'ids', 10);
        // The latest that each can have been added, by all that the clock has said since.
        const added: number[] = [];
        let now = 1000;
        for (const [at, step] of steps.entries()) {
          now += step;
          recent.add(String(at), now);
          added.push(now);
          for (const [id, since] of added.entries()) added[id] = Math.min(since, now);
          for (const id of recent.forget(now)) expect(now - (added[Number(id)] ?? now)).toBeGreaterThan(10);
        }
      }),
    );
  });

  it('goes on forgetting after a clock that was ahead has been put right', () => {
    const recent = new Recent(new MemoryStore(), 'ids', 10);
    recent.add('ahead', 1_000_000);
    recent.add('right', 100);
    recent.forget(100);
    recent.forget(200);
    expect([recent.has('ahead'), recent.has('right')]).toEqual([false, false]);
  });
});

/** What one subscriber gets of them. */
function toldTo(statuses: readonly TransactionRecord[]): readonly TransactionRecord[] {
  const told: TransactionRecord[] = [];
  for (const next of statuses) if (isNews(told.at(-1), next)) told.push(next);
  return told;
}

async function expectShown(
  records: readonly LogRecord[],
  statuses: ReadonlyMap<string, readonly TransactionRecord[]>,
): Promise<void> {
  const views = openTemporaryViews({ views: viewSpecs });
  await views.step([], async (tx) => void (await transactions.project(records, tx, () => undefined)));
  const shown = await views.get<TransactionDoc>(TRANSACTIONS, [...statuses.keys()]);
  for (const [id, all] of statuses)
    expect(shown.get(id)?.status).toBe(all.find(({ status }) => isFinal(status))?.status);
}

function expire(log: SmallLog, id: string): void {
  log.append({
    topic: commandsTopic('purchases'),
    key: id,
    value: JSON.stringify({ purchaseId: id }),
    headers: toHeaders({
      id: `${id}.deadline`,
      type: 'expirePurchase',
      source: '/processors/purchases',
      subject: id,
      time: new Date(log.now).toISOString(),
      transactionid: `of ${id}`,
      issuedby: 'ada',
      roles: 'admin',
    }),
  });
}
