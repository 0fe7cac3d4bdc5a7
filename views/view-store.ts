/**
 * The views' port: a small document store for what can be thrown away and rebuilt from the log. Its engines stand beside
 * it, in `mongo/` and `embedded/`; one contract suite runs against both.
 */

export type Scalar = string | number | boolean | null;

/** A document: plain JSON, with its id in `_id`. Numbers are safe integers; larger ones are text, see `exact-integer.ts`. */
export interface Doc {
  readonly _id: string;
}

/**
 * A filter in MongoDB's language, as far as both engines agree on it. A condition on a field that holds an array is met
 * when one of its elements meets it, each operator for itself; `$ne` when none is equal. A missing field equals null.
 * `$gt` and its like find values of the operand's type only. Arrays hold scalars or objects, no arrays. `$regex` is for
 * prefixes only: `^` and escaped text, see `startsWith` in `prefix.ts`. A condition that is undefined is none.
 */
export type Condition =
  | Scalar
  | {
      readonly $eq?: Scalar;
      readonly $ne?: Scalar;
      readonly $in?: readonly Scalar[];
      readonly $gt?: Scalar;
      readonly $gte?: Scalar;
      readonly $lt?: Scalar;
      readonly $lte?: Scalar;
      readonly $regex?: string;
    };
export interface Filter {
  readonly $and?: readonly Filter[];
  readonly $or?: readonly Filter[];
  readonly [path: string]: Condition | readonly Filter[] | undefined;
}

/**
 * Sort fields in order of weight; `_id` is always added last, in the direction of the first. A sort field holds scalars of
 * one type, or null. Null and missing sort first, as one; strings sort by code point, false before true: see `keyset.ts`.
 */
export type Sort = readonly (readonly [field: string, direction: 1 | -1])[];

/** Where a page ended: the values of the sort fields and `_id` of its last document. See `cursorOf` in `keyset.ts`. */
export type Cursor = readonly Scalar[];

export interface Find {
  readonly filter?: Filter;
  readonly sort?: Sort;
  /** Only documents after this cursor, which must come from the same sort. */
  readonly after?: Cursor;
  /** At most so many documents. Default 1000. */
  readonly limit?: number;
}

export interface GroupSums {
  readonly filter?: Filter;
  /** Field of scalars to group by (`null`: one group of all); with `prefix`, only its first so many characters (dates by day: 10). */
  readonly by: string | null;
  readonly prefix?: number;
  /** Fields to add up; what is no number counts as 0. */
  readonly sums: readonly string[];
}
export interface Group {
  readonly key: Scalar;
  readonly count: number;
  /** Exact, however large. */
  readonly sums: Readonly<Record<string, bigint>>;
}

/** The names of the views; every document of a view has one type, see `projectors/documents.ts`. */
export interface ViewSpec {
  readonly name: string;
  /** Sorted field lists worth an index; an engine may ignore them. A path through an array may only come first. */
  readonly indexes: readonly (readonly string[])[];
  /** The paths of the indexes that lead through arrays. All others lead to scalars. */
  readonly lists?: readonly string[];
  /** Further paths to scalars that filters often name. */
  readonly filtered?: readonly string[];
  /** Counts and sums worth keeping with each step, so that nobody has to scan for them; an engine may ignore them. */
  readonly totals?: TotalsSpec;
}

/** What is kept: how many documents are alike in all of `by`, and their sums. There should be few such groups. */
export interface TotalsSpec {
  /** Paths to scalars; with `prefix`, of a text only its first so many characters (dates by day: 10). */
  readonly by: readonly (readonly [path: string, prefix?: number])[];
  /** Fields to add up. */
  readonly sums: readonly string[];
}

/** A partition of the log that a view is made of. */
export interface Place {
  readonly topic: string;
  readonly partition: number;
}

export interface Move extends Place {
  /** The position this step starts from: the step is refused when it is not the stored one (0 when none is stored). */
  readonly from: number;
  readonly next: number;
}

