/**
 * The folder of the views and the file in it, for the one process that has it. What does not fit is wiped: the log gives the
 * views again.
 */
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type ViewSpec, ViewsMisconfigured } from '../view-store.ts';
import { Database } from './database.ts';
import { layoutOf, tablesOf, type ViewLayout } from './layout.ts';

/** Changes with the layout of the tables, or with how values are written. */
const FORMAT = '1';
/** Behind what a file fits to whose indexes have not all been made, see `unindexed.ts`. */
const UNINDEXED = ' unindexed';
const DATA_FILE = 'views.db';
const OWNER_FILE = 'owner.db';
/** Stands in the folder when the views are to be built anew at the next start. */
export const REBUILD_FILE = 'rebuild';
const PATIENCE_MS = 5000;
const WRITER_CACHE_KIB = 64 * 1024;
const READER_CACHE_KIB = 16 * 1024;

export interface FolderOptions {
  readonly dir: string;
  readonly views: readonly ViewSpec[];
  /** Views of another shape are wiped. */
  readonly shape: string;
  /** Gone when they are closed: no lock, no threads, no flush to the disk. */
  readonly temporary: boolean;
  /** How long to wait for an owner of the folder that is about to end, in ms. Default 5,000. */
  readonly patienceMs?: number | undefined;
}

export function layoutsOf(views: readonly ViewSpec[]): ReadonlyMap<string, ViewLayout> {
  return new Map(views.map((spec, number) => [spec.name, layoutOf(spec, number)]));
}

/**
 * Keeps the folder for this process, by a lock of SQLite's on a file of its own: it ends with the process, however that
 * dies. @throws when another has it
 */
export function lockFolder({ dir, patienceMs = PATIENCE_MS }: FolderOptions): Database {
  mkdirSync(dir, { recursive: true });
  const owner = new Database(join(dir, OWNER_FILE));
  try {
    owner.exec(`PRAGMA busy_timeout = ${patienceMs}; BEGIN EXCLUSIVE`);
    return owner;
  } catch (error) {
    owner.close();
    if (codeOf(error) !== 'SQLITE_BUSY') throw error;
    throw new ViewsMisconfigured(
      `the views in ${dir} are in use by another process: embedded views have one process at a time. ` +
        'Stop that process, choose another DATA_DIR, or keep the views in MongoDB (MONGODB_URL) for several processes',
    );
  }
}

export interface OpenedFolder {
  readonly db: Database;
  /** Why what was there has been wiped; undefined when it was not, or nothing was there. */
  readonly wiped: string | undefined;
}

/**
 * Opens what is there, or wipes it and begins anew.
 * @param read reads what is needed at once; what is damaged is met here, as far as that goes
 */
export function openFolder(options: FolderOptions, read: (db: Database) => void): OpenedFolder {
  const { dir } = options;
  const asked = existsSync(join(dir, REBUILD_FILE));
  let wiped = asked ? 'a rebuild was asked for' : undefined;
  if (existsSync(join(dir, DATA_FILE)) && !asked) {
    let db: Database | undefined;
    try {
      db = openFile(options);
      wiped = whyUnfit(db, options);
      if (wiped === undefined) {
        read(db);
        return { db, wiped };
      }
    } catch (error) {
      if (!isDamage(error)) {
        db?.close();
        throw error;
      }
      wiped = `the file is damaged (${error instanceof Error ? error.message : String(error)})`;
    }
    db?.close();
  }
  return { db: wipeFolder(options), wiped };
}

/** Deletes what is there and begins anew. No other connection may be open. */
export function wipeFolder(options: FolderOptions): Database {
  const file = join(options.dir, DATA_FILE);
  for (const ending of ['', '-wal', '-shm']) rmSync(`${file}${ending}`, { force: true });
  const db = openFile(options);
  db.exec('BEGIN');
  db.exec('CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID');
  db.exec(
    'CREATE TABLE positions (topic TEXT, part INTEGER, next INTEGER NOT NULL, PRIMARY KEY (topic, part)) WITHOUT ROWID',
  );
  for (const layout of layoutsOf(options.views).values()) for (const table of tablesOf(layout)) db.exec(table);
  writeFit(db, options, false);
  db.exec('COMMIT');
  // Only now: a start that was killed in between wipes again.
  rmSync(join(options.dir, REBUILD_FILE), { force: true });
  return db;
}

