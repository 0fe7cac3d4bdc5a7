/** For commands that a server started from its console: it is told how far they are, and is asked for what it alone can read. */
import { z } from 'zod';
import { dataOfResult, type Executor, OperationFailed, Unreachable } from '../import/executor.ts';
import type { ProgressBar } from './progress-bar.ts';

const answer = z.object({
  answer: z.number(),
  data: z.unknown(),
  errors: z.array(z.object({ message: z.string() })).optional(),
});
type Answer = z.infer<typeof answer>;

/** Told at most so often. */
const TELL_EVERY_MS = 200;

/** What the server is told, as in `server/jobs.ts`. @throws {Unreachable} when no server has started this */
function tell(message: Readonly<Record<string, unknown>>): void {
  if (process.send === undefined || !process.connected) throw new Unreachable('the server that started this is gone');
  process.send(message);
}

/** Ends with the server: nobody would hear what came of it. */
export function endWithServer(): void {
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  // Listening alone must not keep it from ending when it is done.
  process.channel?.unref();
}

export function progressForServer(): ProgressBar {
  let last = { label: '', at: 0 };
  return {
    update(label, done, total) {
      const now = performance.now();
      if (label === last.label && now - last.at < TELL_EVERY_MS && done < total) return;
      last = { label, at: now };
      tell({ progress: { label, done, total } });
    },
    end() {},
  };
}

/** Asks the server itself, on behalf of who started the command. */
export function serverExecutor(): Executor {
  const awaited = new Map<number, (answer: Answer) => void>();
  let asked = 0;
  const listen = (told: unknown) => {
    const { data } = answer.safeParse(told);
    if (data === undefined) return;
    awaited.get(data.answer)?.(data);
    awaited.delete(data.answer);
    if (awaited.size === 0) process.channel?.unref();
  };
  process.on('message', listen);
  return {
    async execute(operation, variables = {}) {
      asked++;
      const ask = asked;
      process.channel?.ref();
      const found = await new Promise<Answer>((resolve) => {
        awaited.set(ask, resolve);
        tell({ ask, document: operation.document, variables });
      });
      return dataOfResult(operation, found);
    },
    subscribe: () => {
      throw new OperationFailed('nothing is subscribed to here');
    },
    now: Date.now,
  };
}
