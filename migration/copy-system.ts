/**
 * Copies a system that is at rest to an empty log: commands, events, states, parts, statuses and uses of idempotency keys, each
 * into the partition where it belongs there. Then the processors' positions are moved behind the commands, which have had their
 * effects; and the copy is read again and compared, record by record, and its books are audited.
 */
import { type AuditResult, auditLog } from '../audit/audit-log.ts';
import type { Difference } from '../audit/difference.ts';
import { allAggregates } from '../domain/registry.ts';
import type { EventLog, LogRecord, NewRecord, Running, TopicPartition, TopicSpec } from '../log/event-log.ts';
import { deciders, processorOf } from '../processors/index.ts';
import {
  commandsTopic,
  DELIVERIES,
  deadlinesTopic,
  deadTopic,
  PROCESSES,
  positionsTopic,
  stateTopic,
  TOPICS_WITH_DEAD,
  topicSpecs,
} from '../records/topics.ts';
import { pause } from '../waiting/pause.ts';
import { mustBeAtRest } from './at-rest.ts';
import { CopyRefused } from './copy-refused.ts';
import { beginAtEnds } from './lanes.ts';
import { newestOfEach } from './newest.ts';
import { placeOfRecord } from './place-of-record.ts';
import { Print } from './print.ts';

export interface CopyOptions {
  /** The system: nothing may run on it. */
  readonly from: EventLog;
  /** A log whose topics are missing, or empty. */
  readonly to: EventLog;
  /** Partitions of each topic there. */
  readonly partitions: number;
  readonly signal?: AbortSignal;
  /** So many of so many offsets are done with. */
  onProgress?(label: 'copying' | 'comparing', done: number, total: number): void;
  /** Where the books of the copy do not add up. */
  onDifference?(difference: Difference): void;
}

export interface CopyResult {
  /** Records copied, by topic. */
  readonly records: Readonly<Record<string, number>>;
  /** Records that have no key, or cannot be read, so that nobody can say where they belong: `topic/partition@offset`. They are not copied. */
  readonly passedOver: readonly string[];
  readonly audited: AuditResult;
  /** In the books of the copy. */
  readonly differences: number;
}

/** Names of places on the log, and notes that are made anew. */
const OF_ONE_LOG = new Set([
  ...deciders.map(positionsTopic),
  ...allAggregates.map(({ name }) => deadlinesTopic(name)),
  ...TOPICS_WITH_DEAD.map(deadTopic),
  PROCESSES,
  ...[commandsTopic(DELIVERIES), stateTopic(DELIVERIES), positionsTopic(DELIVERIES)],
]);
const AT_ONCE = 500;
/** How long a position may stay where it is before it is given up, ms. */
const STALLED_MS = 60_000;

/**
 * @throws {CopyRefused} when the system is not at rest, the target holds something, or the copy turns out not to be equal
 * @throws {LogUnavailable} when a log cannot be read or written: take another target, or remove its topics, and begin anew
 */
export async function copySystem(options: CopyOptions): Promise<CopyResult> {
  const { from, to, partitions, signal, onDifference } = options;
  const specs = topicSpecs(partitions);
  const topics = specs.filter(({ name }) => !OF_ONE_LOG.has(name));
  await mustBeAtRest(from, signal);
  await to.createTopics(specs);
  await to.checkTopics(specs);
  await mustBeEmpty(to, specs);
  const before = await from.ends(topics.map(({ name }) => name));
  const copied = await new Copying(options, total(before)).all(topics);
  await passCommands(to, signal);
  await mustBeEqual(options, topics, copied.prints);
  await mustBeAsBefore(from, before);
  await beginAtEnds(to, signal);
  let differences = 0;
  const report = (difference: Difference): void => {
    differences++;
    onDifference?.(difference);
  };
  const audited = await auditLog({ log: to, report, ...(signal ? { signal } : {}) });
  const records = Object.fromEntries([...copied.prints].map(([topic, print]) => [topic, print.records]));
  return { records, passedOver: copied.passedOver, audited, differences };
}

async function mustBeEmpty(to: EventLog, specs: readonly TopicSpec[]): Promise<void> {
  const holds = (await to.ends(specs.map(({ name }) => name))).find(({ offset }) => offset > 0);
  if (holds === undefined) return;
  throw new CopyRefused(`the target's ${holds.topic} holds records already: choose another prefix or folder`);
}

class Copying {
  readonly prints = new Map<string, Print>();
  readonly passedOver: string[] = [];
  readonly #options: CopyOptions;
  readonly #total: number;
  #done = 0;

  constructor(options: CopyOptions, total: number) {
    this.#options = options;
    this.#total = total;
  }

