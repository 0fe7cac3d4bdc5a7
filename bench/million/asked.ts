/** Asks each question some times and judges the slowest answer, or what it takes on a busy machine; tells how long each held the event loop. */
import { setTimeout as pause } from 'node:timers/promises';
import { Asking, type Query } from '../rigs/asking.ts';
import { percentile } from '../suite/statistics.ts';
import type { Verdicts } from './verdicts.ts';
import type { WatchedServer } from './watched-server.ts';

const MOST_MS = 100;

export async function judgeQuestions(
  verdicts: Verdicts,
  server: WatchedServer,
  all: Readonly<Record<string, Query>>,
  times: number,
): Promise<void> {
  const asking = await Asking.open(server.url);
  for (const [what, query] of Object.entries(all)) {
    const first = await asking.once(query);
    const before = await server.processorMs();
    const took = await asking.times(query, times);
    const processorMs = ((await server.processorMs()) - before) / times;
    const { processor } = await server.held();
    const clock = `p50 ${percentile(took, 0.5).toFixed(1)}, the first ${first.toFixed(0)}, loop held ${processor}`;
    verdicts.took(what, { clockMs: took.at(-1) ?? Number.NaN, processorMs }, MOST_MS, clock);
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
