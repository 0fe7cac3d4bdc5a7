/** What is judged, line by line: a figure and the most that it may be. */
import { load } from '../suite/machine.ts';
import { rounded } from '../suite/statistics.ts';

export interface Took {
  readonly clockMs: number;
  readonly processorMs: number;
}

export class Verdicts {
  #failed = 0;

  say(text: string): void {
    process.stdout.write(`${text}\n`);
  }

  phase(name: string): void {
    this.say(`\n${name} (load ${load()})`);
  }

  /** A figure beside its limit. */
  atMost(what: string, value: number, most: number, unit: string, detail = ''): void {
    const figure = `${rounded(value)} ${unit}, at most ${rounded(most)}`;
    this.holds(what, value <= most, detail === '' ? figure : `${figure}; ${detail}`);
  }

  /**
   * How long something took. On a machine that does other things as well, the clock tells of those: then the processor time
   * that the server took for it decides, all its threads together.
   */
  took(what: string, { clockMs, processorMs }: Took, mostMs: number, detail = ''): void {
    const figures = `${rounded(clockMs)} ms, at most ${rounded(mostMs)}; ${rounded(processorMs)} ms of processor time`;
    this.holds(what, Math.min(clockMs, processorMs) <= mostMs, detail === '' ? figures : `${figures}; ${detail}`);
  }

  holds(what: string, isSo: boolean, detail = ''): void {
    if (!isSo) this.#failed += 1;
    this.say(`${isSo ? 'pass' : 'FAIL'}  ${what}${detail === '' ? '' : `: ${detail}`}`);
  }

  /** A figure that is not judged. */
  tell(what: string, value: number, unit: string): void {
    this.say(`      ${what}: ${rounded(value)} ${unit}`);
  }

  /** Whether all lines passed. */
  end(): boolean {
    this.say(this.#failed === 0 ? '\nall lines pass' : `\n${this.#failed} lines fail`);
    return this.#failed === 0;
  }
}
