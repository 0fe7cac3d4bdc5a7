/** A temporary SQLite database: what is read stands there and not in memory, however many rows there are. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Sqlite } from '../../store/sqlite.ts';
import { ImportFailed } from '../failure.ts';

export type SqlValue = string | number | null;

export class TemporaryDatabase {
  readonly #folder: string;
  readonly #database: Sqlite<SqlValue>;

  /** @throws {ImportFailed} when there is no SQLite for this system */
  constructor() {
    this.#folder = mkdtempSync(join(tmpdir(), 'counterfoil-import-'));
    try {
      this.#database = new Sqlite(join(this.#folder, 'rows.sqlite'), unsupported);
    } catch (error) {
      rmSync(this.#folder, { recursive: true, force: true });
      throw error;
    }
    // Nobody else opens it, and nobody needs it after a crash.
    this.exec('PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE');
    this.exec('PRAGMA cache_size = -32000; PRAGMA temp_store = FILE');
  }

  exec(sql: string): void {
    this.#database.exec(sql);
  }

  run(sql: string, ...params: readonly SqlValue[]): void {
    this.#database.run(sql, params);
  }

  /** Rows as arrays; each query knows the types of its columns. */
  all<R extends readonly SqlValue[]>(sql: string, ...params: readonly SqlValue[]): readonly R[] {
    return this.#database.all(sql, params) as readonly R[];
  }

  first<R extends readonly SqlValue[]>(sql: string, ...params: readonly SqlValue[]): R | undefined {
    return this.#database.first(sql, params) as R | undefined;
  }

  /** Deletes it. */
  close(): void {
    this.#database.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function unsupported(system: string, cause: unknown): ImportFailed {
  return new ImportFailed(`an import needs SQLite, and libsql has no binary for this system (${system})`, { cause });
}
