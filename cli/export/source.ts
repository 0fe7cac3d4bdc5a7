/** The pages of an export, asked of a running server: patiently once it has answered, so that an export outlives its restart. */
import { z } from 'zod';
import type { ExportSource } from '../../export/read-export.ts';
import { type Executor, OperationFailed, Unreachable } from '../../import/executor.ts';
import { type Patience, patiently } from '../../import/patiently.ts';
import { CommandFailed } from '../failure.ts';

const answer = z.object({
  page: z.object({
    nodes: z.array(z.record(z.string(), z.unknown())),
    pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
    totalCount: z.number().optional(),
  }),
});

export function exportSource(executor: Executor, patience: Patience): ExportSource {
  let answered = false;
  return {
    async ask(document, variables) {
      patience.signal.throwIfAborted();
      const run = () => executor.execute({ document, data: answer }, { ...variables });
      // Nobody there at first: it may be the wrong address, which is better told at once.
      const atFirst = async (error: unknown) => {
        if (error instanceof Unreachable) throw error;
        return await patiently(run, patience);
      };
      const { page } = await (answered ? patiently(run, patience) : run().catch(atFirst));
      answered = true;
      return page;
    },
    isTooLarge: (error) => error instanceof OperationFailed && error.code === 'LIMIT_EXCEEDED',
  };
}

/** What the server's refusal, or its silence, is for a user; anything else as it is. @param after what has become of the export */
export function exportFailure(error: unknown, after: string): unknown {
  if (error instanceof Unreachable) {
    return new CommandFailed(`${error.message}; start it, or say where it is with --url; ${after}`);
  }
  if (error instanceof OperationFailed) return new CommandFailed(`the server refused: ${error.message}; ${after}`);
  return error;
}
