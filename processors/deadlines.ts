/**
 * Time-outs: for an entity that has been pending for too long, the deadline's command is written to the log. The clock only
 * decides when. What becomes of the entity is decided by that command, so a replay gives the same.
 *
 * The time is that of the partition's own clock (`partition-clock.ts`), counted from when a processor first had the entity
 * pending. Both are noted in `<aggregate>.deadlines`, so a restart loses seconds: see docs/decisions/deadlines.md.
 */

import type { Catalogue, Deadline, Progress, Versioned } from '../domain/index.ts';
import type { Upcasters } from '../domain/versions.ts';
import type { EventLog, LogRecord, NewRecord } from '../log/event-log.ts';
import { toHeaders } from '../records/cloud-event.ts';
import { commandVersion } from '../records/command-record.ts';
import { commandsTopic, deadlinesTopic } from '../records/topics.ts';
import { MemoryStore } from '../store/memory-store.ts';
import type { PartitionStore } from '../store/partition-store.ts';
import type { Companion } from './aggregate-process.ts';
import { CLOCK, DeadlineNotes } from './deadline-notes.ts';
import { type Monotonic, PartitionClock } from './partition-clock.ts';

export interface DeadlineOptions<C extends Catalogue, E extends Catalogue, S extends Versioned> {
  readonly log: EventLog;
  readonly aggregate: {
    readonly name: string;
    readonly progress: Progress<C, E, S>;
    readonly upcasters?: { readonly commands?: { readonly [T in keyof C]?: Upcasters } };
  };
  readonly deadline: Deadline<C>;
  readonly partition: number;
  /** How long an entity may be pending, in ms. */
  readonly timeoutMs: number;
  /** Up to where the aggregate's processor has committed in this partition; undefined: nowhere yet. */
  committed(): Promise<number | undefined>;
  /** Where the notes are kept: that of the aggregate's process. Default: one in memory. */
  readonly store?: PartitionStore | undefined;
  readonly monotonic?: Monotonic;
  /** Something could not be appended; it is tried again. */
  onTrouble?(error: unknown): void;
}

const MOST_AT_ONCE = 1000;

interface Pending<S> {
  readonly state: S;
  /** On the partition's clock. */
  readonly since: number;
}

export function watchDeadlines<C extends Catalogue, E extends Catalogue, S extends Versioned>(
  options: DeadlineOptions<C, E, S>,
): Companion<S> & { tick(): Promise<void> } {
  return new Deadlines(options);
}

class Deadlines<C extends Catalogue, E extends Catalogue, S extends Versioned> implements Companion<S> {
  readonly topics: readonly string[];
  readonly #options: DeadlineOptions<C, E, S>;
  readonly #input: string;
  readonly #intervalMs: number;
  readonly #clock: PartitionClock;
  readonly #notes: DeadlineNotes;
  readonly #pending = new Map<string, Pending<S>>();
  readonly #timer: NodeJS.Timeout;
  #position = 0;
  /** All deadlines' commands that are on the log stand before this offset; undefined: not known. */
  #asked: number | undefined;
  #busy = false;
  #closed = false;

  constructor(options: DeadlineOptions<C, E, S>) {
    const { name } = options.aggregate;
    const topic = deadlinesTopic(name);
    this.topics = [topic];
    this.#options = options;
    this.#input = commandsTopic(name);
    this.#intervalMs = Math.min(Math.max(options.timeoutMs / 10, 50), 5000);
    this.#clock = new PartitionClock(2 * this.#intervalMs, options.monotonic ?? (() => performance.now()));
    this.#notes = new DeadlineNotes({ topic, partition: options.partition }, options.store ?? new MemoryStore());
    this.#timer = setInterval(() => void this.tick(), this.#intervalMs);
    this.#timer.unref();
  }

  restore(record: LogRecord): void {
    this.#notes.restore(record);
  }

