/** What a purchase of one line takes on the disk, all that is ever written of it together. */
import { join } from 'node:path';
import { kafkaMissing, startKafkaCluster } from '../../test/engines/kafka.ts';
import { occupied } from '../rigs/disk-size.ts';
import { mutationBody, purchaseInput, Shop } from '../rigs/shop.ts';
import { kafkaEnv, startEmbedded, startRole } from '../rigs/system.ts';
import type { Bench, Row } from '../suite/row.ts';

const MOST_BYTES = 5 * 1024;
const IN_FLIGHT = 256;
/** Folders of an embedded server's data that can be thrown away. */
const MADE_OF_THE_LOG = ['state', 'views'];

export const disk: Row = {
  name: 'disk',
  what: "bytes on the log's disk for each purchase of one line; states and views, which are made of it, are told beside",
  against: 'its JSON',
  goal: '≤ 5 KB',
  full: { purchases: 20_000 },
  quick: { purchases: 300 },
  async run(bench) {
    const folder = await bench.folder();
    const shop = await Shop.open(await startEmbedded(bench, folder));
    await measure(bench, 'embedded', shop, () => occupied(folder, MADE_OF_THE_LOG));
    for (const made of MADE_OF_THE_LOG) {
      const each = (await occupied(join(folder, made))) / bench.size('purchases');
      bench.note(`embedded: ${made} takes ${Math.round(each)} bytes more for each purchase`);
    }

    // One of its own: where its data is, is not known of one that is given, or runs in Docker.
    const missing = await kafkaMissing();
    if (missing !== undefined) {
      bench.note(`Kafka left out: ${missing}`);
      return;
    }
    const kafka = await startKafkaCluster({ nodes: 1, heapMb: 512 });
    bench.defer(() => kafka.stop());
    const env = { ...(await kafkaEnv(bench)), KAFKA_BROKERS: kafka.brokers.join() };
    for (const role of ['processor', 'projector'] as const) await startRole(bench, role, env);
    const onKafka = await Shop.open(await startRole(bench, 'gateway', env));
    await measure(bench, 'Kafka, one copy', onKafka, () => occupied(kafka.nodes[0]?.data ?? ''));
  },
};

async function measure(bench: Bench, label: string, shop: Shop, bytes: () => Promise<number>): Promise<void> {
  const purchases = bench.size('purchases');
  const before = await bytes();
  await shop.drive(IN_FLIGHT, (number) =>
    number < purchases ? mutationBody('place', { id: `disk-${number}`, ...purchaseInput(number, 1) }) : undefined,
  );
  const each = ((await bytes()) - before) / purchases;
  const answer = await shop.ask(
    JSON.stringify({
      query:
        '{ purchase(id: "disk-0") { id version status customer { id } lines { product { id } quantity unitPrice total } total placedAt confirmedAt } }',
    }),
  );
  await shop.close();
  bench.tell({ label, unit: 'bytes', values: { Counterfoil: each }, goal: { atMost: MOST_BYTES } });
  const json = answer.length - '{"data":{"purchase":}}'.length;
  bench.note(`${label}: the JSON of a purchase takes ${json} bytes; ${(each / json).toFixed(1)} × that is on the disk`);
}
