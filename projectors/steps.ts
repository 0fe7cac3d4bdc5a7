/**
 * Turns batches into steps of the view store. Batches that arrive while a step is under way go into the next one together,
 * whatever their partition.
 */

import type { FollowBatch, LogRecord } from '../log/event-log.ts';
import type { ViewStore } from '../views/view-store.ts';
import { pause } from '../waiting/pause.ts';
import { othersTurn } from '../waiting/time-slice.ts';
import type { Projector, Unreadable } from './projector.ts';

export interface StepsOptions {
  readonly views: ViewStore;
  readonly projectors: readonly Projector[];
  /** Most records in one step; default 2000 for shared views. */
  readonly maxStep?: number;
  /** Given where nobody waits for a step: it gathers for a moment, and lets others go first for as long as this says so. */
  aside?(): boolean;
  onUnreadable?(record: LogRecord, reason: string): void;
  /** A step has been applied: how many records it held, and how long it took. */
  onStep?(records: number, seconds: number): void;
  /** A step has been applied that left these fan-outs for later. */
  onFanOuts?(ids: readonly string[]): void;
}

interface Waiting {
  readonly batch: FollowBatch;
  resolve(result: void | 'restart'): void;
  reject(error: unknown): void;
}

/**
 * Most records in one step of embedded views. Their documents are made in this process, in one go: some 10 ms of purchases.
 * Fewer would cost more commits, and as many writes of the documents that all of them change.
 */
const CHUNK_RECORDS = 500;
/**
 * Most records in one step of shared views: a step costs a transaction, and as many writes of documents that many records change
 * as there are steps. More would be tried again as a whole after a conflict with another projector's.
 */
const SHARED_RECORDS = 2000;
/** How long others may go first before one step, ms; and how often it is looked whether they still have to. */
const [ASIDE_MS, LOOK_MS] = [250, 25];
/**
 * How long a step aside waits for more to come, ms, unless as much as a chunk has. A step of one command costs nearly as much
 * as one of all that comes within this time, and would take it from the transaction that is under way.
 */
const GATHER_MS = 100;

export class Steps {
  readonly #options: StepsOptions;
  #waiting: Waiting[] = [];
  #running = false;

  constructor(options: StepsOptions) {
    this.#options = options;
  }

  /** What makes a step of embedded views is one piece of work that nobody else gets a turn in: a long batch becomes several. */
  async add(batch: FollowBatch): Promise<void | 'restart'> {
    if (this.#options.views.shared) return await this.#add(batch);
    for (const chunk of inChunks(batch, CHUNK_RECORDS)) {
      if ((await this.#add(chunk)) === 'restart') return 'restart';
    }
  }

  #add(batch: FollowBatch): Promise<void | 'restart'> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ batch, resolve, reject });
      if (!this.#running) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#running = true;
    // Batches of other partitions arrive in the same turn: let them in before the first step.
    await new Promise(setImmediate);
    while (this.#waiting.length > 0) {
      await this.#letOthersGo();
      await this.#next(this.#take());
      if (!this.#options.views.shared) await othersTurn();
    }
    this.#running = false;
  }

  /** Bounded: however busy the others are, it goes on. What comes meanwhile goes into the same step. */
  async #letOthersGo(): Promise<void> {
    const { aside } = this.#options;
    if (aside === undefined) return;
    const waiting = this.#waiting.reduce((records, { batch }) => records + batch.records.length, 0);
    if (waiting < CHUNK_RECORDS) await pause(GATHER_MS, { ref: false });
    for (let waited = 0; waited < ASIDE_MS && aside(); waited += LOOK_MS) await pause(LOOK_MS, { ref: false });
  }

  #take(): readonly Waiting[] {
    const { views, maxStep } = this.#options;
    const most = maxStep ?? (views.shared ? SHARED_RECORDS : CHUNK_RECORDS);
    let records = 0;
    let upTo = 0;
    for (const { batch } of this.#waiting) {
      if (upTo > 0 && records + batch.records.length > most) break;
      records += batch.records.length;
      upTo++;
    }
    return this.#waiting.splice(0, upTo);
  }

  async #next(step: readonly Waiting[]): Promise<void> {
    try {
      const result = await this.#apply(step.map(({ batch }) => batch));
      if (result === 'applied') {
        for (const { resolve } of step) resolve();
      } else if (step.length === 1) {
        // The partition is someone else's now, or this step is known already: go on from the stored position.
        step[0]?.resolve('restart');
      } else {
        for (const one of step) await this.#next([one]);
      }
    } catch (error) {
      for (const { reject } of step) reject(error);
    }
  }

  async #apply(batches: readonly FollowBatch[]): Promise<'applied' | 'refused'> {
    const { views, projectors, onUnreadable, onStep, onFanOuts } = this.#options;
    const unread = new Map<LogRecord, string>();
    const note: Unreadable = (record, reason) => unread.set(record, reason);
    let fanOuts: string[] = [];
    const begun = performance.now();
    const result = await views.step(batches, async (tx) => {
      fanOuts = [];
      for (const projector of projectors) {
        const records = batches.filter(({ topic }) => topic === projector.topic).flatMap((batch) => batch.records);
        if (records.length > 0) fanOuts.push(...((await projector.project(records, tx, note)) ?? []));
      }
    });
    if (result === 'applied') {
      for (const [record, reason] of unread) onUnreadable?.(record, reason);
      const records = batches.reduce((sum, batch) => sum + batch.records.length, 0);
      onStep?.(records, (performance.now() - begun) / 1000);
      if (fanOuts.length > 0) onFanOuts?.(fanOuts);
    }
    return result;
  }
}

/** The batch as batches of at most so many records, each from where the one before it ended. */
function* inChunks(batch: FollowBatch, most: number): Generator<FollowBatch> {
  let from = batch.from;
  let start = 0;
  for (; start + most < batch.records.length; start += most) {
    const records = batch.records.slice(start, start + most);
    const next = (records.at(-1)?.offset ?? from) + 1;
    yield { ...batch, from, next, records };
    from = next;
  }
  yield { ...batch, from, records: batch.records.slice(start) };
}
