/** How long commands waited for their decision when a broker was killed, as the statuses that clients were sent tell it. */
import type { History, Operation, Subscription } from './history.ts';

/** Commands acknowledged so long after the kill count: whatever it held up. */
const AFTER_MS = 20_000;

export interface Gaps {
  readonly kills: number;
  /** Over the kills, of the longest wait after each, ms; other faults that struck at the same time are in it. */
  readonly shortest: number;
  readonly median: number;
  readonly longest: number;
}

type Followed = Readonly<Pick<History, 'operations' | 'subscriptions'>>;

/** @param kills the moments, ms since 1970. @returns undefined when nothing was killed, or nobody waited */
export function gapsAfter(kills: readonly number[], { operations, subscriptions }: Followed): Gaps | undefined {
  const decidedAt = new Map(subscriptions.map((each) => [each.transactionId, decided(each)]));
  const waits = operations.flatMap((operation) => {
    const { at, transactionId } = acknowledged(operation) ?? {};
    const until = decidedAt.get(transactionId ?? '');
    return at === undefined || until === undefined ? [] : [{ from: at, until }];
  });
  const longest = kills
    .map((kill) =>
      waits
        .filter(({ from, until }) => until >= kill && from <= kill + AFTER_MS)
        .reduce((most, { from, until }) => Math.max(most, until - Math.max(from, kill)), 0),
    )
    .filter((wait) => wait > 0)
    .sort((one, other) => one - other);
  const [shortest] = longest;
  if (shortest === undefined) return undefined;
  const median = longest[Math.floor(longest.length / 2)] ?? shortest;
  return { kills: kills.length, shortest, median, longest: longest.at(-1) ?? shortest };
}

function acknowledged({ attempts }: Operation): { readonly at: number; readonly transactionId: string } | undefined {
  const first = attempts.find(({ receipt }) => receipt !== undefined);
  return first?.receipt && { at: first.endedAt, transactionId: first.receipt.transactionId };
}

/** When it was first seen to have been decided. */
function decided({ listenings }: Subscription): number | undefined {
  for (const { seen } of listenings) {
    const first = seen.find(({ status }) => status !== 'ACCEPTED');
    if (first !== undefined) return first.at;
  }
  return undefined;
}
