/**
 * What a record on a topic of commands must be: the one reading of it, for those who write commands as for those who decide
 * them. So whatever was acknowledged can be decided: nobody appends what this does not read.
 */
import type { z } from 'zod';
import { type Authority, type Catalogue, type CommandMeta, highestOf } from '../domain/index.ts';
import type { Idempotency } from '../domain/transaction.ts';
import { currentVersion, type Upcasters } from '../domain/versions.ts';
import type { LogRecord, NewRecord } from '../log/event-log.ts';
import { partitionOf } from '../log/partition-of.ts';
import { attributesOf, dataOf, type EventAttributes, UnreadableRecord } from './cloud-event.ts';

/** How an aggregate's commands are read. */
export interface CommandSchemas<C extends Catalogue> {
  readonly commands: { readonly [T in keyof C]: z.ZodType<C[T]> };
  /** The field of every command that holds the aggregate's id. */
  readonly idField: string;
  readonly upcasters?: { readonly commands?: { readonly [T in keyof C]?: Upcasters } };
}

export interface ReadCommand<C extends Catalogue> {
  readonly id: string;
  readonly command: { readonly [T in keyof C & string]: { readonly type: T; readonly data: C[T] } }[keyof C & string];
  readonly meta: CommandMeta;
  /** Whether nothing is recorded of its issuer's roles: it was written by an older version, or past the gateway. */
  readonly withoutRoles: boolean;
  /** The idempotency key, where its user gave one. */
  readonly idempotency: Idempotency | undefined;
  readonly traceparent: string | undefined;
}

/** The version in which a command is written now. */
export function commandVersion<C extends Catalogue>(
  { upcasters }: Pick<CommandSchemas<C>, 'upcasters'>,
  type: keyof C,
): number {
  return currentVersion(upcasters?.commands?.[type]);
}

/** Records that a command causes hold parts of it several times, and must fit on the log. The largest of ours has 72 KiB. */
const MAX_COMMAND_BYTES = 131_072;

/** @throws {UnreadableRecord} saying what is wrong with it */
export function readCommand<C extends Catalogue>(
  { commands, idField, upcasters }: CommandSchemas<C>,
  record: LogRecord,
  partitions: number,
): ReadCommand<C> {
  const attributes = attributesOf(record);
  const { id, type, subject, time, transactionid, issuedby, traceparent } = attributes;
  if (transactionid === undefined || issuedby === undefined) {
    throw new UnreadableRecord('headers: ce_transactionid and ce_issuedby are needed');
  }
  if ((record.value?.length ?? 0) > MAX_COMMAND_BYTES) {
    throw new UnreadableRecord(`value: it takes ${record.value?.length} bytes, a command at most ${MAX_COMMAND_BYTES}`);
  }
  if (record.key !== subject) throw new UnreadableRecord(`key: it is not ce_subject, ${subject}`);
  const partition = partitionOf(subject, partitions);
  if (partition !== record.partition) {
    throw new UnreadableRecord(`partition: ${subject} belongs to partition ${partition}`);
  }
  if (!Object.hasOwn(commands, type)) throw new UnreadableRecord(`ce_type: there is no command ${type}`);
  const name: keyof C & string = type;
  const data = dataOf(record, commands[name], upcasters?.commands?.[name]);
  if (Reflect.get(Object(data), idField) !== subject) {
    throw new UnreadableRecord(`value: ${idField} is not the record's key`, idField);
  }
  return {
    id: subject,
    command: { type: name, data },
    meta: {
      commandId: id,
      transactionId: transactionid,
      issuedBy: issuedby,
      authority: authorityOf(attributes),
      at: time,
    },
    withoutRoles: attributes.roles === undefined && !isSystems(attributes),
    idempotency: idempotencyOf(attributes),
    traceparent,
  };
}

/** A command as it is shown: what it asks for, in the newest shape, whoever may give it. @throws {UnreadableRecord} */
export function readAnyCommand<C extends Catalogue>(
  { commands, upcasters }: Pick<CommandSchemas<C>, 'commands' | 'upcasters'>,
  record: LogRecord,
): { readonly attributes: EventAttributes; readonly data: unknown } {
  const attributes = attributesOf(record);
  const { type } = attributes;
  if (!Object.hasOwn(commands, type)) throw new UnreadableRecord(`ce_type: there is no command ${type}`);
  const name: keyof C & string = type;
  return { attributes, data: dataOf(record, commands[name], upcasters?.commands?.[name]) };
}

/** Where the processors' own commands come from: `/processors/products`. */
const PROCESSORS = '/processors/';

/** Whether a processor wrote the command, as a follow-up or a deadline: such a one is never the beginning of a transaction. */
function isSystems({ source, id, transactionid }: EventAttributes): boolean {
  return source.startsWith(PROCESSORS) && id !== transactionid;
}

/** On what authority it stands on the log. Without recorded roles: on nobody's, as if its issuer had not signed in. */
function authorityOf(attributes: EventAttributes): Authority {
  return isSystems(attributes) ? 'system' : (highestOf(attributes.roles?.split(',') ?? []) ?? 'visitor');
}

/** The same command as one from before roles were recorded: then everyone who had signed in might give every command. */
export function asLegacy(meta: CommandMeta): CommandMeta {
  return { ...meta, authority: 'legacy' };
}

/** Under which key a command stands, as its headers tell. */
export function idempotencyOf({ idempotencykey: key, bodyhash: body }: EventAttributes): Idempotency | undefined {
  return key === undefined || body === undefined ? undefined : { key, body };
}

/** A record as it will be read once it has been appended. */
export function asRead({ topic, key, value, headers }: NewRecord, partitions: number): LogRecord {
  return {
    topic,
    partition: partitionOf(key, partitions),
    offset: 0,
    key,
    value: value === null ? null : Buffer.from(value),
    headers,
    timestamp: 0,
  };
}
