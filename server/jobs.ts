/**
 * Verifying and rebuilding in the background of a gateway: the command line's own commands, each in a process of its own, so that
 * neither its work nor its memory is in the way of those who are served. Embedded views are the server's own; it rebuilds them
 * itself.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { Executor } from '../import/executor.ts';
import { type Jobs, JobUnderWay } from '../operations/console.ts';
import type { Job } from '../records/process-report.ts';
import type { ViewerIdentity } from '../transactions/viewer.ts';
import { given } from './given.ts';

/** What a command tells the server that started it, as in `cli/for-server.ts`. */
const message = z.union([
  z.object({ progress: z.object({ label: z.string(), done: z.number(), total: z.number() }) }),
  z.object({ ask: z.number(), document: z.string(), variables: z.record(z.string(), z.unknown()) }),
]);

/** Told with the progress, in offsets or records. */
export type OnProgress = (label: string, done: number, total: number) => void;

export interface JobsOptions {
  /** Executes operations on behalf of a viewer: through it, embedded views are compared. */
  executorFor(viewer: ViewerIdentity): Executor;
  /** Rebuilds embedded views, and tells what came of it in a line; undefined: they are none. */
  readonly rebuildHere: ((onProgress: OnProgress, signal: AbortSignal) => Promise<string>) | undefined;
  /** It began, or ended. */
  onChange(): void;
  readonly logger: Logger;
}

export interface StoppableJobs extends Jobs {
  /** Ends what is under way, and leaves nothing behind. */
  stop(): Promise<void>;
}

/** Lines of a result that are kept: the first ones name what differs, the last ones sum up. */
const FIRST_LINES = 30;
const LAST_LINES = 6;
/** How long a command may take to end when it is told to, before it is killed. */
const END_WITHIN_MS = 5_000;

type Outcome = Pick<Job, 'state' | 'result'>;
type Run = (onProgress: OnProgress, signal: AbortSignal) => Promise<Outcome>;

export function createJobs({ executorFor, rebuildHere, onChange, logger }: JobsOptions): StoppableJobs {
  const stopping = new AbortController();
  let job: Job | null = null;
  let running: Promise<void> = Promise.resolve();

  function begin(kind: Job['kind'], run: Run): void {
    if (job?.state === 'running') throw new JobUnderWay(`a ${job.kind} is under way already: wait for its end`);
    const startedAt = new Date().toISOString();
    const begun: Job = {
      ...{ kind, state: 'running', startedAt, finishedAt: null, phase: 'starting', done: 0, total: 0, result: [] },
    };
    job = begun;
    let newest = begun;
    const change = (to: Partial<Job>) => {
      newest = { ...newest, ...to };
      job = newest;
    };
    const onProgress: OnProgress = (phase, done, total) => change({ phase, done, total });
    running = run(onProgress, stopping.signal)
      .catch((error: unknown): Outcome => {
        logger.warn({ err: error, job: kind }, 'work that was started from the console failed');
        return { state: 'failed', result: [error instanceof Error ? error.message : String(error)] };
      })
      .then((outcome) => {
        change({ ...outcome, finishedAt: new Date().toISOString() });
        logger.info({ job: kind, ...outcome }, 'work that was started from the console has ended');
        onChange();
      });
  }

  return {
    now: () => job,
    verify: (viewer, { decide }) =>
      begin('verify', (onProgress, signal) =>
        command(['verify', '--for-server', ...(decide ? ['--decide'] : [])], executorFor(viewer), onProgress, signal),
      ),
    rebuild: (viewer, { acceptUnreadable }) =>
      begin('rebuild', async (onProgress, signal) => {
        if (rebuildHere !== undefined) return { state: 'done', result: [await rebuildHere(onProgress, signal)] };
        const args = ['rebuild', '--for-server', ...(acceptUnreadable ? ['--accept-unreadable'] : [])];
        return await command(args, executorFor(viewer), onProgress, signal);
      }),
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

/** The command line, built beside the server, or as a source. */
function commandLine(): string {
  const [built = '', source = ''] = ['../cli/main.js', '../cli/main.ts'].map((path) =>
    fileURLToPath(new URL(path, import.meta.url)),
  );
  return existsSync(built) ? built : source;
}

async function command(
  args: readonly string[],
  executor: Executor,
  onProgress: OnProgress,
  signal: AbortSignal,
): Promise<Outcome> {
  // A debugger's port is the server's own.
  const execArgv = process.execArgv.filter((arg) => !arg.startsWith('--inspect'));
  const child = fork(commandLine(), [...args], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'], env: given, execArgv });
  const [said, complained] = [new Lines(), new Lines()];
  child.stdout?.setEncoding('utf8').on('data', (text: string) => said.add(text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => complained.add(text));
  child.on('message', (told) => void answer(child, told, executor, onProgress));
  const end = () => {
    child.kill('SIGTERM');
    setTimeout(() => child.kill('SIGKILL'), END_WITHIN_MS).unref();
  };
  if (signal.aborted) end();
  signal.addEventListener('abort', end, { once: true });
  try {
    const code = await new Promise<number | NodeJS.Signals | null>((resolve, reject) => {
      child.once('error', reject).once('close', (status, by) => resolve(status ?? by));
    });
    return outcomeOf(code, said.kept(), complained.kept());
  } finally {
    signal.removeEventListener('abort', end);
  }
}

/** A command that has something to say, and fails all the same, has found differences. */
function outcomeOf(
  code: number | NodeJS.Signals | null,
  said: readonly string[],
  complained: readonly string[],
): Outcome {
  if (code === 0) return { state: 'done', result: [...said] };
  if ((code === 1 || code === 2) && said.length > 0) return { state: 'differs', result: [...said] };
  const result = complained.length > 0 ? complained : [`it ended with ${code}, and said nothing`];
  return { state: 'failed', result: result.map((line) => line.replace(/^counterfoil: /, '')) };
}

async function answer(child: ChildProcess, told: unknown, executor: Executor, onProgress: OnProgress): Promise<void> {
  const { data } = message.safeParse(told);
  if (data === undefined) return;
  if ('progress' in data) return onProgress(data.progress.label, data.progress.done, data.progress.total);
  const { ask, document, variables } = data;
  const answered = await executor.execute({ document, data: z.unknown() }, variables).then(
    (found) => ({ answer: ask, data: found }),
    (error: unknown) => ({
      answer: ask,
      errors: [{ message: error instanceof Error ? error.message : String(error) }],
    }),
  );
  // It may have ended meanwhile.
  if (child.connected) child.send(answered, () => undefined);
}

/** Whole lines of a text that comes in pieces. Indented ones, which hold data, are left out. */
class Lines {
  readonly #first: string[] = [];
  #last: string[] = [];
  #rest = '';

  add(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#keep(line);
  }

  kept(): readonly string[] {
    this.#keep(this.#rest);
    this.#rest = '';
    return [...this.#first, ...this.#last];
  }

  #keep(line: string): void {
    if (line === '' || line.startsWith(' ')) return;
    if (this.#first.length < FIRST_LINES) this.#first.push(line);
    else this.#last = [...this.#last, line].slice(-LAST_LINES);
  }
}
