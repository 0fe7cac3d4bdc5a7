/**
 * An endless list that stays right under the reader's eyes: more rows are fetched at its end as the reader scrolls; entities
 * change in place; and what would move rows (new ones, another order) waits while the reader is busy with the list.
 */
import type { OperationVariables, TypedDocumentNode } from '@apollo/client';
import { useQuery } from '@apollo/client/react';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { client } from './client';
import type { LiveKind } from './live';
import { useOnLive } from './use-live';
import { countNew, ROWS_AT_ONCE, sameOrder } from './waiting-rows';

export interface Connection<TNode> {
  readonly edges: readonly { readonly node: TNode }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  readonly totalCount: number;
  readonly totalAmount?: string;
}

export interface LiveList<TNode> {
  readonly rows: readonly TNode[];
  /** Null until the first answer. */
  readonly totalCount: number | null;
  readonly totalAmount: string | null;
  /** True until there is something to show. */
  readonly loading: boolean;
  /** True while a changed search or sorting is on its way and the old rows are still shown. */
  readonly stale: boolean;
  readonly error: Error | undefined;
  readonly hasMore: boolean;
  loadMore(): void;
  /** Rows that are there and wait to be shown; `'order'` when only the order has changed; null when all is shown. */
  readonly waiting: number | 'order' | null;
  showWaiting(): void;
  refresh(): void;
}

export interface ConnectionOptions<TData, TVariables, TNode> {
  readonly document: TypedDocumentNode<TData, TVariables>;
  /** Filter and sort; a new object is a new search only when its content differs. */
  readonly variables: Omit<TVariables, 'first' | 'after'>;
  readonly pick: (data: TData) => Connection<TNode>;
  readonly kinds: readonly LiveKind[];
  /** Asked when new rows have come: is the reader in the middle of the list? */
  readonly busy: () => boolean;
}

/** A GraphQL connection as an endless list, read again when something of `kinds` changes. */
export function useConnection<TData, TVariables extends OperationVariables, TNode extends { readonly id: string }>(
  options: ConnectionOptions<TData, TVariables, TNode>,
): LiveList<TNode> {
  const { pick, kinds, busy } = options;
  // Apollo's types cannot follow variables that are put together from a generic part and a page.
  const document = options.document as TypedDocumentNode<TData, OperationVariables>;
  const key = JSON.stringify(options.variables);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key is the variables' content
  const variables = useMemo(() => ({ ...options.variables, first: ROWS_AT_ONCE }), [key]);
  const { data, previousData, loading, error, fetchMore } = useQuery(document, { variables });
  const shown = (data ?? previousData) as TData | undefined;
  const connection = useMemo(() => (shown === undefined ? null : pick(shown)), [shown, pick]);
  const rows = useMemo(() => connection?.edges.map((edge) => edge.node) ?? [], [connection]);
  const [held, setHeld] = useState<{ readonly key: string; readonly data: TData } | null>(null);

  const latest = useRef({ rows, key });
  useEffect(() => {
    latest.current = { rows, key };
  });

  const write = useCallback(
    (fresh: TData) => {
      client.writeQuery({ query: document, variables, data: fresh as never });
      setHeld(null);
    },
    [document, variables],
  );

  const refresh = async () => {
    const result = await client.query({ query: document, variables, fetchPolicy: 'no-cache' });
    const fresh = result.data as TData | undefined;
    if (fresh === undefined || latest.current.key !== key) return;
    if (sameOrder(latest.current.rows, pick(fresh)) || !busy()) write(fresh);
    else setHeld({ key, data: fresh });
  };
  useOnLive(kinds, refresh);

  const current = held !== null && held.key === key ? held.data : null;
  // The reader has left the list: nothing can jump any more.
  useEffect(() => {
    if (current === null) return;
    const timer = setInterval(() => {
      if (!busy()) write(current);
    }, 400);
    return () => clearInterval(timer);
  }, [current, busy, write]);

  const fetching = useRef(false);
  const endCursor = connection?.pageInfo.endCursor ?? null;
  const hasMore = connection?.pageInfo.hasNextPage ?? false;
  const loadMore = useCallback(() => {
    if (!hasMore || fetching.current) return;
    fetching.current = true;
    fetchMore({ variables: { after: endCursor } })
      .catch(() => {})
      .finally(() => {
        fetching.current = false;
      });
  }, [hasMore, endCursor, fetchMore]);

  const heldConnection = current === null ? null : pick(current);
  return {
    rows,
    totalCount: heldConnection?.totalCount ?? connection?.totalCount ?? null,
    totalAmount: heldConnection?.totalAmount ?? connection?.totalAmount ?? null,
    loading: loading && connection === null,
    stale: loading && data === undefined && connection !== null,
    error,
    hasMore,
    loadMore,
    waiting: heldConnection === null ? null : countNew(rows, heldConnection),
    showWaiting: () => {
      if (current !== null) write(current);
    },
    refresh: () => void refresh().catch(() => {}),
  };
}
