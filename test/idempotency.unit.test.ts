/** An idempotency key stands for one command: whichever gateways are asked, in whatever order, and whoever starts anew. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isFinal } from '../domain/transaction.ts';
import { commandsTopic, KEY_USES, KEYS } from '../records/topics.ts';
import { idFromKey, transactionFromKey } from '../transactions/ids.ts';
import type { SubmitReceipt } from '../transactions/submit.ts';
import { DAY, Gateway, last, restocks, SCRIBBLES, shop } from './idempotency.gateways.ts';
import { NAMES } from './processors.small-log.ts';

describe('one key, asked at two gateways that know nothing of each other', () => {
  it('has one effect for two entities, and the other is told', async () => {
    const log = await shop();
    const [one, other] = [new Gateway(log), new Gateway(log)];
    const first = await one.restock('ada', 'k', 'tea', 1);
    const second = await other.restock('ada', 'k', 'jam', 1);
    log.settle();
    expect(restocks(log)).toEqual(['1 tea']);
    expect(second.transactionId).not.toBe(first.transactionId);
    expect(last(log, first)).toMatchObject({ status: 'COMPLETED' });
    expect(last(log, second)).toMatchObject({
      status: 'REJECTED',
      aggregate: 'products',
      entityId: 'jam',
      rejection: {
        code: 'IDEMPOTENCY_KEY_REUSED',
        field: 'idempotencyKey',
        message: expect.stringContaining(first.transactionId),
      },
    });
  });

  it('is one transaction with one effect for the same command', async () => {
    const log = await shop();
    const receipts = await Promise.all([0, 1, 2].map(() => new Gateway(log).restock('ada', 'k', 'tea', 1)));
    log.settle();
    expect(new Set(receipts.map(({ transactionId }) => transactionId)).size).toBe(1);
    expect(restocks(log)).toEqual(['1 tea']);
    expect(log.statuses().get(receipts[0]?.transactionId ?? '')).toHaveLength(1);
  });

  it('stands for itself for each user, and as it is written', async () => {
    const log = await shop();
    const gateway = new Gateway(log);
    for (const user of ['ada', 'bob']) {
      for (const key of ['k', ' k', 'K', 'é', 'e\u0301', '["k"]']) await gateway.restock(user, key, 'tea', 1);
    }
    log.settle();
    expect(restocks(log)).toHaveLength(12);
  });
});

describe('one key, asked again at a gateway that knows', () => {
  it('is told at once that it stands for another command, and nothing is written', async () => {
    const log = await shop();
    const gateway = new Gateway(log);
    const { transactionId } = await gateway.restock('ada', 'k', 'tea', 1);
    const before = log.records(commandsTopic(KEYS)).length;
    await expect(gateway.restock('ada', 'k', 'tea', 2)).rejects.toMatchObject({
      message: expect.stringContaining(transactionId),
      code: 'BAD_USER_INPUT',
      field: 'input.idempotencyKey',
    });
    expect(log.records(commandsTopic(KEYS))).toHaveLength(before);
    expect(await gateway.restock('ada', 'k', 'tea', 1)).toMatchObject({ transactionId });
  });

  it('does not mistake a refused command for what the key stands for', async () => {
    const log = await shop();
    const first = await new Gateway(log).restock('ada', 'k', 'tea', 1);
    await new Gateway(log).restock('ada', 'k', 'jam', 1);
    log.settle();
    const knowing = new Gateway(log);
    knowing.learn();
    expect(await knowing.restock('ada', 'k', 'tea', 1)).toMatchObject({ transactionId: first.transactionId });
    await expect(knowing.restock('ada', 'k', 'jam', 1)).rejects.toMatchObject({
      message: expect.stringContaining('tea'),
    });
  });
});

describe('a key, later', () => {
  it('begins another transaction after the week, which leaves the first one as it ended', async () => {
    const log = await shop();
    const first = await new Gateway(log).restock('ada', 'k', 'tea', 1);
    log.settle();
    const told = log.statuses().get(first.transactionId);
    log.now += 8 * DAY;
    const again = await new Gateway(log).restock('ada', 'k', 'tea', 1);
    log.settle();
    expect(again.transactionId).not.toBe(first.transactionId);
    expect(last(log, again)).toMatchObject({ status: 'COMPLETED' });
    expect(log.statuses().get(first.transactionId)).toEqual(told);
  });

  it('stands for a week among commands that have waited and come in one step', async () => {
    const log = await shop();
    await new Gateway(log).restock('ada', 'k', 'tea', 1);
    log.now += 6 * DAY;
    await new Gateway(log).restock('ada', 'k', 'jam', 1);
    log.now += 2 * DAY;
    await new Gateway(log).restock('ada', 'k', 'jam', 2);
    log.settle();
    expect(restocks(log)).toEqual(['1 tea', '2 jam']);
  });

  it('is known after a stop of weeks, to commands that waited meanwhile', async () => {
    const log = await shop();
    await new Gateway(log).restock('ada', 'k', 'tea', 1);
    log.work('keys');
    await new Gateway(log).restock('ada', 'k', 'jam', 1);
    await new Gateway(log).restock('ada', 'k', 'tea', 1);
    log.now += 50 * DAY;
    log.restart('keys');
    log.settle();
    expect(restocks(log)).toEqual(['1 tea']);
  });

  it('is the same transaction when it is sent again as its period ends', async () => {
    const log = await shop();
    const key = idFromKey('ada', 'k', 'key');
    const at = (now: number) => transactionFromKey({ key, body: '' }, now);
    while (at(log.now) === at(log.now + 60_000)) log.now += 60_000;
    const receipts: SubmitReceipt[] = [];
    for (let minute = 0; minute < 3; minute++) {
      receipts.push(await new Gateway(log).restock('ada', 'k', 'tea', 1));
      log.now += 60_000;
    }
    expect(at(log.now)).not.toBe(at(log.now - 3 * 60_000));
    expect(new Set(receipts.map(({ transactionId }) => transactionId)).size).toBe(1);
    log.settle();
    expect(restocks(log)).toEqual(['1 tea']);
  });

  it('is forgotten in the end, on the log as in memory', async () => {
    const log = await shop();
    await new Gateway(log).restock('ada', 'old', 'tea', 1);
    log.settle();
    log.now += 15 * DAY;
    await new Gateway(log).restock('ada', 'new', 'tea', 1);
    log.settle();
    await new Gateway(log).restock('ada', 'newer', 'tea', 1);
    log.settle();
    const newest = new Map(log.records(KEY_USES).map(({ key, value }) => [key, value]));
    expect([...newest.values()].filter((value) => value === null)).toHaveLength(1);
  });
});

describe('under any keys, gateways, restarts, strangers and passing of days', () => {
  const action = fc.oneof(
    {
      weight: 10,
      arbitrary: fc.record({
        do: fc.constant('send' as const),
        gateway: fc.nat(2),
        key: fc.constantFrom('a', 'b'),
        product: fc.constantFrom('tea', 'jam'),
        quantity: fc.integer({ min: 1, max: 2 }),
      }),
    },
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constant('work' as const),
        who: fc.constantFrom(...NAMES),
        most: fc.integer({ min: 1, max: 3 }),
      }),
    },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('restart' as const), who: fc.constantFrom(...NAMES) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('learn' as const), gateway: fc.nat(2) }) },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant('scribble' as const),
        over: fc.nat(50),
        what: fc.constantFrom(...Object.values(SCRIBBLES)),
        compact: fc.boolean(),
      }),
    },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('wait' as const), hours: fc.integer({ min: 0, max: 200 }) }) },
  );

  it('there is one effect a key and week, and every transaction ends once', async () => {
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(action, { minLength: 5, maxLength: 50, size: 'max' }), async (actions) => {
        const log = await shop();
        const gateways = [new Gateway(log), new Gateway(log, 10 * 60_000), new Gateway(log, -10 * 60_000)];
        const receipts = new Map<string, number>();
        for (const act of actions) {
          if (act.do === 'work') log.work(act.who, act.most);
          else if (act.do === 'restart') log.restart(act.who);
          else if (act.do === 'scribble') {
            const known = log.records(commandsTopic(KEYS)).map(({ headers }) => headers['ce_id'] ?? '');
            const key = known[act.over % known.length] ?? 'nobody';
            log.append({ topic: KEY_USES, key, ...act.what });
            if (act.compact) log.compact(KEY_USES);
            log.restart('keys');
          } else if (act.do === 'learn') gateways[act.gateway]?.learn();
          else if (act.do === 'wait') log.now += act.hours * 60 * 60_000;
          else {
            const receipt = await gateways[act.gateway]
              ?.restock('ada', act.key, act.product, act.quantity)
              .catch(() => undefined);
            if (receipt !== undefined) receipts.set(receipt.transactionId, log.now);
          }
        }
        log.settle();
        const effects = new Map<string, number[]>();
        for (const { headers } of log.records(commandsTopic('products'))) {
          const key = headers['ce_idempotencykey'];
          if (key !== undefined) effects.set(key, [...(effects.get(key) ?? []), Date.parse(headers['ce_time'] ?? '')]);
        }
        for (const times of effects.values()) {
          for (const [at, time] of times.entries()) {
            // A gateway's clock may be 10 minutes ahead of another's.
            if (at > 0) expect(time - (times[at - 1] ?? 0)).toBeGreaterThan(7 * DAY - 30 * 60_000);
          }
        }
        expect(restocks(log)).toHaveLength([...effects.values()].flat().length);
        const statuses = log.statuses();
        for (const id of receipts.keys()) {
          const final = (statuses.get(id) ?? []).filter(({ status }) => isFinal(status));
          expect(final).toHaveLength(1);
          if (final[0]?.status === 'REJECTED') refused++;
        }
      }),
      { numRuns: 200 },
    );
    expect(refused).toBeGreaterThan(100);
  });
});
