/** Who and what sells most, and why purchases were rejected: the overview's cards. */
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import { BarList } from '../components/bar-list';
import { Skeleton } from '../components/empty-state';
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
  const { data } = useLiveQuery(TopProductsDocument, {}, ['Product']);
  const sold = data?.products.nodes.filter((product) => (product.unitsSold ?? 0) > 0) ?? [];
  return (
    <Card title="Top products" more="/products">
      {data === undefined ? <Skeleton lines={8} /> : null}
      {data !== undefined && sold.length === 0 ? <p className="faint">Nothing sold yet.</p> : null}
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
    </Card>
  );
}

export function TopCustomers() {
  const { data } = useLiveQuery(TopCustomersDocument, {}, ['Customer']);
  const buying = data?.customers.nodes.filter((customer) => customer.purchaseCount > 0) ?? [];
  return (
    <Card title="Top customers" more="/customers">
      {data === undefined ? <Skeleton lines={8} /> : null}
      {data !== undefined && buying.length === 0 ? <p className="faint">Nobody has bought yet.</p> : null}
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
    </Card>
  );
}

export function Rejections() {
  const { data } = useLiveQuery(RejectionsDocument, {}, ['Purchase']);
  const groups = [...(data?.purchaseGroups ?? [])].sort((a, b) => b.count - a.count);
  return (
    <Card title="Rejections" more="/purchases?status=REJECTED">
      {data === undefined ? <Skeleton lines={4} /> : null}
      {data !== undefined && groups.length === 0 ? <p className="faint">No purchase was rejected.</p> : null}
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
    </Card>
  );
}
