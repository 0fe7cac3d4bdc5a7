/** A folder for each test, with embedded logs on it and programs beside them, and what both write there. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach } from 'vitest';
import { type EmbeddedLogOptions, openEmbeddedLog } from '../log/embedded/embedded-log.ts';
import type { EventLog, TopicPartition } from '../log/event-log.ts';

export const topics = { commands: 'commands', events: 'events', state: 'state', positions: 'positions' };
/** The processor of `countingProcess`. */
export const counting = { name: 'p', input: topics.commands, positions: topics.positions };

interface Ended {
  readonly out: string;
  readonly errors: string;
  readonly signal: string | null;
}

class EmbeddedFolder {
  dir = '';
  #logs: EventLog[] = [];

  async begin(): Promise<void> {
    this.dir = await mkdtemp(join(tmpdir(), 'counterfoil-log-'));
    this.#logs = [];
  }

  async end(): Promise<void> {
    await Promise.all(this.#logs.map((each) => each.close()));
    await rm(this.dir, { recursive: true, force: true });
  }

  /** Opens the log there; it is closed when the test ends. */
  async open(options: Partial<EmbeddedLogOptions> = {}): Promise<EventLog> {
    const log = await openEmbeddedLog({ dir: this.dir, ...options });
    this.#logs.push(log);
    if (options.readOnly === true) return log;
    await log.createTopics([
      { name: 'commands', partitions: 2, retention: 'forever' },
      { name: 'events', partitions: 2, retention: 'forever' },
      { name: 'state', partitions: 2, retention: 'compact' },
    ]);
    return log;
  }

  /** Runs a program of `children/` on the folder to its end. `shell` is put in front of the command line. */
  async child(script: string, args: string[], env: Record<string, string> = {}, shell = ''): Promise<Ended> {
    const path = fileURLToPath(new URL(`./children/${script}`, import.meta.url));
    const command = [
      `${shell === '' || shell.endsWith(';') ? `${shell} exec` : shell} "$0" "$@"`,
      process.execPath,
      '--import',
      'tsx',
      path,
      ...args,
    ];
    const options = { env: { ...process.env, LOG_MODULE: './open-embedded.ts', LOG_DIR: this.dir, ...env } };
    try {
      const { stdout, stderr } = await promisify(execFile)('bash', ['-c', ...command], options);
      return { out: stdout, errors: stderr, signal: null };
    } catch (error) {
      const { stdout, stderr, signal } = error as { stdout: string; stderr: string; signal: string | null };
      return { out: stdout, errors: stderr, signal };
    }
  }
}

/** A new folder before each test of the suite that calls it, and none after it. */
export function embeddedFolder(): EmbeddedFolder {
  const folder = new EmbeddedFolder();
  beforeEach(() => folder.begin());
  afterEach(() => folder.end());
  return folder;
}

export async function valuesIn(log: EventLog, partition: TopicPartition): Promise<string[]> {
  const values: string[] = [];
  for await (const batch of log.read(partition)) values.push(...batch.map((each) => each.value?.toString() ?? ''));
  return values;
}

/** Commands with the values 0, 1, 2 …, in turn in the two partitions. */
export function numbered(count: number) {
  const record = (i: number) => ({
    topic: 'commands',
    partition: i % 2,
    key: `k${i % 3}`,
    value: `${i}`,
    headers: {},
  });
  return Array.from({ length: count }, (_, i) => record(i));
}
