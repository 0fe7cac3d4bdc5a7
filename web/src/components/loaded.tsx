/** What stands in the place of data: bars while it loads, what went wrong when it cannot be loaded, else what is made of it. */
import type { ReactNode } from 'react';
import type { LiveQuery } from '../graph/use-live';
import { Problem, Skeleton } from './empty-state';

export interface LoadedProps<TData> {
  readonly query: LiveQuery<TData>;
  /** Bars of the skeleton: about as high as what comes. */
  readonly lines: number;
  readonly children: (data: TData) => ReactNode;
}

/** Data that were loaded once stay while newer ones are on their way, or cannot be had. */
export function Loaded<TData>({ query, lines, children }: LoadedProps<TData>) {
  if (query.data !== undefined) return children(query.data);
  return query.error === undefined ? (
    <Skeleton lines={lines} />
  ) : (
    <Problem error={query.error} onRetry={query.refresh} />
  );
}
