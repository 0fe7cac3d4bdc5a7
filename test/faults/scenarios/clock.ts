/** The clock of a process under test, which can be wrong, and jump while the process runs. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const PRELOAD = pathToFileURL(join(import.meta.dirname, 'shifted-clock.mjs')).href;

export const MINUTE_MS = 60_000;
export const DAY_MS = 24 * 60 * MINUTE_MS;

export class Clock {
  readonly #file: string;

  /** @param dir where its file may stand */
  constructor(dir: string, name: string, aheadMs = 0) {
    this.#file = join(dir, `${name}.clock`);
    this.set(aheadMs);
  }

  /** How far it is ahead of the real one; negative: behind. A process that runs notices within some milliseconds. */
  set(aheadMs: number): void {
    writeFileSync(this.#file, String(aheadMs));
  }

  /** For the environment of a process that goes by this clock. */
  get env(): Readonly<Record<string, string>> {
    return { NODE_OPTIONS: `--import=${PRELOAD}`, CLOCK_FILE: this.#file };
  }
}
