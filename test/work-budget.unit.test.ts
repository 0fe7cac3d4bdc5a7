/** Who takes more than its share of the server waits for its turn; nobody else does. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { WorkBudget } from '../gateway/work-budget.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const clock = () => Date.now();
const atOnce = Symbol('at once');

/** What it resolves with now, without any time passing. */
async function now<T>(promise: Promise<T>): Promise<T | typeof atOnce> {
  const waiting = Promise.resolve().then(() => Promise.resolve().then(() => atOnce as T | typeof atOnce));
  return await Promise.race([promise, waiting]);
}

describe('the work budget', () => {
  it('lets everyone go on who has not used up its share', async () => {
    const work = new WorkBudget(20, clock);
    work.charge('ada', 60);
    expect(await now(work.turn('ada'))).toBe(true);
    expect(work.debtMs('ada')).toBe(0);
  });

  it('makes who has used it up wait, until its share of the time has paid for it', async () => {
    const work = new WorkBudget(20, clock);
    work.charge('ada', 300);
    const turn = work.turn('ada');
    expect(await now(turn)).toBe(atOnce);
    expect(await now(work.turn('bob'))).toBe(true);
    const debt = work.debtMs('ada');
    await vi.advanceTimersByTimeAsync(debt - 10);
    expect(await now(turn)).toBe(atOnce);
    await vi.advanceTimersByTimeAsync(20);
    expect(await turn).toBe(true);
  });

  it('gives turns one at a time, in the order of asking, as each takes what it takes', async () => {
    const work = new WorkBudget(20, clock);
    work.charge('ada', 110);
    const order: string[] = [];
    for (const name of ['first', 'second', 'third']) {
      void work.turn('ada').then(() => {
        order.push(name);
        work.charge('ada', 20);
      });
    }
    await vi.advanceTimersByTimeAsync(60);
    expect(order).toEqual(['first']);
    await vi.advanceTimersByTimeAsync(1000);
    expect(order).toEqual(['first', 'second', 'third']);
  });

  it('lets the next of an asker begin when the one before it has been charged, whatever others do', async () => {
    const work = new WorkBudget(20, clock);
    const first = await work.begin('ada');
    const second = work.begin('ada');
    expect(work.free('ada')).toBe(false);
    expect(await now(second)).toBe(atOnce);
    expect(await now(work.begin('bob'))).toBeTypeOf('function');
    work.charge('ada', 150);
    first?.();
    await vi.advanceTimersByTimeAsync(200);
    expect(await now(second)).toBe(atOnce);
    await vi.advanceTimersByTimeAsync(100);
    (await second)?.();
    expect(work.free('ada')).toBe(true);
  });

  it('does not wait for ever for one that never says that it has been charged', async () => {
    const work = new WorkBudget(20, clock);
    await work.begin('ada');
    const second = work.begin('ada');
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await second).toBeTypeOf('function');
  });

  it('tells who has waited long enough to come back, and keeps no turn for it', async () => {
    const work = new WorkBudget(1, clock);
    work.charge('ada', 600);
    const first = work.turn('ada', 1000);
    await vi.advanceTimersByTimeAsync(1000);
    expect(await first).toBe(false);
    const second = work.turn('ada');
    await vi.advanceTimersByTimeAsync(work.debtMs('ada') + 10);
    expect(await second).toBe(true);
  });

  it('lets no more wait for a turn than can have one soon, and those be told to come back', async () => {
    const work = new WorkBudget(20, clock);
    work.charge('ada', 600);
    const all = Array.from({ length: 1000 }, () => work.turn('ada', 60_000));
    await vi.advanceTimersByTimeAsync(60_000);
    const turns = await Promise.all(all);
    expect(turns.filter(Boolean)).toHaveLength(64);
  });

  it('never makes a debt of one dear operation that would shut its user out', () => {
    const work = new WorkBudget(20, clock);
    work.charge('ada', 1_000_000);
    expect(work.debtMs('ada')).toBeLessThanOrEqual(2_010);
  });

  it('counts nobody where there is no limit, or nobody is told apart', async () => {
    const without = new WorkBudget(0, clock);
    without.charge('ada', 1_000_000);
    expect(await now(without.turn('ada'))).toBe(true);
    const work = new WorkBudget(20, clock);
    work.charge(undefined, 1_000_000);
    expect(await now(work.turn(undefined))).toBe(true);
  });
});
