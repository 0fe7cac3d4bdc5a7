/** Sales of a span that people ask for, beside those of the span before: what was taken, and by how much it has grown. */
import type { ReactNode } from 'react';
import { Link, useSearchParams } from 'react-router';
import { Choice } from '../components/field';
import { Loaded } from '../components/loaded';
import { Money } from '../components/values';
import { PeriodDocument, type PeriodQuery, type PurchaseFilter } from '../gql/graphql';
import { useLiveQuery } from '../graph/use-live';
import { useNow } from '../graph/use-now';
import { pageTimeZone } from '../text/days';
import { formatChange, formatCount, formatMinute } from '../text/format';
import { fromMinor, toMinor } from '../text/money';
import { type Compared, comparedPeriods, growth, type Period, presets } from '../text/periods';

const MINUTE_MS = 60_000;

export function Periods() {
  const now = Math.floor(useNow() / MINUTE_MS) * MINUTE_MS;
  const [params, setParams] = useSearchParams();
  const preset = presets.find(([name]) => name === params.get('period'))?.[0] ?? 'today';
  const compared = comparedPeriods(preset, new Date(now), pageTimeZone());
  const { period, before } = compared;
  // What is bought within this minute counts too.
  const to = new Date(period.to.getTime() + (preset === 'year' ? 0 : MINUTE_MS - 1));
  const query = useLiveQuery(PeriodDocument, { period: confirmedIn({ ...period, to }), before: confirmedIn(before) }, [
    'Purchase',
  ]);
  return (
    <section className="card periods" aria-labelledby="periods">
      <header>
        <h2 id="periods">
          Compared <span className="faint">with {compared.beforeTitle}</span>
        </h2>
        <Choice
          label="Period"
          value={preset}
          options={presets}
          onChoose={(next) =>
            setParams(
              (known) => {
                known.set('period', next);
                return known;
              },
              { replace: true },
            )
          }
        />
      </header>
      <Loaded query={query} lines={2}>
        {(data) => <Figures data={data} compared={compared} />}
      </Loaded>
    </section>
  );
}

const confirmedIn = ({ from, to }: Period): PurchaseFilter => ({
  status: ['CONFIRMED'],
  placedBetween: { from: from.toISOString(), to: to.toISOString() },
});

interface Sales {
  readonly count: bigint;
  readonly minor: bigint;
}

function salesOf(groups: PeriodQuery['period']): Sales {
  const [group] = groups;
  return { count: BigInt(group?.count ?? 0), minor: toMinor(group?.amount ?? '0') };
}

function Figures({ data, compared }: { readonly data: PeriodQuery; readonly compared: Compared }) {
  const [now, before] = [salesOf(data.period), salesOf(data.before)];
  const average = ({ count, minor }: Sales) => (count === 0n ? 0n : minor / count);
  return (
    <>
      <dl className="figures">
        <Figure title="Revenue" now={now.minor} before={before.minor} show={money} />
        <Figure title="Purchases" now={now.count} before={before.count} show={(n) => formatCount(Number(n))} />
        <Figure title="Per purchase" now={average(now)} before={average(before)} show={money} />
      </dl>
      <p className="faint small">
        <Link to={hrefOf(compared.period)}>{spanOf(compared.period)}</Link>, compared with{' '}
        <Link to={hrefOf(compared.before)}>{spanOf(compared.before)}</Link>
      </p>
    </>
  );
}

const money = (minor: bigint) => <Money value={fromMinor(minor)} />;
const spanOf = ({ from, to }: Period) => `${formatMinute(from)} – ${formatMinute(to)}`;
const hrefOf = ({ from, to }: Period) =>
  `/purchases?status=CONFIRMED&from=${encodeURIComponent(from.toISOString())}&to=${encodeURIComponent(to.toISOString())}`;

interface FigureProps {
  readonly title: string;
  readonly now: bigint;
  readonly before: bigint;
  readonly show: (amount: bigint) => ReactNode;
}

function Figure({ title, now, before, show }: FigureProps) {
  const change = growth(now, before);
  const tone = change === null || change === 0 ? 'faint' : change > 0 ? 'grown' : 'shrunk';
  return (
    <div data-testid={`compared-${title.toLowerCase().replace(' ', '-')}`}>
      <dt>{title}</dt>
      <dd>
        <span className="tile-value num">{show(now)}</span>{' '}
        <span className={`num ${tone}`}>{change === null ? '' : formatChange(change)}</span>{' '}
        <span className="faint small">
          before: <span className="num">{show(before)}</span>
        </span>
      </dd>
    </div>
  );
}
