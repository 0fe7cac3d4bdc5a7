/**
 * The rows of an endless list, apart from any component: read piece by piece, each behind the one before. It knows neither
 * GraphQL nor React. What would move rows under the reader's eyes is held until the reader may see it.
 */
import { sameOrder } from './waiting-rows';

/** A piece of a list, as the API gives it. */
export interface Connection<TNode> {
  readonly edges: readonly { readonly node: TNode }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  /** Where totals were asked for: they are the same for all further rows. */
  readonly totalCount?: number;
  readonly totalAmount?: string;
}

export interface Row {
  readonly id: string;
  readonly version?: number;
}

/** The list at one moment; another object after each change. */
export interface ListSnapshot<TNode> {
  readonly rows: readonly TNode[];
  /** False until the first answer. */
  readonly known: boolean;
  /** The totals come after the first rows, which are read faster without them. */
  readonly totalCount: number | null;
  readonly totalAmount: string | null;
  readonly hasMore: boolean;
  /** Further rows are on their way, or soon asked for again. */
  readonly readingMore: boolean;
  /** Why the newest reading of the beginning failed. */
  readonly error: Error | undefined;
  /** A newer beginning that would move rows. */
  readonly held: Connection<TNode> | null;
}

/** What is asked for at once. */
export interface Asked {
  readonly rows: boolean;
  readonly totals: boolean;
}

/** Reads the rows behind a cursor, null: from the beginning, or what all of them come to. */
export type ReadRows<TNode> = (after: string | null, asked: Asked, signal: AbortSignal) => Promise<Connection<TNode>>;

const AGAIN_AFTER_MS = 1_000;

