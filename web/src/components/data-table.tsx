/**
 * A sortable table of any length: only the rows in sight are in the document. It is a real table (with aria-rowcount and
 * aria-rowindex), so screen readers read it as one.
 */
import {
  createColumnHelper,
  type Row,
  type RowData,
  rowSortingFeature,
  tableFeatures,
  useTable,
} from '@tanstack/react-table';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type CSSProperties, type ReactNode, type RefObject, useEffect, useMemo, useRef } from 'react';
import { useNavigate } from 'react-router';
import { useFlash } from './flash';
import { Icon } from './icons';
import { WaitingPill } from './waiting-pill';

const features = tableFeatures({ rowSortingFeature });
export type Features = typeof features;

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
  readonly columns: readonly Column<T>[];
  readonly rows: readonly T[];
  readonly totalCount: number | null;
  readonly loading: boolean;
  readonly stale: boolean;
  readonly hasMore: boolean;
  readonly loadMore: () => void;
  readonly sort: SortState | null;
  readonly onSort?: (sort: SortState) => void;
  /** Where a row leads to. */
  readonly href: (row: T) => string;
  readonly activeId: string | undefined;
  /** A pending transaction touches the row. */
  readonly touched: (row: T) => boolean;
  readonly dimmed?: (row: T) => boolean;
  readonly waiting: number | 'order' | null;
  readonly showWaiting: () => void;
  readonly scroller: RefObject<HTMLDivElement | null>;
}

const ROW_HEIGHT = 48;

export function DataTable<T extends { readonly id: string }>(props: DataTableProps<T>) {
  const { rows, columns, sort, onSort, scroller, loadMore, hasMore, loading } = props;
  const defs = useMemo(
    () =>
      columns.map((column) =>
        createColumnHelper<Features, T>().display({
          id: column.id,
          header: column.title,
          cell: ({ row }) => column.cell(row.original),
          enableSorting: column.sortable ?? false,
        }),
      ),
    [columns],
  );
  const table = useTable<Features, T>({
    features,
    data: rows as T[],
    columns: defs,
    getRowId: (row) => row.id,
    manualSorting: true,
    state: { sorting: sort === null ? [] : [{ id: sort.by, desc: sort.desc }] },
  });
  const model = table.getRowModel().rows;
  const virtualizer = useVirtualizer({
    count: model.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 12,
    getItemKey: (index) => model[index]?.id ?? index,
  });
  const items = virtualizer.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (hasMore && last >= rows.length - 60) loadMore();
  }, [hasMore, last, rows.length, loadMore]);

  const before = items[0]?.start ?? 0;
  const after = virtualizer.getTotalSize() - (items.at(-1)?.end ?? 0);
  const looks = new Map<string, Column<T>>(columns.map((column) => [column.id, column]));
  const classOf = (id: string) => `${looks.get(id)?.right ? 'right ' : ''}${looks.get(id)?.from ?? ''}`.trim();

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
                className={classOf(column.id)}
                style={{ '--width': column.width ?? 'auto' } as CSSProperties}
              />
            ))}
          </colgroup>
          <thead>
            {table.getHeaderGroups().map((group) => (
              <tr key={group.id} aria-rowindex={1}>
                {group.headers.map((header) => {
                  const sorted = sort?.by === header.column.id ? (sort.desc ? 'descending' : 'ascending') : undefined;
                  return (
                    <th key={header.id} scope="col" className={classOf(header.column.id)} aria-sort={sorted}>
                      {header.column.getCanSort() && onSort !== undefined ? (
                        <button
                          type="button"
                          className="sort"
                          onClick={() =>
                            onSort(nextSort(sort, header.column.id, looks.get(header.column.id)?.right === true))
                          }
                        >
                          <table.FlexRender header={header} />
                          <span className={sorted === undefined ? 'sort-mark' : 'sort-mark on'}>
                            <Icon name={sorted === 'ascending' ? 'up' : 'down'} size={12} />
                          </span>
                        </button>
                      ) : (
                        <table.FlexRender header={header} />
                      )}
                    </th>
                  );
                })}
              </tr>
            ))}
          </thead>
          <tbody>
            {before > 0 ? <Spacer height={before} /> : null}
            {loading && rows.length === 0
              ? Array.from({ length: 12 }, (_, index) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: placeholders have no identity
                  // biome-ignore lint/a11y/noAriaHiddenOnFocusable: a row takes no focus
                  <tr key={index} className="placeholder" aria-hidden="true">
                    {columns.map((column) => (
                      <td key={column.id} className={classOf(column.id)}>
                        <i />
                      </td>
                    ))}
                  </tr>
                ))
              : items.map((item) => {
                  const row = model[item.index];
                  return row === undefined ? null : (
                    <TableRow
                      key={row.id}
                      row={row}
                      index={item.index}
                      href={props.href(row.original)}
                      active={row.id === props.activeId}
                      touched={props.touched(row.original)}
                      dimmed={props.dimmed?.(row.original) ?? false}
                      classOf={classOf}
                    >
                      {(cell) => <table.FlexRender cell={cell} />}
                    </TableRow>
                  );
                })}
            {after > 0 ? <Spacer height={after} /> : null}
          </tbody>
        </table>
      </section>
    </div>
  );
}

/** Numbers begin with the largest, words with A. */
const nextSort = (sort: SortState | null, by: string, number: boolean): SortState =>
  sort?.by === by ? { by, desc: !sort.desc } : { by, desc: number };

/** In place of the rows out of sight. One cell: spanning hidden columns would bring them back as empty ones. */
const Spacer = ({ height }: { readonly height: number }) => (
  // biome-ignore lint/a11y/noAriaHiddenOnFocusable: a row takes no focus
  <tr aria-hidden="true" className="spacer">
    <td style={{ height }} />
  </tr>
);

type CellOf<T extends RowData> = ReturnType<Row<Features, T>['getAllCells']>[number];

interface TableRowProps<T extends RowData> {
  readonly row: Row<Features, T>;
  readonly index: number;
  readonly href: string;
  readonly active: boolean;
  readonly touched: boolean;
  readonly dimmed: boolean;
  readonly classOf: (id: string) => string;
  readonly children: (cell: CellOf<T>) => ReactNode;
}

function TableRow<T extends RowData>({
  row,
  index,
  href,
  active,
  touched,
  dimmed,
  classOf,
  children,
}: TableRowProps<T>) {
  const element = useRef<HTMLTableRowElement>(null);
  const navigate = useNavigate();
  useFlash(element, JSON.stringify(row.original));
  return (
    <tr
      ref={element}
      aria-rowindex={index + 2}
      aria-current={active || undefined}
      className={`${active ? 'active ' : ''}${dimmed ? 'dimmed ' : ''}${touched ? 'touched' : ''}`.trim()}
      onClick={(event) => {
        // A click on a link or a selection of text is not a click on the row.
        if (event.target instanceof Element && event.target.closest('a,button') !== null) return;
        if (getSelection()?.isCollapsed === false) return;
        void navigate(href);
      }}
    >
      {row.getAllCells().map((cell) => (
        <td key={cell.id} className={classOf(cell.column.id)}>
          {children(cell)}
        </td>
      ))}
    </tr>
  );
}
