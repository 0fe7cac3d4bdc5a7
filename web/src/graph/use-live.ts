/** Hooks for components that show live data. */
import type { OperationVariables, TypedDocumentNode } from '@apollo/client';
import { skipToken, useQuery } from '@apollo/client/react';
import { useEffect, useRef } from 'react';
import { client } from './client';
import { type LiveChange, type LiveKind, onLive } from './live';
import { throttled } from './throttle';

const hasChanged = (change: LiveChange, kinds: readonly LiveKind[]): boolean =>
  change === 'gap' || kinds.some((kind) => change.has(kind));

/** Calls back when something of these kinds has changed, or may have been missed; throttled; one run at a time. */
export function useOnLive(kinds: readonly LiveKind[], run: () => Promise<unknown>, shortestMs?: number): void {
  const latest = useRef(run);
  useEffect(() => {
    latest.current = run;
  });
  const key = kinds.join();
  useEffect(() => {
    const wanted = key.split(',').filter((kind) => kind !== '') as LiveKind[];
    const gate = throttled(() => latest.current(), shortestMs);
    const stop = onLive((change) => {
      if (hasChanged(change, wanted)) gate.request();
    });
    return () => {
      stop();
      gate.cancel();
    };
  }, [key, shortestMs]);
}

export interface LiveQuery<TData> {
  /** The newest data; while other variables load, those of the ones before. */
  readonly data: TData | undefined;
  readonly loading: boolean;
  readonly error: Error | undefined;
  refresh(): void;
}

/** A query that is read again, throttled, when something of `kinds` changes. `null` variables: not yet. */
export function useLiveQuery<TData, TVariables extends OperationVariables>(
  document: TypedDocumentNode<TData, TVariables>,
  variables: TVariables | null,
  kinds: readonly LiveKind[],
): LiveQuery<TData> {
  const { data, previousData, loading, error } = useQuery<TData, OperationVariables>(
    document as TypedDocumentNode<TData, OperationVariables>,
    variables === null ? skipToken : { variables },
  );
  const refresh = async () => {
    if (variables === null) return;
    await client.query({
      query: document as TypedDocumentNode<TData, OperationVariables>,
      variables,
      fetchPolicy: 'network-only',
    });
  };
  useOnLive(kinds, refresh);
  return {
    data: (data ?? previousData) as TData | undefined,
    loading,
    error,
    refresh: () => void refresh().catch(() => {}),
  };
}
