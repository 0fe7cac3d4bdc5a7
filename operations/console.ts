/** What the console knows and does, in one place: the processes, what runs in the background, dead letters, stuck transactions. */
import type { History } from '../history/history.ts';
import type { Job } from '../records/process-report.ts';
import { LatestQueue } from '../transactions/latest-queue.ts';
import type { TransactionTracker } from '../transactions/transaction-tracker.ts';
import type { ViewerIdentity } from '../transactions/viewer.ts';
import type { ViewStore } from '../views/view-store.ts';
import { pause } from '../waiting/pause.ts';
import type { DeadLetterList } from './dead-letter-list.ts';
import type { DeadLetter } from './dead-letters.ts';
import type { Processes, SeenProcess } from './processes.ts';
import { type Stuck, stuckTransactions } from './stuck-transactions.ts';

/** Work in the background of this gateway, one at a time. */
export interface Jobs {
  now(): Job | null;
  verify(viewer: ViewerIdentity, options: { readonly decide: boolean }): void;
  rebuild(viewer: ViewerIdentity, options: { readonly acceptUnreadable: boolean }): void;
}

/** Another one has to end first. */
export class JobUnderWay extends Error {
  override readonly name = 'JobUnderWay';
}

/** A job, and where it runs. */
export type JobNow = Job & { readonly processId: string };

/** The system at a moment. */
export interface SystemNow {
  readonly at: string;
  readonly processes: readonly SeenProcess[];
  readonly job: JobNow | null;
  /** Null: not known yet, or the log is out of reach. */
  readonly deadLetterCount: number | null;
}

export interface ConsoleOptions {
  readonly processes: Processes;
  readonly deadLetters: DeadLetterList;
  readonly jobs: Jobs;
  readonly views: ViewStore;
  readonly tracker: TransactionTracker;
  readonly history: History;
  /** Told of what an operator does. */
  onDeed(deed: string, about: Readonly<Record<string, unknown>>): void;
  /** Told when those who follow cannot be told. */
  onTrouble(error: unknown): void;
}

/** How often those who follow are told. */
const NEWS_EVERY_MS = 1_000;

export class Console {
  readonly history: History;
  readonly #options: ConsoleOptions;
  readonly #followers = new Set<LatestQueue<SystemNow>>();
  readonly #stopped = new AbortController();
  #telling = false;
  #deadLetters: number | null = null;
  #counting: Promise<void> | undefined;

  constructor(options: ConsoleOptions) {
    this.#options = options;
    this.history = options.history;
  }

  get deadLetters(): DeadLetterList {
    return this.#options.deadLetters;
  }

  async now(): Promise<SystemNow> {
    const processes = await this.#options.processes.now();
    this.#count();
    return { at: new Date().toISOString(), processes, job: newestJob(processes), deadLetterCount: this.#deadLetters };
  }

  /** The system as it is now, then as it goes on, every second. */
  follow(): AsyncIterableIterator<SystemNow> {
    const queue: LatestQueue<SystemNow> = new LatestQueue(() => this.#followers.delete(queue));
    this.#followers.add(queue);
    if (!this.#telling) void this.#tell();
    return queue;
  }

  /** @param before ISO 8601 UTC @throws {ViewsUnavailable} */
  async stuck(before: string, most: number): Promise<readonly Stuck[]> {
    return await stuckTransactions(this.#options, before, most);
  }

  /** @throws {CannotRetry} {LogUnavailable} */
  async retry(letter: DeadLetter, viewer: ViewerIdentity): Promise<void> {
    await this.deadLetters.retry(letter);
    this.#options.onDeed('a dead letter was put back', { topic: letter.topic, key: letter.key, user: viewer.id });
  }

  /** @throws {LogUnavailable} */
  async drop(letter: DeadLetter, viewer: ViewerIdentity): Promise<void> {
    await this.deadLetters.drop(letter);
    this.#options.onDeed('a dead letter was dropped', { topic: letter.topic, key: letter.key, user: viewer.id });
  }

  /** Begins in the background. @throws {JobUnderWay} here, or at another process */
  async start(begin: (jobs: Jobs) => void, what: string, viewer: ViewerIdentity): Promise<SystemNow> {
    const { processes, jobs, onDeed } = this.#options;
    const seen = await processes.now();
    const running = newestJob(seen);
    if (running?.state === 'running') {
      const at = seen.find(({ id }) => id === running.processId);
      throw new JobUnderWay(
        `a ${running.kind} is under way already, at ${at?.host}, process ${at?.pid}: wait for its end`,
      );
    }
    begin(jobs);
    onDeed(`a ${what} was started`, { user: viewer.id });
    // The other gateways are to know at once.
    await processes.tell();
    return await this.now();
  }

  stop(): void {
    this.#stopped.abort();
    for (const queue of [...this.#followers]) queue.end();
  }

  async #tell(): Promise<void> {
    const { signal } = this.#stopped;
    this.#telling = true;
    while (this.#followers.size > 0 && !signal.aborted) {
      try {
        const now = await this.now();
        for (const queue of this.#followers) queue.push('system', now);
      } catch (error) {
        // Such as too few open files: the next one tells again.
        this.#options.onTrouble(error);
      }
      await pause(NEWS_EVERY_MS, { signal, ref: false });
    }
    this.#telling = false;
  }

  /** Beside the rest: a log out of reach must not keep anyone from seeing the processes. */
  #count(): void {
    this.#counting ??= this.deadLetters
      .all()
      .then(
        ({ count }) => count,
        () => null,
      )
      .then((count) => {
        this.#deadLetters = count;
        this.#counting = undefined;
      });
  }
}

/** The newest of all processes. One that ran in a process that is gone has failed with it. */
function newestJob(processes: readonly SeenProcess[]): JobNow | null {
  const jobs = processes.flatMap(({ id, hearing, job }) => {
    if (job === null) return [];
    const lost = hearing === 'gone' && job.state === 'running';
    return [{ ...job, processId: id, ...(lost ? LOST : {}) }];
  });
  return jobs.toSorted((a, b) => (a.startedAt < b.startedAt ? 1 : -1))[0] ?? null;
}

const LOST: Pick<Job, 'state' | 'result'> = { state: 'failed', result: ['The process that it ran in is gone.'] };
