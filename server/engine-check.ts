/** Whether an engine answers, asked at most once a second however many probes come, and never waited for without end. */
import type { PartReport } from '../gateway/index.ts';
import { within } from '../waiting/within.ts';

const FRESH_MS = 1000;
const ANSWER_WITHIN_MS = 2000;

export class EngineCheck {
  readonly #ask: () => Promise<unknown>;
  #last: PartReport = { ready: true, state: 'running' };
  #askedAt = Number.NEGATIVE_INFINITY;
  #asking: Promise<void> | undefined;

  /** `ask` rejects when the engine is out of reach. It may take as long as it likes. */
  constructor(ask: () => Promise<unknown>) {
    this.#ask = ask;
  }

  /** As last known. */
  get last(): PartReport {
    return this.#last;
  }

  /** As it was at most a second ago. */
  async report(): Promise<PartReport> {
    if (this.#asking === undefined && performance.now() - this.#askedAt >= FRESH_MS) {
      this.#asking = this.#update().finally(() => {
        this.#asking = undefined;
        this.#askedAt = performance.now();
      });
    }
    await this.#asking;
    return this.#last;
  }

  async #update(): Promise<void> {
    const late = () => new Error(`it did not answer within ${ANSWER_WITHIN_MS / 1000} s`);
    try {
      await within(ANSWER_WITHIN_MS, late, this.#ask());
      this.#last = { ready: true, state: 'running' };
    } catch (error) {
      this.#last = { ready: false, state: 'trouble', detail: error instanceof Error ? error.message : String(error) };
    }
  }
}
