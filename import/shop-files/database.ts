/** A temporary SQLite database: what is read stands there and not in memory, however many rows there are. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ImportFailed } from '../failure.ts';

export type SqlValue = string | number | null;

/** The part of the binding that is used. */
interface Statement {
  all(params: readonly SqlValue[]): unknown[];
  get(params: readonly SqlValue[]): unknown;
  run(params: readonly SqlValue[]): void;
}
interface Binding {
  prepare(sql: string): Statement & { raw(on: true): Statement };
  exec(sql: string): void;
  close(): void;
}

export class TemporaryDatabase {
  readonly #folder: string;
  readonly #binding: Binding;
  readonly #asking = new Map<string, Statement>();
  readonly #running = new Map<string, Statement>();

  /** @throws {ImportFailed} when there is no SQLite for this system */
  constructor() {
    const open = binding();
    this.#folder = mkdtempSync(join(tmpdir(), 'counterfoil-import-'));
    this.#binding = new open(join(this.#folder, 'rows.sqlite'));
    // Nobody else opens it, and nobody needs it after a crash.
    this.#binding.exec('PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE');
    this.#binding.exec('PRAGMA cache_size = -32000; PRAGMA temp_store = FILE');
  }

  exec(sql: string): void {
    this.#binding.exec(sql);
  }

  run(sql: string, ...params: readonly SqlValue[]): void {
    let statement = this.#running.get(sql);
    if (statement === undefined) {
      statement = this.#binding.prepare(sql);
      this.#running.set(sql, statement);
    }
    statement.run(params);
  }

  /** Rows as arrays. */
  all<R extends readonly SqlValue[]>(sql: string, ...params: readonly SqlValue[]): readonly R[] {
    // The binding says nothing of the types of columns; each query knows its own.
    return this.#question(sql).all(params) as R[];
  }

  first<R extends readonly SqlValue[]>(sql: string, ...params: readonly SqlValue[]): R | undefined {
    return this.#question(sql).get(params) as R | undefined;
  }

  /** Deletes it. */
  close(): void {
    this.#asking.clear();
    this.#running.clear();
    this.#binding.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #question(sql: string): Statement {
    const known = this.#asking.get(sql);
    if (known !== undefined) return known;
    const prepared = this.#binding.prepare(sql).raw(true);
    this.#asking.set(sql, prepared);
    return prepared;
  }
}

function binding(): new (file: string) => Binding {
  try {
    return createRequire(import.meta.url)('libsql') as new (
      file: string,
    ) => Binding;
  } catch (error) {
    throw new ImportFailed(
      `an import needs SQLite, and libsql has no binary for this system (${process.platform}, ${process.arch})`,
      { cause: error },
    );
  }
}
