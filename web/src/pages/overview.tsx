/** The overview: what is bought and for how much, live; what is rejected and why; who and what sells most. */
import { lazy, type ReactNode, Suspense, useEffect, useState } from 'react';
import { Link, useNavigate, useSearchParams } from 'react-router';
import { BarList } from '../components/bar-list';
import { EmptyState, Problem, Skeleton } from '../components/empty-state';
import { Choice } from '../components/field';
import { codeTitle } from '../counterfoils/rejection-words';
import {
  RejectionsDocument,
  SeriesDocument,
  TopCustomersDocument,
  TopProductsDocument,
  TotalsDocument,
  type TotalsQuery,
} from '../gql/graphql';
import { useLiveQuery } from '../graph/use-live';
import { useViewer } from '../graph/viewer';
import { formatCount, formatMoney, fullName } from '../text/format';
import { customerPath, productPath } from '../text/paths';
import { Samples, useSampleImport } from './samples';
import { barsOf, barTitle, beginOf, groupingOf, perBar, type SalesBar, type Span, spans } from './spans';

// Fetched while the figures are asked for, not after they have come.
const drawing = import('./overview-chart');
drawing.catch(() => {});
const OverviewChart = lazy(() => drawing);

const TICK_MS = 10_000;

/** The time, as often as a bar of the last hour could move. */
function useNow(): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  return now;
}

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

function Sales() {
  const now = useNow();
  const [params, setParams] = useSearchParams();
  const chosen = spans.find(([span]) => span === params.get('span'))?.[0];
  const recent = useSeries('hour', now);
  const busy = recent.data?.purchaseGroups.some((group) => group.count > 0);
  const span: Span = chosen ?? (busy === false ? 'all' : 'hour');
  const series = useSeries(span, now);
  const navigate = useNavigate();
  // Before it is known whether the last hour is worth showing, nothing is drawn: it would jump.
  const bars = busy === undefined || series.data === undefined ? null : barsOf(span, series.data.purchaseGroups, now);
  const choose = (next: Span) =>
    setParams(
      (before) => {
        before.set('span', next);
        return before;
      },
      { replace: true },
    );
  const open = (bar: SalesBar) => navigate(hrefOf(bar));
  return (
    <section className="card sales" aria-labelledby="sales">
      <header>
        <h2 id="sales">
          Sales <span className="faint">{perBar[span]}</span>
        </h2>
        <Choice label="Span" value={span} options={spans} onChoose={choose} />
      </header>
      <div className="charts">
        <Chart title="Purchases" swatch="one" bars={bars} span={span} measure="count" onOpen={open} />
        <Chart title="Revenue" swatch="two" bars={bars} span={span} measure="amount" onOpen={open} />
      </div>
      {bars === null ? null : <SalesTable bars={bars} span={span} />}
    </section>
  );
}

function useSeries(span: Span, now: number) {
  const from = beginOf(span, now);
  return useLiveQuery(
    SeriesDocument,
    { by: groupingOf(span), filter: { status: ['CONFIRMED'], ...(from === null ? {} : { placedBetween: { from } }) } },
    ['Purchase'],
  );
}

const hrefOf = (bar: SalesBar): string =>
  `/purchases?status=CONFIRMED&from=${encodeURIComponent(bar.from)}&to=${encodeURIComponent(bar.to)}`;

interface ChartProps {
  readonly title: string;
  readonly swatch: string;
  readonly bars: readonly SalesBar[] | null;
  readonly span: Span;
  readonly measure: 'count' | 'amount';
  readonly onOpen: (bar: SalesBar) => void;
}

/** Drawn for the eye; the table below says the same in words and is what screen readers and the keyboard use. */
function Chart({ title, swatch, bars, span, measure, onOpen }: ChartProps) {
  return (
    <figure aria-hidden="true">
      <figcaption>
        <i className={`swatch ${swatch}`} /> {title}
      </figcaption>
      <div className="chart">
        {bars === null ? null : (
          <Suspense fallback={null}>
            <OverviewChart bars={bars} span={span} measure={measure} onOpen={onOpen} />
          </Suspense>
        )}
      </div>
    </figure>
  );
}

function SalesTable({ bars, span }: { readonly bars: readonly SalesBar[]; readonly span: Span }) {
  const filled = bars.filter((bar) => bar.count > 0);
  return (
    <details className="as-table">
      <summary>Show as a table</summary>
      <table className="lines" aria-label={`Sales ${perBar[span]}`}>
        <thead>
          <tr>
            <th scope="col">When</th>
            <th scope="col" className="right">
              Purchases
            </th>
            <th scope="col" className="right">
              Revenue
            </th>
          </tr>
        </thead>
        <tbody>
          {filled.map((bar) => (
            <tr key={bar.key}>
              <td>
                <Link to={hrefOf(bar)}>{barTitle(span, bar.from)}</Link>
              </td>
              <td className="right num">{formatCount(bar.count)}</td>
              <td className="right num">{formatMoney(bar.amount)}</td>
            </tr>
          ))}
          {filled.length === 0 ? (
            <tr>
              <td colSpan={3} className="faint">
                Nothing was bought in this span.
              </td>
            </tr>
          ) : null}
        </tbody>
      </table>
    </details>
  );
}

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

function TopProducts() {
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

function TopCustomers() {
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

function Rejections() {
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
