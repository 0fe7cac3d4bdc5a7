/** The purchases and their search: the address bar holds it whole, so that a search can be shared. */
import { useMemo } from 'react';
import { Link, useLocation } from 'react-router';
import type { Column } from '../components/data-table';
import { EmptyState } from '../components/empty-state';
import { ExportMenu } from '../components/export-menu';
import { ListPage, useScroller } from '../components/list-page';
import { type ListSearch, searchOf, useListParams } from '../components/list-params';
import { PurchaseBadge } from '../components/status';
import { Marked, Money, When } from '../components/values';
import { PURCHASES, useExpected } from '../foresight/use-expected';
import { type PurchaseFieldsFragment, PurchasesDocument, type PurchasesQuery } from '../gql/graphql';
import { readAhead, useConnection } from '../graph/use-connection';
import { useViewer } from '../graph/viewer';
import { formatCount, formatMoney, fullName } from '../text/format';
import { purchasePath } from '../text/paths';
import { searchWords } from '../text/search-words';
import { PurchaseFilters } from './purchase-filters';
import { filterOf } from './purchase-search';

export { default as Panel } from './purchase';

const pick = (data: PurchasesQuery) => data.purchases;
const fields = ['PLACED_AT', 'CUSTOMER', 'STATUS', 'TOTAL'] as const;
const NEWEST_FIRST = { by: 'PLACED_AT', desc: true } as const;
const asked = ({ params, order }: ListSearch<(typeof fields)[number]>) => ({ filter: filterOf(params), sort: order });

/** Begins to read the list that an address asks for. */
export const begin = (params: URLSearchParams) =>
  readAhead({ document: PurchasesDocument, variables: asked(searchOf(params, fields, NEWEST_FIRST)), pick });

const EXPORTS = [
  ['lines', 'A row for each line'],
  ['purchases', 'A row for each purchase'],
] as const;

export default function Purchases() {
  const list = useListParams(fields, NEWEST_FIRST);
  const { search } = useLocation();
  const { isStaff } = useViewer();
  const scroller = useScroller();
  const expected = useExpected(PURCHASES);
  const { filter, sort } = asked(list);
  const purchases = useConnection({
    document: PurchasesDocument,
    variables: { filter, sort },
    pick,
    kinds: ['Purchase'],
    busy: scroller.busy,
  });
  const text = list.params.get('q') ?? '';
  const columns = useMemo<Column<PurchaseFieldsFragment>[]>(() => {
    const words = searchWords(text);
    return [
      {
        id: 'CUSTOMER',
        title: 'Customer',
        sortable: true,
        width: '16rem',
        cell: (purchase) => (
          <span className="two-lines">
            <Link to={purchasePath(purchase.id) + search}>
              <Marked text={fullName(purchase.customer)} words={words} />
            </Link>
            <span className="second below-wide">
              <span className="narrow-only">
                {purchase.status === 'CONFIRMED' ? null : <PurchaseBadge status={purchase.status} />}{' '}
                <When at={purchase.placedAt} /> ·{' '}
              </span>
              <Lines lines={purchase.lines} words={words} />
            </span>
          </span>
        ),
      },
      {
        id: 'PRODUCTS',
        title: 'Products',
        from: 'wide',
        cell: (purchase) => (
          <span className="clip">
            <Lines lines={purchase.lines} words={words} />
          </span>
        ),
      },
      {
        id: 'STATUS',
        title: 'Status',
        sortable: true,
        from: 'medium',
        width: '7.5rem',
        cell: (purchase) => <PurchaseBadge status={purchase.status} />,
      },
      {
        id: 'PLACED_AT',
        title: 'Placed',
        sortable: true,
        right: true,
        from: 'medium',
        width: '8rem',
        cell: (purchase) => <When at={purchase.placedAt} />,
      },
      {
        id: 'TOTAL',
        title: 'Total',
        sortable: true,
        right: true,
        width: '7.5rem',
        cell: (purchase) => <Money value={purchase.total} />,
      },
    ];
  }, [text, search]);

  return (
    <ListPage
      title={isStaff ? 'Purchases' : 'My purchases'}
      noun="purchase"
      list={purchases}
      columns={columns}
      sort={list.sort}
      onSort={list.setSort}
      scroller={scroller}
      expected={expected}
      path={(purchase) => purchasePath(purchase.id)}
      dimmed={(purchase) => purchase.status === 'CANCELLED' || purchase.status === 'REJECTED'}
      filtered={Object.keys(filter).length > 0}
      summary={
        purchases.totalAmount === null ? null : (
          <>
            {' · '}
            <span data-testid="total-amount">{formatMoney(purchases.totalAmount)}</span>
          </>
        )
      }
      actions={<ExportMenu kinds={EXPORTS} filter={{ ...filter }} total={purchases.totalCount ?? 0} />}
      toolbar={<PurchaseFilters list={list} />}
      empty={
        <EmptyState title="No purchases yet">
          <p>
            Place one in the <Link to="/shop">shop</Link>
            {isStaff ? (
              <>
                , or load the Northwind orders on the <Link to="/">overview</Link>
              </>
            ) : null}
            .
          </p>
        </EmptyState>
      }
    />
  );
}

interface LinesProps {
  readonly lines: PurchaseFieldsFragment['lines'];
  readonly words: readonly string[];
}

const Lines = ({ lines, words }: LinesProps) =>
  lines.map((line, index) => (
    <span key={line.product.id}>
      {index === 0 ? '' : ', '}
      {line.quantity > 1 ? <span className="faint num">{formatCount(line.quantity)} × </span> : null}
      <Marked text={line.product.name} words={words} />
    </span>
  ));
