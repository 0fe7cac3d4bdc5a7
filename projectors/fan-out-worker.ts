/**
 * Works off fan-outs beside the feed, one step after another. Several processes share the work without a lease: each goes
 * on with what it began, and takes over another's task when that has not moved for a while. Two at one task waste work,
 * but do no harm: their steps conflict, and one of them begins again from where the other has come.
 */
import type { ViewStore } from '../views/view-store.ts';
import { BackOff, fullJitter } from '../waiting/back-off.ts';
import { fanOutStep } from './fan-out.ts';
import { FAN_OUTS, type FanOutDoc } from './fan-out-tasks.ts';

export interface FanOutWorkerOptions {
  readonly views: ViewStore;
  /** How often it looks for tasks whose process has died, and how long such a task must have stood still. Default 1000. */
  readonly lookEveryMs?: number;
}

/** How a task of another process was, and since when, in ms. */
interface Seen {
  readonly mark: string;
  readonly since: number;
}

const TASKS_AT_ONCE = 50;

export class FanOutWorker {
  readonly #views: ViewStore;
  readonly #lookEveryMs: number;
  /** Tasks that this process has begun. */
  readonly #begun = new Set<string>();
  /** How each task was when this process moved it last. */
  readonly #moved = new Map<string, string>();
  #seen = new Map<string, Seen>();
  readonly #stopped = new AbortController();
  readonly #running: Promise<void>;
  #wake: (() => void) | undefined;
  #trouble: string | undefined;

  constructor({ views, lookEveryMs = 1000 }: FanOutWorkerOptions) {
    this.#views = views;
    this.#lookEveryMs = lookEveryMs;
    this.#running = this.#run();
  }

  /** What keeps it from working, while something does. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  /** These tasks have just been written by this process. */
  begun(ids: readonly string[]): void {
    for (const id of ids) this.#begun.add(id);
    if (ids.length > 0) this.#wake?.();
  }

  /** Resolves when the step under way has ended. What is left stands in the views. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    this.#wake?.();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopped;
    const backOff = new BackOff({ firstMs: 200, longestMs: 2000, jitter: fullJitter, ref: false });
    while (!signal.aborted) {
      try {
        // Not while the views cannot be read, which their own health tells.
        const ids = this.#views.health().state === 'running' ? await this.#tasksInHand() : [];
        if (ids.length === 0) await this.#sleep();
        else await this.#step(ids);
        backOff.reset();
        this.#trouble = undefined;
      } catch (error) {
        if (signal.aborted) return;
        if (this.#views.health().state === 'running') {
          const reason = error instanceof Error ? error.message : String(error);
          this.#trouble = `new names are yet to be shown by purchases: ${reason}`;
        }
        await backOff.wait(signal);
      }
    }
  }

  async #step(ids: readonly string[]): Promise<void> {
    for (const id of ids) {
      this.#begun.delete(id);
      this.#moved.delete(id);
    }
    for (const task of await fanOutStep(this.#views, ids)) this.#moved.set(task._id, markOf(task));
    // Others' turn, the feed's among them, before the next step.
    await new Promise(setImmediate);
  }

  /** The tasks to go on with. */
  async #tasksInHand(): Promise<readonly string[]> {
    const tasks = await this.#views.find<FanOutDoc>(FAN_OUTS, { limit: TASKS_AT_ONCE });
    if (!this.#views.shared) return tasks.map(({ _id }) => _id);
    const now = performance.now();
    const seen = new Map<string, Seen>();
    const inHand: string[] = [...this.#begun];
    for (const task of tasks) {
      const mark = markOf(task);
      if (this.#begun.has(task._id)) continue;
      if (this.#moved.get(task._id) === mark) inHand.push(task._id);
      else {
        const before = this.#seen.get(task._id);
        const since = before?.mark === mark ? before.since : now;
        seen.set(task._id, { mark, since });
        if (now - since >= this.#lookEveryMs) inHand.push(task._id);
      }
    }
    this.#seen = seen;
    return inHand.slice(0, TASKS_AT_ONCE);
  }

  async #sleep(): Promise<void> {
    if (this.#begun.size > 0 && this.#views.health().state === 'running') return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, this.#lookEveryMs);
      timer.unref();
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = undefined;
  }
}

function markOf({ version, after }: FanOutDoc): string {
  return JSON.stringify([version, after]);
}
