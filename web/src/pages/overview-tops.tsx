/** Who and what sells most, and why purchases were rejected: the overview's cards. */
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { BarList } from '../components/bar-list';
import { Loaded } from '../components/loaded';
import { codeTitle } from '../counterfoils/rejection-words';
import { RejectionsDocument, TopCustomersDocument, TopProductsDocument } from '../gql/graphql';
import { useLiveQuery } from '../graph/use-live';
import { formatCount, formatMoney, fullName } from '../text/format';
import { customerPath, productPath } from '../text/paths';

function Card({
  title,
  more,
  children,
}: {
  readonly title: string;
  readonly more: string;
  readonly children: ReactNode;
}) {
  return (
    <section className="card">
      <header>
        <h2>{title}</h2>
        <Link to={more}>All</Link>
      </header>
      {children}
    </section>
  );
}

export function TopProducts() {
  const query = useLiveQuery(TopProductsDocument, {}, ['Product']);
  return (
    <Card title="Top products" more="/products">
      <Loaded query={query} lines={8}>
        {({ products }) => {
          const sold = products.nodes.filter((product) => (product.unitsSold ?? 0) > 0);
          if (sold.length === 0) return <p className="faint">Nothing sold yet.</p>;
          return (
            <BarList
              label="Top products by revenue"
              rows={sold.map((product) => ({
                id: product.id,
                title: product.name,
                value: formatMoney(product.revenue ?? '0.00'),
                weight: Number(product.revenue ?? 0),
                href: productPath(product.id),
              }))}
            />
          );
        }}
      </Loaded>
    </Card>
  );
}

export function TopCustomers() {
  const query = useLiveQuery(TopCustomersDocument, {}, ['Customer']);
  return (
    <Card title="Top customers" more="/customers">
      <Loaded query={query} lines={8}>
        {({ customers }) => {
          const buying = customers.nodes.filter((customer) => customer.purchaseCount > 0);
          if (buying.length === 0) return <p className="faint">Nobody has bought yet.</p>;
          return (
            <BarList
              label="Top customers by amount spent"
              tone="two"
              rows={buying.map((customer) => ({
                id: customer.id,
                title: fullName(customer),
                value: formatMoney(customer.totalSpent),
                weight: Number(customer.totalSpent),
                href: customerPath(customer.id),
              }))}
            />
          );
        }}
      </Loaded>
    </Card>
  );
}

export function Rejections() {
  const query = useLiveQuery(RejectionsDocument, {}, ['Purchase']);
  return (
    <Card title="Rejections" more="/purchases?status=REJECTED">
      <Loaded query={query} lines={4}>
        {({ purchaseGroups: groups }) => {
          if (groups.length === 0) return <p className="faint">No purchase was rejected.</p>;
          return (
            <BarList
              label="Rejected purchases by reason"
              tone="bad"
              rows={groups.map((group) => ({
                id: group.key,
                title: codeTitle(group.key),
                value: formatCount(group.count),
                weight: group.count,
                href: `/purchases?reason=${encodeURIComponent(group.key)}`,
              }))}
            />
          );
        }}
      </Loaded>
    </Card>
  );
}
