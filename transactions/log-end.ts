/**
 * Coalescing: waits for the log's end, once for all who ask meanwhile. An id that does not exist is looked for up to there
 * before that is said, so a thousand of them at once would be a thousand questions to the log.
 */
import type { Position } from '../log/event-log.ts';

export interface LogEndOptions {
  /** The end of everything that is waited for, as it is now. */
  ends(): Promise<readonly Position[]>;
  /** Resolves when all before these positions has been read here. */
  reached(ends: readonly Position[]): Promise<void>;
}

export class LogEnd {
  readonly #options: LogEndOptions;
  /** The question under way: who comes now may ask of what was appended after it. */
  #asking: Promise<unknown> = Promise.resolve();
  /** Those who wait for the next question. */
  #next: Promise<void> | undefined;

  constructor(options: LogEndOptions) {
    this.#options = options;
  }

  /**
   * Resolves when all that was on the log at the time of this call has been read here. There is one question to the log at
   * a time, whoever asks and however often.
   * @throws what the log does when it cannot tell its ends
   */
  reached(): Promise<void> {
    this.#next ??= this.#ask();
    return this.#next;
  }

  async #ask(): Promise<void> {
    await this.#asking.catch(() => undefined);
    // Those who come in the same turn are served by the same question.
    await new Promise(setImmediate);
    this.#next = undefined;
    const ends = this.#options.ends();
    this.#asking = ends;
    await this.#options.reached(await ends);
  }
}
