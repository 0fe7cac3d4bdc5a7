/**
 * (k) Who watches all of one's own transactions is told of those alone, each step once and in order, the final status exactly
 * once, and of nothing that ended long before: an old transaction that somebody looks up is no news.
 */
import { entriesOf, type History, type Told, type Watch, type Watcher } from '../history.ts';

const FINAL = new Set(['COMPLETED', 'REJECTED']);
/** A gateway may be so far behind the log while faults strike, ms; what ended earlier was no news to anyone. */
const BEHIND_MS = 60_000;

export function checkWatchers(history: History): string[] {
  const log = endsOnTheLog(history);
  const begun = acknowledgedBy(history);
  return history.watchers.flatMap((watcher) =>
    watcher.watches.flatMap((watch) =>
      [...wrongIn(watch, watcher, log), ...leftOut(watch, begun.get(watcher.user) ?? [], log)].map(
        (wrong) => `${watcher.user}, who watches all of their own at ${watch.gateway}, ${wrong}`,
      ),
    ),
  );
}

interface Ends {
  /** `<steps> <status>` of every status by transaction. */
  readonly statuses: ReadonlyMap<string, ReadonlySet<string>>;
  /** When the step that told the end was written, ms. */
  readonly endedAt: ReadonlyMap<string, number>;
}

function endsOnTheLog(history: History): Ends {
  const statuses = new Map<string, Set<string>>();
  const endedAt = new Map<string, number>();
  for (const { key, time, data } of entriesOf(history, 'transactions')) {
    const of = statuses.get(key) ?? new Set(['1 ACCEPTED']);
    statuses.set(key, of.add(`${data.steps.length} ${data.status}`));
    if (FINAL.has(data.status) && !endedAt.has(key)) endedAt.set(key, Date.parse(time));
  }
  return { statuses, endedAt };
}

function wrongIn({ askedAt, told, end }: Watch, { user }: Watcher, { statuses, endedAt }: Ends): string[] {
  const last = new Map<string, Told>();
  const wrong: string[] = [];
  for (const news of told) {
    const { transactionId: id, status, steps, issuedBy } = news;
    const before = last.get(id);
    last.set(id, news);
    if (issuedBy !== user) wrong.push(`was told of ${id}, which is ${issuedBy}'s`);
    if (before !== undefined && FINAL.has(before.status)) wrong.push(`was told ${status} of ${id} after its end`);
    else if (before !== undefined && before.steps >= steps) {
      wrong.push(`was told step ${steps} (${status}) of ${id} after step ${before.steps} (${before.status})`);
    }
    if (statuses.get(id)?.has(`${steps} ${status}`) !== true && status !== 'ACCEPTED') {
      wrong.push(`was told ${status} of ${id} at step ${steps}, which is not on the log`);
    }
    if (before === undefined && (endedAt.get(id) ?? Number.POSITIVE_INFINITY) < askedAt - BEHIND_MS) {
      wrong.push(`was told ${status} of ${id} as news, which had ended long before`);
    }
  }
  if (typeof end === 'object') wrong.push(`was refused with ${end.refused}`);
  return wrong;
}

/** One that was open until the end was told the end of everything that began while it was. */
function leftOut({ liveAt, told, end }: Watch, begun: readonly Begun[], { endedAt }: Ends): string[] {
  if (end !== 'rested' || liveAt === undefined) return [];
  const ended = new Set(told.filter(({ status }) => FINAL.has(status)).map(({ transactionId }) => transactionId));
  return begun
    .filter(({ id, at }) => at > liveAt && endedAt.has(id) && !ended.has(id))
    .map(({ id }) => `was never told the end of ${id}`);
}

interface Begun {
  readonly id: string;
  /** Before it was sent for the first time. */
  readonly at: number;
}

function acknowledgedBy({ operations }: History): ReadonlyMap<string, readonly Begun[]> {
  const begun = new Map<string, Begun[]>();
  for (const { user, attempts } of operations) {
    const at = attempts[0]?.invokedAt ?? 0;
    const ids = new Set(attempts.flatMap(({ receipt }) => (receipt === undefined ? [] : [receipt.transactionId])));
    const of = begun.get(user) ?? [];
    begun.set(user, of);
    for (const id of ids) of.push({ id, at });
  }
  return begun;
}
