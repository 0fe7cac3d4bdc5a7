/** Runs retention and compaction from time to time while the log is open, one after the other. */
import { messageOf } from '../message-of.ts';
import type { GroupCommit } from './group-commit.ts';
import { dropOldRecords, dropReplaced } from './retention.ts';
import type { Warn } from './running-loops.ts';
import type { Storage } from './storage.ts';

const RETENTION_EVERY_MS = 3_600_000;
const COMPACTION_EVERY_MS = 5000;

export class RetentionTimer {
  readonly #closing = new AbortController();
  readonly #timers: readonly NodeJS.Timeout[];
  /** The last run, of either kind: the next one waits for it. */
  #last: Promise<void>;

  /** Drops old records at once, then each hour; what newer records replaced, every 5 s. */
  constructor(storage: Storage, commits: GroupCommit, warn: Warn) {
    const run = async (drop: typeof dropOldRecords, trouble: string): Promise<void> => {
      try {
        await drop(storage, commits, Date.now(), this.#closing.signal);
      } catch (error) {
        if (!this.#closing.signal.aborted) warn({ error: messageOf(error) }, trouble);
      }
    };
    const retention = () => run(dropOldRecords, 'old records could not be dropped; tried again in an hour');
    const compaction = () => run(dropReplaced, 'replaced records could not be dropped; tried again soon');
    this.#last = retention();
    const every = (ms: number, drop: () => Promise<void>) =>
      setInterval(() => {
        this.#last = this.#last.then(drop);
      }, ms).unref();
    this.#timers = [every(RETENTION_EVERY_MS, retention), every(COMPACTION_EVERY_MS, compaction)];
  }

  /** Nothing more is begun; what is under way ends soon. */
  stop(): void {
    this.#closing.abort();
    for (const timer of this.#timers) clearInterval(timer);
  }

  /** Resolves when nothing is under way any more, after `stop`. */
  stopped(): Promise<void> {
    return this.#last;
  }
}
