/** Sends commands, many in one request, and waits for how each of them ends. */
import { Coalesced } from './coalesced.ts';
import { type Executor, type FailedElement, OperationFailed } from './executor.ts';
import { type ImportReceipt, submitCommands } from './operations.ts';
import type { Outcomes } from './outcomes.ts';
import { comesAgain, type Patience, patiently, retryPauses } from './patiently.ts';

/** Commands in one request: what they may write to the log together is limited, and refused beyond that. */
const MOST_AT_ONCE = 100;
/** A command that was accepted so long before the run began is of an earlier run, ms: clocks differ by less. */
const EARLIER_MS = 3000;

export interface Command {
  /** The mutation's name. */
  readonly name: string;
  readonly input: Readonly<Record<string, unknown>> & { readonly idempotencyKey: string };
}

/** Why a command came to nothing. */
export interface Refusal {
  readonly code: string;
  readonly message: string;
}

/** How a command ended. */
export interface Ended {
  /** Undefined: it completed. */
  readonly refusal: Refusal | undefined;
  /** The entity's version after it, where that is known. */
  readonly entityVersion: number | null;
  /** This run was the first to bring it. */
  readonly isNew: boolean;
  /** It was brought, and ended, before this run began: under this key nothing else will come of it. */
  readonly isEarlier: boolean;
}

export interface CommandSenderOptions extends Patience {
  readonly executor: Executor;
  readonly outcomes: Pick<Outcomes, 'final'>;
  /** Requests under way at once. */
  readonly concurrency: number;
  /** When the run began, by the server's clock, ms. */
  readonly startedAt: number;
}

type Answer = ImportReceipt | FailedElement;

export class CommandSender {
  readonly #options: CommandSenderOptions;
  readonly #requests: Coalesced<Command, Answer>;

  constructor(options: CommandSenderOptions) {
    this.#options = options;
    this.#requests = new Coalesced({
      most: MOST_AT_ONCE,
      atOnce: options.concurrency,
      run: (commands) => this.#submit(commands),
    });
  }

  /** Resolves when the command has ended. @throws {OperationFailed} when the server takes none of this user's at all */
  async give(command: Command): Promise<Ended> {
    const answer = await this.#requests.ask(command);
    if ('error' in answer) {
      return { refusal: answer.error, entityVersion: null, isNew: false, isEarlier: false };
    }
    const acceptedAt = Date.parse(answer.acceptedAt);
    const { status, entityVersion, rejection } = await this.#options.outcomes.final(answer.transaction);
    const unknown = { code: 'UNKNOWN', message: 'it was rejected' };
    return {
      refusal: status === 'COMPLETED' ? undefined : (rejection ?? unknown),
      entityVersion,
      isNew: acceptedAt >= this.#options.startedAt,
      isEarlier: acceptedAt < this.#options.startedAt - EARLIER_MS,
    };
  }

  /** An answer for each: those that are to come again are sent again, for as long as it takes. */
  async #submit(commands: readonly Command[]): Promise<readonly Answer[]> {
    const { signal, onWaiting } = this.#options;
    const backOff = retryPauses();
    const answers = new Map<Command, Answer>();
    let left = commands;
    while (left.length > 0) {
      const answered = await this.#request(left);
      let why: string | undefined;
      left = left.filter((command, i) => {
        const answer = answered[i];
        if (answer === undefined) return true;
        const again = 'error' in answer && comesAgain(answer.error.code);
        if (again) why = answer.error.message;
        else answers.set(command, answer);
        return again;
      });
      onWaiting(why);
      if (left.length === 0) break;
      await backOff.wait(signal);
      signal.throwIfAborted();
    }
    return commands.flatMap((command) => answers.get(command) ?? []);
  }

  /** One request, or two of half the size each when it is too large for the server. */
  async #request(commands: readonly Command[]): Promise<readonly Answer[]> {
    const given = commands.map(({ name, input }) => ({ [name]: input }));
    const { executor } = this.#options;
    try {
      const { receipts } = await patiently(() => executor.execute(submitCommands, { commands: given }), this.#options);
      return receipts;
    } catch (error) {
      if (!(error instanceof OperationFailed) || !ofItsInput(error)) throw error;
      if (commands.length === 1) return [{ error: { code: error.code ?? 'UNKNOWN', message: error.message } }];
      const half = Math.ceil(commands.length / 2);
      return [...(await this.#request(commands.slice(0, half))), ...(await this.#request(commands.slice(half)))];
    }
  }
}

/** Whether an error of a whole request may be that of one of its commands: the request is too large, or one is malformed. */
function ofItsInput({ code }: OperationFailed): boolean {
  return code === 'LIMIT_EXCEEDED' || code === 'BAD_USER_INPUT';
}
