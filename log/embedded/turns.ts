/** A first-in, first-out mutex per name: one runs, the others wait in order of arrival. Leaving while waiting gives the turn up. */
export class Turns {
  readonly #queues = new Map<string, (() => void)[]>();

  /** Calls `begin` when the turn comes, which may be at once. The returned function ends the turn, or the waiting for it. */
  take(name: string, begin: () => void): () => void {
    const queue = this.#queues.get(name) ?? [];
    this.#queues.set(name, queue);
    queue.push(begin);
    if (queue.length === 1) begin();
    return () => {
      const index = queue.indexOf(begin);
      if (index === -1) return;
      queue.splice(index, 1);
      if (queue.length === 0) this.#queues.delete(name);
      else if (index === 0) queue[0]?.();
    };
  }
}
