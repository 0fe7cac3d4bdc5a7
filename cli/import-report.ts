/** What `counterfoil import` prints in the end, and with which status it ends. */
import { type ImportSummary, MOST_PROBLEMS, problemsOf, type RowProblem } from '../import/tally.ts';

export interface ImportReport {
  readonly text: string;
  /** 0: all rows are in the shop as they are in the files; 1: those that are told are not. */
  readonly exitCode: number;
}

export function importReport(summary: ImportSummary, json: boolean): ImportReport {
  const text = json ? `${JSON.stringify(jsonOf(summary))}\n` : textOf(summary);
  return { text, exitCode: problemsOf(summary) === 0 ? 0 : 1 };
}

function jsonOf({ rejections, ms, waitingFor: _, ...rest }: ImportSummary): unknown {
  return { ...rest, rejections: Object.fromEntries(rejections), ms: Math.round(ms) };
}

function textOf(summary: ImportSummary): string {
  const { customers, products, confirmed, rejected, discontinued, updated, done, fresh, ms } = summary;
  const { rejections, conflicts } = summary;
  const lines = [
    `rows          ${done}${fresh === 0 ? ', nothing has changed' : `, ${fresh} commands sent, ${updated} rows updated`}`,
    `customers     ${customers}`,
    `products      ${products}, ${discontinued} discontinued`,
    `purchases     ${confirmed + rejected}: ${confirmed} confirmed, ${rejected} rejected`,
    ...[...rejections].sort(([, a], [, b]) => b - a).map(([code, count]) => `  ${code.padEnd(22)} ${count}`),
    ...(conflicts === 0 ? [] : [`  ${'CONFLICT'.padEnd(22)} ${conflicts}, left as they are in the shop`]),
    `time          ${(ms / 1000).toFixed(1)} s`,
    ...problemLines(summary),
  ];
  return `${lines.join('\n')}\n`;
}

function problemLines(summary: ImportSummary): readonly string[] {
  const more = problemsOf(summary) - summary.problems.length;
  if (summary.problems.length === 0) return [];
  return [
    '',
    'Not in the shop as in the files:',
    ...summary.problems.map(lineOf),
    ...(more > 0 ? [`and ${more} more: the first ${MOST_PROBLEMS} are shown`] : []),
  ];
}

function lineOf({ fileAndLine, row, code, message }: RowProblem): string {
  return `${fileAndLine}: ${row}: ${code}: ${message}`;
}
