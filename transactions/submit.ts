/**
 * Turns a mutation into a command on the log. Answers once the log has it, never before; what can be told wrong without
 * knowing any state is refused here, and nothing is written.
 */

import { type AggregateName, atLeast, type Catalogue, type CommandsOf, mayNotIssue } from '../domain/index.ts';
import { aggregateNamed } from '../domain/registry.ts';
import { accepted, type TransactionRecord } from '../domain/transaction.ts';
import type { EventLog, NewRecord } from '../log/event-log.ts';
import { toHeaders, UnreadableRecord } from '../records/cloud-event.ts';
import { asRead, commandVersion, readCommand } from '../records/command-record.ts';
import { readKeyedCommand } from '../records/keyed-command.ts';
import { commandsTopic, KEYS } from '../records/topics.ts';
import type { Sealer } from '../sealing/sealer.ts';
import { BackPressure, type BackPressureLimits } from './back-pressure.ts';
import { Forbidden, InvalidInput, TooManyUnfinished } from './errors.ts';
import { bodyHash, idFromKey, nearPeriodEdge, newId, transactionFromKey } from './ids.ts';
import { sameAgain } from './repeated.ts';
import type { TransactionTracker } from './transaction-tracker.ts';
import { ADMIN_FACTOR, issuerOf, recordedRoles, type ViewerIdentity } from './viewer.ts';

export interface Submission<A extends AggregateName, T extends keyof CommandsOf<A> & string> {
  readonly aggregate: A;
  readonly command: T;
  /** The command as it will stand on the log; its id field says which entity it is for, see `idOfNew`. */
  readonly data: CommandsOf<A>[T];
  readonly idempotencyKey: string | null | undefined;
  readonly viewer: ViewerIdentity;
  readonly traceparent: string | undefined;
  /** When the request came that asks for it, `performance.now()`, where that is known; for its trace. */
  readonly since?: number | undefined;
}

const UNLIMITED: BackPressureLimits = { appendingBytes: 0, transactions: 0 };

/** How near to the change of the week counts as near: longer than clients retry, and than gateways' clocks differ. */
const EDGE_MS = 60 * 60 * 1000;

/** What a mutation answers. */
export interface SubmitReceipt {
  readonly transactionId: string;
  readonly id: string;
  readonly acceptedAt: string;
  readonly transaction: TransactionRecord;
}

export type Submit = <A extends AggregateName, T extends keyof CommandsOf<A> & string>(
  submission: Submission<A, T>,
) => Promise<SubmitReceipt>;

export interface SubmitOptions {
  readonly log: EventLog;
  readonly tracker: Pick<TransactionTracker, 'appended' | 'underKey' | 'unfinishedOf' | 'kept'>;
  /** Partitions of every topic. */
  readonly partitions: number;
  /** The most transactions of a user that have not ended; admins may have 20 times as many. 0, the default: any number. */
  readonly maxUnfinished?: number;
  /** Of all users together; default: no limits. */
  readonly backPressure?: BackPressureLimits;
  /** Seals personal fields before they are written. Default: they are written as they are. */
  readonly sealer?: Sealer | undefined;
  /** Whether the entity exists, or its id is the viewer's own to register: see `knownIn`. Default: all do. */
  readonly isKnown?: (aggregate: AggregateName, id: string, viewer: ViewerIdentity) => Promise<boolean>;
  readonly now?: () => number;
}

/**
 * @throws {Forbidden} for who has no right to the command
 * @throws {InvalidInput} for what no state could make right, or for a key used for something else
 * @throws {TooManyUnfinished} @throws {Overloaded} @throws {LogUnavailable} when the log did not acknowledge: send it again with the same idempotency key
 */
