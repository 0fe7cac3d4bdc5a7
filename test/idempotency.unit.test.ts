/** An idempotency key stands for one command: whichever gateways are asked, in whatever order, and whoever starts anew. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accepted, isFinal, type TransactionRecord } from '../domain/transaction.ts';
import type { EventLog, NewRecord } from '../log/event-log.ts';
import { readKeyedCommand } from '../records/keyed-command.ts';
import { commandsTopic, deadTopic, eventsTopic, KEY_USES, KEYS, TRANSACTIONS } from '../records/topics.ts';
import { bodyHash, idFromKey, transactionFromKey } from '../transactions/ids.ts';
import { createSubmit, type SubmitReceipt } from '../transactions/submit.ts';
import { NAMES, SmallLog } from './processors.small-log.ts';

const DAY = 24 * 60 * 60 * 1000;
const NOW = Date.UTC(2026, 0, 1);

/** A gateway that knows what it has been told of, which may be nothing. */
class Gateway {
  readonly known = new Map<string, TransactionRecord>();
  readonly #log: SmallLog;
  readonly #skew: number;

  constructor(log: SmallLog, skew = 0) {
    this.#log = log;
    this.#skew = skew;
  }

  /** Reads all statuses there are. */
  learn(): void {
    for (const [id, statuses] of this.#log.statuses()) {
      const last = statuses.at(-1);
      if (last !== undefined) this.known.set(id, last);
    }
  }

  /** Reads all commands under a key that there are. */
  learnCommands(): void {
    for (const record of this.#log.records(commandsTopic(KEYS))) {
      const { aggregate, read, idempotency } = readKeyedCommand(record, 1);
      const { transactionId: id, issuedBy, at } = read.meta;
      if (this.known.has(id)) continue;
      const of = { id, command: read.command.type, aggregate, entityId: read.id, issuedBy, at, idempotency };
      this.known.set(id, accepted(of));
    }
  }

