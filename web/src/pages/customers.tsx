/** The customers, with what they bought in numbers. */
import { useMemo } from 'react';
import { Link, useLocation } from 'react-router';
import type { Column } from '../components/data-table';
import { EmptyState } from '../components/empty-state';
import { ExportMenu } from '../components/export-menu';
import { SearchField, Toggle } from '../components/field';
import { Icon } from '../components/icons';
import { ListPage, useScroller } from '../components/list-page';
import { type ListSearch, searchOf, useListParams, useTypedParam, withRemovedOf } from '../components/list-params';
import { Badge } from '../components/status';
import { Marked, Money, When } from '../components/values';
import { CUSTOMERS, useExpected } from '../foresight/use-expected';
import type { CustomerFieldsFragment, CustomersQuery } from '../gql/graphql';
import { CustomersDocument } from '../gql/graphql';
import { readAhead, useConnection } from '../graph/use-connection';
import { formatCount, fullName } from '../text/format';
import { customerPath } from '../text/paths';
import { searchWords } from '../text/search-words';

export { default as Panel } from './customer';
export { default as New } from './customer-form';

const pick = (data: CustomersQuery) => data.customers;
const fields = ['NAME', 'PURCHASE_COUNT', 'TOTAL_SPENT', 'LAST_PURCHASE_AT'] as const;
const BEST_FIRST = { by: 'TOTAL_SPENT', desc: true } as const;

const asked = ({ params, order }: ListSearch<(typeof fields)[number]>) => ({
  filter: withRemovedOf(params),
  sort: order,
});

/** Begins to read the list that an address asks for. */
export const begin = (params: URLSearchParams) =>
  readAhead({ document: CustomersDocument, variables: asked(searchOf(params, fields, BEST_FIRST)), pick });

export default function Customers() {
  const list = useListParams(fields, BEST_FIRST);
  const [text, setText] = useTypedParam(list, 'q');
  const { search } = useLocation();
  const scroller = useScroller();
  const expected = useExpected(CUSTOMERS);
  const { filter, sort } = asked(list);
  const { text: query = '', removed } = filter;
  const customers = useConnection({
    document: CustomersDocument,
    variables: { filter, sort },
    pick,
    kinds: ['Customer'],
    busy: scroller.busy,
  });
  const columns = useMemo<Column<CustomerFieldsFragment>[]>(() => {
    const words = searchWords(query);
    return [
      {
        id: 'NAME',
        title: 'Name',
        sortable: true,
        cell: (customer) => (
          <span className="two-lines">
            <Link to={customerPath(customer.id) + search}>
              <Marked text={fullName(customer)} words={words} />
            </Link>
            <span className="second">
              {customer.removed ? (
                <Badge tone="off">Removed</Badge>
              ) : customer.email === null ? (
                customer.id
              ) : (
                <Marked text={customer.email} words={words} />
              )}
            </span>
          </span>
        ),
      },
      {
        id: 'PURCHASE_COUNT',
        title: 'Purchases',
        sortable: true,
        right: true,
        width: '8rem',
        from: 'medium',
        cell: (customer) => <span className="num">{formatCount(customer.purchaseCount)}</span>,
      },
      {
        id: 'TOTAL_SPENT',
        title: 'Spent',
        sortable: true,
        right: true,
        width: '9rem',
        cell: (customer) => <Money value={customer.totalSpent} />,
      },
      {
        id: 'LAST_PURCHASE_AT',
        title: 'Last purchase',
        sortable: true,
        right: true,
        width: '10rem',
        from: 'medium',
        cell: (customer) => <When at={customer.lastPurchaseAt} />,
      },
    ];
  }, [query, search]);

  return (
    <ListPage
      title="Customers"
      noun="customer"
      list={customers}
      columns={columns}
      sort={list.sort}
      onSort={list.setSort}
      scroller={scroller}
      expected={expected}
      path={(customer) => customerPath(customer.id)}
      dimmed={(customer) => customer.removed}
      filtered={query !== ''}
      actions={
        <>
          <ExportMenu kinds={[['customers', 'Customers']]} filter={filter} total={customers.totalCount ?? 0} />
          <Link className="button primary" to={`/customers/new${search}`}>
            <Icon name="plus" size={16} /> Add customer
          </Link>
        </>
      }
      toolbar={
        <>
          <SearchField label="Search customers" placeholder="Name or e-mail" value={text} onText={setText} />
          <Toggle
            label="Show removed"
            on={removed === null}
            onSwitch={(on) => list.set({ removed: on ? '1' : null })}
          />
        </>
      }
      empty={
        <EmptyState title="No customers yet">
          <p>Add one, or load the Northwind orders on the overview.</p>
        </EmptyState>
      }
    />
  );
}
