/**
 * Indexes that have no entries yet, by the names of their tables. While views are filled from nothing, entries would go to places
 * all over each index, and nobody searches: so an index is made of all documents at once, in its own order, when they are
 * filled, or when a step searches by its first field before that. Kept in the file: a process that was killed goes on there.
 */
import type { Filter } from '../view-store.ts';
import type { Database } from './database.ts';
import { documentsFrom } from './documents.ts';
import { entriesOf } from './entries.ts';
import { type FolderOptions, readMeta, writeFit, writeMeta } from './folder.ts';
import type { IndexTable, ViewLayout } from './layout.ts';
import { partsOf } from './match.ts';

const META = 'unindexed';

export class Unindexed {
  readonly #db: Database;
  readonly #options: FolderOptions;
  #tables: ReadonlySet<string>;

  constructor(db: Database, options: FolderOptions) {
    this.#db = db;
    this.#options = options;
    this.#tables = this.#stored();
  }

  has(table: string): boolean {
    return this.#tables.has(table);
  }

  /** To be called outside of a step. */
  defer(layouts: readonly ViewLayout[]): void {
    const tables = layouts.flatMap(({ indexes }) => indexes.map(({ table }) => table));
    this.#alone(() => this.#keep(new Set([...this.#tables, ...tables])));
  }

  /**
   * Makes one more index, or those of the lists of a view, which are made together; outside of a step.
   * @returns how many are left
   */
  makeNext(layouts: readonly ViewLayout[]): number {
    for (const layout of layouts) {
      const due = this.#dueIn(layout);
      const lists = due.filter(({ list }) => list);
      const next = lists.length > 0 ? lists : due.slice(0, 1);
      if (next.length === 0) continue;
      this.#alone(() => this.#make(layout, next));
      break;
    }
    return this.#tables.size;
  }

  /** The view as a step can search it by this filter: with the indexes that help made, and without the others. */
  searchable(layout: ViewLayout, filter: Filter | undefined): ViewLayout {
    if (this.#tables.size === 0) return layout;
    const paths = pathsOf(filter);
    this.#make(
      layout,
      this.#dueIn(layout).filter(({ fields: [first = ''] }) => paths.has(first)),
    );
    return { ...layout, indexes: layout.indexes.filter(({ table }) => !this.#tables.has(table)) };
  }

  /** A step was taken back, with the indexes that were made in it. */
  takenBack(): void {
    this.#tables = this.#stored();
  }

  #dueIn({ indexes }: ViewLayout): readonly IndexTable[] {
    return indexes.filter(({ table }) => this.#tables.has(table));
  }

  #stored(): ReadonlySet<string> {
    return new Set(readMeta(this.#db, META)?.split(' '));
  }

  #keep(tables: ReadonlySet<string>): void {
    writeMeta(this.#db, META, tables.size === 0 ? undefined : [...tables].join(' '));
    writeFit(this.#db, this.#options, tables.size > 0);
    this.#tables = tables;
  }

  #alone(change: () => void): void {
    this.#db.exec('BEGIN IMMEDIATE');
    try {
      change();
      this.#db.exec('COMMIT');
    } catch (error) {
      this.#db.rollBack();
      this.takenBack();
      throw error;
    }
  }

  #make(layout: ViewLayout, due: readonly IndexTable[]): void {
    if (due.length === 0) return;
    const lists = due.filter(({ list }) => list);
    if (lists.length > 0) makeOfLists(this.#db, layout, lists);
    for (const index of due) if (!index.list) makeOfScalars(this.#db, layout, index);
    const made = new Set(due.map(({ table }) => table));
    this.#keep(new Set([...this.#tables].filter((table) => !made.has(table))));
  }
}

function makeOfScalars(db: Database, { rows, scalars }: ViewLayout, { table, fields }: IndexTable): void {
  const columns = [...fields.map((path) => scalars.get(path)), 'id'].join();
  db.exec(`INSERT INTO ${table} SELECT ${columns}, k FROM ${rows} ORDER BY ${columns}`);
}

/** Entries of lists stand in the documents alone. They are put down as they come, and brought into order by SQLite. */
function makeOfLists(db: Database, layout: ViewLayout, lists: readonly IndexTable[]): void {
  const staged = lists.map((index) => {
    const keys = [...index.fields.map((_, i) => `f${i}`), 'id'].join();
    const name = `staged_${index.table}`;
    db.exec(`CREATE TEMP TABLE ${name} (${keys}, k INTEGER)`);
    const add = `INSERT INTO ${name} VALUES (${[...index.fields.map(() => '?'), '?', '?'].join()})`;
    return { at: layout.indexes.indexOf(index), table: index.table, name, keys, add };
  });
  for (const [k, doc] of documentsFrom(db, layout)) {
    const { indexes } = entriesOf(layout, doc);
    for (const { at, add } of staged) for (const entry of indexes[at] ?? []) db.run(add, [...entry, k]);
  }
  for (const { table, name, keys } of staged) {
    db.exec(`INSERT INTO ${table} SELECT ${keys}, k FROM ${name} ORDER BY ${keys}`);
    db.exec(`DROP TABLE ${name}`);
  }
}

/** All that a filter says something of. */
function pathsOf(filter: Filter | undefined): ReadonlySet<string> {
  const paths = partsOf(filter).flatMap(({ leaf, any = [] }) => [
    ...(leaf === undefined ? [] : [leaf.path]),
    ...any.flatMap((each) => [...pathsOf(each)]),
  ]);
  return new Set(paths);
}
