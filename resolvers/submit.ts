/**
 * Turns a mutation into a command on the log. Answers once the log has it, never before; what can be told wrong without
 * knowing any state is refused here, and nothing is written.
 */

import type { CustomerCommands, ProductCommands, PurchaseCommands } from '../domain/index.ts';
import { type AggregateName, aggregates, type Rejection } from '../domain/index.ts';
import { toHeaders, UnreadableRecord } from '../log/cloud-event.ts';
import { asRead, type CommandSchemas, readCommand } from '../log/command-record.ts';
import type { EventLog, NewRecord } from '../log/event-log.ts';
import { commandsTopic } from '../log/topics.ts';
import { accepted, type TransactionRecord } from '../log/transaction-record.ts';
import { badInput } from './errors.ts';
import { idFromKey, newId } from './ids.ts';
import type { TransactionTracker } from './transaction-tracker.ts';
import type { ViewerIdentity } from './viewer.ts';

interface Commands {
  readonly customers: CustomerCommands;
  readonly products: ProductCommands;
  readonly purchases: PurchaseCommands;
}

export interface Submission<A extends AggregateName, T extends keyof Commands[A] & string> {
  readonly aggregate: A;
  readonly command: T;
  /** The entity's id; left out, a new one is made. */
  readonly id: string | null | undefined;
  /** The command's data, for the entity's id. */
  data(id: string): Commands[A][T];
  readonly idempotencyKey: string | null | undefined;
  readonly viewer: ViewerIdentity;
  readonly traceparent: string | undefined;
}

/** What a mutation answers. */
export interface SubmitReceipt {
  readonly transactionId: string;
  readonly id: string;
  readonly acceptedAt: string;
  readonly transaction: TransactionRecord;
}

export type Submit = <A extends AggregateName, T extends keyof Commands[A] & string>(
  submission: Submission<A, T>,
) => Promise<SubmitReceipt>;

export interface SubmitOptions {
  readonly log: EventLog;
  readonly tracker: Pick<TransactionTracker, 'appended' | 'recall'>;
  /** Partitions of every topic. */
  readonly partitions: number;
  readonly now?: () => number;
}

/**
 * @throws {GraphQLError} `BAD_USER_INPUT` for what no state could make right, or for a key used for something else
 * @throws {LogUnavailable} when the log did not acknowledge: send it again with the same idempotency key
 */
export function createSubmit({ log, tracker, partitions, now = Date.now }: SubmitOptions): Submit {
  return async ({ aggregate, command, id: wanted, data: dataFor, idempotencyKey: key, viewer, traceparent }) => {
    checkKey(key);
    const id = wanted ?? (key ? idFromKey(viewer.id, key, 'entity') : newId());
    const data = dataFor(id);
    const wrong = check(aggregate, command, data);
    if (wrong) throw badInput(`input.${wrong.field ?? ''}`, wrong.message);
    const transactionId = key ? idFromKey(viewer.id, key, 'transaction') : newId();
    const earlier = key ? await tracker.recall(transactionId) : undefined;
    if (earlier !== undefined) return repeat(earlier, command, id);

    const at = new Date(now()).toISOString();
    const record: NewRecord = {
      topic: commandsTopic(aggregate),
      key: id,
      value: JSON.stringify(data),
      headers: toHeaders({
        id: transactionId,
        type: command,
        source: '/gateway',
        subject: id,
        time: at,
        transactionid: transactionId,
        issuedby: viewer.id,
        traceparent,
      }),
    };
    mustBeReadable(aggregate, record, partitions);
    await log.append([record]);
    const transaction = tracker.appended(
      accepted({ id: transactionId, command, aggregate, entityId: id, issuedBy: viewer.id, at }),
    );
    return { transactionId, id, acceptedAt: transaction.acceptedAt, transaction };
  };
}

function checkKey(key: string | null | undefined): void {
  if (key === null || key === undefined) return;
  if (key === '' || key.length > 200) {
    throw badInput('input.idempotencyKey', 'idempotencyKey must have 1 to 200 characters');
  }
}

function check<A extends AggregateName, T extends keyof Commands[A] & string>(
  aggregate: A,
  type: T,
  data: Commands[A][T],
): Rejection | undefined {
  // The compiler cannot follow that aggregate, name and data belong together; the signature above makes sure of it.
  const checks = aggregates[aggregate].check as Record<string, (data: unknown) => Rejection | undefined>;
  return checks[type]?.(data);
}

/**
 * Reads the record as its processor will: what that would refuse to read must not be acknowledged.
 * @throws {GraphQLError} `BAD_USER_INPUT` with what is wrong
 */
function mustBeReadable(aggregate: AggregateName, record: NewRecord, partitions: number): void {
  // Each aggregate reads its own commands; which ones those are matters to whoever uses the data, and nobody does here.
  const schemas = aggregates[aggregate] as unknown as CommandSchemas<Record<string, unknown>>;
  try {
    readCommand(schemas, asRead(record, partitions), partitions);
  } catch (error) {
    if (!(error instanceof UnreadableRecord)) throw error;
    throw badInput(`input.${error.path ?? ''}`, error.message.replace(/^value: /, ''));
  }
}

/** The same key again: the same receipt, and nothing is written. */
function repeat(earlier: TransactionRecord, command: string, id: string): SubmitReceipt {
  if (earlier.command !== command || earlier.entityId !== id) {
    throw badInput(
      'input.idempotencyKey',
      `this idempotencyKey was used for ${earlier.command} of ${earlier.entityId}: take another one`,
    );
  }
  return { transactionId: earlier.id, id, acceptedAt: earlier.acceptedAt, transaction: earlier };
}
