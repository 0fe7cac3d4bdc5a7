/** How long commands waited for their decision when a broker was killed, by the times that stand on the log. */
import { entriesOf, type History } from './history.ts';

/** Commands acknowledged so long after the kill count: whatever it held up. */
const AFTER_MS = 20_000;
/** A wait that is longer has other reasons too, such as a processor that stood still: it is counted, and no gap. */
export const MOST_MS = 60_000;

export interface Gaps {
  readonly kills: number;
  /** Over the kills, of the longest wait after each, ms; other faults that struck at the same time are in it. */
  readonly shortest: number;
  readonly median: number;
  readonly longest: number;
  /** Commands that waited for longer than a minute. */
  readonly beyond: number;
}

interface Wait {
  readonly from: number;
  readonly until: number;
}

/** @param kills the moments, ms since 1970. @returns undefined when nothing was killed, or nobody waited */
export function gapsAfter(kills: readonly number[], history: Pick<History, 'operations' | 'log'>): Gaps | undefined {
  const waits = waitsOf(history);
  let beyond = 0;
  const longest: number[] = [];
  for (const kill of kills) {
    const after = waits
      .filter(({ from, until }) => until >= kill && from <= kill + AFTER_MS)
      .map(({ from, until }) => until - Math.max(from, kill));
    const gaps = after.filter((wait) => wait <= MOST_MS);
    beyond += after.length - gaps.length;
    if (gaps.length > 0) longest.push(gaps.reduce((most, wait) => Math.max(most, wait), 0));
  }
  longest.sort((one, other) => one - other);
  const [shortest] = longest;
  if (shortest === undefined) return undefined;
  const median = longest[Math.floor(longest.length / 2)] ?? shortest;
  return { kills: kills.length, shortest, median, longest: longest.at(-1) ?? shortest, beyond };
}

/** From each command's receipt until its first status on the log, where it came after the receipt. */
function waitsOf(history: Pick<History, 'operations' | 'log'>): readonly Wait[] {
  const decidedAt = new Map<string, number>();
  for (const { key, time } of entriesOf(history, 'transactions')) {
    const at = Date.parse(time);
    if (at < (decidedAt.get(key) ?? Number.POSITIVE_INFINITY)) decidedAt.set(key, at);
  }
  return history.operations.flatMap(({ attempts }) => {
    const first = attempts.find(({ receipt }) => receipt !== undefined);
    const until = decidedAt.get(first?.receipt?.transactionId ?? '');
    return first === undefined || until === undefined ? [] : [{ from: first.endedAt, until }];
  });
}
