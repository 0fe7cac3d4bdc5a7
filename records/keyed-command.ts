/**
 * A user's command with an idempotency key, as it stands on `keys.commands`: its own headers and value, under the key in
 * place of the aggregate's id, so that one partition sees all that is asked under a key. Read by those who write it, and by
 * the one who owns the key.
 */

import type { Catalogue } from '../domain/index.ts';
import { aggregateNamed, aggregateOfCommand } from '../domain/registry.ts';
import type { LogRecord, NewRecord } from '../log/event-log.ts';
import { partitionOf } from '../log/partition-of.ts';
import { attributesOf, UnreadableRecord } from './cloud-event.ts';
import { asRead, type ReadCommand, readCommand } from './command-record.ts';
import { commandsTopic } from './topics.ts';

export interface KeyedCommand {
  readonly aggregate: string;
  readonly read: ReadCommand<Catalogue>;
  readonly idempotency: NonNullable<ReadCommand<Catalogue>['idempotency']>;
  /** The same command for the aggregate's own topic: nothing about it changes but where it stands. */
  readonly forward: NewRecord;
}

/** @throws {UnreadableRecord} also for what the aggregate's processor could not read */
export function readKeyedCommand(record: LogRecord, partitions: number): KeyedCommand {
  const { id, type, subject, transactionid, idempotencykey } = attributesOf(record);
  if (idempotencykey === undefined) throw new UnreadableRecord('headers: ce_idempotencykey is needed');
  if (id !== transactionid) throw new UnreadableRecord('headers: ce_id is not ce_transactionid');
  if (record.key !== idempotencykey) throw new UnreadableRecord('key: it is not ce_idempotencykey');
  const partition = partitionOf(idempotencykey, partitions);
  if (partition !== record.partition) {
    throw new UnreadableRecord(`partition: ${idempotencykey} belongs to partition ${partition}`);
  }
  const aggregate = aggregateOfCommand(type);
  if (aggregate === undefined) throw new UnreadableRecord(`ce_type: there is no command ${type}`);
  const { value, headers } = record;
  const forward = { topic: commandsTopic(aggregate), key: subject, value, headers };
  const read = readCommand(aggregateNamed(aggregate), asRead(forward, partitions), partitions);
  if (read.idempotency === undefined) throw new UnreadableRecord('headers: ce_bodyhash is needed');
  return { aggregate, read, idempotency: read.idempotency, forward };
}
