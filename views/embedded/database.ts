/**
 * SQLite, as far as the views use it. The binding is libsql: its binaries come as packages for each system and hold for every
 * line of Node.js, see docs/decisions/embedded-views-on-sqlite.md.
 */
import { createRequire } from 'node:module';
import { ViewsMisconfigured } from '../view-store.ts';
import type { SqlValue } from './column-value.ts';

export type SqlRow = readonly SqlValue[];

/** The part of the binding that is used. */
interface Statement {
  raw(on: true): Statement;
  all(params: readonly SqlValue[]): unknown[];
  get(params: readonly SqlValue[]): unknown;
  run(params: readonly SqlValue[]): void;
}
interface Binding {
  prepare(sql: string): Statement;
  exec(sql: string): void;
  close(): void;
}

/** Statements that are kept prepared: those of steps and of the usual searches. */
const MOST_PREPARED = 300;

export class Database {
  readonly #database: Binding;
  /** Apart, since a statement is told once how it gives its rows. */
  readonly #asking = new Map<string, Statement>();
  readonly #running = new Map<string, Statement>();

  /** @throws {ViewsMisconfigured} when the binding has no binary for this system, and what SQLite says of the file */
  constructor(file: string) {
    this.#database = new (binding())(file);
  }

  all(sql: string, params: readonly SqlValue[] = []): readonly SqlRow[] {
    // Rows come as arrays of what SQLite holds; the binding says nothing of their types.
    return this.#question(sql).all(params) as SqlRow[];
  }

  first(sql: string, params: readonly SqlValue[] = []): SqlRow | undefined {
    return this.#question(sql).get(params) as SqlRow | undefined;
  }

  run(sql: string, params: readonly SqlValue[] = []): void {
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

  #question(sql: string): Statement {
    return this.#prepared(this.#asking, sql, () => this.#database.prepare(sql).raw(true));
  }

  #prepared(kept: Map<string, Statement>, sql: string, prepare: () => Statement): Statement {
    const known = kept.get(sql);
    if (known !== undefined) return known;
    if (kept.size >= MOST_PREPARED) kept.clear();
    const prepared = prepare();
    kept.set(sql, prepared);
    return prepared;
  }
}

function binding(): new (file: string) => Binding {
  try {
    return createRequire(import.meta.url)('libsql') as new (
      file: string,
    ) => Binding;
  } catch (error) {
    throw new ViewsMisconfigured(
      `embedded views need SQLite, and libsql has no binary for this system (${process.platform}, ${process.arch}): ` +
        'run on Linux, macOS or Windows, 64 bits, or with views in MongoDB (MONGODB_URL)',
      { cause: error },
    );
  }
}
