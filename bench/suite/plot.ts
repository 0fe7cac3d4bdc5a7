/** A plot of a row's comparisons: a bar for each, ours ÷ rival or ours ÷ goal, and a mark where the goal is. SVG as text. */
import { type ComparisonResult, isMet, ratiosOf } from './result.ts';
import { median, rounded } from './statistics.ts';

const WIDTH = 720;
const LABELS = 230;
const FIGURES = 130;
const BAR = 18;
const STEP = 34;
const TOP = 40;
/** A bar that is longer than so many times the goal is cut. */
const MOST = 2.5;

interface Bar {
  readonly label: string;
  /** As parts of the goal: 1 is where it is. */
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly figure: string;
  readonly met: boolean;
}

function barOf(comparison: ComparisonResult): Bar | undefined {
  const { goal, label, sides } = comparison;
  if (goal === undefined) return undefined;
  const asked = 'atLeast' in goal ? goal.atLeast : goal.atMost;
  const ratios = ratiosOf(comparison);
  const values = ratios ?? sides[0]?.samples ?? [];
  return {
    label,
    value: median(values) / asked,
    low: Math.min(...values) / asked,
    high: Math.max(...values) / asked,
    figure: `${rounded(median(values))}${ratios ? ' ×' : ''} (${'atLeast' in goal ? '≥' : '≤'} ${rounded(asked)})`,
    met: isMet(comparison) === true,
  };
}

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** Undefined: nothing in it has a goal. */
export function plotOf(title: string, comparisons: readonly ComparisonResult[]): string | undefined {
  const bars = comparisons.flatMap((each) => barOf(each) ?? []);
  if (bars.length === 0) return undefined;
  const height = TOP + bars.length * STEP + 10;
  const length = (WIDTH - LABELS - FIGURES) / MOST;
  const x = (value: number) => LABELS + Math.min(value, MOST) * length;
  const drawn = bars.map(({ label, value, low, high, figure, met }, at) => {
    const y = TOP + at * STEP;
    const middle = y + BAR / 2;
    return [
      `<text x="${LABELS - 8}" y="${middle + 4}" text-anchor="end">${escaped(label)}</text>`,
      `<rect x="${LABELS}" y="${y}" width="${(x(value) - LABELS).toFixed(1)}" height="${BAR}" fill="${met ? '#4c9f70' : '#d08a3c'}"/>`,
      `<line x1="${x(low).toFixed(1)}" y1="${middle}" x2="${x(high).toFixed(1)}" y2="${middle}" stroke="#333"/>`,
      `<text x="${WIDTH - FIGURES + 8}" y="${middle + 4}">${escaped(figure)}</text>`,
    ].join('\n  ');
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="12">
  <title>${escaped(title)}: ours as a part of its goal</title>
  <rect width="100%" height="100%" fill="#fff"/>
  <text x="8" y="18" font-size="14">${escaped(title)}</text>
  ${drawn.join('\n  ')}
  <line x1="${x(1)}" y1="${TOP - 8}" x2="${x(1)}" y2="${height - 6}" stroke="#a33" stroke-dasharray="4 3"/>
  <text x="${x(1)}" y="${TOP - 12}" text-anchor="middle" fill="#a33">goal</text>
</svg>
`;
}
