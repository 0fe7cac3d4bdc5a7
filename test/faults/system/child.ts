/**
 * One of Counterfoil's processes under test: as built, with its role, port and settings, started again and again on the same
 * port. What it writes goes to a file, for when the checker finds something.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { mainOf } from './build.ts';
import type { Observer } from './system.ts';

const REPOSITORY = join(import.meta.dirname, '..', '..', '..');
const PROBE_EVERY_MS = 100;
const RESTART_AFTER_MS = 300;
const EXIT_CANNOT_START = 1;

export interface ChildOptions {
  readonly name: string;
  /** The folder of the build. */
  readonly build: string;
  readonly port: number;
  readonly env: Readonly<Record<string, string>>;
  /** Folder of the output files. */
  readonly logs: string;
  readonly observer: Observer;
}

export class Child {
  readonly name: string;
  readonly url: string;
  readonly #options: ChildOptions;
  #process: ChildProcess | undefined;
  /** The process whose end is expected. */
  #doomed: ChildProcess | undefined;
  /** As whoever watches over processes would, it starts one again that ended by itself. */
  #again: NodeJS.Timeout | undefined;

  /** The folder of the build that its next start runs. */
  build: string;

  constructor(options: ChildOptions) {
    this.#options = options;
    this.build = options.build;
    this.name = options.name;
    this.url = `http://127.0.0.1:${options.port}`;
  }

  get running(): boolean {
    const child = this.#process;
    return child !== undefined && child.exitCode === null && child.signalCode === null;
  }

  /** Of the process that runs now; 0: none does. */
  get pid(): number {
    return (this.running && this.#process?.pid) || 0;
  }

  start(env: Readonly<Record<string, string>> = {}): void {
    if (this.running) return;
    clearTimeout(this.#again);
    const { PATH, HOME, TMPDIR } = process.env;
    const { name, port, logs } = this.#options;
    const output = openSync(join(logs, `${name}.log`), 'a');
    const child = spawn(process.execPath, ['--enable-source-maps', mainOf(this.build)], {
      cwd: REPOSITORY,
      env: {
        ...{ PATH, HOME, ...(TMPDIR ? { TMPDIR } : {}), PORT: String(port) },
        // Its own, as on a machine of its own: what it keeps there outlives it.
        DATA_DIR: join(dirname(logs), `${name}-data`),
        ...this.#options.env,
        ...env,
      },
      stdio: ['ignore', output, output],
    });
    closeSync(output);
    this.#process = child;
    guardian.add(child);
    child.once('exit', (code, signal) => {
      const { observer } = this.#options;
      if (code !== null && code > EXIT_CANNOT_START) observer.crash(`${name} ended with status ${code}`);
      if (this.#doomed === child) return;
      if (signal === 'SIGKILL') observer.fault(`${name.replace(/-\d+$/, '')} kill -9 at a failpoint`, name);
      else if (code === EXIT_CANNOT_START) observer.note(`${name} could not start, and is started again`);
      else observer.crash(`${name} ended by itself: ${signal ?? `status ${code}`}`);
      this.#again = setTimeout(() => this.start(env), RESTART_AFTER_MS);
    });
  }

  /**
   * `SIGKILL` resolves when it is gone, `SIGTERM` when it has ended as it wants to.
   * @returns its exit status; null for one that a signal ended, or that did not run
   */
  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> {
    clearTimeout(this.#again);
    const child = this.#process;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return null;
    this.#doomed = child;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
    return child.exitCode;
  }

  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    if (this.running) this.#process?.kill(signal);
  }

  /** Whether it stands still: a failpoint can tell a process to stop itself. */
  async standsStill(): Promise<boolean> {
    if (!this.running) return false;
    const { stdout } = await promisify(execFile)('ps', ['-o', 'state=', '-p', String(this.#process?.pid)]);
    return stdout.trim().startsWith('T');
  }

  /** What `/readyz` says it waits for, `part: detail` each; empty: it is ready. Undefined: nobody answers. */
  async awaited(): Promise<readonly string[] | undefined> {
    try {
      const answer = await fetch(`${this.url}/readyz`, { signal: AbortSignal.timeout(5000) });
      const { parts } = (await answer.json()) as {
        readonly parts: Readonly<Record<string, { ready: boolean; state: string; detail?: string }>>;
      };
      return Object.entries(parts)
        .filter(([, { ready }]) => !ready)
        .map(([part, { state, detail }]) => `${part}: ${detail ?? state}`);
    } catch {
      return undefined;
    }
  }

  /** Whether it answers, and says that it has caught up with the log. */
  async ready(): Promise<boolean> {
    try {
      const { status } = await fetch(`${this.url}/readyz`, { signal: AbortSignal.timeout(2000) });
      return status === 200;
    } catch {
      return false;
    }
  }

  /** @throws when it is not ready in time, or dies meanwhile */
  async untilReady(ms: number): Promise<void> {
    const deadline = Date.now() + ms;
    while (!(await this.ready())) {
      if (Date.now() > deadline) throw new Error(`${this.name} was not ready within ${ms / 1000} s`);
      await pause(PROBE_EVERY_MS);
    }
  }
}

/** Ends what still runs when this process ends, also when it is killed: a shell waits for the end of a pipe from it. */
class Guardian {
  readonly #children = new Set<ChildProcess>();
  #shell: ChildProcess | undefined;

  add(child: ChildProcess): void {
    this.#children.add(child);
    child.once('exit', () => {
      this.#children.delete(child);
      this.#tell();
    });
    this.#tell();
  }

  #tell(): void {
    this.#shell ??= this.#begin();
    this.#shell.stdin?.write(`${[...this.#children].map(({ pid }) => pid).join(' ')}\n`);
  }

  #begin(): ChildProcess {
    const script = 'pids=; while read -r line; do pids=$line; done; [ -z "$pids" ] || kill -9 $pids 2>/dev/null';
    const shell = spawn('sh', ['-c', script], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
    shell.once('error', () => undefined);
    shell.stdin.on('error', () => undefined);
    shell.unref();
    if ('unref' in shell.stdin && typeof shell.stdin.unref === 'function') shell.stdin.unref();
    return shell;
  }
}

const guardian = new Guardian();
