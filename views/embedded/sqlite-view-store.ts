/**
 * The view store on SQLite. All work on the file is done by threads: one writes, the others read the last commit, so no step
 * and no search holds up the process, and no search holds up a read of single documents.
 */
import { BackOff } from '../../waiting/back-off.ts';
import {
  type Change,
  type Doc,
  type Filter,
  type Find,
  type Group,
  type GroupSums,
  type Move,
  type Place,
  type StoredPosition,
  type ViewStep,
  type ViewStore,
  type ViewsHealth,
  ViewsIncomplete,
  ViewsUnavailable,
} from '../view-store.ts';
import type { FolderOptions } from './folder.ts';
import { type Link, openLink } from './link.ts';
import { Positions } from './positions.ts';
import { ReaderLink } from './reader-link.ts';
import type { Stored, WriterRequests } from './requests.ts';
import { documentIn, documentsById, StagedStep } from './staged-step.ts';
import { ThreadFailure, toldOf } from './thread-failure.ts';
import { Watchers } from './watchers.ts';

export interface EmbeddedViewStore extends ViewStore {
  /**
   * Wipes what was built from another log than this, or from more than there is of it, as after a backup was put back.
   * To be called before the log is followed.
   */
  fitTo(log: string, ends: readonly StoredPosition[]): Promise<void>;
  /** Wipes what is there, after the step that is under way: who follows the log fills it anew, and it is not read until then. */
  rebuild(): Promise<void>;
}

