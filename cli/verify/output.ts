/** What `verify` prints, in lines. */
import type { AuditResult } from '../../audit/audit-log.ts';
import type { ViewAuditResult } from '../../audit/audit-views.ts';
import type { OtherOutcome } from '../../audit/decide-again.ts';
import type { Difference } from '../../audit/difference.ts';

export interface VerifyResult {
  readonly differences: readonly Difference[];
  /** In all, also those that `differences` has no room for. */
  readonly differing: number;
  readonly log: AuditResult;
  readonly views: ViewAuditResult | undefined;
  readonly decided: { readonly commands: number; readonly others: readonly OtherOutcome[] } | undefined;
}

export function printDifference({ check, topic, partition, offset, id, what, expected, found }: Difference): string {
  const place = `${topic}/${partition < 0 ? '-' : partition}@${offset ?? '-'}`;
  return `${check}  ${place}  ${id}: ${what}\n  expected ${JSON.stringify(expected)}\n  found    ${JSON.stringify(found)}\n`;
}

export function printOther({
  topic,
  partition,
  offset,
  id,
  command,
  transactionId,
  recorded,
  today,
  differences,
}: OtherOutcome): string {
  return [
    `decide  ${topic}/${partition}@${offset}  ${id}: ${command} of transaction ${transactionId} would end otherwise today`,
    ...differences.map((difference) => `  ${difference}`),
    `  recorded ${JSON.stringify(recorded)}`,
    `  today    ${JSON.stringify(today)}`,
    '',
  ].join('\n');
}

export function summaryOf({ differing, log, views, decided }: VerifyResult): string {
  const counts = Object.entries(log.aggregates).map(([name, count]) => `${count} ${name}`);
  const lines = [
    `${log.events} events folded: ${counts.join(', ')}`,
    views === undefined ? 'views left out' : `${views.documents} documents of the views compared`,
  ];
  if (views !== undefined && views.unsettled > 0) {
    const why = views.behind > 0 ? `the views are ${views.behind} records behind the log` : 'they moved too fast';
    lines.push(`${views.unsettled} documents could not be compared: ${why}; run it again when there is less to do`);
  }
  if (decided !== undefined)
    lines.push(`${decided.commands} commands decided again: ${decided.others.length} would end otherwise`);
  lines.push(differing === 0 ? 'no difference' : `${differing} ${differing === 1 ? 'difference' : 'differences'}`);
  return `${lines.join('\n')}\n`;
}
