/**
 * An endless list that stays right under the reader's eyes: more rows are fetched at its end as the reader scrolls; entities
 * change in place; and what would move rows (new ones, another order) waits while the reader is busy with the list.
 */
import type { OperationVariables, TypedDocumentNode } from '@apollo/client';
import { useCallback, useEffect, useMemo, useRef, useSyncExternalStore } from 'react';
import { client } from './client';
import { type Connection, EndlessList, type ListSnapshot, type Row } from './endless-list';
import { type LiveKind, onLive, remember } from './live';
import { useOnLive } from './use-live';
import { countNew, ROWS_AT_ONCE } from './waiting-rows';

export interface LiveList<TNode> {
  /** Another one for another search or sorting. */
  readonly key: string;
  readonly rows: readonly TNode[];
  /** Null until it has been counted: the first rows may be there before. */
  readonly totalCount: number | null;
  readonly totalAmount: string | null;
  /** True until there is something to show. */
  readonly loading: boolean;
  /** True while a changed search or sorting is on its way and the old rows are still shown. */
  readonly stale: boolean;
  readonly error: Error | undefined;
  readonly hasMore: boolean;
  /** Further rows are on their way. */
  readonly readingMore: boolean;
  loadMore(): void;
  /** Rows that are there and wait to be shown; `'order'` when only the order has changed; null when all is shown. */
  readonly waiting: number | 'order' | null;
  showWaiting(): void;
  refresh(): void;
  /** Lets the panel of a row show at once what the list knows of it. */
  remember(id: string): void;
}

/** What a list asks for. */
export interface ConnectionQuery<TData, TVariables, TNode> {
  readonly document: TypedDocumentNode<TData, TVariables>;
  /** Filter and sort; a new object is a new search only when its content differs. */
  readonly variables: Omit<TVariables, 'first' | 'after' | 'counts'>;
  readonly pick: (data: TData) => Connection<TNode>;
}

export interface ConnectionOptions<TData, TVariables, TNode> extends ConnectionQuery<TData, TVariables, TNode> {
  /** That of the rows first. The list is read again when something of these kinds changes. */
  readonly kinds: readonly [LiveKind, ...LiveKind[]];
  /** Asked when new rows have come: is the reader in the middle of the list? */
  readonly busy: () => boolean;
}

/** Lists that nobody looks at are kept for who comes back to them. */
const KEPT = 8;
const LOOK_AGAIN_MS = 400;

const kept = new Map<object, Map<string, { readonly watched: boolean }>>();

function listOf<TData, TVariables extends OperationVariables, TNode extends Row>(
  { document, variables, pick }: ConnectionQuery<TData, TVariables, TNode>,
  key: string,
): EndlessList<TNode> {
  const lists = kept.get(document) ?? new Map<string, { readonly watched: boolean }>();
  kept.set(document, lists);
  const known = lists.get(key);
  const list =
    // The document tells the type of its rows.
    (known as EndlessList<TNode> | undefined) ??
    new EndlessList<TNode>(async (after, { rows, totals }, signal) => {
      const { data } = await client.query({
        // Apollo's types cannot follow variables that are put together from a generic part and a page.
        query: document as TypedDocumentNode<TData, OperationVariables>,
        variables: { ...variables, first: rows ? ROWS_AT_ONCE : 0, after, counts: totals },
        fetchPolicy: 'no-cache',
        context: { fetchOptions: { signal }, queryDeduplication: false },
      });
      if (data === undefined) throw new Error('the server gave no answer');
      return pick(data as TData);
    });
  lists.delete(key);
  lists.set(key, list);
  for (const [old, { watched }] of lists) {
    if (lists.size <= KEPT) break;
    if (!watched && old !== key) lists.delete(old);
  }
  return list;
}

/** Begins to read a list that is soon to be shown: by `useConnection`, with the same variables. */
export function readAhead<TData, TVariables extends OperationVariables, TNode extends Row>(
  options: ConnectionQuery<TData, TVariables, TNode>,
): void {
  // Who shows it asks again after a failure, and tells of it.
  void listOf(options, JSON.stringify(options.variables))
    .start(() => false)
    .catch(() => {});
}

/** A GraphQL connection as an endless list, read again when something of `kinds` changes. */
export function useConnection<TData, TVariables extends OperationVariables, TNode extends Row>(
  options: ConnectionOptions<TData, TVariables, TNode>,
): LiveList<TNode> {
  const { document, kinds, busy } = options;
  const [kind] = kinds;
  const key = JSON.stringify(options.variables);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key is the variables' content
  const list = useMemo(() => listOf(options, key), [document, key]);
  const snapshot = useSyncExternalStore(list.subscribe, list.get);

  const refresh = useCallback(() => list.refresh(busy), [list, busy]);
  useEffect(() => {
    // What is wrong is in the snapshot.
    void list.start(busy).catch(() => {});
  }, [list, busy]);
  useOnLive(kinds, refresh);
  useEffect(
    () =>
      onLive((change) => {
        // The subscription selects the very fields that the list's rows have.
        if (change !== 'gap') list.change((change.get(kind) ?? new Map()) as ReadonlyMap<string, TNode>);
      }),
    [list, kind],
  );

  const { held } = snapshot;
  // The reader has left the list: nothing can jump any more.
  useEffect(() => {
    if (held === null) return;
    const timer = setInterval(() => {
      if (!busy()) list.showHeld();
    }, LOOK_AGAIN_MS);
    return () => clearInterval(timer);
  }, [held, busy, list]);

  const before = useRef<ListSnapshot<TNode> | null>(null);
  useEffect(() => {
    if (snapshot.known) before.current = snapshot;
  });
  // While another search is on its way the rows of the one before stay.
  const stale = !snapshot.known && snapshot.error === undefined && before.current !== null;
  const shown = stale ? (before.current ?? snapshot) : snapshot;
  const totals = held ?? shown;
  return {
    key,
    rows: shown.rows,
    totalCount: totals.totalCount ?? null,
    totalAmount: totals.totalAmount ?? null,
    loading: !shown.known && shown.error === undefined,
    stale,
    error: shown.error,
    hasMore: snapshot.hasMore,
    readingMore: snapshot.readingMore,
    loadMore: list.loadMore,
    waiting: held === null ? null : countNew(shown.rows, held),
    showWaiting: () => list.showHeld(),
    refresh: () => void refresh().catch(() => {}),
    remember: (id) => {
      const row = shown.rows.find((one) => one.id === id);
      if (row !== undefined) remember(kind, row);
    },
  };
}
