/** What is judged, line by line: a figure and the most that it may be. */
import { load } from '../suite/machine.ts';
import { rounded } from '../suite/statistics.ts';

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
