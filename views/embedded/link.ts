/** Where requests of one role are answered: by a thread, or in this one. */
import { answering, failureOf } from './answering.ts';
import type { AnswerOf, ArgsOf, Role } from './requests.ts';
import { ThreadFailure } from './thread-failure.ts';
import { ThreadLink } from './thread-link.ts';

export interface Link<R> {
  /** How many answers are awaited. */
  readonly awaited: number;
  /** @throws {ViewsUnavailable} when the thread has ended */
  ask<N extends keyof R & string>(name: N, args: ArgsOf<R, N>): Promise<AnswerOf<R, N>>;
  /** Asks and waits for nothing; what goes wrong is told by a later answer. */
  tell<N extends keyof R & string>(name: N, args: ArgsOf<R, N>): void;
  end(): Promise<void>;
}

/**
 * @param inThread false: in this thread, which is then held for as long as an answer takes; for tools and tests
 * @param onDeath called when a thread ends by itself
 */
export function openLink<R>(role: Role, inThread: boolean, onDeath: (reason: string) => void): Link<R> {
  return inThread ? new ThreadLink<R>(role, onDeath) : new LocalLink<R>(role);
}

class LocalLink<R> implements Link<R> {
  readonly awaited = 0;
  readonly #answer: (request: never) => unknown;

  constructor(role: Role) {
    this.#answer = answering(role);
  }

  async ask<N extends keyof R & string>(name: N, args: ArgsOf<R, N>): Promise<AnswerOf<R, N>> {
    try {
      // Which answer belongs to which request is said by `Requests`, as for a thread.
      return this.#answer({ name, args } as never) as AnswerOf<R, N>;
    } catch (error) {
      throw new ThreadFailure(failureOf(error));
    }
  }

  tell<N extends keyof R & string>(name: N, args: ArgsOf<R, N>): void {
    this.#answer({ name, args } as never);
  }

  async end(): Promise<void> {
    // It has nothing of its own: files are closed by a request.
  }
}
