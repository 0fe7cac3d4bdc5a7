/** The attempts of a start: each may be given up at any moment, and is made again while an engine that it needs is out of reach. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from 'pino';
import { othersTurn } from '../waiting/time-slice.ts';
import { unlessAborted } from '../waiting/within.ts';
import type { Observation } from './observation.ts';

const TRY_AGAIN_MS = 1000;

export interface StartingOptions {
  readonly parts: Observation;
  readonly logger: Logger;
  /** Whether the same attempt may succeed a moment later. */
  isOutage(error: unknown): boolean;
}

/** Told to stop before the start had come to its end. */
export class StartGivenUp extends Error {
  override readonly name = 'StartGivenUp';
}

export class Starting {
  readonly #options: StartingOptions;
  readonly #controller = new AbortController();

  constructor(options: StartingOptions) {
    this.#options = options;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  giveUp(): void {
    this.#controller.abort(new StartGivenUp('told to stop while it was starting'));
  }

  /**
   * The result of `run`, which is tried again for as long as its engine is out of reach; `part` says so meanwhile. What
   * comes after the start was given up is handed to `letGo`.
   * @throws {StartGivenUp} at once when the start is given up
   */
  async attempt<T>(part: 'log' | 'views', run: () => Promise<T>, letGo?: (late: T) => Promise<void>): Promise<T> {
    const { parts, logger, isOutage } = this.#options;
    for (;;) {
      // What a start opens would otherwise hold the event loop together, while probes are answered already.
      await othersTurn();
      this.signal.throwIfAborted();
      try {
        return await this.#unlessGivenUp(run(), letGo);
      } catch (error) {
        if (this.signal.aborted || !isOutage(error)) throw error;
        const detail = error instanceof Error ? error.message : String(error);
        parts.opening(part, { state: 'trouble', detail });
        logger.warn({ part, detail }, 'waiting for an engine that is out of reach; the start goes on by itself');
        await pause(TRY_AGAIN_MS, undefined, { signal: this.signal });
      }
    }
  }

  async #unlessGivenUp<T>(running: Promise<T>, letGo?: (late: T) => Promise<void>): Promise<T> {
    try {
      return await unlessAborted(running, this.signal);
    } catch (error) {
      if (this.signal.aborted) void running.then(letGo).catch(() => undefined);
      throw error;
    }
  }
}
