/** What stands on `keys.uses`: one record for each transaction that came under an idempotency key, and how it is read. */
import { z } from 'zod';
import type { TransactionRecord } from '../domain/transaction.ts';
import type { LogRecord, NewRecord } from '../log/event-log.ts';
import { partitionOf } from '../log/partition-of.ts';
import { dataOf, toHeaders, UnreadableRecord } from '../records/cloud-event.ts';
import type { KeyedCommand } from '../records/keyed-command.ts';
import { KEY_USES } from '../records/topics.ts';

const TYPE = 'KeyUse';
export const SOURCE = '/processors/keys';

export const keyUse = z.object({
  transactionId: z.string(),
  /** Null when the command could not be read: it stands under no key. */
  key: z.string().nullable(),
  body: z.string(),
  command: z.string(),
  entityId: z.string(),
  /** false: it came under a key that stood for another one, and was rejected. */
  forwarded: z.boolean(),
  /** By the commands' own time, ms. */
  at: z.int().nonnegative(),
});
/** One transaction that came under a key. */
export type KeyUse = z.infer<typeof keyUse>;

/** @throws {UnreadableRecord} for anything but what the owner of the keys writes, whatever the partition */
export function readUseAnywhere(record: LogRecord): KeyUse {
  const use = dataOf(record, keyUse);
  const { ce_type: type } = record.headers;
  if (type !== TYPE) throw new UnreadableRecord(`ce_type: it is ${type ?? 'missing'}, not ${TYPE}`);
  if (use.transactionId !== record.key) throw new UnreadableRecord('key: it is not the transactionId');
  return use;
}

/** @throws {UnreadableRecord} for anything but what the owner of the keys writes into this partition */
export function readUse(record: LogRecord, partitions: number): KeyUse {
  const use = readUseAnywhere(record);
  if (use.key !== null && partitionOf(use.key, partitions) !== record.partition) {
    throw new UnreadableRecord(`partition: ${use.key.slice(0, 100)} belongs to another one`);
  }
  return use;
}

/** @param forwarded false: its key stood for another one */
export function keyUseOf({ read, idempotency }: KeyedCommand, forwarded: boolean, at: number): KeyUse {
  const { transactionId } = read.meta;
  return { transactionId, ...idempotency, command: read.command.type, entityId: read.id, forwarded, at };
}

/** Of a command that could not be read, and whose transaction has ended so. */
export function keyUseOfUnreadable({ id, command, entityId }: TransactionRecord, at: number): KeyUse {
  return { transactionId: id, key: null, body: '', command, entityId, forwarded: false, at };
}

/** @param at when it is written, ISO 8601 UTC */
export function keyUseRecord(use: KeyUse, partition: number, at: string): NewRecord {
  const { transactionId } = use;
  return {
    topic: KEY_USES,
    partition,
    key: transactionId,
    value: JSON.stringify(use),
    headers: toHeaders({
      id: `${transactionId}#use`,
      type: TYPE,
      source: SOURCE,
      subject: transactionId,
      time: at,
      transactionid: transactionId,
    }),
  };
}
