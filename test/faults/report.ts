/** A run's figures: how much was asked, what struck, and the checker's table. */
import { CHECK_NAMES, CHECKS, countViolations, type Violations } from './checker/index.ts';
import { type Gaps, gapsAfter } from './gaps.ts';
import { entriesOf, type History } from './history.ts';

export interface Figures {
  readonly engines: string;
  readonly seed: number;
  readonly seconds: number;
  readonly acknowledged: number;
  readonly attempts: Readonly<Record<'acknowledged' | 'refused' | 'unknown', number>>;
  readonly commands: Readonly<Record<string, number>>;
  readonly subscriptions: number;
  readonly connections: number;
  readonly readings: number;
  readonly records: number;
  readonly purchases: Readonly<Record<string, number>>;
  readonly faults: Readonly<Record<string, number>>;
  /** From the kill of a broker on, until commands were decided again. */
  readonly gapsAfterBrokerKill?: Gaps;
  /** Processes that ended as none should. */
  readonly crashes: readonly string[];
  readonly violations: Readonly<Record<string, number>>;
}

export function figuresOf(
  {
    brokerKills,
    ...run
  }: Pick<Figures, 'engines' | 'seed' | 'seconds' | 'faults' | 'crashes'> & {
    /** Moments, ms since 1970. */
    readonly brokerKills: readonly number[];
  },
  history: History,
  violations: Violations,
): Figures {
  const attempts = { acknowledged: 0, refused: 0, unknown: 0 };
  const commands: Record<string, number> = {};
  for (const operation of history.operations) {
    for (const { outcome } of operation.attempts) attempts[outcome]++;
    if (!operation.attempts.some(({ receipt }) => receipt !== undefined)) continue;
    commands[operation.command] = (commands[operation.command] ?? 0) + 1;
  }
  const purchases: Record<string, number> = {};
  const newest = new Map(entriesOf(history, 'purchases.state').map(({ key, data }) => [key, data]));
  for (const { status, rejection } of newest.values()) {
    const end = rejection === null ? status : `${status} ${rejection.code}`;
    purchases[end] = (purchases[end] ?? 0) + 1;
  }
  const gaps = gapsAfter(brokerKills, history);
  return {
    ...run,
    ...(gaps ? { gapsAfterBrokerKill: gaps } : {}),
    acknowledged: Object.values(commands).reduce((sum, count) => sum + count, 0),
    attempts,
    commands,
    subscriptions: history.subscriptions.length,
    connections: history.subscriptions.reduce((sum, { listenings }) => sum + listenings.length, 0),
    readings: history.readings.length,
    records: [...history.log.values()].reduce((sum, entries) => sum + entries.length, 0),
    purchases,
    violations: Object.fromEntries(CHECK_NAMES.map((name) => [name, violations[name].length])),
  };
}

const EXAMPLES = 5;

export function printed(figures: Figures, violations: Violations): string {
  const { attempts, faults, gapsAfterBrokerKill: gaps } = figures;
  const list = (counts: Readonly<Record<string, number>>) =>
    Object.entries(counts)
      .sort(([, one], [, other]) => other - one)
      .map(([name, count]) => `  ${String(count).padStart(8)}  ${name}`);
  const total = Object.values(faults).reduce((sum, count) => sum + count, 0);
  return [
    '',
    `${figures.engines}, seed ${figures.seed}, ${figures.seconds} s under load`,
    `${figures.acknowledged} commands acknowledged:`,
    ...list(figures.commands),
    `sent ${attempts.acknowledged + attempts.refused + attempts.unknown} times: ${attempts.acknowledged} acknowledged, ` +
      `${attempts.unknown} unknown and sent again, ${attempts.refused} refused`,
    `${figures.subscriptions} subscriptions over ${figures.connections} connections, ${figures.readings} reflecting queries, ` +
      `${figures.records} records on the log`,
    'purchases:',
    ...list(figures.purchases),
    `${total} faults:`,
    ...list(faults),
    ...(gaps === undefined
      ? []
      : [
          `longest gap after each of ${gaps.kills} kills of a broker, until commands were decided again: ` +
            `${gaps.shortest} to ${gaps.longest} ms, median ${gaps.median} ms` +
            (gaps.beyond === 0 ? '' : `; ${gaps.beyond} waited for over a minute, for other reasons too`),
        ]),
    `${figures.crashes.length} crashes of their own:`,
    ...figures.crashes.map((crash) => `            ${crash}`),
    `${countViolations(violations)} violations:`,
    ...CHECK_NAMES.flatMap((name) => [
      `  ${String(violations[name].length).padStart(8)}  (${name}) ${CHECKS[name].promise}`,
      ...violations[name].slice(0, EXAMPLES).map((violation) => `            ${violation}`),
    ]),
    '',
  ].join('\n');
}
