/** A server that runs for more than a week: what it has let go of in its memory, it does not decide or tell anew. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openEmbeddedLog } from '../../../log/embedded/embedded-log.ts';
import { ADD, CANCEL, PLACE, REGISTER, RESTOCK } from '../../e2e/operations.ts';
import { readLog } from '../gather.ts';
import type { Child } from '../system/child.ts';
import { type Clock, DAY_MS } from './clock.ts';
import { type Ended, PARTITIONS, Shopper, Stage, wrongOnTheLog } from './stage.ts';

const LIMIT_MS = 120_000;

describe('a server that has run for more than a week', () => {
  let stage: Stage;
  let server: Child;
  let clock: Clock;
  let shopper: Shopper;
  let data: string;

  beforeAll(async () => {
    stage = await Stage.open();
    clock = stage.clock('server');
    data = `${stage.dir}/data`;
    server = await stage.child('server', clock, { DATA_DIR: data });
    await stage.started(server);
    shopper = await Shopper.at(server);
    await shopper.perform(REGISTER, { id: 'ada', firstName: 'Ada', lastName: 'Lovelace' });
    await shopper.perform(ADD, { id: 'tea', name: 'Tea', price: '2.50', stock: 20 });
  }, LIMIT_MS);
  afterAll(async () => {
    shopper?.close();
    await stage?.close();
  });

  it(
    'leaves a placing COMPLETED when its purchase is cancelled eight days later',
    async () => {
      const line = { customerId: 'ada', lines: [{ productId: 'tea', quantity: 5 }] };
      const bought: Ended[] = [];
      for (const id of ['one', 'two', 'three', 'four']) bought.push(await shopper.perform(PLACE, { id, ...line }));
      expect(bought.map(({ status }) => status)).toEqual(bought.map(() => 'COMPLETED'));
      clock.set(8 * DAY_MS);
      // Each is told by a step of its own, in which the processor lets go of what is a week old.
      for (const { id } of bought) await shopper.perform(PLACE, { id: `${id}-again`, ...line });
      for (const { id } of bought) {
        expect(await shopper.perform(CANCEL, { purchaseId: id })).toMatchObject({ status: 'COMPLETED' });
      }
      const { transactionId } = await shopper.perform(RESTOCK, { productId: 'tea', quantity: 1 });
      const asked =
        'query ($id: ID!, $reflecting: ID) { product(id: $id, reflecting: $reflecting) { stock reserved } }';
      const { product } = await shopper.ask(asked, { id: 'tea', reflecting: transactionId });
      expect(product.reserved).toBe(0);
      for (const { transactionId: id } of bought) {
        const { transaction } = await shopper.ask('query ($id: ID!) { transaction(id: $id) { status } }', { id });
        expect(transaction?.status ?? 'COMPLETED').toBe('COMPLETED');
      }
      const log = openEmbeddedLog({ dir: data, readOnly: true });
      try {
        const entries = await readLog(await log, PARTITIONS);
        const told = (entries.get('transactions') ?? []).filter(({ key }) =>
          bought.some(({ transactionId: id }) => id === key),
        );
        expect(told.filter(({ data: { status } }) => status === 'REJECTED')).toEqual([]);
        const { a: _statusesThatRetentionTook, b: _, ...others } = wrongOnTheLog(entries);
        expect(others).toEqual({});
      } finally {
        await (await log).close();
      }
      expect(stage.crashes).toEqual([]);
    },
    LIMIT_MS,
  );
});