  async all(topics: readonly TopicSpec[]): Promise<this> {
    const { from } = this.#options;
    for (const { name: topic, retention } of topics) {
      this.prints.set(topic, new Print());
      // One after another: whoever reads commands beside their events finds both in the same order then, as before.
      for (const { partition } of await from.ends([topic])) {
        const place = { topic, partition };
        await (retention === 'compact' ? this.#newest(place) : this.#every(place));
      }
    }
    return this;
  }

  async #every(place: TopicPartition): Promise<void> {
    for await (const records of this.#options.from.read(place)) {
      await this.#write(records);
      this.#moved(records.length);
    }
  }

  async #newest(place: TopicPartition): Promise<void> {
    const { from, signal } = this.#options;
    for await (const records of newestOfEach(from, place, signal)) {
      await this.#write(records);
      this.#moved(records.length);
    }
  }

  async #write(records: readonly LogRecord[]): Promise<void> {
    const { to, partitions, signal } = this.#options;
    const copies: NewRecord[] = [];
    for (const record of records) {
      const { topic, key, value, headers } = record;
      const partition = placeOfRecord(record, partitions);
      if (partition === undefined || key === null) {
        this.passedOver.push(`${topic}/${record.partition}@${record.offset}`);
        continue;
      }
      this.prints.get(topic)?.add(record);
      copies.push({ topic, partition, key, value, headers });
    }
    for (let at = 0; at < copies.length; at += AT_ONCE) {
      signal?.throwIfAborted();
      await to.append(copies.slice(at, at + AT_ONCE));
    }
  }

  #moved(by: number): void {
    this.#done += by;
    this.#options.onProgress?.('copying', this.#done, Math.max(this.#total, this.#done));
  }
}

/** The commands have had their effects: each processor's position moves behind them, as if it had decided them. */
async function passCommands(to: EventLog, signal: AbortSignal | undefined): Promise<void> {
  const nothing = { records: [], committed: () => {} };
  const open = () => ({ restore: () => {}, restored: () => {}, step: () => nothing, close: () => {} });
  for (const decider of deciders) {
    const running = await to.process({ ...processorOf(decider), restore: [], open });
    try {
      await whileItMoves(decider, running, signal);
    } finally {
      await running.stop();
    }
  }
  await mustBeAtRest(to, signal);
}

/** @throws {CopyRefused} when it does not move on */
async function whileItMoves(decider: string, running: Running, signal: AbortSignal | undefined): Promise<void> {
  const caughtUp = running.caughtUp().then(() => true);
  for (let last = -1; ; ) {
    const position = running.partitions().reduce((sum, each) => sum + each.position, 0);
    if (position === last) {
      throw new CopyRefused(
        `the position of ${decider} cannot be moved, since the target does not answer: begin anew with another prefix or folder`,
      );
    }
    last = position;
    if (await Promise.race([caughtUp, pause(STALLED_MS, { signal })])) return;
    signal?.throwIfAborted();
  }
}

async function mustBeEqual(
  { to, partitions, signal, onProgress }: CopyOptions,
  topics: readonly TopicSpec[],
  prints: ReadonlyMap<string, Print>,
): Promise<void> {
  const end = total(await to.ends(topics.map(({ name }) => name)));
  let done = 0;
  for (const { name: topic, retention } of topics) {
    const there = new Print();
    for (let partition = 0; partition < partitions; partition++) {
      const place = { topic, partition };
      if (retention === 'compact') {
        for await (const records of newestOfEach(to, place, signal)) for (const record of records) there.add(record);
      } else {
        for await (const records of to.read(place)) {
          signal?.throwIfAborted();
          for (const record of records) there.add(record);
        }
      }
    }
    done += there.records;
    onProgress?.('comparing', done, Math.max(end, done));
    const copied = prints.get(topic);
    if (copied?.text === there.text && copied.records === there.records) continue;
    throw new CopyRefused(
      `${topic} is not equal: ${copied?.records} records were copied, and ${there.records} stand there; somebody else writes to the target, ` +
        'or it dropped some: begin anew with another prefix or folder',
    );
  }
}

/** What was written meanwhile is not in the copy. */
async function mustBeAsBefore(from: EventLog, before: readonly (TopicPartition & { readonly offset: number })[]) {
  const after = await from.ends([...new Set(before.map(({ topic }) => topic))]);
  for (const { topic, partition, offset } of before) {
    const now = after.find((each) => each.topic === topic && each.partition === partition);
    if (now?.offset === offset) continue;
    throw new CopyRefused(
      `partition ${partition} of ${topic} was written to meanwhile, so the copy is not whole: stop every process of the system, and begin anew with another prefix or folder`,
    );
  }
}

function total(ends: readonly { readonly offset: number }[]): number {
  return ends.reduce((sum, { offset }) => sum + offset, 0);
}
