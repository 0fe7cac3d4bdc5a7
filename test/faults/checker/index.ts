/** The checker: fourteen pure functions over a history, each returning what it found wrong, one line each. */
import type { History } from '../history.ts';
import { checkAcknowledged } from './acknowledged.ts';
import { checkCounts } from './counts.ts';
import { checkEffects } from './effects.ts';
import { checkHanging } from './hanging.ts';
import { checkKeys } from './keys.ts';
import { checkPurchases } from './purchases.ts';
import { checkReadings } from './readings.ts';
import { checkStates } from './states.ts';
import { checkStock } from './stock.ts';
import { checkSubscribers } from './subscribers.ts';
import { checkUnfinished } from './unfinished.ts';
import { checkVersions } from './versions.ts';
import { checkViews } from './views.ts';
import { checkWatchers } from './watchers.ts';

interface Check {
  readonly promise: string;
  run(history: History): readonly string[];
}

export const CHECKS = {
  a: { promise: 'acknowledged means on the log, with one final status', run: checkAcknowledged },
  b: { promise: 'no transaction has two effects', run: checkEffects },
  c: { promise: 'versions go 1, 2, 3 … per aggregate', run: checkVersions },
  d: { promise: 'received = free + reserved + sold, never negative', run: checkStock },
  e: { promise: 'every purchase ends, and gives back what it must', run: checkPurchases },
  f: { promise: 'state topics = fold of the events', run: checkStates },
  g: { promise: 'views = projection of the states', run: checkViews },
  h: { promise: 'subscribers saw statuses in order, the final one last, once', run: checkSubscribers },
  i: { promise: 'a reflecting query shows all that its transaction caused', run: checkReadings },
  j: { promise: 'no transaction hangs on the broker', run: checkHanging },
  k: { promise: "one's own transactions are told once each to who watches them all", run: checkWatchers },
  l: { promise: 'nothing acknowledged is still ACCEPTED or PENDING', run: checkUnfinished },
  m: { promise: 'every event and every follow-up stands on the log once', run: checkCounts },
  n: { promise: 'an idempotency key stands for one body', run: checkKeys },
} satisfies Record<string, Check>;

export type CheckName = keyof typeof CHECKS;
export type Violations = Readonly<Record<CheckName, readonly string[]>>;

export const CHECK_NAMES = Object.keys(CHECKS) as readonly CheckName[];

export function check(history: History): Violations {
  const found: Partial<Record<CheckName, readonly string[]>> = {};
  for (const name of CHECK_NAMES) found[name] = CHECKS[name].run(history);
  return found as Violations;
}

export function countViolations(violations: Violations): number {
  return CHECK_NAMES.reduce((sum, name) => sum + violations[name].length, 0);
}
