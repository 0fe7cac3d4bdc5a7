/** The overview: what is bought and for how much, live; what is rejected and why; who and what sells most. */
import { Link } from 'react-router';
import { EmptyState, Problem, Skeleton } from '../components/empty-state';
import { TotalsDocument, type TotalsQuery } from '../gql/graphql';
import { useLiveQuery } from '../graph/use-live';
import { useViewer } from '../graph/viewer';
import { formatCount, formatMoney } from '../text/format';
import { Periods } from './overview-periods';
import { Sales } from './overview-sales';
import { Rejections, TopCustomers, TopProducts } from './overview-tops';
import { Samples, useSampleImport } from './samples';

export default function Overview() {
  const totals = useLiveQuery(TotalsDocument, {}, ['Customer', 'Product', 'Purchase']);
  const { role } = useViewer();
  const samples = useSampleImport(role === 'ADMIN');
  if (totals.data === undefined) {
    return (
      <div className="page">
        {totals.error ? <Problem error={totals.error} onRetry={totals.refresh} /> : <Skeleton lines={8} />}
      </div>
    );
  }
  const { customers, products, statuses } = totals.data;
  const empty = customers.totalCount === 0 && products.totalCount === 0 && statuses.length === 0;
  return (
    <div className="page overview">
      <header className="page-head">
        <h1>Overview</h1>
        <p className="count">Live: every figure follows the log.</p>
      </header>
      {role === 'ADMIN' ? (
        <Samples state={samples} empty={empty} />
      ) : empty ? (
        <EmptyState title="Nothing to see yet">
          <p>
            <Link to="/products/new">Add your first product</Link>.
          </p>
        </EmptyState>
      ) : null}
      {empty ? null : (
        <>
          <Tiles totals={totals.data} />
          <Periods />
          <Sales />
          <div className="columns">
            <TopProducts />
            <TopCustomers />
            <Rejections />
          </div>
        </>
      )}
    </div>
  );
}

function Tiles({ totals }: { readonly totals: TotalsQuery }) {
  const group = (status: string) => totals.statuses.find(({ key }) => key === status);
  const count = (status: string) => formatCount(group(status)?.count ?? 0);
  const tiles: readonly (readonly [title: string, value: string, href: string])[] = [
    ['Revenue', formatMoney(group('CONFIRMED')?.amount ?? '0'), '/purchases?status=CONFIRMED&sort=TOTAL&dir=desc'],
    ['Confirmed', count('CONFIRMED'), '/purchases?status=CONFIRMED'],
    ['Under way', count('PENDING'), '/purchases?status=PENDING'],
    ['Rejected', count('REJECTED'), '/purchases?status=REJECTED'],
    ['Customers', formatCount(totals.customers.totalCount), '/customers'],
    ['Products', formatCount(totals.products.totalCount), '/products'],
  ];
  return (
    <ul className="tiles">
      {tiles.map(([title, value, href]) => (
        <li key={title}>
          <Link to={href}>
            <span className="tile-title">{title}</span>
            <span className="tile-value num" data-testid={`tile-${title.toLowerCase().replace(' ', '-')}`}>
              {value}
            </span>
          </Link>
        </li>
      ))}
    </ul>
  );
}
