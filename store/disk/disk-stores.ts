/** The stores of a process on its disk. When the disk fails they are given up, and processors go on in memory, from the log. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { MemoryStore } from '../memory-store.ts';
import { type PartitionStore, StoreFailed, type Stores } from '../partition-store.ts';
import { type Disk, DiskStore } from './disk-store.ts';
import { damageIn, Environment, FILES, type Texts } from './environment.ts';
import { claimFolder, type StoreFolder } from './folder.ts';

export interface DiskStoresOptions {
  /** The folder; it is created when it is missing. */
  readonly dir: string;
  /** How many stores may be opened, all names together. */
  readonly most: number;
  /** No other process can have the folder for long: it is waited for, up to so many ms, until one that is ending gives it up. */
  readonly patienceMs?: number;
  readonly logger?: Pick<Logger, 'info' | 'error' | 'warn'>;
}

/** A start that has gone well for so long did not end by a damaged file. */
const HEALTHY_MS = 60_000;

/** @throws when the folder cannot be made, locked or written */
export async function openDiskStores(options: DiskStoresOptions): Promise<Stores> {
  const folder = await claimFolder(options.dir, options.patienceMs ?? 0);
  try {
    return new DiskStores(options, folder, opened(folder, options));
  } catch (error) {
    folder.spoil();
    folder.closed();
    throw error;
  }
}

/** What is damaged is removed: it can all be restored. */
function opened({ dir }: StoreFolder, { most, logger }: DiskStoresOptions): Environment {
  const reason = damageIn(dir);
  if (reason !== undefined) {
    logger?.warn({ dir, reason }, 'the states kept in this folder are damaged: they are restored from the log');
    for (const file of FILES) rmSync(join(dir, file), { force: true });
  }
  return new Environment(dir, most);
}

class DiskStores implements Stores {
  readonly #options: DiskStoresOptions;
  readonly #folder: StoreFolder;
  readonly #environment: Environment;
  readonly #open = new Set<string>();
  readonly #healthy: NodeJS.Timeout;
  #failed: StoreFailed | undefined;

  constructor(options: DiskStoresOptions, folder: StoreFolder, environment: Environment) {
    this.#options = options;
    this.#folder = folder;
    this.#environment = environment;
    this.#healthy = setTimeout(() => folder.healthy(), HEALTHY_MS).unref();
  }

  /** Not any more when the disk has failed. */
  get lasting(): boolean {
    return this.#failed === undefined;
  }

  open(processor: string, partition: number): PartitionStore {
    const name = `${processor}/${partition}`;
    if (this.#open.has(name)) throw new Error(`the store ${name} is open already`);
    if (this.#failed !== undefined) return new MemoryStore();
    const texts = this.#safely(() => this.#environment.database(name));
    this.#open.add(name);
    return new DiskStore(this.#disk(name, texts), () => this.#open.delete(name));
  }

  async close(): Promise<void> {
    clearTimeout(this.#healthy);
    await this.#environment.close().catch(() => undefined);
    this.#folder.closed();
  }

  #disk(name: string, texts: Texts): Disk {
    const { logger } = this.#options;
    return {
      get: (key) => this.#safely(() => texts.get(Buffer.from(key))),
      range: (from, below, limit) =>
        this.#safely(() => {
          const found = texts.getRange({ start: Buffer.from(from), end: Buffer.from(below), limit });
          return [...found].map(({ key, value }): [string, string] => [key.toString(), value]);
        }),
      write: (entries) => this.#safely(() => this.#environment.write(texts, entries)),
      clear: (reason) =>
        this.#safely(() => {
          if (texts.get(Buffer.from('point')) !== undefined) {
            logger?.info({ store: name, reason }, 'kept states do not fit the log and are restored from its beginning');
          }
          this.#environment.clear(texts);
        }),
    };
  }

  /** lmdb's errors come in many kinds, and after most of them nothing more can be done with it. */
  #safely<T>(use: () => T): T {
    if (this.#failed !== undefined) throw this.#failed;
    try {
      return use();
    } catch (error) {
      throw this.#fail(error);
    }
  }

  #fail(cause: unknown): StoreFailed {
    const { dir } = this.#folder;
    const reason = cause instanceof Error ? cause.message : String(cause);
    const way = `make room there or choose another DATA_DIR, and restart: until then states are kept in memory`;
    this.#failed = new StoreFailed(`the states kept in ${dir} cannot be read or written (${reason}): ${way}`, {
      cause,
    });
    this.#options.logger?.error({ dir, err: cause }, this.#failed.message);
    try {
      this.#folder.spoil();
    } catch {
      // The disk that failed may refuse this too. The next process reads from the log what this one has not written.
    }
    return this.#failed;
  }
}
