/**
 * A sortable table of any length: only the rows in sight are in the document. It is a real table (with aria-rowcount and
 * aria-rowindex), so screen readers read it as one.
 */
import { useVirtualizer } from '@tanstack/react-virtual';
import { type CSSProperties, type ReactNode, type RefObject, useEffect, useRef } from 'react';
import { useNavigate } from 'react-router';
import type { Expected } from '../foresight/use-expected';
import { useFlash } from './flash';
import { Icon } from './icons';
import { WaitingPill } from './waiting-pill';

export interface ColumnLook {
  /** Numbers stand to the right. */
  readonly right?: boolean;
  /** Left out where the table has less room than that. */
  readonly from?: 'medium' | 'wide';
  /** Width in CSS, such as `8rem`; columns without one share the rest. */
  readonly width?: string;
}

/** A column: how it is called, what it shows, and by what it is sorted. */
export interface Column<T> extends ColumnLook {
  readonly id: string;
  readonly title: string;
  readonly cell: (row: T) => ReactNode;
  readonly sortable?: boolean;
}

export interface SortState {
  readonly by: string;
  readonly desc: boolean;
}

export interface DataTableProps<T> {
  readonly label: string;
  /** Another one for another search or sorting: its rows are shown from the first. */
  readonly listKey: string;
  readonly columns: readonly Column<T>[];
  readonly rows: readonly T[];
  readonly totalCount: number | null;
  readonly loading: boolean;
  readonly stale: boolean;
  readonly hasMore: boolean;
  /** Further rows are on their way. */
  readonly readingMore: boolean;
  readonly loadMore: () => void;
  readonly sort: SortState | null;
  readonly onSort?: (sort: SortState) => void;
  /** Where a row leads to. */
  readonly href: (row: T) => string;
  readonly activeId: string | undefined;
  /** A pending transaction touches the row. */
  readonly touched: (row: T) => boolean;
  readonly dimmed?: (row: T) => boolean;
  /** What the row is expected to be once the changes under way are done. */
  readonly expected?: ((row: T) => Expected<T>) | undefined;
  readonly waiting: number | 'order' | null;
  readonly showWaiting: () => void;
  readonly scroller: RefObject<HTMLDivElement | null>;
}

const ROW_HEIGHT = 48;
/** Further rows are read when so few are left beyond those in sight. */
const ROWS_AHEAD = 60;

export function DataTable<T extends { readonly id: string }>(props: DataTableProps<T>) {
  const { listKey, rows, columns, sort, onSort, scroller, loadMore, hasMore, readingMore, loading } = props;
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 12,
  });
  const items = virtualizer.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    // Asked again whenever a reading has ended: the reader may have scrolled to the new end meanwhile, and scrolls no further.
    if (hasMore && !readingMore && last >= rows.length - ROWS_AHEAD) loadMore();
  }, [hasMore, readingMore, last, rows.length, loadMore]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another list begins at its first row
  useEffect(() => {
    scroller.current?.scrollTo({ top: 0 });
  }, [listKey, scroller]);

  const before = items[0]?.start ?? 0;
  const after = virtualizer.getTotalSize() - (items.at(-1)?.end ?? 0);

  return (
    <div className="table-frame">
      <WaitingPill
        waiting={props.waiting}
        onShow={() => {
          scroller.current?.scrollTo({ top: 0 });
          props.showWaiting();
        }}
      />
      <section
        ref={scroller}
        className={props.stale ? 'table-scroll stale' : 'table-scroll'}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
        tabIndex={0}
        aria-label={`${props.label}, scrollable`}
      >
        <table
          className="table"
          aria-label={props.label}
          aria-rowcount={props.totalCount === null ? -1 : props.totalCount + 1}
          aria-busy={loading}
        >
          <colgroup>
            {columns.map((column) => (
              // React's types know no custom properties. The style sheet decides where the width applies.
              <col
                key={column.id}
                className={classOf(column)}
                style={{ '--width': column.width ?? 'auto' } as CSSProperties}
              />
            ))}
          </colgroup>
          <thead>
            <tr aria-rowindex={1}>
              {columns.map((column) => (
                <Head key={column.id} column={column} sort={sort} onSort={onSort} />
              ))}
            </tr>
          </thead>
          <tbody>
            {before > 0 ? <Spacer height={before} /> : null}
            {loading && rows.length === 0
              ? Array.from({ length: 12 }, (_, index) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: placeholders have no identity
                  // biome-ignore lint/a11y/noAriaHiddenOnFocusable: a row takes no focus
                  <tr key={index} className="placeholder" aria-hidden="true">
                    {columns.map((column) => (
                      <td key={column.id} className={classOf(column)}>
                        <i />
                      </td>
                    ))}
                  </tr>
                ))
              : items.map((item) => {
                  const known = rows[item.index];
                  if (known === undefined) return null;
                  const expected = props.expected?.(known);
                  const row = expected?.entity ?? known;
                  return (
                    <TableRow
                      key={row.id}
                      row={row}
                      expected={expected?.any ?? false}
                      columns={columns}
                      index={item.index}
                      href={props.href(row)}
                      active={row.id === props.activeId}
                      touched={props.touched(row)}
                      dimmed={props.dimmed?.(row) ?? false}
                    />
                  );
                })}
            {after > 0 ? <Spacer height={after} /> : null}
          </tbody>
        </table>
      </section>
    </div>
  );
}

