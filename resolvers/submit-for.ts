/** The way of every mutation into the command bus. */
import type { AggregateName, CommandsOf } from '../domain/index.ts';
import type { SubmitReceipt } from '../transactions/submit.ts';
import type { Context } from './context.ts';
import { asGraphqlError } from './errors.ts';

/**
 * Submits a command on behalf of who asks; answers once the log has it.
 * @throws {GraphQLError} BAD_USER_INPUT for what no state could make right @throws {LogUnavailable}
 */
export async function submitFor<A extends AggregateName, T extends keyof CommandsOf<A> & string>(
  { submit, viewer, traceparent, since }: Pick<Context, 'submit' | 'viewer' | 'traceparent' | 'since'>,
  aggregate: A,
  command: T,
  idempotencyKey: string | null | undefined,
  data: CommandsOf<A>[T],
): Promise<SubmitReceipt> {
  try {
    return await submit({ aggregate, command, data, idempotencyKey, viewer, traceparent, since });
  } catch (error) {
    throw asGraphqlError(error);
  }
}
