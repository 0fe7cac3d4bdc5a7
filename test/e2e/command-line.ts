/** The command line as a user types it: a process of its own, and what it prints. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Started {
  readonly pid: number;
  readonly ended: Promise<Ended>;
  kill(signal: NodeJS.Signals): void;
  /** Resolves when stdout and stderr together hold it. */
  says(pattern: RegExp): Promise<void>;
}

/** Starts `counterfoil` with these arguments, from its sources. */
export function start(env: Readonly<Record<string, string>>, ...args: readonly string[]): Started {
  const { PATH, HOME } = process.env;
  const child = spawn(process.execPath, ['--import', 'tsx', 'cli/main.ts', ...args], {
    cwd: root,
    env: { PATH, HOME, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => (stdout += chunk));
  child.stderr.on('data', (chunk) => (stderr += chunk));
  const ended = once(child, 'close').then(([code]): Ended => ({ code, stdout, stderr }));
  return {
    pid: child.pid ?? 0,
    ended,
    kill: (signal) => child.kill(signal),
    says: async (pattern) => {
      while (!pattern.test(stdout + stderr)) {
        const over = await Promise.race([
          ended.then(() => true),
          once(child.stderr, 'data').then(() => false),
          once(child.stdout, 'data').then(() => false),
        ]);
        if (over && !pattern.test(stdout + stderr)) throw new Error(`it never said ${pattern}:\n${stdout}${stderr}`);
      }
    },
  };
}

/** Runs it to its end. */
export const run = (env: Readonly<Record<string, string>>, ...args: readonly string[]) => start(env, ...args).ended;
