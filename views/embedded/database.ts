/** The views' database. */
import { Sqlite } from '../../store/sqlite.ts';
import { ViewsMisconfigured } from '../view-store.ts';
import type { SqlValue } from './column-value.ts';

export type SqlRow = readonly SqlValue[];

export class Database extends Sqlite<SqlValue> {
  /** @throws {ViewsMisconfigured} when the binding has no binary for this system, and what SQLite says of the file */
  constructor(file: string) {
    super(file, (system, cause) => {
      return new ViewsMisconfigured(
        `embedded views need SQLite, and libsql has no binary for this system (${system}): ` +
          'run on Linux, macOS or Windows, 64 bits, or with views in MongoDB (MONGODB_URL)',
        { cause },
      );
    });
  }

  /** Some failures, a full disk among them, have rolled back already. */
  rollBack(): void {
    try {
      this.exec('ROLLBACK');
    } catch (error) {
      if (!/no transaction/.test(String(error))) throw error;
    }
  }
}
