/** A gateway says so when it has more to do than it may keep in memory. */
import { describe, expect, it } from 'vitest';
import type { EventLog } from '../log/event-log.ts';
import { asGraphqlError } from '../resolvers/errors.ts';
import { BackPressure, Overloaded } from '../transactions/back-pressure.ts';
import { Reflection } from '../transactions/reflection.ts';
import { createSubmit } from '../transactions/submit.ts';
import type { TransactionTracker } from '../transactions/transaction-tracker.ts';
import type { ViewStore } from '../views/view-store.ts';

describe('back-pressure', () => {
  it('takes what fits, and more once that has been written', () => {
    const pressure = new BackPressure({ appendingBytes: 10_000, transactions: 0 }, () => 0);
    const written = Array.from({ length: 5 }, () => pressure.append(1_000));
    expect(() => pressure.append(1_000)).toThrow(Overloaded);
    written[0]?.();
    const another = pressure.append(1_000);
    expect(() => pressure.append(1_000)).toThrow('and nothing was written: try again in 1 s');
    another();
    for (const done of written.slice(1)) done();
    expect(() => pressure.append(1_000)).not.toThrow();
  });

  it('takes one alone, however large', () => {
    const pressure = new BackPressure({ appendingBytes: 10, transactions: 0 }, () => 0);
    expect(() => pressure.append(1_000)).not.toThrow();
  });

  it('takes nothing while too many transactions are kept', () => {
    let kept = 3;
    const pressure = new BackPressure({ appendingBytes: 0, transactions: 3 }, () => kept);
    expect(() => pressure.append(1)).toThrow('3 transactions have begun that are not decided or not shown yet');
    kept = 2;
    expect(() => pressure.append(1)).not.toThrow();
  });

  it('counts transactions that are being written among those that are kept', () => {
    const pressure = new BackPressure({ appendingBytes: 0, transactions: 3 }, () => 1);
    const written = [pressure.append(1), pressure.append(1)];
    expect(() => pressure.append(1)).toThrow(Overloaded);
    written[0]?.();
    expect(() => pressure.append(1)).not.toThrow();
  });

  it('has no limits where there are none', () => {
    const pressure = new BackPressure({ appendingBytes: 0, transactions: 0 }, () => 1_000_000);
    for (let i = 0; i < 100; i++) pressure.append(1_000_000_000);
  });
});

describe('a mutation', () => {
  const submission = {
    aggregate: 'products',
    command: 'discontinueProduct',
    data: { productId: 'p' },
    idempotencyKey: undefined,
    viewer: { id: 'ada', roles: ['admin'], isAdmin: true },
    traceparent: undefined,
  } as const;

  /** A log that acknowledges when it is told to, or never. */
  function stuck(kept: number) {
    const waiting: ((error: Error) => void)[] = [];
    const append = () => new Promise<never>((_, reject) => waiting.push(reject));
    const tracker = { appended: (record: never) => record, underKey: async () => [], unfinishedOf: () => 0, kept };
    const submit = createSubmit({
      log: { append } as unknown as EventLog,
      tracker: tracker as never,
      partitions: 4,
      backPressure: { appendingBytes: 20_000, transactions: kept === 0 ? 0 : kept },
    });
    return { submit, waiting };
  }

  it('is refused while the log is behind, with when to come back, and taken when what was before it has ended', async () => {
    const { submit, waiting } = stuck(0);
    const refused: unknown[] = [];
    const all = Array.from({ length: 50 }, () => submit(submission).catch((error: unknown) => refused.push(error)));
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect(waiting.length).toBeGreaterThan(5);
    expect(waiting.length).toBeLessThan(20);
    expect(refused).toHaveLength(50 - waiting.length);
    const error = asGraphqlError(refused[0]) as { extensions: Record<string, unknown> };
    expect(error.extensions).toMatchObject({ code: 'UNAVAILABLE', retryAfter: 1, http: { status: 503 } });
    for (const reject of waiting.splice(0)) reject(new Error('the log is gone'));
    await Promise.all(all);
    void submit(submission).catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect(waiting).toHaveLength(1);
  });

  it('is refused while too many transactions wait for their end', async () => {
    const { submit, waiting } = stuck(10);
    await expect(submit(submission)).rejects.toThrow(Overloaded);
    expect(waiting).toEqual([]);
  });
});

describe('queries that wait for the views', () => {
  it('are refused when very many wait already, and let in when one has ended', () => {
    const log = {} as EventLog;
    const reflection = new Reflection({ log, views: {} as ViewStore, tracker: {} as TransactionTracker });
    const left = Array.from({ length: 2_000 }, () => reflection.enter());
    expect(() => reflection.enter()).toThrow(Overloaded);
    left[0]?.();
    expect(() => reflection.enter()).not.toThrow();
  });
});
