/** Runs a subscription: each event is executed with a context of its own, or gets what the same operation got by it. */
import { createSourceEventStream, type ExecutionArgs, type ExecutionResult, execute } from 'graphql';
import type { SharedResults } from './shared-results.ts';

type Results = AsyncGenerator<ExecutionResult, void, void>;

export interface LiveOptions {
  freshContext(): unknown;
  /** Waited for before each event is asked for. Default: nothing is waited for. */
  pace?(): Promise<void>;
  /** What is done once for all who ask the same: the results, and what is the same for those. */
  readonly shared: { readonly results: SharedResults; readonly operation: string };
}

/**
 * As graphql-js's `subscribe`, but asks `freshContext` for every event: with one context for all of them, a loader would
 * answer each event with what it read for the first.
 *
 * @returns the results, or the one that says why there are none
 */
export async function liveResults(
  args: ExecutionArgs,
  { freshContext, pace, shared }: LiveOptions,
): Promise<Results | ExecutionResult> {
  const source = await createSourceEventStream(args);
  if (!isStream(source)) return source;
  const events: AsyncIterator<unknown> = source[Symbol.asyncIterator]();

  async function resultOf(event: IteratorResult<unknown>): Promise<IteratorResult<ExecutionResult, void>> {
    if (event.done === true) return { done: true, value: undefined };
    try {
      const run = () => execute({ ...args, rootValue: event.value, contextValue: freshContext() });
      return { done: false, value: await shared.results.of(event.value, shared.operation, run) };
    } catch (error) {
      await events.return?.();
      throw error;
    }
  }

  // No generator function: its `return()` would wait for the event that is being waited for, so nobody could leave.
  const results: Results = {
    // First the pace: of what changes meanwhile, the source keeps the newest state of each entity alone.
    async next() {
      await pace?.();
      return resultOf(await events.next());
    },
    async return() {
      await events.return?.();
      return { done: true, value: undefined };
    },
    async throw(error) {
      await events.return?.();
      throw error;
    },
    [Symbol.asyncIterator]: () => results,
  };
  return results;
}

function isStream(source: AsyncIterable<unknown> | ExecutionResult): source is AsyncIterable<unknown> {
  return Symbol.asyncIterator in source;
}
