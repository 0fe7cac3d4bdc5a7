/** How a command ends when it cannot go on: one line that names the way out, and an exit code. */

/** The message is shown as it is, in one line. */
export class CommandFailed extends Error {
  override readonly name = 'CommandFailed';
  readonly exitCode: number;

  constructor(message: string, options: ErrorOptions & { readonly exitCode?: number } = {}) {
    super(message, options);
    this.exitCode = options.exitCode ?? 1;
  }
}

/** Ended by Ctrl-C or SIGTERM; shells expect 128 + the signal's number. */
export class Interrupted extends CommandFailed {
  constructor(hint = '') {
    super(`stopped${hint === '' ? '' : `: ${hint}`}`, { exitCode: 130 });
  }
}

const TOLD_IN_ONE_LINE = new Set([
  'CannotRetry',
  'ConfigurationError',
  'ImportFailed',
  'LogUnavailable',
  'TopicMisconfigured',
  'ViewsUnavailable',
]);

/** What to print: a line for what a user can mend, the whole stack for what should not happen. */
export function describeFailure(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof CommandFailed || TOLD_IN_ONE_LINE.has(error.name))
    return error.message.replaceAll(/\s*\n\s*/g, ' ');
  return error.stack ?? error.message;
}

export function exitCodeOf(error: unknown): number {
  return error instanceof CommandFailed ? error.exitCode : 1;
}
