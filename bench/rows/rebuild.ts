/** How fast views are built from the log, beside the driver writing the same documents. */
import { randomUUID } from 'node:crypto';
import { MongoClient } from 'mongodb';
import { z } from 'zod';
import { openEmbeddedLog } from '../../log/embedded/embedded-log.ts';
import type { EventLog } from '../../log/event-log.ts';
import { viewSpecs } from '../../projectors/documents.ts';
import { projectors, SHAPE, startProjection } from '../../projectors/index.ts';
import { openMongoViews } from '../../views/mongo/mongo-views.ts';
import { generateFolder, sizesFor } from '../rigs/generate.ts';
import { readDatabase, writeDatabase } from '../rivals/mongo-copy.ts';
import type { Row } from '../suite/row.ts';

const sizes = z.object({ dataSize: z.number(), indexSize: z.number() });

export const rebuild: Row = {
  name: 'rebuild',
  what: 'purchases of one line projected a second, from the embedded log into MongoDB, all views',
  against: '`bulkWrite` of the same documents into the same indexes, acknowledged by the majority and the journal',
  goal: '≥ 0.7',
  full: { purchases: 50_000 },
  quick: { purchases: 500 },
  async run(bench) {
    const purchases = bench.size('purchases');
    const { url } = await bench.mongo();
    const dir = await bench.folder();
    await generateFolder(dir, sizesFor(purchases));
    const log = await openEmbeddedLog({ dir });
    bench.defer(() => log.close());
    const client = await MongoClient.connect(url);
    bench.defer(() => client.close());

    const first = nameOfDatabase();
    await project(log, url, first);
    const documents = await readDatabase(client, first);
    const { dataSize, indexSize } = sizes.parse(await client.db(first).stats());
    await client.db(first).dropDatabase();
    const count = documents.reduce((sum, each) => sum + each.documents.length, 0);
    bench.note(
      `${(count / purchases).toFixed(1)} documents for each purchase, of all views together: ${Math.round(dataSize / purchases)} bytes before compression, and ${Math.round(indexSize / purchases)} of indexes`,
    );

    const perSecond = (write: (database: string) => Promise<number>) => async () => {
      const database = nameOfDatabase();
      const ms = await write(database);
      await client.db(database).dropDatabase();
      return (purchases / ms) * 1000;
    };
    await bench.compare({
      label: 'MongoDB',
      unit: 'purchases/s',
      ours: { name: 'Counterfoil', measure: perSecond((database) => project(log, url, database)) },
      rival: { name: 'bulkWrite', measure: perSecond((database) => writeDatabase(client, database, documents)) },
      goal: { atLeast: 0.7 },
    });
  },
};

const nameOfDatabase = () => `rebuild-${randomUUID().slice(0, 8)}`;

/** Into a database that is empty. @returns ms, without the making of the indexes */
async function project(log: EventLog, url: string, database: string): Promise<number> {
  const views = await openMongoViews({ url, database, views: viewSpecs, shape: SHAPE, fill: true });
  const began = performance.now();
  const projection = await startProjection({ log, views, projectors });
  await projection.caughtUp();
  const ms = performance.now() - began;
  await projection.stop();
  await views.close();
  return ms;
}
