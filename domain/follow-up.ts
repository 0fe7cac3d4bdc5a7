/** How one aggregate asks another: by a command of its, with the data that the other's own type wants. */
import type { FollowUp } from './aggregate.ts';
import type { AggregateName, CommandsOf } from './index.ts';

export function ask<A extends AggregateName, T extends keyof CommandsOf<A> & string>(
  aggregate: A,
  id: string,
  type: T,
  data: CommandsOf<A>[T],
): FollowUp {
  return { aggregate, id, type, data };
}
