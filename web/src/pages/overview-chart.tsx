/** The drawn part of the overview's charts; a chunk of its own, because the library that draws is large. */
import {
  Area,
  AreaChart,
  Bar,
  BarChart,
  CartesianGrid,
  type DotItemDotProps,
  ResponsiveContainer,
  Tooltip,
  type TooltipContentProps,
  XAxis,
  YAxis,
} from 'recharts';
import { formatCompact, formatCount, formatMoney } from '../text/format';
import { barTitle, QUIET, type SalesBar, type Span } from './spans';

export interface OverviewChartProps {
  readonly span: Span;
  readonly bars: readonly SalesBar[];
  readonly measure: 'count' | 'amount';
  readonly onOpen: (bar: SalesBar) => void;
}

const axis = {
  stroke: 'var(--line-strong)',
  tick: { fill: 'var(--ink-2)', fontSize: 12 },
  tickLine: false,
  axisLine: false,
} as const;
const margin = { top: 8, right: 4, bottom: 0, left: 0 };

export default function OverviewChart({ span, bars, measure, onOpen }: OverviewChartProps) {
  const data = bars.map((bar) => ({ ...bar, title: bar.key === QUIET ? QUIET : barTitle(span, bar.from) }));
  const open = ({ activeTooltipIndex }: { activeTooltipIndex?: number | string | null | undefined }) => {
    const bar = bars[Number(activeTooltipIndex ?? -1)];
    if (bar !== undefined) onOpen(bar);
  };
  const common = (
    <>
      <CartesianGrid vertical={false} stroke="var(--line)" />
      <XAxis dataKey="title" {...axis} minTickGap={36} tickMargin={8} />
      <YAxis
        {...axis}
        width={44}
        allowDecimals={measure === 'amount'}
        tickFormatter={formatCompact}
        domain={[0, 'auto']}
      />
      <Tooltip
        content={(props) => <Hint {...props} />}
        cursor={{ fill: 'var(--hover)', stroke: 'var(--line-strong)' }}
        isAnimationActive={false}
      />
    </>
  );
  return (
    <ResponsiveContainer width="100%" height={190} initialDimension={{ width: 600, height: 190 }}>
      {measure === 'count' ? (
        <BarChart data={data} margin={margin} onClick={open} accessibilityLayer={false}>
          {common}
          <Bar dataKey="count" fill="var(--chart-1)" radius={[3, 3, 0, 0]} maxBarSize={28} isAnimationActive={false} />
        </BarChart>
      ) : (
        <AreaChart data={data} margin={margin} onClick={open} accessibilityLayer={false}>
          {common}
          <Area
            dataKey="height"
            type="linear"
            stroke="var(--chart-2)"
            strokeWidth={2}
            fill="var(--chart-2)"
            fillOpacity={0.13}
            isAnimationActive={false}
            dot={(dot: DotItemDotProps) => <LonePoint key={dot.index} dot={dot} bars={bars} />}
          />
        </AreaChart>
      )}
    </ResponsiveContainer>
  );
}

/** A line needs two points: one between breaks is drawn as a point. */
function LonePoint({ dot, bars }: { readonly dot: DotItemDotProps; readonly bars: readonly SalesBar[] }) {
  const drawn = (index: number) => typeof bars[index]?.height === 'number';
  const alone = drawn(dot.index) && !drawn(dot.index - 1) && !drawn(dot.index + 1);
  return alone ? <circle cx={dot.cx} cy={dot.cy} r={3} fill="var(--chart-2)" /> : null;
}

function Hint({ active, payload }: Partial<TooltipContentProps>) {
  const bar = payload?.[0]?.payload as (SalesBar & { readonly title: string }) | undefined;
  if (active !== true || bar === undefined) return null;
  return (
    <div className="chart-hint">
      <p>{bar.title}</p>
      <p>
        <b className="num">{formatCount(bar.count)}</b> {bar.count === 1 ? 'purchase' : 'purchases'} ·{' '}
        <b className="num">{formatMoney(bar.amount)}</b>
      </p>
    </div>
  );
}
