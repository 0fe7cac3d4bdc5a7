/** `counterfoil watch ID`: one transaction as it goes on, each step a line, until it has come to its end. */
import { z } from 'zod';
import { type Executor, type Operation, OperationFailed, Unreachable } from '../import/executor.ts';
import { CommandFailed } from './failure.ts';
import { interruptible } from './interrupt.ts';
import { createRemoteExecutor } from './remote-executor.ts';
import { remoteOptions, type ServerOptions } from './server-options.ts';

const transaction = z.object({
  id: z.string(),
  status: z.enum(['ACCEPTED', 'PENDING', 'COMPLETED', 'REJECTED']),
  command: z.string(),
  entityId: z.string(),
  entityVersion: z.number().nullable(),
  steps: z.array(z.object({ name: z.string(), status: z.string(), at: z.string(), entityId: z.string().nullable() })),
  rejection: z.object({ code: z.string(), message: z.string(), field: z.string().nullish() }).nullable(),
});
type WatchedTransaction = z.infer<typeof transaction>;

const FIELDS =
  'id status command entityId entityVersion steps { name status at entityId } rejection { code message field }';

const current: Operation<{ transaction: WatchedTransaction | null }> = {
  document: `query Watched($id: ID!) { transaction(id: $id) { ${FIELDS} } }`,
  data: z.object({ transaction: transaction.nullable() }),
};
const changes: Operation<{ transaction: WatchedTransaction }> = {
  document: `subscription Watch($id: ID!) { transaction(id: $id) { ${FIELDS} } }`,
  data: z.object({ transaction }),
};

export async function watchCommand(id: string, options: ServerOptions): Promise<void> {
  const ended = await interruptible(async (signal) => {
    const executor = createRemoteExecutor(remoteOptions(options, signal));
    try {
      return await watch(executor, id, signal, (line) => process.stdout.write(`${line}\n`));
    } catch (error) {
      if (error instanceof Unreachable)
        throw new CommandFailed(`${error.message}; start it, or say where it is with --url`);
      if (error instanceof OperationFailed) throw new CommandFailed(`the server refused: ${error.message}`);
      throw error;
    } finally {
      await executor.close();
    }
  });
  if (ended.status === 'REJECTED') process.exitCode = 1;
}

/** Resolves with the final status. @throws {CommandFailed} when there is no such transaction, or it is another's */
export async function watch(
  executor: Executor,
  id: string,
  signal: AbortSignal,
  print: (line: string) => void,
): Promise<WatchedTransaction> {
  const found = await executor.execute(current, { id });
  if (found.transaction === null) throw new CommandFailed(`there is no transaction ${id}, or it is not yours to see`);
  print(`${found.transaction.command} of ${found.transaction.entityId}`);
  let shown = 0;
  const show = (now: WatchedTransaction): boolean => {
    for (const step of now.steps.slice(shown)) print(lineOf(step));
    shown = Math.max(shown, now.steps.length);
    if (now.status === 'COMPLETED') print(`COMPLETED: ${now.entityId} is at version ${now.entityVersion}`);
    if (now.status === 'REJECTED') print(rejectionOf(now));
    return now.status === 'COMPLETED' || now.status === 'REJECTED';
  };
  if (show(found.transaction)) return found.transaction;
  // A server that stops ends its subscriptions; another one, or the same one later, goes on.
  while (!signal.aborted) {
    for await (const { transaction: now } of executor.subscribe(changes, { id }, signal)) if (show(now)) return now;
  }
  throw signal.reason;
}

function lineOf({ at, status, name, entityId }: WatchedTransaction['steps'][number]): string {
  return `${at}  ${status.padEnd(9)}  ${name}${entityId === null ? '' : ` (${entityId})`}`;
}

function rejectionOf({ rejection }: WatchedTransaction): string {
  if (rejection === null) return 'REJECTED';
  return `REJECTED ${rejection.code}: ${rejection.message}${rejection.field ? ` (${rejection.field})` : ''}`;
}
