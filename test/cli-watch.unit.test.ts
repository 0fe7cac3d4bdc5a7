/** Watching one transaction: what is printed, and when it ends. */
import { describe, expect, it } from 'vitest';
import { watch } from '../cli/watch.ts';
import { dataOfResult, type Executor, type Operation } from '../import/executor.ts';

const steps = [
  { name: 'accepted', status: 'ACCEPTED', at: '2026-01-01T09:00:00.000Z', entityId: null },
  { name: 'placed', status: 'PENDING', at: '2026-01-01T09:00:00.010Z', entityId: null },
  { name: 'stock reserved', status: 'PENDING', at: '2026-01-01T09:00:00.020Z', entityId: 'tea' },
  { name: 'confirmed', status: 'COMPLETED', at: '2026-01-01T09:00:00.030Z', entityId: null },
];

function asOf(count: number, more: object = {}) {
  const status = steps[count - 1]?.status;
  const entityVersion = status === 'COMPLETED' ? 4 : null;
  const known = { id: 't', status, command: 'placePurchase', entityId: 'p1', entityVersion, rejection: null };
  return { ...known, steps: steps.slice(0, count), ...more };
}

/** Answers the query with `now`; each subscription tells one list of statuses and ends. */
function serverThatTells(now: unknown, ...subscriptions: readonly (readonly unknown[])[]): Executor {
  const left = [...subscriptions];
  return {
    execute: async <T>(operation: Operation<T>) => dataOfResult(operation, { data: { transaction: now } }),
    async *subscribe(operation) {
      for (const transaction of left.shift() ?? []) yield dataOfResult(operation, { data: { transaction } });
    },
    now: Date.now,
  };
}

async function printed(executor: Executor) {
  const lines: string[] = [];
  const end = await watch(executor, 't', new AbortController().signal, (line) => lines.push(line));
  return { lines, end };
}

describe('watching a transaction', () => {
  it('prints each step once, as it comes, until the final one', async () => {
    const { lines, end } = await printed(serverThatTells(asOf(1), [asOf(1), asOf(2), asOf(3), asOf(4)]));
    expect(lines).toEqual([
      'placePurchase of p1',
      '2026-01-01T09:00:00.000Z  ACCEPTED   accepted',
      '2026-01-01T09:00:00.010Z  PENDING    placed',
      '2026-01-01T09:00:00.020Z  PENDING    stock reserved (tea)',
      '2026-01-01T09:00:00.030Z  COMPLETED  confirmed',
      'COMPLETED: p1 is at version 4',
    ]);
    expect(end.status).toBe('COMPLETED');
  });

  it('goes on after a subscription that ended early, and repeats nothing', async () => {
    const { lines } = await printed(serverThatTells(asOf(1), [asOf(2)], [asOf(2), asOf(4)]));
    expect(lines).toHaveLength(6);
    expect(new Set(lines).size).toBe(6);
  });

  it('needs no subscription when all is over', async () => {
    expect((await printed(serverThatTells(asOf(4)))).lines.at(-1)).toBe('COMPLETED: p1 is at version 4');
  });

  it('prints why it was rejected', async () => {
    const rejection = { code: 'INSUFFICIENT_STOCK', message: 'none are free', field: 'lines[0].quantity' };
    const { lines, end } = await printed(serverThatTells(asOf(1), [asOf(2, { status: 'REJECTED', rejection })]));
    expect(lines.at(-1)).toBe('REJECTED INSUFFICIENT_STOCK: none are free (lines[0].quantity)');
    expect(end.status).toBe('REJECTED');
  });

  it('says in one line that there is none such', async () => {
    await expect(printed(serverThatTells(null))).rejects.toThrow(
      'there is no transaction t, or it is not yours to see',
    );
  });
});