export function createSubmit({
  log,
  tracker,
  partitions,
  maxUnfinished = 0,
  backPressure = UNLIMITED,
  sealer,
  isKnown = async () => true,
  now = Date.now,
}: SubmitOptions): Submit {
  const pressure = new BackPressure(backPressure, () => tracker.kept);
  // An id that is made from a key changes each week (`ids.ts`). Near that moment the same command may be on the log under the
  // other week's id, so the log is read to its end before the key is looked up.
  const known = (key: string) => tracker.underKey(key, nearPeriodEdge(key, now(), EDGE_MS));
  const beginning = new Beginning(tracker, maxUnfinished);
  return async ({ aggregate, command, data, idempotencyKey: key, viewer, traceparent }) => {
    const { check, idField, rights, commands } = aggregateNamed(aggregate);
    const forbidden = mayNotIssue<Catalogue>({ rights }, { type: command, data }, issuerOf(viewer));
    if (forbidden) throw new Forbidden(forbidden.message);
    checkKey(key);
    const at = new Date(now()).toISOString();
    const rejection = check[command]?.(data, at);
    if (rejection) throw new InvalidInput(`input.${rejection.field ?? ''}`, rejection.message);
    const id = String(Reflect.get(Object(data), idField));
    const schema = commands[command];
    const secret = schema && sealer?.secretFor(schema);
    const idempotency = key
      ? { key: idFromKey(viewer.id, key, 'key'), body: bodyHash(command, id, data, secret) }
      : undefined;
    const transactionId = idempotency ? transactionFromKey(idempotency, now()) : newId();
    const record: NewRecord = {
      topic: commandsTopic(idempotency ? KEYS : aggregate),
      key: idempotency?.key ?? id,
      value: JSON.stringify(data),
      headers: toHeaders({
        id: transactionId,
        type: command,
        source: '/gateway',
        subject: id,
        time: at,
        dataversion: commandVersion(aggregateNamed(aggregate), command),
        transactionid: transactionId,
        issuedby: viewer.id,
        roles: recordedRoles(viewer),
        idempotencykey: idempotency?.key,
        bodyhash: idempotency?.body,
        traceparent,
      }),
    };
    mustBeReadable(aggregate, record, partitions);
    const earlier = idempotency && sameAgain(await known(idempotency.key), idempotency, now());
    if (earlier !== undefined) return receiptOf(earlier);
    // Keys stay on the log for ever: a customer who updates one made-up id after another would fill it with them, although
    // each of these commands is rejected.
    const mayMakeKey = async () =>
      rights[command]?.customers !== 'own' ||
      atLeast(issuerOf(viewer).authority, 'staff') ||
      (await isKnown(aggregate, id, viewer));
    // Counted before it is sealed, which adds about 100 bytes to each field.
    const appended = pressure.append(bytesOf(record));
    try {
      const begun = beginning.one(viewer);
      try {
        // Sealed after all that may refuse it: sealing may write a key. Nothing is waited for, not even a turn, where nothing is personal.
        const sealed = secret && schema && sealer && (await sealer.seal(schema, id, data, mayMakeKey));
        await log.append([sealed === undefined ? record : { ...record, value: JSON.stringify(sealed) }]);
      } finally {
        begun();
      }
    } finally {
      appended();
    }
    const begun = { id: transactionId, command, aggregate, entityId: id, issuedBy: viewer.id, at, idempotency };
    return receiptOf(tracker.appended(accepted(begun)));
  };
}

function bytesOf({ key, value, headers }: NewRecord): number {
  let bytes = key.length + (value?.length ?? 0);
  for (const name in headers) bytes += name.length + (headers[name]?.length ?? 0);
  return bytes;
}

/** Counts a user's transactions that have not ended, those included that are being written. */
class Beginning {
  readonly #tracker: Pick<TransactionTracker, 'unfinishedOf'>;
  readonly #most: number;
  readonly #written = new Map<string, number>();

  constructor(tracker: Pick<TransactionTracker, 'unfinishedOf'>, most: number) {
    this.#tracker = tracker;
    this.#most = most;
  }

  /** One more is about to be written: call what is returned when it has been. @throws {TooManyUnfinished} */
  one({ id, isAdmin }: ViewerIdentity): () => void {
    const most = this.#most * (isAdmin ? ADMIN_FACTOR : 1);
    const writing = this.#written.get(id) ?? 0;
    if (most > 0 && this.#tracker.unfinishedOf(id) + writing >= most) throw new TooManyUnfinished(most);
    this.#written.set(id, writing + 1);
    return () => {
      const left = (this.#written.get(id) ?? 1) - 1;
      if (left === 0) this.#written.delete(id);
      else this.#written.set(id, left);
    };
  }
}

function checkKey(key: string | null | undefined): void {
  if (key === null || key === undefined) return;
  if (key === '' || key.length > 200) {
    throw new InvalidInput('input.idempotencyKey', 'idempotencyKey must have 1 to 200 characters');
  }
  if (!key.isWellFormed() || key.includes('\0')) {
    throw new InvalidInput('input.idempotencyKey', 'idempotencyKey must be well-formed Unicode, without NUL');
  }
}

/**
 * Reads the record as its processor will, and the owner of its key before that: what they could not read must not be
 * acknowledged.
 * @throws {InvalidInput} with what is wrong
 */
function mustBeReadable(aggregate: AggregateName, record: NewRecord, partitions: number): void {
  const read = asRead(record, partitions);
  try {
    if (record.topic === commandsTopic(KEYS)) readKeyedCommand(read, partitions);
    else readCommand(aggregateNamed(aggregate), read, partitions);
  } catch (error) {
    if (!(error instanceof UnreadableRecord)) throw error;
    throw new InvalidInput(`input.${error.path ?? ''}`, error.message.replace(/^value: /, ''));
  }
}

function receiptOf(transaction: TransactionRecord): SubmitReceipt {
  const { id: transactionId, entityId: id, acceptedAt } = transaction;
  return { transactionId, id, acceptedAt, transaction };
}
