/** Sales in a span of time, on the overview: two charts for the eye, and the same as a table. */
import { lazy, Suspense } from 'react';
import { Link, useNavigate, useSearchParams } from 'react-router';
import { Problem } from '../components/empty-state';
import { Choice } from '../components/field';
import { SeriesDocument } from '../gql/graphql';
import { useLiveQuery } from '../graph/use-live';
import { useNow } from '../graph/use-now';
import { pageTimeZone } from '../text/days';
import { formatCount, formatMoney } from '../text/format';
import { barsOf, barTitle, beginOf, groupingOf, perBar, type SalesBar, type Span, spans } from './spans';

// Fetched while the figures are asked for, not after they have come.
const drawing = import('./overview-chart');
drawing.catch(() => {});
const OverviewChart = lazy(() => drawing);

export function Sales() {
  const now = useNow();
  const [params, setParams] = useSearchParams();
  const chosen = spans.find(([span]) => span === params.get('span'))?.[0];
  const recent = useSeries('hour', now);
  const busy = recent.data?.purchaseGroups.some((group) => group.count > 0);
  const span: Span = chosen ?? (busy === false ? 'all' : 'hour');
  const series = useSeries(span, now);
  const navigate = useNavigate();
  // Before it is known whether the last hour is worth showing, nothing is drawn: it would jump.
  const bars =
    busy === undefined || series.data === undefined
      ? null
      : barsOf(span, series.data.purchaseGroups, now, pageTimeZone());
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
      {series.error !== undefined && series.data === undefined ? (
        <Problem error={series.error} onRetry={series.refresh} />
      ) : null}
      <div className="charts" hidden={series.error !== undefined && series.data === undefined}>
        <Chart title="Purchases" swatch="one" bars={bars} span={span} measure="count" onOpen={open} />
        <Chart title="Revenue" swatch="two" bars={bars} span={span} measure="amount" onOpen={open} />
      </div>
      {bars === null ? null : <SalesTable bars={bars} span={span} />}
    </section>
  );
}

function useSeries(span: Span, now: number) {
  const timeZone = pageTimeZone();
  const from = beginOf(span, now, timeZone);
  return useLiveQuery(
    SeriesDocument,
    {
      by: groupingOf(span),
      filter: { status: ['CONFIRMED'], ...(from === null ? {} : { placedBetween: { from } }) },
      timeZone,
    },
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
