/** Gateways that take commands with keys, each knowing what it has been told of, on a small log with all processors. */
import { accepted, type TransactionRecord } from '../domain/transaction.ts';
import type { EventLog, NewRecord } from '../log/event-log.ts';
import { readKeyedCommand } from '../records/keyed-command.ts';
import { commandsTopic, eventsTopic, KEYS } from '../records/topics.ts';
import { createSubmit, type SubmitReceipt } from '../transactions/submit.ts';
import { SmallLog } from './processors.small-log.ts';

export const DAY = 24 * 60 * 60 * 1000;
export const NOW = Date.UTC(2026, 0, 1);

/** A gateway that knows what it has been told of, which may be nothing. */
export class Gateway {
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
        kept: 0,
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

export async function shop(): Promise<SmallLog> {
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

export function restocks(log: SmallLog): readonly string[] {
  return log
    .records(eventsTopic('products'))
    .filter(({ headers }) => headers['ce_type'] === 'ProductRestocked')
    .map(({ key, value }) => `${JSON.parse(String(value)).quantity} ${key}`);
}

export function last(log: SmallLog, { transactionId }: SubmitReceipt): TransactionRecord | undefined {
  return log.statuses().get(transactionId)?.at(-1);
}

/** What a stranger writes over the use of a transaction. */
export const SCRIBBLES: Readonly<Record<string, Pick<NewRecord, 'value' | 'headers'>>> = {
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