/** A connection for reading alone, beside the writer of this process. */
export function openReader({ dir }: FolderOptions): Database {
  const db = new Database(join(dir, DATA_FILE));
  db.exec(`PRAGMA query_only = ON; PRAGMA busy_timeout = ${PATIENCE_MS}; PRAGMA cache_size = -${READER_CACHE_KIB}`);
  return db;
}

/**
 * WAL: readers see the last commit and wait for nobody. NORMAL: a commit is not flushed by itself, so a loss of power may take
 * the last steps back, whole and with their positions; the log gives them again.
 */
function openFile({ dir, temporary }: FolderOptions): Database {
  const db = new Database(join(dir, DATA_FILE));
  db.exec(`PRAGMA busy_timeout = ${PATIENCE_MS}`);
  // Answers with a row, which `exec` does not expect.
  db.first('PRAGMA journal_mode = WAL');
  db.exec(`PRAGMA synchronous = ${temporary ? 'OFF' : 'NORMAL'}; PRAGMA cache_size = -${WRITER_CACHE_KIB}`);
  // What is deleted or replaced is overwritten: it may be the name of somebody who was erased.
  db.first('PRAGMA secure_delete = ON');
  // Pages that many steps change are brought into the file once for all of them.
  db.first('PRAGMA wal_autocheckpoint = 16000');
  db.first(`PRAGMA journal_size_limit = ${128 * 1024 * 1024}`);
  if (!temporary) {
    // What is sorted, such as the entries of a whole index, would outgrow memory, and another place on the disk may not be there.
    db.exec('PRAGMA temp_store = FILE');
    db.exec(`PRAGMA temp_store_directory = '${dir.replaceAll("'", "''")}'`);
  }
  return db;
}

/**
 * Brings all pages into the file and cuts the journal to nothing: older pages stand in it until they happen to be overwritten.
 * Returns false when a reader was in the way for too long.
 */
export function emptyJournal(db: Database): boolean {
  return db.first('PRAGMA wal_checkpoint(TRUNCATE)')?.[0] === 0;
}

function fitOf({ views, shape }: FolderOptions): string {
  return JSON.stringify({ format: FORMAT, shape, views });
}

/** @param unindexed some indexes have no entries yet: a version that does not know of such is to wipe the views */
export function writeFit(db: Database, options: FolderOptions, unindexed: boolean): void {
  writeMeta(db, 'fit', `${fitOf(options)}${unindexed ? UNINDEXED : ''}`);
}

function whyUnfit(db: Database, options: FolderOptions): string | undefined {
  const fit = readMeta(db, 'fit');
  if (fit === fitOf(options) || fit === `${fitOf(options)}${UNINDEXED}`) return undefined;
  return fit === undefined ? 'they were never finished' : 'they were written for documents of another shape';
}

export function readMeta(db: Database, name: string): string | undefined {
  const known = db.first("SELECT 1 FROM sqlite_schema WHERE name = 'meta'");
  const value = known && db.first('SELECT value FROM meta WHERE name = ?', [name])?.[0];
  return value === undefined ? undefined : String(value);
}

/** undefined: forgets it. */
export function writeMeta(db: Database, name: string, value: string | undefined): void {
  if (value === undefined) db.run('DELETE FROM meta WHERE name = ?', [name]);
  else db.run('INSERT OR REPLACE INTO meta VALUES (?, ?)', [name, value]);
}

/** What the file itself is to blame for. */
function isDamage(error: unknown): boolean {
  return /^SQLITE_(CORRUPT|NOTADB|SCHEMA)/.test(codeOf(error) ?? '');
}

export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
