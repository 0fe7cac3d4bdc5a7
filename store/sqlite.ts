/**
 * SQLite, as far as it is used here. The binding is libsql: its binaries come as packages for each system and hold for every
 * line of Node.js, see docs/decisions/embedded-views-on-sqlite.md.
 */
import { createRequire } from 'node:module';

/** The part of the binding that is used. */
interface Statement<V> {
  raw(on: true): Statement<V>;
  all(params: readonly V[]): unknown[];
  get(params: readonly V[]): unknown;
  run(params: readonly V[]): void;
}
interface Binding<V> {
  prepare(sql: string): Statement<V>;
  exec(sql: string): void;
  close(): void;
}

/** Statements that are kept prepared: those of steps and of the usual searches. */
const MOST_PREPARED = 300;

/** A database file. `V`: what its columns hold. */
export class Sqlite<V> {
  readonly #database: Binding<V>;
  /** Apart, since a statement is told once how it gives its rows. */
  readonly #asking = new Map<string, Statement<V>>();
  readonly #running = new Map<string, Statement<V>>();

  /**
   * @param unsupported the error to throw where the binding has no binary for this system, which is given
   * @throws that, and what SQLite says of the file
   */
  constructor(file: string, unsupported: (system: string, cause: unknown) => Error) {
    this.#database = new (binding<V>(unsupported))(file);
  }

  all(sql: string, params: readonly V[] = []): readonly (readonly V[])[] {
    // Rows come as arrays of what SQLite holds; the binding says nothing of their types.
    return this.#question(sql).all(params) as (readonly V[])[];
  }

  first(sql: string, params: readonly V[] = []): readonly V[] | undefined {
    return this.#question(sql).get(params) as readonly V[] | undefined;
  }

  run(sql: string, params: readonly V[] = []): void {
    this.#prepared(this.#running, sql, () => this.#database.prepare(sql)).run(params);
  }

  exec(sql: string): void {
    this.#database.exec(sql);
  }

  close(): void {
    this.#asking.clear();
    this.#running.clear();
    this.#database.close();
  }

  #question(sql: string): Statement<V> {
    return this.#prepared(this.#asking, sql, () => this.#database.prepare(sql).raw(true));
  }

  #prepared(kept: Map<string, Statement<V>>, sql: string, prepare: () => Statement<V>): Statement<V> {
    const known = kept.get(sql);
    if (known !== undefined) return known;
    if (kept.size >= MOST_PREPARED) kept.clear();
    const prepared = prepare();
    kept.set(sql, prepared);
    return prepared;
  }
}

function binding<V>(unsupported: (system: string, cause: unknown) => Error): new (file: string) => Binding<V> {
  try {
    return createRequire(import.meta.url)('libsql') as new (
      file: string,
    ) => Binding<V>;
  } catch (error) {
    throw unsupported(`${process.platform}, ${process.arch}`, error);
  }
}
