/**
 * Turns within one operation: its pieces go one after another, in slices, and others go first between them. What pieces have in
 * common, such as loads of documents, waits until all of them have had their turn.
 */
import { TimeSlice } from './time-slice.ts';

/** A list of fewer fields than this is resolved in one go, within some ms: a promise for each element would cost more. */
const FEW_FIELDS = 1_000;

const ofOperation = new WeakMap<object, Turns>();

/** @param operation what stands for it, such as its context: the same turns for the same object */
export function turnsOf(operation: object): Turns {
  const turns = ofOperation.get(operation) ?? new Turns();
  ofOperation.set(operation, turns);
  return turns;
}

/** The turns of one operation. */
class Turns {
  readonly #slice = new TimeSlice();
  #waiting: (() => void)[] = [];
  #afterwards: (() => void)[] = [];
  #running = false;

  ofWaited(value: unknown, width: () => number): unknown {
    const elements = Array.isArray(value) ? this.ofList(value, width()) : value;
    if (elements !== value) return elements;
    const turn = this.#turn();
    return turn === undefined ? value : turn.then(() => value);
  }

  /**
   * The same elements as promises, each kept until those before it have been begun, and its turn has come.
   * @param width how many fields an element may have
   */
  ofList(elements: readonly unknown[], width: number): readonly unknown[] {
    if (elements.length * width < FEW_FIELDS) return elements;
    // A promise that waits here unheard could be rejected meanwhile, which would end the process.
    if (elements.length < 2 || elements.some((element) => element instanceof Promise)) return elements;
    let before = Promise.resolve();
    return elements.map((element) => {
      before = before.then(() => this.#turn());
      return before.then(() => element);
    });
  }

  /**
   * Calls back when all that waits for a turn now has had it, and has come to where it waits for something else: what it asks for
   * until then can be read together, however often others went first.
   */
  afterwards(then: () => void): void {
    if (this.#running) {
      this.#afterwards.push(then);
      return;
    }
    // As DataLoader does by itself: when the promises that are settled by now have been gone after.
    void Promise.resolve().then(() =>
      process.nextTick(() => {
        if (this.#running) this.#afterwards.push(then);
        else then();
      }),
    );
  }

  /** Undefined: go on at once, the slice is not over. */
  #turn(): Promise<void> | undefined {
    if (!this.#running && !this.#slice.over()) return undefined;
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      if (!this.#running) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#running = true;
    while (this.#waiting.length > 0) {
      // Not for each of the elements of a list, which come here one by one: each would be alone in its turn.
      if (this.#slice.over()) await this.#slice.next();
      const waiting = this.#waiting;
      this.#waiting = [];
      let begun = 0;
      for (const begin of waiting) {
        if (this.#slice.over()) break;
        begin();
        begun += 1;
        // So many microtasks lie between a turn and the work that waits for it: only then does the clock tell what it took.
        // No nextTick: that would send a data loader off with what this one has asked for, alone.
        for (let hops = 0; hops < 4; hops += 1) await undefined;
      }
      this.#waiting = [...waiting.slice(begun), ...this.#waiting];
    }
    this.#running = false;
    for (const then of this.#afterwards.splice(0)) this.afterwards(then);
  }
}
