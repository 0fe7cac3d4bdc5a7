/** The nemesis: lets one fault after another strike, in an order that the seed decides, in two lanes that may overlap. */
import { setTimeout as pause } from 'node:timers/promises';
import { Random } from '../random.ts';
import type { Fault } from '../system/system.ts';

export interface NemesisOptions {
  readonly faults: readonly Fault[];
  readonly seed: number;
  readonly lanes: number;
  /** Between two faults of a lane, ms. */
  readonly quiet: readonly [from: number, to: number];
  onFault(kind: string, detail: string): void;
}

export class Nemesis {
  readonly #options: NemesisOptions;
  readonly #held = new Set<string>();
  readonly #lanes: readonly Promise<void>[];
  readonly #stopped = new AbortController();

  constructor(options: NemesisOptions) {
    this.#options = options;
    this.#lanes = Array.from({ length: options.lanes }, (_, lane) => this.#run(new Random(options.seed + lane)));
  }

  /** Resolves when the faults under way have healed. @throws what a fault threw */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await Promise.all(this.#lanes);
  }

  async #run(random: Random): Promise<void> {
    const { quiet, onFault } = this.#options;
    const { signal } = this.#stopped;
    for (;;) {
      await pause(random.int(...quiet), undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      const fault = this.#choose(random);
      if (fault === undefined) continue;
      this.#held.add(fault.of);
      try {
        onFault(fault.kind, await fault.strike(random));
      } finally {
        this.#held.delete(fault.of);
      }
    }
  }

  #choose(random: Random): Fault | undefined {
    const free = this.#options.faults.filter(({ of }) => !this.#held.has(of));
    if (free.length === 0) return undefined;
    const weights = Object.fromEntries(free.map(({ weight }, at) => [String(at), weight]));
    return free[Number(random.weighted(weights))];
  }
}
