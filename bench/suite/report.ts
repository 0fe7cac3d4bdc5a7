/** `npm run bench:report`: the tables and plots of docs/performance.md, made from `bench/results/*.json`; the prose stays. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { rows } from '../rows/index.ts';
import { plotOf } from './plot.ts';
import { type ComparisonResult, isMet, type Result, ratiosOf, readResult } from './result.ts';
import type { Row } from './row.ts';
import { median, rounded } from './statistics.ts';

const ROOT = join(import.meta.dirname, '../..');
const RESULTS = join(ROOT, 'bench', 'results');
const DOC = join(ROOT, 'docs', 'performance.md');
const PLOTS = join('pictures', 'bench');
const [BEGIN, END] = ['<!-- made by npm run bench:report: begin -->', '<!-- made by npm run bench:report: end -->'];

interface Told {
  readonly row: Row;
  readonly result: Result | undefined;
}

const cell = (text: string) => text.replaceAll('|', '\\|');

function spread(values: readonly number[]): string {
  const middle = rounded(median(values));
  return values.length === 1
    ? middle
    : `${middle} (${rounded(Math.min(...values))} to ${rounded(Math.max(...values))})`;
}

function comparisonLine(name: string, of: ComparisonResult): string {
  const [ours, rival] = of.sides;
  const ratios = ratiosOf(of);
  const goal =
    of.goal === undefined
      ? ''
      : 'atLeast' in of.goal
        ? `≥ ${rounded(of.goal.atLeast)}`
        : `≤ ${rounded(of.goal.atMost)}`;
  const met = isMet(of);
  const cells = [
    name,
    of.label,
    of.unit,
    spread(ours?.samples ?? []),
    rival === undefined ? '' : `${rival.name}: ${spread(rival.samples)}`,
    ratios === undefined ? '' : spread(ratios),
    goal,
    met === undefined ? '' : met ? 'met' : '**missed**',
  ];
  return `| ${cells.map(cell).join(' | ')} |`;
}

function table(all: readonly Told[]): string {
  const lines = all.flatMap(({ row, result }) => {
    if (result === undefined || result.comparisons.length === 0) {
      const why = result?.failed ?? 'not run yet';
      return [`| ${row.name} | ${cell(`not measured: ${why}`)} | | | | | ${cell(row.goal)} | |`];
    }
    return result.comparisons.map((of, at) => comparisonLine(at === 0 ? `[${row.name}](#${row.name})` : '', of));
  });
  return [
    '| row | what | unit | ours | beside | ratio | goal | |',
    '| --- | --- | --- | --- | --- | --- | --- | --- |',
    ...lines,
  ].join('\n');
}

function section({ row, result }: Told, plot: string | undefined): string {
  const lines = [`### ${row.name}`, `${capital(row.what)}. Beside: ${row.against}. Goal: ${row.goal}.`];
  if (result === undefined) return [...lines, 'Not run yet.'].join('\n\n');
  const sizes = Object.entries(result.sizes).map(([name, size]) => `${name} ${size.toLocaleString('en')}`);
  const [before, after] = result.machine.load;
  lines.push(
    `${result.date.slice(0, 16).replace('T', ' ')} UTC, ${result.seconds} s; ${sizes.join(', ')}${result.full ? '' : ' (**not at full size**)'}; load of the machine ${before} before and ${after} after.`,
  );
  if (result.failed !== undefined) lines.push(`Broken off: ${result.failed}`);
  if (result.notes.length > 0) lines.push(result.notes.map((note) => `- ${note}`).join('\n'));
  if (plot !== undefined) lines.push(`![${row.name}: ours beside its goal](${plot})`);
  return lines.join('\n\n');
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

function machines(all: readonly Told[]): string {
  const lines = all.flatMap(({ result }) => {
    if (result === undefined) return [];
    const { machine, versions } = result;
    const known = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
    return [
      `${machine.processor}, ${machine.cores} cores, ${machine.memoryGb} GB, ${machine.system}; ${known.join(', ')}.`,
    ];
  });
  return [...new Set(lines)].join('\n\n');
}

const all: Told[] = [];
for (const row of rows) all.push({ row, result: await readResult(RESULTS, row.name) });
await mkdir(join(ROOT, 'docs', PLOTS), { recursive: true });
const sections: string[] = [];
for (const told of all) {
  const { row, result } = told;
  const plot = plotOf(row.name, result?.comparisons ?? []);
  const path = join(PLOTS, `${row.name}.svg`);
  if (plot !== undefined) await writeFile(join(ROOT, 'docs', path), plot);
  sections.push(section(told, plot === undefined ? undefined : path));
}
const doc = await readFile(DOC, 'utf8');
const [before, rest] = doc.split(BEGIN);
const after = rest?.split(END)[1];
if (before === undefined || after === undefined) throw new Error(`${DOC} has no two marks of bench:report`);
const made = ['## Figures', machines(all), table(all), ...sections].join('\n\n');
await writeFile(DOC, `${before}${BEGIN}\n\n${made}\n\n${END}${after}`);
process.stdout.write(`docs/performance.md: ${all.filter(({ result }) => result).length} of ${all.length} rows\n`);
