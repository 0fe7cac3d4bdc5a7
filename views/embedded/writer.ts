/** The one writer of a folder: a step is one transaction, its documents together with the positions. */
import type { Filter, StoredPosition } from '../view-store.ts';
import type { Database } from './database.ts';
import {
  emptyJournal,
  type FolderOptions,
  layoutsOf,
  lockFolder,
  openFolder,
  readMeta,
  wipeFolder,
  writeMeta,
} from './folder.ts';
import { answerRead, type Read } from './reader.ts';
import type { AnswerOf, Sent, Stored, WriterRequests } from './requests.ts';
import { StoredView } from './stored-view.ts';
import { Unindexed } from './unindexed.ts';

export class Writer {
  readonly #options: FolderOptions;
  /** Held for as long as this writes; views that are nobody else's need none. */
  readonly #owner: Database | undefined;
  readonly #wiped: string | undefined;
  #db: Database;
  #unindexed: Unindexed;
  #views: ReadonlyMap<string, StoredView>;
  #removed: { view: string; id: string }[] = [];
  /** Whether the step that is under way asks for it; and whether a committed one did, and it has not been done. */
  #purge: 'no' | 'asked' | 'due' = 'no';
  /** Why the step that is under way cannot be committed. */
  #failure: unknown;

  constructor(options: FolderOptions) {
    this.#options = options;
    this.#owner = options.temporary ? undefined : lockFolder(options);
    try {
      const { db, wiped } = openFolder(options, (opened) => {
        viewsIn(opened, options, new Unindexed(opened, options));
        positionsIn(opened);
      });
      this.#db = db;
      this.#wiped = wiped;
      this.#unindexed = new Unindexed(db, options);
      this.#views = viewsIn(db, options, this.#unindexed);
    } catch (error) {
      this.#owner?.close();
      throw error;
    }
  }

  answer(request: Exclude<Sent<WriterRequests>, { name: 'open' }>): unknown {
    const { name, args } = request;
    switch (name) {
      case 'begin':
        this.#failure = undefined;
        return this.#write(() => this.#db.exec('BEGIN IMMEDIATE'));
      case 'put':
        return this.#write(() => {
          for (const json of args.docs) this.#view(args.view).put(json);
        });
      case 'remove':
        return this.#write(() => {
          for (const id of args.ids) if (this.#view(args.view).remove(id)) this.#removed.push({ view: args.view, id });
        });
      case 'purge':
        if (this.#purge === 'no') this.#purge = 'asked';
        return null;
      case 'commit':
        return this.#commit(args.positions);
      case 'rollback':
        this.#rollback();
        return null;
      case 'note':
        writeMeta(this.#db, args.name, args.value);
        return null;
      case 'defer':
        this.#unindexed.defer([...this.#views.values()].filter(({ isEmpty }) => isEmpty).map(({ layout }) => layout));
        return null;
      case 'index':
        return this.#unindexed.makeNext([...this.#views.values()].map(({ layout }) => layout));
      case 'wipe':
        this.#db.close();
        this.#db = wipeFolder(this.#options);
        this.#unindexed = new Unindexed(this.#db, this.#options);
        this.#views = viewsIn(this.#db, this.#options, this.#unindexed);
        return null;
      case 'close':
        this.#db.close();
        this.#owner?.close();
        return null;
      default:
        if (this.#failure !== undefined) throw this.#failure;
        return this.#read(request);
    }
  }

  stored(): Stored {
    return {
      positions: positionsIn(this.#db),
      log: readMeta(this.#db, 'log'),
      filling: readMeta(this.#db, 'filling'),
      wiped: this.#wiped,
    };
  }

  #read(request: Read): unknown {
    const { layout } = this.#view(request.args.view);
    const searched = request.name === 'get' ? layout : this.#unindexed.searchable(layout, filterOf(request));
    return answerRead(this.#db, searched, request);
  }

  #view(name: string): StoredView {
    const view = this.#views.get(name);
    if (view === undefined) throw new RangeError(`no view is named ${name}`);
    return view;
  }

  /** Nobody waits for the answer: what fails is told by the commit, or by the next read of the step. */
  #write(write: () => void): null {
    if (this.#failure !== undefined) return null;
    try {
      write();
    } catch (error) {
      this.#failure = error;
    }
    return null;
  }

  #commit(positions: readonly StoredPosition[]): AnswerOf<WriterRequests, 'commit'> {
    if (this.#failure !== undefined) throw this.#failure;
    for (const view of this.#views.values()) view.writeTotals();
    for (const { topic, partition, offset } of positions) {
      this.#db.run('INSERT OR REPLACE INTO positions VALUES (?, ?, ?)', [topic, BigInt(partition), BigInt(offset)]);
    }
    this.#db.exec('COMMIT');
    if (this.#purge !== 'no') this.#purge = emptyJournal(this.#db) ? 'no' : 'due';
    return this.#removed.splice(0);
  }

  #rollback(): void {
    this.#failure = undefined;
    this.#removed = [];
    if (this.#purge === 'asked') this.#purge = 'no';
    for (const view of this.#views.values()) view.forget();
    this.#db.rollBack();
    this.#unindexed.takenBack();
  }
}

function viewsIn(db: Database, { views }: FolderOptions, unindexed: Unindexed): ReadonlyMap<string, StoredView> {
  return new Map([...layoutsOf(views)].map(([name, layout]) => [name, new StoredView(db, layout, unindexed)]));
}

function filterOf({ name, args }: Exclude<Read, { name: 'get' }>): Filter | undefined {
  if (name === 'count') return args.filter;
  return name === 'find' ? args.find.filter : args.question.filter;
}

function positionsIn(db: Database): readonly StoredPosition[] {
  return db.all('SELECT topic, part, next FROM positions').map(([topic, partition, offset]) => ({
    topic: String(topic),
    partition: Number(partition),
    offset: Number(offset),
  }));
}
