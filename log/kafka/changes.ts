/** A condition variable: callers wait until a condition holds, and whoever changes the state notifies them. */
export class Changes {
  readonly #waiting = new Set<{ readonly holds: () => boolean; resolve(): void; reject(error: Error): void }>();
  #ended: Error | undefined;

  until(holds: () => boolean): Promise<void> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    if (holds()) return Promise.resolve();
    return new Promise((resolve, reject) => void this.#waiting.add({ holds, resolve, reject }));
  }

  changed(): void {
    for (const waiter of this.#waiting) {
      if (!waiter.holds()) continue;
      this.#waiting.delete(waiter);
      waiter.resolve();
    }
  }

  /** Nothing will change any more: every present and future wait rejects with the error. */
  end(error: Error): void {
    this.#ended = error;
    for (const waiter of this.#waiting) waiter.reject(error);
    this.#waiting.clear();
  }
}
