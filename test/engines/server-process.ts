/**
 * A server of an engine as a process of this machine: started, killed and started again on the same data. What is shared by
 * Kafka's and MongoDB's is here; neither may outlive the process that started it, however that one ends.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const ASK_EVERY_MS = 100;
const MOST_LAUNCHES = 3;
const TAIL = 3000;

/** A server that a test may break. */
export interface ServerForTests {
  /** Process id of the server that runs now. */
  readonly pid: number;
  readonly running: boolean;
  /** Sends a signal to the server; with one that ends it, resolves when the process is gone. */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** Starts it again on the same port and data, and waits until it answers. */
  start(): Promise<void>;
}

export interface ServerProcessOptions {
  /** For messages. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Where its output goes. */
  readonly output: string;
  readonly startTimeoutMs: number;
  /** Why it is not yet of use, in a few words; undefined: it is. Asked again and again; what it throws is a reason too. */
  whyNot(): Promise<string | undefined>;
}

export class ServerProcess implements ServerForTests {
  readonly #options: ServerProcessOptions;
  readonly #watchdog: Watchdog;
  #child: ChildProcess | undefined;

  constructor(options: ServerProcessOptions, watchdog: Watchdog) {
    this.#options = options;
    this.#watchdog = watchdog;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  get running(): boolean {
    const child = this.#child;
    return child !== undefined && child.exitCode === null && child.signalCode === null;
  }

  /**
   * Launches it, unless it has been, and again when it ends before it is of use, as a broker does that finds none of the
   * others in time.
   * @throws with the end of its output when it ends again and again, or is of no use in time
   */
  async start(): Promise<void> {
    for (let launches = 1; ; launches++) {
      if (!this.running) this.launch();
      try {
        return await this.#untilOfUse();
      } catch (error) {
        if (this.running || launches === MOST_LAUNCHES) throw error;
      }
    }
  }

  /** Starts the process alone: servers that need each other are launched together, and then waited for. */
  launch(): void {
    const { command, args, output } = this.#options;
    const log = openSync(output, 'a');
    const child = spawn(command, args, { stdio: ['ignore', log, log] });
    closeSync(log);
    this.#child = child;
    child.once('error', () => {});
    child.unref();
    this.#watchdog.guard(child);
  }

  async #untilOfUse(): Promise<void> {
    const { name, output, startTimeoutMs, whyNot } = this.#options;
    const deadline = Date.now() + startTimeoutMs;
    for (;;) {
      const reason = this.running ? await whyNot().catch(String) : 'the process ended';
      if (reason === undefined) return;
      if (!this.running || Date.now() > deadline) {
        const tail = (await readFile(output, 'utf8')).slice(-TAIL);
        throw new Error(`${name} did not start: ${reason}\n${tail}`);
      }
      await pause(ASK_EVERY_MS);
    }
  }

  async kill(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (child === undefined || !this.running) return;
    if (signal === 'SIGSTOP' || signal === 'SIGCONT') {
      child.kill(signal);
      return;
    }
    const exited = once(child, 'exit');
    child.ref();
    child.kill(signal);
    await exited;
  }
}

/**
 * A temporary folder and the servers that have their data in it. A shell waits for the end of its input, which comes when
 * this process ends, however it ends; it then ends the servers and removes the folder.
 */
export class Watchdog {
  readonly dir: string;
  readonly #shell: ChildProcess;
  readonly #guarded = new Set<ChildProcess>();
  readonly #atExit = () => {
    for (const child of this.#guarded) child.kill('SIGKILL');
  };

  private constructor(dir: string) {
    this.dir = dir;
    const ended = 'pids=; while read -r line; do pids=$line; done; [ -z "$pids" ] || kill -9 $pids 2>/dev/null';
    // Disks that a test has mounted in the folder go with it.
    const unmounted = 'grep -s " $0/" /proc/mounts | while read -r _ at _; do umount -l "$at"; done';
    const script = `${ended}; ${unmounted}; rm -rf "$0"`;
    const shell = spawn('sh', ['-c', script, dir], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
    shell.once('error', () => {});
    shell.stdin.on('error', () => {});
    shell.unref();
    if ('unref' in shell.stdin && typeof shell.stdin.unref === 'function') shell.stdin.unref();
    this.#shell = shell;
    process.once('exit', this.#atExit);
  }

  /** @param prefix of the folder's name */
  static async start(prefix: string): Promise<Watchdog> {
    return new Watchdog(await mkdtemp(join(tmpdir(), prefix)));
  }

  guard(child: ChildProcess): void {
    this.#guarded.add(child);
    child.once('exit', () => {
      this.#guarded.delete(child);
      this.#tell();
    });
    this.#tell();
  }

  /** Removes the folder, and ends servers that still run. */
  async dismiss(): Promise<void> {
    process.off('exit', this.#atExit);
    const done = once(this.#shell, 'exit');
    this.#shell.ref();
    this.#shell.stdin?.end();
    await done;
  }

  #tell(): void {
    this.#shell.stdin?.write(`${[...this.#guarded].map(({ pid }) => pid).join(' ')}\n`);
  }
}
