/** A page with a list, what finds rows in it above, and beside it the row that is open. */
import { type ReactNode, type RefObject, Suspense, useCallback, useLayoutEffect, useRef } from 'react';
import { Outlet, useLocation, useMatch } from 'react-router';
import { useCounterfoils } from '../counterfoils/use-counterfoils';
import type { Expected } from '../foresight/use-expected';
import type { LiveList } from '../graph/use-connection';
import { formatCount } from '../text/format';
import { type Column, DataTable, type SortState } from './data-table';
import { EmptyState, Problem } from './empty-state';
import { useListKeys } from './list-keys';

export interface Scroller {
  readonly ref: RefObject<HTMLDivElement | null>;
  /** The reader is in the middle of the list: scrolled, pointing at a row, or moving through rows by keyboard. */
  readonly busy: () => boolean;
}

/** What scrolls the list, and whether the reader is in the middle of it. */
export function useScroller(): Scroller {
  const ref = useRef<HTMLDivElement>(null);
  const busy = useCallback(() => {
    const element = ref.current;
    if (element === null) return false;
    const body = element.querySelector('tbody');
    return element.scrollTop > 8 || (body?.matches(':hover, :focus-within') ?? false);
  }, []);
  return { ref, busy };
}

export interface ListPageProps<T> {
  readonly title: string;
  /** What one row is called: `customer`. */
  readonly noun: string;
  readonly list: LiveList<T>;
  readonly columns: readonly Column<T>[];
  readonly sort: SortState;
  readonly onSort?: (sort: SortState) => void;
  readonly scroller: Scroller;
  readonly path: (row: T) => string;
  /** Other entities whose pending change concerns the row. */
  readonly concerns?: (row: T) => readonly string[];
  readonly dimmed?: (row: T) => boolean;
  /** What a row is expected to be once the changes under way are done. */
  readonly expected?: (row: T) => Expected<T>;
  readonly toolbar?: ReactNode;
  readonly actions?: ReactNode;
  /** Beside the count. */
  readonly summary?: ReactNode;
  readonly filtered: boolean;
  readonly empty: ReactNode;
}

/** The list with its head and toolbar, and the panel of the row that is open (the outlet of the route). */
export function ListPage<T extends { readonly id: string }>(props: ListPageProps<T>) {
  const { list, title, noun } = props;
  const { touched } = useCounterfoils();
  const main = useRef<HTMLDivElement>(null);
  useListKeys(main);
  const { search } = useLocation();
  // An address that cannot be decoded stays as it is.
  const activeId = useMatch('/:list/:id')?.params.id;
  const { remember } = list;
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, as the row is opened; its changes come into the cache
  useLayoutEffect(() => {
    if (activeId !== undefined) remember(activeId);
  }, [activeId]);
  const nothing = !list.loading && list.rows.length === 0 && list.waiting === null;
  return (
    <div className={activeId === undefined ? 'list-page' : 'list-page open'}>
      <div className="list-main" ref={main}>
        <header className="page-head">
          <h1>{title}</h1>
          <p className="count" aria-live="off">
            {list.totalCount === null
              ? ' '
              : `${formatCount(list.totalCount)} ${list.totalCount === 1 ? noun : `${noun}s`}`}
            {props.summary}
          </p>
          <div className="actions">{props.actions}</div>
        </header>
        {props.toolbar === undefined ? null : <div className="toolbar">{props.toolbar}</div>}
        {list.error !== undefined && list.rows.length === 0 ? (
          <Problem error={list.error} onRetry={list.refresh} />
        ) : nothing ? (
          props.filtered ? (
            <EmptyState title={`No ${noun} matches`}>
              <p>Take a word or a filter away to see more.</p>
            </EmptyState>
          ) : (
            props.empty
          )
        ) : (
          <DataTable
            label={title}
            listKey={list.key}
            columns={props.columns}
            rows={list.rows}
            totalCount={list.totalCount}
            loading={list.loading}
            stale={list.stale}
            hasMore={list.hasMore}
            readingMore={list.readingMore}
            loadMore={list.loadMore}
            sort={props.sort}
            {...(props.onSort === undefined ? {} : { onSort: props.onSort })}
            href={(row) => props.path(row) + search}
            activeId={activeId}
            touched={(row) => touched.has(row.id) || (props.concerns?.(row).some((id) => touched.has(id)) ?? false)}
            {...(props.dimmed === undefined ? {} : { dimmed: props.dimmed })}
            expected={props.expected}
            waiting={list.waiting}
            showWaiting={list.showWaiting}
            scroller={props.scroller.ref}
          />
        )}
      </div>
      {/* The list stays while the panel's code is on its way. */}
      <Suspense fallback={<div className="panel" />}>
        <Outlet />
      </Suspense>
    </div>
  );
}