export class SqliteViewStore implements EmbeddedViewStore {
  readonly shared = false;
  readonly #options: FolderOptions;
  readonly #onWiped: ((reason: string) => void) | undefined;
  readonly #onClosed: (() => void) | undefined;
  readonly #names: ReadonlySet<string>;
  readonly #positions = new Positions();
  readonly #watchers = new Watchers();
  readonly #moved = new Set<() => void>();
  /** Single documents are read by a thread of their own, and counts by one that pages need not wait for. */
  readonly #readers: {
    readonly documents: ReaderLink;
    readonly pages: readonly ReaderLink[];
    readonly totals: ReaderLink;
  };
  #writer: Link<WriterRequests>;
  /** Resolves once the folder is open. While it is wiped or opened again, everyone waits for that. */
  #opened: Promise<void>;
  #lastStep: Promise<unknown> = Promise.resolve();
  #filling: string | undefined;
  #trouble: string | undefined;
  /** The log that what is stored was built from. */
  #log: string | undefined;
  #wasOpen = false;
  #wiping: Promise<void> | undefined;
  #closed: Promise<void> | undefined;

  constructor(options: FolderOptions, onWiped?: (reason: string) => void, onClosed?: () => void) {
    const { dir, views, shape, temporary, patienceMs } = options;
    this.#options = { dir, views, shape, temporary, patienceMs };
    this.#onWiped = onWiped;
    this.#onClosed = onClosed;
    this.#names = new Set(views.map(({ name }) => name));
    const [first, second] = [new ReaderLink(this.#options), new ReaderLink(this.#options)];
    this.#readers = temporary
      ? { documents: first, pages: [first], totals: first }
      : { documents: new ReaderLink(this.#options), pages: [first, second], totals: second };
    this.#writer = this.#startWriter();
    this.#opened = this.#open();
    this.#opened.catch(() => undefined);
    // In this thread that is done at once: see `openTemporaryViews`.
    if (temporary) first.open().catch(() => undefined);
  }

  async opened(): Promise<void> {
    await this.#opened;
  }

  step(moves: readonly Move[], run: (tx: ViewStep) => Promise<void>): Promise<'applied' | 'refused'> {
    return this.#inTurn(() => this.#step(moves, run));
  }

  async #step(moves: readonly Move[], run: (tx: ViewStep) => Promise<void>): Promise<'applied' | 'refused'> {
    await this.#opened;
    if (moves.some(({ topic, partition, from }) => this.#positions.at(topic, partition) !== from)) return 'refused';
    const step = new StagedStep(this.#writer, (view) => this.#check(view));
    try {
      await run(step);
      const positions = moves.map(({ topic, partition, next }) => ({ topic, partition, offset: next }));
      const written = await step.commit(positions);
      this.#positions.move(positions);
      this.#trouble = undefined;
      // What cannot be read yet is told to nobody.
      if (this.#filling === undefined) this.#watchers.tell(written);
      return 'applied';
    } catch (error) {
      await step.rollback();
      const told = this.#told(error);
      if (told instanceof ViewsUnavailable) this.#trouble = told.message;
      throw told;
    }
  }

  async position(topic: string, partition: number): Promise<number> {
    await this.#opened;
    return this.#positions.at(topic, partition);
  }

  async positions(places: readonly Place[]): Promise<readonly number[]> {
    await this.#opened;
    return places.map(({ topic, partition }) => this.#positions.at(topic, partition));
  }

  async get<D extends Doc>(view: string, ids: readonly string[]): Promise<ReadonlyMap<string, D>> {
    return documentsById<D>(await this.#read(view, () => this.#readers.documents.ask('get', { view, ids })));
  }

  async find<D extends Doc>(view: string, find: Find): Promise<readonly D[]> {
    const reader = this.#readers.pages.reduce((least, one) => (one.awaited < least.awaited ? one : least));
    return (await this.#read(view, () => reader.ask('find', { view, find }))).map((json) => documentIn<D>(json));
  }

  async count(view: string, filter: Filter): Promise<number> {
    return await this.#read(view, () => this.#readers.totals.ask('count', { view, filter }));
  }

  async groups(view: string, question: GroupSums): Promise<readonly Group[]> {
    return await this.#read(view, () => this.#readers.totals.ask('groups', { view, question }));
  }

  async watch(
    views: readonly string[],
    onChange: (change: Change) => void,
    onGap: () => void = () => {},
  ): Promise<() => Promise<void>> {
    for (const view of views) this.#check(view);
    const end = this.#watchers.add(views, onChange, onGap);
    return async () => end();
  }

  health(): ViewsHealth {
    const detail = this.#trouble ?? this.#filling;
    return detail === undefined ? { state: 'running' } : { state: 'trouble', detail };
  }

  onMoved(callback: () => void): () => void {
    this.#moved.add(callback);
    return () => this.#moved.delete(callback);
  }

  async filling(reason: string): Promise<void> {
    await this.#opened;
    this.#filling = reason;
    // Kept: a process that is killed before they are filled must not show too few documents when it starts again.
    await this.#ask(() => this.#writer.ask('note', { name: 'filling', value: reason }));
    if (this.#positions.areNone) await this.#inTurn(() => this.#ask(() => this.#writer.ask('defer', null)));
  }

  async filled(positions: readonly StoredPosition[]): Promise<boolean> {
    await this.#opened;
    if (this.#filling === undefined) return true;
    // They may be wiped meanwhile, as for a rebuild: then they are to be filled anew.
    const reached = () => this.#closed === undefined && this.#positions.haveReached(positions);
    for (let left = 1; left > 0; ) {
      if (!reached()) return false;
      left = await this.#inTurn(() => this.#ask(() => this.#writer.ask('index', null)));
      if (left > 0 && reached())
        this.#filling = `the views have been built from the log, and ${left} of their indexes are being made`;
    }
    const filled = await this.#inTurn(async () => {
      if (!reached()) return false;
      await this.#ask(() => this.#writer.ask('note', { name: 'filling', value: undefined }));
      this.#filling = undefined;
      return true;
    });
    if (filled) this.#watchers.gap();
    return filled;
  }

  /** After all that was begun before: a step, or what may not fall into the transaction of one. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#lastStep.then(work);
    this.#lastStep = result.catch(() => {});
    return result;
  }

  async fitTo(log: string, ends: readonly StoredPosition[]): Promise<void> {
    await this.#opened;
    if (this.#log !== log && (this.#log !== undefined || !this.#positions.areNone)) {
      await this.#wipe('they were built from another log');
    } else if (!this.#positions.areWithin(ends)) await this.#wipe('they hold more than the log does');
    await this.#ask(() => this.#writer.ask('note', { name: 'log', value: log }));
    this.#log = log;
  }

  rebuild(): Promise<void> {
    return this.#inTurn(() => this.#wipe('a rebuild was asked for'));
  }

  async ping(): Promise<void> {
    await this.#opened;
    if (this.#trouble !== undefined) throw new ViewsUnavailable(this.#trouble);
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#watchers.clear();
    this.#moved.clear();
    await this.#lastStep;
    const { documents, pages, totals } = this.#readers;
    // Readers first: the last connection to close brings all that was written into one file.
    await Promise.all([...new Set([documents, ...pages, totals])].map((reader) => reader.end()));
    await this.#writer.ask('close', null).catch(() => undefined);
    await this.#writer.end();
    this.#onClosed?.();
  }

  #startWriter(): Link<WriterRequests> {
    return openLink<WriterRequests>('writer', !this.#options.temporary, (reason) => {
      // Not before it was open: whoever opens the views is told that it cannot be.
      if (this.#closed !== undefined || !this.#wasOpen) return;
      this.#trouble = `the thread that writes the views has ended (${reason}); it is started again`;
      this.#opened = this.#openAgain();
      this.#opened.catch(() => undefined);
    });
  }

  async #open(): Promise<void> {
    try {
      this.#take(await this.#writer.ask('open', this.#options));
    } catch (error) {
      throw toldOf(error, this.#options.dir);
    }
  }

  #take({ positions, log, filling, wiped }: Stored): void {
    this.#wasOpen = true;
    this.#positions.replace(positions);
    this.#log = log;
    this.#filling = filling;
    if (wiped !== undefined) this.#onWiped?.(wiped);
  }

  /** After the writer's death: what it had committed is there, and whether its last step is among that, the positions tell. */
  async #openAgain(): Promise<void> {
    const backOff = new BackOff({ firstMs: 100, longestMs: 5000, ref: false });
    while (this.#closed === undefined) {
      await backOff.wait();
      this.#writer = this.#startWriter();
      try {
        await this.#open();
        this.#trouble = undefined;
        this.#tellMoved();
        return;
      } catch (error) {
        await this.#writer.end();
        this.#trouble = error instanceof Error ? error.message : String(error);
      }
    }
  }

  /** Begins anew with nothing, in the middle of work: who follows the log is told to do so from its beginning. */
  #wipe(reason: string): Promise<void> {
    const wiping = this.#wiping ?? this.#wipeNow(reason);
    this.#wiping = wiping;
    this.#opened = wiping;
    return wiping;
  }

  async #wipeNow(reason: string): Promise<void> {
    try {
      const { documents, pages, totals } = this.#readers;
      await Promise.all([...new Set([documents, ...pages, totals])].map((reader) => reader.letGo()));
      await this.#ask(() => this.#writer.ask('wipe', null));
      const log = this.#log;
      if (log !== undefined) await this.#ask(() => this.#writer.ask('note', { name: 'log', value: log }));
      this.#positions.replace([]);
      this.#filling = 'the views are being built from the log';
      this.#onWiped?.(reason);
      this.#tellMoved();
    } finally {
      this.#wiping = undefined;
    }
  }

  #tellMoved(): void {
    for (const callback of [...this.#moved]) callback();
  }

  async #read<T>(view: string, ask: () => Promise<T>): Promise<T> {
    this.#check(view);
    await this.#opened;
    if (this.#filling !== undefined) throw new ViewsIncomplete(this.#filling);
    return await this.#ask(ask);
  }

  async #ask<T>(ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (error) {
      throw this.#told(error);
    }
  }

  /** The error as callers are to see it. A file that turns out to be damaged is wiped. */
  #told(error: unknown): unknown {
    if (error instanceof ThreadFailure && error.isDamage && this.#wiping === undefined) {
      void this.#wipe(`the file is damaged (${error.message})`).catch(() => undefined);
    }
    return toldOf(error, this.#options.dir);
  }

  #check(view: string): void {
    if (this.#names.has(view)) return;
    throw new RangeError(`no view is named ${view}; there are ${[...this.#names].join(', ')}`);
  }
}
