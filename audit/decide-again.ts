/**
 * Decides every command on the log again, with the rules as they are now, on the state that the recorded events made of
 * the aggregate by then; so one outcome that differs does not drag others along. Read-only, partition by partition.
 */
import {
  type Aggregate,
  type AggregateName,
  type Catalogue,
  decide,
  isRejection,
  type Versioned,
} from '../domain/index.ts';
import { type AnyAggregate, allAggregates } from '../domain/registry.ts';
import type { EventLog, LogRecord, Processor } from '../log/event-log.ts';
import { attributesOf, dataOf, UnreadableRecord } from '../records/cloud-event.ts';
import { asLegacy, type ReadCommand, readCommand } from '../records/command-record.ts';
import { eventId, REJECTION } from '../records/event-record.ts';
import { commandsTopic, eventsTopic } from '../records/topics.ts';
import { Fold } from './fold.ts';
import { asJson, same } from './same.ts';

export interface Outcome {
  readonly type: string;
  readonly data: unknown;
}

/** A command that would end otherwise today. */
export interface OtherOutcome {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly id: string;
  readonly command: string;
  readonly transactionId: string;
  readonly recorded: readonly Outcome[];
  readonly today: readonly Outcome[];
  /** What differs, in words, field by field. */
  readonly differences: readonly string[];
}

export interface DecideAgainOptions {
  readonly log: EventLog;
  /** The processor of an aggregate. */
  processorOf(aggregate: string): Processor;
  onOther(other: OtherOutcome): void;
  /** Their definitions. Default: those of the list. */
  readonly aggregates?: readonly AnyAggregate[];
  readonly signal?: AbortSignal;
  /** Reading the commands has moved on by so many offsets. */
  onRead?(offsets: number): void;
}

/** Returns how many commands have been decided. Those that no processor has come to yet are left out. */
export async function decideAgain(options: DecideAgainOptions): Promise<number> {
  let commands = 0;
  for (const aggregate of options.aggregates ?? allAggregates) {
    const { name } = aggregate;
    const input = commandsTopic(name);
    const decided = await options.log.committed(options.processorOf(name));
    const { length: partitions } = await options.log.ends([input]);
    for (const { partition, offset } of decided) {
      commands += await replay(options, aggregate, { partition, partitions, end: offset });
    }
  }
  return commands;
}

interface Range {
  readonly partition: number;
  readonly partitions: number;
  readonly end: number;
}

async function replay<C extends Catalogue, E extends Catalogue, S extends Versioned, P>(
  { log, onOther, signal, onRead }: DecideAgainOptions,
  aggregate: Aggregate<AggregateName, C, E, S, P>,
  { partition, partitions, end }: Range,
): Promise<number> {
  const { name } = aggregate;
  const topic = commandsTopic(name);
  // What is wrong with the events themselves is `verify`'s to tell.
  const fold = new Fold(aggregate, () => undefined);
  const events = new EventsByCause(log.read({ topic: eventsTopic(name), partition }));
  let commands = 0;
  for await (const records of log.read({ topic, partition })) {
    signal?.throwIfAborted();
    for (const record of records) {
      if (record.offset >= end) return commands;
      const read = tryToRead(aggregate, record, partitions);
      if (read === undefined) continue;
      const { id, command, meta } = read;
      const caused = await events.of(meta.commandId);
      // A user's command always has an outcome of its own: without one it is a repeat, which was passed over.
      if (caused.length > 0 || meta.commandId !== meta.transactionId) {
        commands++;
        const recorded = caused.map((event) => outcomeOf(aggregate, event));
        // Before roles were recorded nothing was forbidden: then, what tells none was decided by the rules of its time.
        const legacy = read.withoutRoles && !recorded.some(isForbidden);
        const outcome = decide(aggregate, command, fold.state(id), legacy ? asLegacy(meta) : meta);
        const today = isRejection(outcome)
          ? [{ type: REJECTION, data: { command: command.type, rejection: outcome } }]
          : outcome.map(({ type, data }) => ({ type, data }));
        if (!same(today, recorded)) {
          const { transactionId } = meta;
          const { offset } = record;
          onOther({
            topic,
            partition,
            offset,
            id,
            command: command.type,
            transactionId,
            recorded,
            today: today.map(plain),
            differences: differencesOf(recorded, today),
          });
        }
      }
      for (const event of caused) fold.take(event);
    }
    onRead?.(records.length);
  }
  return commands;
}

function isForbidden({ type, data }: Outcome): boolean {
  return type === REJECTION && Reflect.get(Object(Reflect.get(Object(data), 'rejection')), 'code') === 'FORBIDDEN';
}

