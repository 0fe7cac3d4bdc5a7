/** What was sampled of each process, with the rule's word on it, and both as a table. */
import { rounded } from '../suite/statistics.ts';
import { type Verdict, verdictOn } from './flat.ts';
import type { Series } from './samples.ts';

export interface Judged {
  readonly series: Series;
  /** Undefined: it is told, not judged, or there are too few samples. */
  readonly verdict: Verdict | undefined;
}

export function judgedOf(all: readonly Series[]): readonly Judged[] {
  return all.map((series) => ({
    series,
    verdict: series.allowance && verdictOn(series.samples, series.allowance),
  }));
}

/** In Markdown. */
export function tableOf(judged: readonly Judged[]): string {
  const lines = judged.map(({ series: { process, what, unit, samples }, verdict }) => {
    const told =
      verdict === undefined
        ? ['', '', '']
        : [rounded(verdict.first), rounded(verdict.last), verdict.flat ? 'flat' : '**grows**'];
    return `| ${[process, `${what}, ${unit}`, ...told, rounded(Math.max(...samples))].join(' | ')} |`;
  });
  return [
    '| process | what | first third | last third | | highest |',
    '| --- | --- | --- | --- | --- | --- |',
    ...lines,
  ].join('\n');
}