export class EndlessList<TNode extends Row> {
  readonly #read: ReadRows<TNode>;
  readonly #listeners = new Set<() => void>();
  /** Where each row stands. */
  #places = new Map<string, number>();
  #cursor: string | null = null;
  /** The reading of further rows that counts; one begun before the rows were replaced does not. */
  #more: AbortController | null = null;
  #beginning: AbortController | null = null;
  /** The reading of the beginning before which nothing was known. */
  #first: AbortController | null = null;
  #snapshot: ListSnapshot<TNode> = {
    rows: [],
    known: false,
    totalCount: null,
    totalAmount: null,
    hasMore: false,
    readingMore: false,
    error: undefined,
    held: null,
  };

  constructor(read: ReadRows<TNode>) {
    this.#read = read;
  }

  readonly get = (): ListSnapshot<TNode> => this.#snapshot;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      // Nobody looks at it: what is on its way would only keep the server from what is looked at.
      this.#beginning?.abort();
      this.#stopMore();
    };
  };

  /** Whether anybody looks at it. */
  get watched(): boolean {
    return this.#listeners.size > 0;
  }

  /** Reads the beginning, unless it is being read for the first time. @throws as `refresh` */
  async start(busy: () => boolean): Promise<void> {
    const isBeingRead = this.#first !== null && this.#first === this.#beginning && !this.#first.signal.aborted;
    if (!isBeingRead) await this.refresh(busy);
  }

  /**
   * Reads the beginning again. It is shown at once when no row moves by that, or when the reader is not busy with the list;
   * else it is held. @throws what the reading throws, but for one that is no longer wanted
   */
  async refresh(busy: () => boolean): Promise<void> {
    const reading = new AbortController();
    this.#beginning?.abort();
    this.#beginning = reading;
    if (!this.#snapshot.known) this.#first = reading;
    try {
      if (this.#snapshot.known) await this.#readAgain(busy, reading.signal);
      else await this.#readFirst(reading.signal);
    } catch (error) {
      if (reading.signal.aborted) return;
      this.#set({ error: error instanceof Error ? error : new Error(String(error)) });
      throw error;
    } finally {
      if (this.#beginning === reading) this.#beginning = null;
    }
  }

  /** Shows the first rows as soon as they can be had: to count all that a search finds may take much longer. */
  async #readFirst(signal: AbortSignal): Promise<void> {
    const first = this.#read(null, { rows: true, totals: false }, signal);
    const whole = this.#read(null, { rows: false, totals: true }, signal);
    // When the rows cannot be read, that is what is told.
    whole.catch(() => {});
    const rows = await first;
    if (!signal.aborted) this.#show(rows);
    const { totalCount = null, totalAmount = null } = await whole;
    // The rows may be newer by now.
    if (!signal.aborted) this.#set({ totalCount, totalAmount });
  }

  async #readAgain(busy: () => boolean, signal: AbortSignal): Promise<void> {
    const fresh = await this.#read(null, { rows: true, totals: true }, signal);
    if (signal.aborted) return;
    if (!busy()) this.#show(fresh);
    else if (sameOrder(this.#snapshot.rows, fresh)) this.#replaceBeginning(fresh);
    else this.#set({ held: fresh, error: undefined });
  }

  /** Shows what is held. */
  showHeld(): void {
    const { held } = this.#snapshot;
    if (held !== null) this.#show(held);
  }

  /** Reads the rows behind the last one, unless that is under way. A reading that fails is made again after a while. */
  readonly loadMore = (): void => {
    if (!this.#snapshot.hasMore || this.#more !== null) return;
    const reading = new AbortController();
    this.#more = reading;
    this.#set({ readingMore: true });
    this.#read(this.#cursor, { rows: true, totals: false }, reading.signal).then(
      (further) => {
        if (this.#more !== reading) return;
        this.#more = null;
        this.#append(further);
      },
      () => {
        // The list asks again as soon as `readingMore` is false, if the reader is still at its end.
        setTimeout(() => {
          if (this.#more === reading) this.#stopMore();
        }, AGAIN_AFTER_MS);
      },
    );
  };

  /** Rows that have changed, each in its place. */
  change(changed: ReadonlyMap<string, TNode>): void {
    let rows: TNode[] | undefined;
    for (const [id, row] of changed) {
      const at = this.#places.get(id);
      const was = at === undefined ? undefined : this.#snapshot.rows[at];
      if (at === undefined || was === undefined || isOlder(row, was)) continue;
      rows ??= [...this.#snapshot.rows];
      rows[at] = row;
    }
    if (rows !== undefined) this.#set({ rows });
  }

  /** From the beginning: rows beyond it are read again as the reader gets there. */
  #show(fresh: Connection<TNode>): void {
    const { rows, totalCount } = this.#snapshot;
    // Nothing has come or gone, and no row has moved: then further rows need not be read again.
    if ((totalCount === null || totalCount === fresh.totalCount) && sameOrder(rows, fresh)) {
      this.#replaceBeginning(fresh);
      return;
    }
    this.#stopMore();
    this.#cursor = fresh.pageInfo.endCursor;
    this.#places = new Map();
    this.#set({ rows: this.#placed([], fresh), ...totalsOf(fresh), hasMore: fresh.pageInfo.hasNextPage });
  }

  #replaceBeginning(fresh: Connection<TNode>): void {
    const rows = [...fresh.edges.map(({ node }) => node), ...this.#snapshot.rows.slice(fresh.edges.length)];
    // Rows may have come behind the last one since the end was reached.
    const hasMore = this.#snapshot.hasMore || (fresh.totalCount ?? 0) > rows.length;
    this.#set({ rows, ...totalsOf(fresh), hasMore });
  }

  #append(further: Connection<TNode>): void {
    this.#cursor = further.pageInfo.endCursor ?? this.#cursor;
    const rows = this.#placed(this.#snapshot.rows, further);
    this.#set({ rows, hasMore: further.pageInfo.hasNextPage, readingMore: false });
  }

  /** The rows with those of the piece behind them. One that has moved down since it was read stays where it is. */
  #placed(rows: readonly TNode[], { edges }: Connection<TNode>): readonly TNode[] {
    const added: TNode[] = [];
    for (const { node } of edges) {
      if (this.#places.has(node.id)) continue;
      this.#places.set(node.id, rows.length + added.length);
      added.push(node);
    }
    return added.length === 0 ? rows : [...rows, ...added];
  }

  #stopMore(): void {
    this.#more?.abort();
    this.#more = null;
    if (this.#snapshot.readingMore) this.#set({ readingMore: false });
  }

  #set(changes: Partial<ListSnapshot<TNode>>): void {
    this.#snapshot = { ...this.#snapshot, ...changes };
    for (const listener of this.#listeners) listener();
  }
}

const totalsOf = <TNode>({ totalCount, totalAmount }: Connection<TNode>) => ({
  known: true,
  totalCount: totalCount ?? null,
  totalAmount: totalAmount ?? null,
  error: undefined,
  held: null,
});

/** A change that was under way while a newer row was read. */
const isOlder = (row: Row, was: Row): boolean => (row.version ?? 0) < (was.version ?? 0);