  restored(states: ReadonlyMap<string, S>): void {
    this.#clock.continueFrom(this.#notes.clock);
    for (const [id, state] of states) {
      if (!this.#isPending(state)) continue;
      this.#pending.set(id, { state, since: this.#notes.since(id) ?? this.#clock.now() });
    }
    this.#notes.keepOnly(this.#pending);
  }

  committed(changed: ReadonlyMap<string, S>, next: number): void {
    for (const [id, state] of changed) {
      if (this.#isPending(state)) {
        this.#pending.set(id, { state, since: this.#pending.get(id)?.since ?? this.#clock.now() });
      } else {
        this.#pending.delete(id);
        this.#notes.ended(id);
      }
    }
    const waited = this.#asked !== undefined && this.#position < this.#asked;
    this.#position = next;
    // More may be overdue than were written at once: the next ones need not wait for the timer.
    if (waited && next >= (this.#asked ?? 0)) void this.#work(() => this.#ask());
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#timer);
  }

  /** Called by the timer, and by tests in its place. */
  async tick(): Promise<void> {
    this.#clock.tick();
    await this.#work(() => this.#note());
    await this.#work(() => this.#ask());
  }

  async #work(work: () => Promise<void>): Promise<void> {
    if (this.#busy || this.#closed) return;
    this.#busy = true;
    try {
      await work();
    } catch (error) {
      this.#options.onTrouble?.(error);
    } finally {
      this.#busy = false;
    }
  }

  /** Notes the clock, and who has been pending for long enough that a restart should not begin to count again. */
  async #note(): Promise<void> {
    const now = this.#clock.now();
    const waiting = [...this.#pending].filter(([, { since }]) => since + this.#intervalMs <= now);
    const changes = this.#notes.changes(new Map(waiting.map(([id, { since }]) => [id, since])));
    // The clock alone is worth a record only while an entity is pending.
    const clock = waiting.length > 0 ? [this.#notes.of(CLOCK, now)] : [];
    for (let start = 0; start < changes.length && !this.#closed; start += MOST_AT_ONCE) {
      const some = changes.slice(start, start + MOST_AT_ONCE);
      await this.#options.log.append(some.map(({ record }) => record));
      for (const { written } of some) written();
    }
    if (clock.length > 0 && !this.#closed) await this.#options.log.append(clock);
  }

  /** Writes one command for each overdue entity; no more before all that were written earlier have been decided. */
  async #ask(): Promise<void> {
    const due = this.#due();
    if (due.length === 0 || this.#closed) return;
    this.#asked ??= await this.#lastOnLog();
    if (this.#position < this.#asked) this.#position = (await this.#options.committed()) ?? 0;
    if (this.#position < this.#asked || this.#closed) return;
    // Some may have been decided during that wait.
    const still = this.#due();
    if (still.length === 0) return;
    this.#asked = undefined;
    const records = still.flatMap(([id, { state }]) => [...this.#command(id, state)]);
    const positions = await this.#options.log.append(records);
    this.#asked = Math.max(...positions.map(({ offset }) => offset)) + 1;
  }

  #due(): readonly (readonly [string, Pending<S>])[] {
    const latest = this.#clock.now() - this.#options.timeoutMs;
    const due: (readonly [string, Pending<S>])[] = [];
    for (const each of this.#pending) {
      if (each[1].since <= latest) due.push(each);
      if (due.length === MOST_AT_ONCE) break;
    }
    return due;
  }

  /**
   * The position after the last undecided command. Among the undecided may be a deadline's command that an earlier owner of
   * the partition wrote, or one of ours that was not acknowledged. Not simply the partition's end: transaction markers may
   * stand before it, which no step ever reaches.
   */
  async #lastOnLog(): Promise<number> {
    const { log, partition, committed } = this.#options;
    let last = (await committed()) ?? 0;
    for await (const records of log.read({ topic: this.#input, partition }, last)) {
      last = (records.at(-1)?.offset ?? last - 1) + 1;
      if (this.#closed) break;
    }
    return last;
  }

  #isPending(state: S): boolean {
    return this.#options.aggregate.progress.pending(state);
  }

  *#command(id: string, state: S): Iterable<NewRecord> {
    const { aggregate, deadline } = this.#options;
    const open = aggregate.progress.transaction(state);
    if (open === undefined) return;
    const { type, data } = deadline.command(id);
    yield {
      topic: this.#input,
      key: id,
      value: JSON.stringify(data),
      headers: toHeaders({
        id: `${open.id}.deadline`,
        type,
        source: `/processors/${aggregate.name}`,
        subject: id,
        // For people: nothing is decided by it.
        time: new Date().toISOString(),
        dataversion: commandVersion(aggregate, type),
        transactionid: open.id,
        issuedby: open.issuedBy,
        causationid: open.id,
      }),
    };
  }
}
