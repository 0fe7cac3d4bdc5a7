/** The products, with stock and what was sold in numbers. */
import { useMemo } from 'react';
import { Link, useLocation } from 'react-router';
import type { Column } from '../components/data-table';
import { EmptyState } from '../components/empty-state';
import { ExportMenu } from '../components/export-menu';
import { Choice, SearchField } from '../components/field';
import { Icon } from '../components/icons';
import { ListPage, useScroller } from '../components/list-page';
import { useListParams, useTypedParam } from '../components/list-params';
import { Badge } from '../components/status';
import { Marked, Money } from '../components/values';
import { PRODUCTS, useExpected } from '../foresight/use-expected';
import type { ProductFieldsFragment, ProductsQuery } from '../gql/graphql';
import { ProductsDocument } from '../gql/graphql';
import { useConnection } from '../graph/use-connection';
import { useViewer } from '../graph/viewer';
import { formatCount } from '../text/format';
import { productPath } from '../text/paths';
import { searchWords } from '../text/search-words';

export { default as Panel } from './product';
export { default as New } from './product-form';

const pick = (data: ProductsQuery) => data.products;
type Show = 'all' | 'sold' | 'out' | 'gone';
const shows: readonly (readonly [Show, string])[] = [
  ['all', 'All'],
  ['sold', 'In stock'],
  ['out', 'Out of stock'],
  ['gone', 'Discontinued'],
];
const filters: Record<Show, { discontinued?: boolean; inStock?: boolean }> = {
  all: {},
  sold: { inStock: true, discontinued: false },
  out: { inStock: false },
  gone: { discontinued: true },
};
const asShow = (text: string | null): Show => shows.find(([show]) => show === text)?.[0] ?? 'all';

const PUBLIC_ORDERS = ['NAME', 'PRICE', 'STOCK'] as const;
const ORDERS = [...PUBLIC_ORDERS, 'PURCHASE_COUNT', 'CUSTOMER_COUNT', 'UNITS_SOLD', 'REVENUE'] as const;
const BEST_SELLING = { by: 'REVENUE', desc: true } as const;
const BY_NAME = { by: 'NAME', desc: false } as const;

export default function Products() {
  const { isStaff } = useViewer();
  const list = useListParams(isStaff ? ORDERS : PUBLIC_ORDERS, isStaff ? BEST_SELLING : BY_NAME);
  const [text, setText] = useTypedParam(list, 'q');
  const { search } = useLocation();
  const query = list.params.get('q') ?? '';
  const show = asShow(list.params.get('show'));
  const scroller = useScroller();
  const expected = useExpected(PRODUCTS);
  const filter = { ...(query === '' ? {} : { text: query }), ...filters[show] };
  const products = useConnection({
    document: ProductsDocument,
    variables: { filter, sort: list.order },
    pick,
    kinds: ['Product'],
    busy: scroller.busy,
  });
  const columns = useMemo<Column<ProductFieldsFragment>[]>(() => {
    const words = searchWords(query);
    const number = (id: string, title: string, value: (product: ProductFieldsFragment) => number, width = '7rem') => ({
      id,
      title,
      sortable: true,
      right: true,
      width,
      from: 'wide' as const,
      cell: (product: ProductFieldsFragment) => <span className="num">{formatCount(value(product))}</span>,
    });
    return [
      {
        id: 'NAME',
        title: 'Product',
        sortable: true,
        cell: (product) => (
          <span className="two-lines">
            <Link to={productPath(product.id) + search}>
              <Marked text={product.name} words={words} />
            </Link>
            <span className="second">
              {product.discontinued ? (
                <Badge tone="off">Discontinued</Badge>
              ) : product.stock === 0 ? (
                <Badge tone="wait">Out of stock</Badge>
              ) : (
                product.id
              )}
            </span>
          </span>
        ),
      },
      {
        id: 'PRICE',
        title: 'Price',
        sortable: true,
        right: true,
        width: '7rem',
        cell: (product) => <Money value={product.price} />,
      },
      {
        ...number('STOCK', 'Stock', (product) => product.stock),
        from: 'medium',
        cell: (product) => (
          <span className="num">
            {formatCount(product.stock)}
            {product.reserved > 0 ? (
              <span className="faint" title="reserved for purchases under way">
                {' '}
                +{formatCount(product.reserved)}
              </span>
            ) : null}
          </span>
        ),
      },
      ...(isStaff ? totals() : []),
    ];

    function totals(): Column<ProductFieldsFragment>[] {
      return [
        number('UNITS_SOLD', 'Sold', (product) => product.unitsSold ?? 0),
        number('PURCHASE_COUNT', 'Purchases', (product) => product.purchaseCount ?? 0, '7.5rem'),
        number('CUSTOMER_COUNT', 'Customers', (product) => product.customerCount ?? 0, '7.5rem'),
        {
          id: 'REVENUE',
          title: 'Revenue',
          sortable: true,
          right: true,
          width: '8.5rem',
          cell: (product) => <Money value={product.revenue ?? '0.00'} />,
        },
      ];
    }
  }, [query, search, isStaff]);

  return (
    <ListPage
      title="Products"
      noun="product"
      list={products}
      columns={columns}
      sort={list.sort}
      onSort={list.setSort}
      scroller={scroller}
      expected={expected}
      path={(product) => productPath(product.id)}
      dimmed={(product) => product.discontinued}
      filtered={query !== '' || show !== 'all'}
      actions={
        <>
          <ExportMenu kinds={[['products', 'Products']]} filter={filter} total={products.totalCount ?? 0} />
          {isStaff ? (
            <Link className="button primary" to={`/products/new${search}`}>
              <Icon name="plus" size={16} /> Add product
            </Link>
          ) : null}
        </>
      }
      toolbar={
        <>
          <SearchField label="Search products" placeholder="Name" value={text} onText={setText} />
          <Choice
            label="Which products"
            value={show}
            options={shows}
            onChoose={(next) => list.set({ show: next === 'all' ? null : next })}
          />
        </>
      }
      empty={
        <EmptyState title="No products yet">
          <p>Add your first product, or load the Northwind orders on the overview.</p>
        </EmptyState>
      }
    />
  );
}