/** Reads see the step's own writes. */
export interface ViewStep {
  /** The documents that exist among these ids, by id. */
  get<D extends Doc>(view: string, ids: readonly string[]): Promise<ReadonlyMap<string, D>>;
  find<D extends Doc>(view: string, find: Find): Promise<readonly D[]>;
  /** Replaces or inserts whole documents. */
  put(view: string, docs: readonly Doc[]): Promise<void>;
  remove(view: string, ids: readonly string[]): Promise<void>;
  /**
   * What this step replaces or removes, and what earlier steps did, is to be gone from the files of the store as well, soon after
   * it is committed. An engine whose files are not its own does what it can, which may be nothing.
   */
  purge?(): void;
}

/** A change that has been committed; `doc` is the newest known form, `null` when removed. */
export interface Change<D extends Doc = Doc> {
  readonly view: string;
  readonly id: string;
  readonly doc: D | null;
}

/** The view store cannot be reached, or did not answer in time. */
export class ViewsUnavailable extends Error {
  override readonly name = 'ViewsUnavailable';
}

/**
 * This process is refused, or speaks to the store in a way that cannot work, since nothing has ever worked: waiting does not
 * mend it. The message names what to look at.
 */
export class ViewsMisconfigured extends ViewsUnavailable {}

/** The views can be reached, and do not hold yet what they should: they are being filled from the log, and not read meanwhile. */
export class ViewsIncomplete extends ViewsUnavailable {}

/** `detail` says in one line what is wrong and what is waited for. */
export type ViewsHealth = { readonly state: 'running' } | { readonly state: 'trouble'; readonly detail: string };

/** Where a partition of the log has been read to. */
export interface StoredPosition {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

/** Reads throw `ViewsIncomplete` while the documents are being filled in, rather than show too few of them. */
export interface ViewStore {
  /** true when other processes see the same documents: then the projectors of all processes share the work. */
  readonly shared: boolean;
  /**
   * Applies one step atomically: documents and positions together. `run` may be called again after a conflict with another
   * step, so it must have no other effect. Returns `'refused'`, with nothing changed, when a move does not start from the
   * stored position: read the position again then, also because another generation of the views may have become live.
   * @throws {ViewsUnavailable} when the outcome is not known in time; the position tells it later.
   */
  step(moves: readonly Move[], run: (tx: ViewStep) => Promise<void>): Promise<'applied' | 'refused'>;
  /** The stored position of a partition, 0 when there is none. */
  position(topic: string, partition: number): Promise<number>;
  /** The stored positions of these partitions, in their order, by one read. */
  positions(places: readonly Place[]): Promise<readonly number[]>;
  get<D extends Doc>(view: string, ids: readonly string[]): Promise<ReadonlyMap<string, D>>;
  find<D extends Doc>(view: string, find: Find): Promise<readonly D[]>;
  /** How many documents match. */
  count(view: string, filter: Filter): Promise<number>;
  /** Groups in ascending order of key. */
  groups(view: string, sums: GroupSums): Promise<readonly Group[]>;
  /**
   * Calls `onChange` for every change committed from now on, per document in order; resolves once it listens. After a lost
   * connection it goes on where it was; where that is impossible it calls `onGap` (read again what you show). So it does once
   * documents have been filled in: while they are, changes are not told.
   */
  watch(views: readonly string[], onChange: (change: Change) => void, onGap?: () => void): Promise<() => Promise<void>>;
  /** Whether reads are answered, as last known. */
  health(): ViewsHealth;
  /**
   * Calls back when the stored positions have changed other than by steps: another generation of the views is live, or
   * what was stored is lost. Whoever follows the log must ask for the positions again. Returns what ends it.
   */
  onMoved(callback: () => void): () => void;
  /** The documents are incomplete: from now on nobody's reads are answered, in no process, until `filled`. */
  filling(reason: string): Promise<void>;
  /** Lets reads be answered again once the stored positions have reached these. Returns whether reads are answered. */
  filled(positions: readonly StoredPosition[]): Promise<boolean>;
  /** @throws {ViewsUnavailable} */
  ping(): Promise<void>;
  close(): Promise<void>;
}
