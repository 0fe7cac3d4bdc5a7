/** The sample orders, brought in by the server itself for a shop that is empty: the same import, without a network. */
import { setTimeout as pause } from 'node:timers/promises';
import type { SampleImporter, SampleImportState, ViewerIdentity } from '../resolvers/context.ts';
import { LatestQueue } from '../transactions/latest-queue.ts';
import type { Executor } from './executor.ts';
import { readShopData } from './read-shop-files.ts';
import { runImport } from './run-import.ts';

export interface SampleImporterOptions {
  /** Folder of the four CSV files. */
  readonly directory: string;
  /** Executes operations on behalf of a viewer. */
  executorFor(viewer: ViewerIdentity): Executor;
  readonly now?: () => number;
}

export interface StoppableSampleImporter extends SampleImporter {
  /** Ends a run under way; the next start goes on where it was. */
  stop(): Promise<void>;
}

/** Throttle: followers are told at most once in so many ms, and always of the last state. */
const NEWS_EVERY_MS = 50;
/** The server has other callers too. */
const CONCURRENCY = 2;

export function createSampleImporter({
  directory,
  executorFor,
  now = Date.now,
}: SampleImporterOptions): StoppableSampleImporter {
  const followers = new Set<LatestQueue<SampleImportState>>();
  const stopping = new AbortController();
  let running: Promise<void> = Promise.resolve();
  let announced = false;
  let state: SampleImportState = {
    running: false,
    phase: '',
    done: 0,
    total: 0,
    confirmed: 0,
    rejected: 0,
    startedAt: null,
    finishedAt: null,
    error: null,
  };

  const time = () => new Date(now()).toISOString();

  function announce(): void {
    for (const queue of followers) queue.push('state', state);
  }

  function change(to: Partial<SampleImportState>): void {
    state = { ...state, ...to };
    if (announced) return;
    announced = true;
    void pause(NEWS_EVERY_MS).then(() => {
      announced = false;
      if (state.running) announce();
    });
  }

  async function run(viewer: ViewerIdentity): Promise<void> {
    let error: string | null = null;
    try {
      const data = await readShopData(directory);
      try {
        await runImport({
          executor: executorFor(viewer),
          data,
          concurrency: CONCURRENCY,
          signal: stopping.signal,
          onTally: ({ waitingFor: _, ...tally }) => change(tally),
        });
      } finally {
        data.close();
      }
    } catch (cause) {
      error = cause instanceof Error ? cause.message : String(cause);
    }
    state = { ...state, running: false, finishedAt: time(), error };
    announce();
    for (const queue of [...followers]) queue.end();
  }

  return {
    now: () => state,
    start(viewer) {
      if (state.running) return state;
      state = { ...state, running: true, phase: 'customers', startedAt: time(), finishedAt: null, error: null };
      state = { ...state, done: 0, confirmed: 0, rejected: 0 };
      running = run(viewer);
      return state;
    },
    follow() {
      const queue: LatestQueue<SampleImportState> = new LatestQueue(() => followers.delete(queue));
      followers.add(queue);
      queue.push('state', state);
      if (!state.running) queue.end();
      return queue;
    },
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
