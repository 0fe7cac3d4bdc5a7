/** The checker is tested too: on a history without fault it finds nothing, and each thing that is broken in one it finds. */
import { beforeAll, describe, expect, it } from 'vitest';
import { CHECK_NAMES, check } from './checker/index.ts';
import { sampleHistory } from './checker/sample-history.ts';
import { type Broken, entries } from './checker.broken.ts';
import { cases } from './checker.cases.ts';
import type { History } from './history.ts';

let good: History;
beforeAll(async () => {
  good = await sampleHistory();
});

/** A copy with something broken in it. */
function broken(breakIt: (history: Broken) => void): History {
  const copy = structuredClone(good) as Broken;
  breakIt(copy);
  return copy as History;
}

describe('the checker', () => {
  it('finds nothing in a history without fault', () => {
    expect(check(good)).toEqual(Object.fromEntries(CHECK_NAMES.map((name) => [name, []])));
  });

  it('looks at a history in which everything has happened', () => {
    const ends = entries(structuredClone(good) as Broken, 'transactions').map(
      ({ data }) => data.rejection?.code ?? data.status,
    );
    expect(new Set(ends)).toEqual(
      new Set([
        ...[
          'PENDING',
          'COMPLETED',
          'UNREADABLE',
          'INSUFFICIENT_STOCK',
          'CUSTOMER_NOT_FOUND',
          'CANCELLED',
          'ALREADY_EXISTS',
        ],
      ]),
    );
    expect(good.readings.length).toBeGreaterThan(3);
    expect(good.subscriptions.length).toBeGreaterThan(6);
  });

  for (const name of CHECK_NAMES) {
    describe(`(${name}) finds`, () => {
      for (const [what, breakIt] of Object.entries(cases[name])) {
        it(what, () => expect(check(broken(breakIt))[name]).not.toEqual([]));
      }
    });
  }
});
