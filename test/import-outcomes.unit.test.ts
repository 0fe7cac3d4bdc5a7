/** How an import learns what became of its commands. */
import { describe, expect, it } from 'vitest';
import { dataOfResult, type Executor, type Operation, OperationFailed } from '../import/executor.ts';
import type { ImportedTransaction } from '../import/operations.ts';
import { Outcomes } from '../import/outcomes.ts';

const ended = (id: string): ImportedTransaction => ({ id, status: 'COMPLETED', entityVersion: 1, rejection: null });
const begun = (id: string): ImportedTransaction => ({ ...ended(id), status: 'ACCEPTED', entityVersion: null });

/** A server whose subscription tells these, one after another, and then is silent. */
function server(tells: readonly (string | Error)[], asked: string[] = []): Executor {
  const left = [...tells];
  return {
    now: Date.now,
    async execute<T>(operation: Operation<T>, variables: Readonly<Record<string, unknown>> = {}): Promise<T> {
      asked.push(...Object.values(variables).map(String));
      const found = Object.entries(variables).map(([name, id]) => [name, ended(String(id))]);
      return dataOfResult(operation, { data: Object.fromEntries(found) });
    },
    async *subscribe<T>(operation: Operation<T>, _: unknown, signal: AbortSignal): AsyncIterable<T> {
      for (let next = left.shift(); next !== undefined; next = left.shift()) {
        if (next instanceof Error) throw next;
        yield dataOfResult(operation, { data: { transactions: ended(next) } });
      }
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
    },
  };
}

async function following<T>(executor: Executor, use: (outcomes: Outcomes) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const outcomes = new Outcomes(executor, { signal: controller.signal, onWaiting: () => undefined });
  const followed = outcomes.follow();
  const result = await use(outcomes);
  controller.abort();
  await followed;
  return result;
}

describe('the outcomes of an import', () => {
  it('tell everyone who waits for the same transaction', async () => {
    const told = await following(server([]), async (outcomes) => {
      return await Promise.all([outcomes.final(begun('a')), outcomes.final(begun('a')), outcomes.final(begun('b'))]);
    });
    expect(told.map(({ id, status }) => [id, status])).toEqual([
      ['a', 'COMPLETED'],
      ['a', 'COMPLETED'],
      ['b', 'COMPLETED'],
    ]);
  });

  it('know what ended before anybody waited for it, for whoever asks', async () => {
    const asked: string[] = [];
    const told = await following(server(['a'], asked), async (outcomes) => {
      await new Promise(setImmediate);
      return [await outcomes.final(begun('a')), await outcomes.final(begun('a'))];
    });
    expect(told.map(({ status }) => status)).toEqual(['COMPLETED', 'COMPLETED']);
    expect(asked).toEqual([]);
  });

  it('go on when the subscription was too slow for the server, and ask for what it missed', async () => {
    const slow = new OperationFailed('the subscriber is too slow', 'RESUBSCRIBE');
    const { status } = await following(server([slow]), (outcomes) => outcomes.final(begun('a')));
    expect(status).toBe('COMPLETED');
  });
});
