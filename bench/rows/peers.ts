/** One and the same command by the nearest library: load the aggregate, decide, store what happened. Ours is durable. */
import { randomUUID } from 'node:crypto';
import { getInMemoryEventStore } from '@event-driven-io/emmett';
import { getMongoDBEventStore } from '@event-driven-io/emmett-mongodb';
import { MongoClient } from 'mongodb';
import { openEmbeddedLog } from '../../log/embedded/embedded-log.ts';
import { appendAll } from '../rigs/commands.ts';
import { prepareProducts, restocks, startProducts } from '../rigs/deciding.ts';
import { addProducts, restocksPerSecond } from '../rivals/emmett.ts';
import type { Bench, Row, Side } from '../suite/row.ts';

export const peers: Row = {
  name: 'peers',
  what: 'the same command, restockProduct: load, decide, store; ours on its embedded log, on the disk',
  against: 'emmett in memory, and on MongoDB',
  goal: '≥ 2 × its memory store; ≥ 50 × its MongoDB store',
  full: { commands: 50_000, mongoCommands: 5000, products: 1000 },
  quick: { commands: 1000, mongoCommands: 100, products: 50 },
  async run(bench) {
    const [commands, products] = [bench.size('commands'), bench.size('products')];
    const ours = await onEmbeddedLog(bench);
    // A stream grows with every command: each round has a store of its own, so that all rounds fold as many events.
    const memory: Side = {
      name: 'emmett in memory',
      async measure() {
        const store = getInMemoryEventStore();
        await addProducts(store, products);
        return await restocksPerSecond(store, commands, products);
      },
    };
    await bench.compare({ label: 'in memory', unit: 'commands/s', ours, rival: memory, goal: { atLeast: 2 } });
    const mongo = await onMongo(bench);
    await bench.compare({ label: 'on MongoDB', unit: 'commands/s', ours, rival: mongo, goal: { atLeast: 50 } });
  },
};

async function onEmbeddedLog(bench: Bench): Promise<Side> {
  const [commands, products] = [bench.size('commands'), bench.size('products')];
  const kept = await bench.folder();
  const log = await openEmbeddedLog({ dir: kept });
  bench.defer(() => log.close());
  await prepareProducts(log, products, kept);
  const running = await startProducts(log, kept);
  bench.defer(() => running.stop());
  return {
    name: 'Counterfoil',
    async measure() {
      const given = restocks(commands, products);
      const began = performance.now();
      await appendAll(log, given);
      await running.caughtUp();
      return commands / ((performance.now() - began) / 1000);
    },
  };
}

async function onMongo(bench: Bench): Promise<Side> {
  const [commands, products] = [bench.size('mongoCommands'), bench.size('products')];
  const client = await MongoClient.connect((await bench.mongo()).url);
  bench.defer(() => client.close());
  return {
    name: 'emmett on MongoDB',
    async measure() {
      const databaseName = `emmett-${randomUUID().slice(0, 8)}`;
      const store = getMongoDBEventStore({ client, storage: { type: 'SINGLE_COLLECTION', databaseName } });
      await addProducts(store, products);
      return await restocksPerSecond(store, commands, products);
    },
  };
}