  restock(user: string, key: string, productId: string, quantity: number): Promise<SubmitReceipt> {
    const log = {
      append: async (records: readonly NewRecord[]) => records.map((record) => this.#log.append(record)),
    } as unknown as EventLog;
    const submit = createSubmit({
      log,
      partitions: 1,
      now: () => this.#log.now + this.#skew,
      tracker: {
        unfinishedOf: () => 0,
        underKey: async (id, toTheEnd) => {
          if (toTheEnd) this.learnCommands();
          return [...this.known.values()].filter(({ idempotency }) => idempotency?.key === id);
        },
        appended: (record) => {
          this.known.set(record.id, record);
          return record;
        },
      },
    });
    return submit({
      aggregate: 'products',
      command: 'restockProduct',
      data: { productId, quantity },
      idempotencyKey: key,
      viewer: { id: user, roles: [], isAdmin: true },
      traceparent: undefined,
    });
  }
}

async function shop(): Promise<SmallLog> {
  const log = new SmallLog();
  for (const id of ['tea', 'jam']) {
    log.append({
      topic: commandsTopic('products'),
      key: id,
      value: JSON.stringify({ productId: id, name: id, price: 1, stock: 0 }),
      headers: {
        ce_id: `add ${id}`,
        ce_type: 'addProduct',
        ce_source: '/test',
        ce_subject: id,
        ce_time: new Date(log.now).toISOString(),
        ce_transactionid: `add ${id}`,
        ce_issuedby: 'ada',
        ce_roles: 'admin',
      },
    });
  }
  log.settle();
  return log;
}

function restocks(log: SmallLog): readonly string[] {
  return log
    .records(eventsTopic('products'))
    .filter(({ headers }) => headers['ce_type'] === 'ProductRestocked')
    .map(({ key, value }) => `${JSON.parse(String(value)).quantity} ${key}`);
}

function last(log: SmallLog, { transactionId }: SubmitReceipt): TransactionRecord | undefined {
  return log.statuses().get(transactionId)?.at(-1);
}

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

/** What a stranger writes over the use of a transaction. */
const SCRIBBLES: Readonly<Record<string, Pick<NewRecord, 'value' | 'headers'>>> = {
  'what is no JSON': { value: '?', headers: {} },
  'a use of something else': {
    value: JSON.stringify({
      transactionId: 'x',
      key: 'x',
      body: '',
      command: 'x',
      entityId: 'x',
      forwarded: true,
      at: 1,
    }),
    headers: { ce_type: 'KeyUse' },
  },
  'a tombstone': { value: null, headers: {} },
};

describe('a foreign record over the use of a key', () => {
  it.each(
    Object.entries(SCRIBBLES).flatMap(([what, scribble]) => [
      [what, 'compacted away', scribble] as const,
      [what, 'still there', scribble] as const,
    ]),
  )('lets nothing through twice: %s, the use itself %s', async (_, compacted, scribble) => {
    const log = await shop();
    const first = await new Gateway(log).restock('ada', 'k', 'tea', 1);
    log.work('keys');
    // Of those that wait, one is another command under the key, one is the same again, one is new.
    const other = await new Gateway(log).restock('ada', 'k', 'jam', 1);
    await new Gateway(log).restock('ada', 'k', 'tea', 1);
    const waiting = await new Gateway(log).restock('ada', 'l', 'jam', 2);
    for (const key of [first.transactionId, waiting.transactionId, 'nobody']) {
      log.append({ topic: KEY_USES, key, ...scribble });
    }
    if (compacted === 'compacted away') log.compact(KEY_USES);
    log.restart('keys');
    log.settle();
    expect(restocks(log)).toEqual(['1 tea', '2 jam']);
    // Not even to the aggregate, which would know the transaction itself, for a week.
    const handedOn = log.records(commandsTopic('products')).map(({ headers }) => headers['ce_id']);
    expect(handedOn.filter((id) => id === first.transactionId)).toHaveLength(1);
    expect(last(log, other)).toMatchObject({
      rejection: { code: 'IDEMPOTENCY_KEY_REUSED', message: expect.stringContaining(first.transactionId) },
    });
    expect(last(log, waiting)).toMatchObject({ status: 'COMPLETED' });
    const newest = new Map(log.records(KEY_USES).map((record) => [record.key, record]));
    for (const { transactionId } of [first, waiting]) {
      expect(JSON.parse(String(newest.get(transactionId)?.value))).toMatchObject({ transactionId, forwarded: true });
    }
    expect(newest.get('nobody')).toMatchObject({ value: null, headers: { ce_type: 'Nothing' } });
    const letters = log.records(deadTopic(KEY_USES));
    expect(letters).toHaveLength(scribble.value === null ? 0 : 3);
    log.restart('keys');
    expect(log.records(deadTopic(KEY_USES))).toHaveLength(letters.length);
  });

  it('is ignored when it was covered by ours, or forgotten by a tombstone of ours', async () => {
    const log = await shop();
    const { transactionId } = await new Gateway(log).restock('ada', 'k', 'tea', 1);
    log.append({ topic: KEY_USES, key: transactionId, value: '?', headers: {} });
    log.append({ topic: KEY_USES, key: 'x', value: '?', headers: {} });
    log.append({ topic: KEY_USES, key: 'x', value: null, headers: { ce_type: 'Nothing' } });
    log.settle();
    log.restart('keys');
    expect(log.records(deadTopic(KEY_USES))).toEqual([]);
    expect(log.records(KEY_USES)).toHaveLength(4);
  });

  it('that is a batch nobody can open has all uses made anew that it may have covered', async () => {
    const log = await shop();
    const gateway = new Gateway(log);
    for (const key of ['a', 'b', 'c']) await gateway.restock('ada', key, 'tea', 1);
    log.work('keys');
    const uses = log.records(KEY_USES).map(({ value }) => JSON.parse(String(value)));
    const lost = log.append({ topic: KEY_USES, key: 'x', value: null, headers: {} });
    Object.assign(lost, { key: null, unreadable: 'compression: it is none of ours' });
    log.drop(KEY_USES, (record) => record === lost);
    log.restart('keys');
    expect(log.records(deadTopic(KEY_USES))).toHaveLength(1);
    for (const key of ['a', 'b', 'c']) await new Gateway(log).restock('ada', key, 'tea', 1);
    log.settle();
    expect(restocks(log)).toHaveLength(3);
    expect(log.records(KEY_USES).flatMap(({ value }) => (value ? [JSON.parse(String(value))] : []))).toEqual(uses);
  });

  it('is set aside with its tombstone in steps of bounded size', async () => {
    const log = await shop();
    for (let n = 0; n < 1000; n++) log.append({ topic: KEY_USES, key: `x${n}`, value: '?', headers: {} });
    log.restart('keys');
    expect(log.records(deadTopic(KEY_USES))).toHaveLength(1000);
    log.compact(KEY_USES);
    expect(log.records(KEY_USES).every(({ value }) => value === null)).toBe(true);
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

describe('ids made from keys', () => {
  it('name the entity by user and key alone', () => {
    expect(idFromKey('ada', 'k', 'entity')).toBe(idFromKey('ada', 'k', 'entity'));
    expect(
      new Set([idFromKey('ada', 'k', 'entity'), idFromKey('a', 'dak', 'entity'), idFromKey('ada', 'k', 'key')]).size,
    ).toBe(3);
  });

  it('do not depend on the order of fields', () => {
    expect(bodyHash('c', 'id', { a: 1, b: { d: 1, c: [1, 2] } })).toBe(
      bodyHash('c', 'id', { b: { c: [1, 2], d: 1 }, a: 1 }),
    );
    expect(bodyHash('c', 'id', { c: [1, 2] })).not.toBe(bodyHash('c', 'id', { c: [2, 1] }));
  });

  it('are never the same more than a week apart', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.nat(10 * DAY), fc.nat(3 * DAY), (key, past, more) => {
        const body = 'b';
        expect(transactionFromKey({ key, body }, NOW + past)).not.toBe(
          transactionFromKey({ key, body }, NOW + past + 7 * DAY + more),
        );
      }),
    );
  });
});

describe('a command with a key that nobody can read', () => {
  it('ends however long its headers are, wherever a character is cut', async () => {
    const log = await shop();
    const issuedBy = encodeURIComponent(`${'x'.repeat(299)}🙂`);
    const headers = { ce_id: 'long', ce_type: 'x'.repeat(5000), ce_transactionid: 'long', ce_issuedby: issuedBy };
    log.append({ topic: commandsTopic(KEYS), key: 'k', value: '?', headers });
    log.settle();
    expect(log.statuses().get('long')).toMatchObject([{ status: 'REJECTED', issuedBy: 'x'.repeat(299) }]);
  });

  it('ends REJECTED, UNREADABLE, and is handed on to nobody', async () => {
    const log = await shop();
    const before = log.records(commandsTopic('products')).length;
    const headers = {
      ce_id: 't',
      ce_type: 'restockProduct',
      ce_subject: 'tea',
      ce_transactionid: 't',
      ce_issuedby: 'ada',
    };
    for (let times = 0; times < 2; times++) {
      log.append({ topic: commandsTopic(KEYS), key: 'k', value: '?', headers });
      log.settle();
      log.restart('keys');
    }
    expect(log.records(commandsTopic('products'))).toHaveLength(before);
    expect(log.statuses().get('t')).toMatchObject([
      { status: 'REJECTED', aggregate: 'products', rejection: { code: 'UNREADABLE' } },
    ]);
    expect(log.records(TRANSACTIONS).filter(({ key }) => key === 't')).toHaveLength(1);
  });
});
