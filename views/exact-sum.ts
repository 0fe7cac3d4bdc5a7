/** Adds safe integers up exactly, as numbers for as long as they stay exact: a bigint for each would cost more. */
export class ExactSum {
  #large = 0n;
  #small = 0;

  add(value: number): void {
    const sum = this.#small + value;
    if (Number.isSafeInteger(sum)) {
      this.#small = sum;
      return;
    }
    this.#large += BigInt(this.#small);
    this.#small = value;
  }

  get value(): bigint {
    return this.#large + BigInt(this.#small);
  }
}