const classOf = ({ right, from }: ColumnLook): string => `${right ? 'right ' : ''}${from ?? ''}`.trim();

interface HeadProps<T> {
  readonly column: Column<T>;
  readonly sort: SortState | null;
  readonly onSort: ((sort: SortState) => void) | undefined;
}

/** A column's title; a button where the list can be sorted by it. */
function Head<T>({ column, sort, onSort }: HeadProps<T>) {
  const sorted = sort?.by === column.id ? (sort.desc ? 'descending' : 'ascending') : undefined;
  return (
    <th scope="col" className={classOf(column)} aria-sort={sorted}>
      {column.sortable && onSort !== undefined ? (
        <button type="button" className="sort" onClick={() => onSort(nextSort(sort, column))}>
          {column.title}
          <span className={sorted === undefined ? 'sort-mark' : 'sort-mark on'}>
            <Icon name={sorted === 'ascending' ? 'up' : 'down'} size={12} />
          </span>
        </button>
      ) : (
        column.title
      )}
    </th>
  );
}

/** Numbers begin with the largest, words with A. */
const nextSort = (
  sort: SortState | null,
  { id, right }: { readonly id: string; readonly right?: boolean },
): SortState => (sort?.by === id ? { by: id, desc: !sort.desc } : { by: id, desc: right === true });

/** In place of the rows out of sight. One cell: spanning hidden columns would bring them back as empty ones. */
const Spacer = ({ height }: { readonly height: number }) => (
  // biome-ignore lint/a11y/noAriaHiddenOnFocusable: a row takes no focus
  <tr aria-hidden="true" className="spacer">
    <td style={{ height }} />
  </tr>
);

interface TableRowProps<T> {
  readonly row: T;
  readonly columns: readonly Column<T>[];
  readonly index: number;
  readonly href: string;
  readonly active: boolean;
  readonly touched: boolean;
  readonly dimmed: boolean;
  /** It is shown as it is expected to be. */
  readonly expected: boolean;
}

function TableRow<T>({ row, columns, index, href, active, touched, dimmed, expected }: TableRowProps<T>) {
  const element = useRef<HTMLTableRowElement>(null);
  const navigate = useNavigate();
  useFlash(element, JSON.stringify(row));
  return (
    <tr
      ref={element}
      aria-rowindex={index + 2}
      aria-current={active || undefined}
      className={`${active ? 'active ' : ''}${dimmed ? 'dimmed ' : ''}${touched ? 'touched ' : ''}${expected ? 'expected' : ''}`.trim()}
      title={expected ? 'As it is expected to be: a change has not been decided yet' : undefined}
      onClick={(event) => {
        // A click on a link or a selection of text is not a click on the row.
        if (event.target instanceof Element && event.target.closest('a,button') !== null) return;
        if (getSelection()?.isCollapsed === false) return;
        void navigate(href);
      }}
    >
      {columns.map((column) => (
        <td key={column.id} className={classOf(column)}>
          {column.cell(row)}
        </td>
      ))}
    </tr>
  );
}
