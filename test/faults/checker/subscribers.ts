/**
 * (h) Each subscriber saw its transaction's statuses in order, the final one last and once. Over reconnects, it got there
 * in the end, and no gateway told it that the transaction it has a receipt for does not exist.
 */
import { entriesOf, type History, type Listening, type Subscription } from '../history.ts';

const FINAL = new Set(['COMPLETED', 'REJECTED']);

export function checkSubscribers(history: History): string[] {
  const told = statusesOnTheLog(history);
  return history.subscriptions.flatMap((subscription) => {
    const who = `subscriber of ${subscription.transactionId}`;
    const statuses = told.get(subscription.transactionId) ?? new Set();
    return [
      ...subscription.listenings.flatMap((listening) => wrongIn(listening, statuses).map((wrong) => `${who} ${wrong}`)),
      ...wrongOverAll(subscription).map((wrong) => `${who} ${wrong}`),
    ];
  });
}

/** `<steps> <status>` of every status by transaction. */
function statusesOnTheLog(history: History): ReadonlyMap<string, ReadonlySet<string>> {
  const told = new Map<string, Set<string>>();
  for (const { key, data } of entriesOf(history, 'transactions')) {
    const statuses = told.get(key) ?? new Set(['1 ACCEPTED']);
    told.set(key, statuses.add(`${data.steps.length} ${data.status}`));
  }
  return told;
}

function wrongIn({ seen, end, gateway }: Listening, onTheLog: ReadonlySet<string>): string[] {
  const wrong: string[] = [];
  for (const [at, { steps, status }] of seen.entries()) {
    const before = seen[at - 1];
    if (before !== undefined && FINAL.has(before.status))
      wrong.push(`saw ${status} after ${before.status} at ${gateway}`);
    if (before !== undefined && before.steps >= steps) {
      wrong.push(`saw step ${steps} (${status}) after step ${before.steps} (${before.status}) at ${gateway}`);
    }
    if (!onTheLog.has(`${steps} ${status}`)) wrong.push(`saw ${status} at step ${steps}, which is not on the log`);
  }
  const last = seen.at(-1)?.status ?? 'nothing';
  if (end === 'completed' && !FINAL.has(last)) wrong.push(`was told the end after ${last} at ${gateway}`);
  if (typeof end === 'object') wrong.push(`was refused with ${end.refused} at ${gateway}`);
  return wrong;
}

function wrongOverAll({ listenings }: Subscription): string[] {
  const finals = listenings.flatMap(({ seen }) => seen.filter(({ status }) => FINAL.has(status)));
  const different = new Set(finals.map(({ status }) => status));
  if (finals.length === 0) return ['never saw the end'];
  return different.size > 1 ? [`saw the ends ${[...different].join(' and ')}`] : [];
}