function tryToRead<C extends Catalogue, E extends Catalogue, S extends Versioned, P>(
  aggregate: Aggregate<AggregateName, C, E, S, P>,
  record: LogRecord,
  partitions: number,
): ReadCommand<C> | undefined {
  try {
    return readCommand(aggregate, record, partitions);
  } catch (error) {
    if (error instanceof UnreadableRecord) return undefined;
    throw error;
  }
}

/** What was recorded, in its newest shape: what only its shape makes another is no difference. */
function outcomeOf<C extends Catalogue, E extends Catalogue, S extends Versioned, P>(
  { events, upcasters }: Aggregate<AggregateName, C, E, S, P>,
  record: LogRecord,
): Outcome {
  const type = record.headers['ce_type'] ?? '';
  try {
    if (Object.hasOwn(events, type)) {
      const name: keyof E & string = type;
      return { type, data: dataOf(record, events[name], upcasters?.events?.[name]) };
    }
    return { type, data: JSON.parse(record.value?.toString('utf8') ?? 'null') };
  } catch {
    return { type, data: null };
  }
}

/** What differs, field by field: `StockReserved.quantity: 3 → 4`, `CommandRejected → PurchaseConfirmed`. */
function differencesOf(recorded: readonly Outcome[], today: readonly Outcome[]): readonly string[] {
  const differences: string[] = [];
  for (let index = 0; index < Math.max(recorded.length, today.length); index++) {
    const [was, is] = [recorded[index], today[index]];
    if (was?.type !== is?.type) differences.push(`${was?.type ?? 'nothing'} → ${is?.type ?? 'nothing'}`);
    else differences.push(...fieldsThatDiffer(was?.type ?? '', was?.data, is?.data));
  }
  return differences;
}

function fieldsThatDiffer(path: string, was: unknown, is: unknown): readonly string[] {
  if (same(was, is)) return [];
  if (!isObject(was) || !isObject(is)) return [`${path}: ${JSON.stringify(was)} → ${JSON.stringify(is)}`];
  return [...new Set([...Object.keys(was), ...Object.keys(is)])].flatMap((key) =>
    fieldsThatDiffer(`${path}.${key}`, was[key], is[key]),
  );
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function plain({ type, data }: Outcome): Outcome {
  return { type, data: asJson(data) };
}

/** Look-ahead: a command's events are found behind up to so many foreign records in a row. */
const LOOK_AHEAD = 1000;

interface EventAhead {
  readonly record: LogRecord;
  /** Its own id, which tells the command that caused it: see `eventId`. */
  readonly id: string;
}

/**
 * Events stand in the order of the commands that caused them, so both are read side by side. Records of others stand
 * between them, also between those of one command: they are passed over once one of ours is seen behind them.
 */
class EventsByCause {
  readonly #batches: AsyncIterator<readonly LogRecord[]>;
  /** How often each id stands in what has been read ahead. */
  readonly #ids = new Map<string, number>();
  #ahead: EventAhead[] = [];
  #head = 0;
  #ended = false;

  constructor(batches: AsyncIterable<readonly LogRecord[]>) {
    this.#batches = batches[Symbol.asyncIterator]();
  }

  /** The events that the command caused, in their order, if it caused any. */
  async of(commandId: string): Promise<readonly LogRecord[]> {
    const caused: LogRecord[] = [];
    for (;;) {
      await this.#readAhead();
      const next = this.#take(eventId(commandId, caused.length));
      if (next === undefined) return caused;
      caused.push(next);
    }
  }

  /** The next event with this id; all that stands before it is passed. */
  #take(id: string): LogRecord | undefined {
    if (!this.#ids.has(id)) return undefined;
    for (let next = this.#ahead[this.#head]; next !== undefined; next = this.#ahead[this.#head]) {
      this.#head++;
      const left = (this.#ids.get(next.id) ?? 0) - 1;
      if (left > 0) this.#ids.set(next.id, left);
      else this.#ids.delete(next.id);
      if (next.id === id) return next.record;
    }
    return undefined;
  }

  async #readAhead(): Promise<void> {
    while (!this.#ended && this.#ahead.length - this.#head < LOOK_AHEAD) {
      const { done, value } = await this.#batches.next();
      if (done) {
        this.#ended = true;
        return;
      }
      this.#ahead = this.#ahead.slice(this.#head);
      this.#head = 0;
      for (const record of value) {
        const id = idOf(record);
        if (id === undefined) continue;
        this.#ahead.push({ record, id });
        this.#ids.set(id, (this.#ids.get(id) ?? 0) + 1);
      }
    }
  }
}

/** Undefined for a record that cannot be read. */
function idOf(record: LogRecord): string | undefined {
  try {
    return attributesOf(record).id;
  } catch (error) {
    if (error instanceof UnreadableRecord) return undefined;
    throw error;
  }
}
