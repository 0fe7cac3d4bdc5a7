/** (l) Nothing that was acknowledged is still ACCEPTED or PENDING at the end: not on the log, and not for who asks the views. */
import { entriesOf, type History, receiptsOf } from '../history.ts';

const FINAL = new Set(['COMPLETED', 'REJECTED']);

export function checkUnfinished(history: History): string[] {
  const onTheLog = new Map<string, string>();
  for (const { key, data } of entriesOf(history, 'transactions')) onTheLog.set(key, data.status);
  const violations: string[] = [];
  const asked = new Set<string>();
  for (const operation of history.operations) {
    for (const { transactionId: id } of receiptsOf(operation)) {
      if (asked.has(id)) continue;
      asked.add(id);
      const what = `${operation.command} ${operation.key}, acknowledged as ${id},`;
      const status = onTheLog.get(id) ?? 'ACCEPTED';
      if (!FINAL.has(status)) violations.push(`${what} is still ${status} on the log`);
      const shown = history.views.transactions?.get(id)?.['status'] ?? 'unknown';
      if (history.views.transactions !== undefined && !FINAL.has(String(shown))) {
        violations.push(`${what} is still ${String(shown)} in the view`);
      }
    }
  }
  for (const [id, purchase] of history.views.purchases ?? []) {
    if (purchase['status'] === 'PENDING') violations.push(`purchase ${id} is still PENDING in the view`);
  }
  return violations;
}
