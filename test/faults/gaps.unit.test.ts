import { describe, expect, it } from 'vitest';
import { gapsAfter, MOST_MS } from './gaps.ts';
import type { Entry, Operation } from './history.ts';

const KILL = 1_800_000_000_000;

/** Commands by when they were acknowledged and when decided, in ms from the kill. */
function historyOf(...commands: readonly (readonly [acknowledged: number, decided: number])[]) {
  const operations = commands.map(([endedAt], at): Operation => {
    const receipt = { transactionId: `t${at}`, id: `e${at}` };
    const attempt = { invokedAt: 0, endedAt: KILL + endedAt, gateway: 'g', outcome: 'acknowledged', receipt } as const;
    return { key: `k${at}`, user: 'u', command: 'restockProduct', input: {}, attempts: [attempt] };
  });
  const statuses = commands.map(
    ([, decided], at): Entry => ({
      ...{ topic: 'transactions', partition: 0, offset: at, key: `t${at}`, id: '', type: '', subject: '', data: {} },
      ...{
        transactionId: undefined,
        issuedBy: undefined,
        roles: undefined,
        causationId: undefined,
        version: undefined,
        foreign: false,
      },
      time: new Date(KILL + decided).toISOString(),
    }),
  );
  return { operations, log: new Map([['transactions', statuses]]) };
}

describe('the gap after the kill of a broker', () => {
  it('is the longest wait of a command that was acknowledged before its end', () => {
    const history = historyOf([-2000, 9000], [5000, 9500], [30_000, 45_000]);
    expect(gapsAfter([KILL], history)).toEqual({ kills: 1, shortest: 9000, median: 9000, longest: 9000, beyond: 0 });
  });

  it('does not count what had been decided before', () => {
    expect(gapsAfter([KILL], historyOf([-5000, -100], [1000, 1300]))?.longest).toBe(300);
  });

  it('does not take what waited for over a minute for a gap, and says how many there were', () => {
    const history = historyOf([100, 9000], [100, 100 + MOST_MS + 1]);
    expect(gapsAfter([KILL], history)).toMatchObject({ longest: 8900, beyond: 1 });
  });

  it('is told over all kills, and not at all when there was none', () => {
    const history = historyOf([0, 1000], [100_000, 103_000], [200_000, 202_000]);
    const kills = [KILL, KILL + 100_000, KILL + 200_000];
    expect(gapsAfter(kills, history)).toMatchObject({ kills: 3, shortest: 1000, median: 2000, longest: 3000 });
    expect(gapsAfter([], history)).toBeUndefined();
  });
});
