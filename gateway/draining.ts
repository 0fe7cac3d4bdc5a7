/** Whether the gateway is about to end, and what it must still answer before it may. */
import { GraphQLError } from 'graphql';

export class Draining {
  #running = 0;
  #begun = false;
  #idle: (() => void)[] = [];

  begun(): boolean {
    return this.#begun;
  }

  begin(): void {
    this.#begun = true;
  }

  /** Counts an operation; call what it returns once it has been answered. */
  enter(): () => void {
    let left = false;
    this.#running += 1;
    return () => {
      if (left) return;
      left = true;
      this.#running -= 1;
      if (this.#running > 0) return;
      for (const resolve of this.#idle.splice(0)) resolve();
    };
  }

  /** Resolves once nothing counted is running. */
  async idle(): Promise<void> {
    if (this.#running > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  /** @throws {GraphQLError} `UNAVAILABLE` once draining has begun: the client repeats it elsewhere, or a moment later. */
  refuseMutations(): void {
    if (!this.#begun) return;
    throw new GraphQLError('this server is shutting down and nothing was written: send it again', {
      extensions: { code: 'UNAVAILABLE', http: { status: 503 } },
    });
  }
}
