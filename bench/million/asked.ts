/** Asks each question some times and judges the slowest answer. */
import { setTimeout as pause } from 'node:timers/promises';
import { Asking, type Query } from '../rigs/asking.ts';
import { percentile } from '../suite/statistics.ts';
import type { Verdicts } from './verdicts.ts';

const MOST_MS = 100;

export async function judgeQuestions(
  verdicts: Verdicts,
  url: string,
  all: Readonly<Record<string, Query>>,
  times: number,
): Promise<void> {
  const asking = await Asking.open(url);
  for (const [what, query] of Object.entries(all)) {
    const first = await asking.once(query);
    const took = await asking.times(query, times);
    const [p50, p90] = [percentile(took, 0.5), percentile(took, 0.9)];
    verdicts.atMost(
      what,
      p90,
      MOST_MS,
      'ms (9 of 10)',
      `p50 ${p50.toFixed(1)}, the first ${first.toFixed(0)}, the slowest ${(took.at(-1) ?? Number.NaN).toFixed(0)}`,
    );
  }
  asking.close();
}

/** One product is read again and again while something else goes on. */
export class Beside {
  readonly #took: number[] = [];
  readonly #reading: Promise<void>;
  #over = false;

  private constructor(asking: Asking) {
    this.#reading = this.#read(asking);
  }

  static async open(url: string): Promise<Beside> {
    return new Beside(await Asking.open(url));
  }

  /** @returns how long the answers took, in ms, in ascending order */
  async end(): Promise<readonly number[]> {
    this.#over = true;
    await this.#reading;
    return this.#took.toSorted((a, b) => a - b);
  }

  async #read(asking: Asking): Promise<void> {
    while (!this.#over) {
      this.#took.push(await asking.once({ query: '{ product(id: "p1") { name } }' }));
      await pause(20);
    }
    asking.close();
  }
}
