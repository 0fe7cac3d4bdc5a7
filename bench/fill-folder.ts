/**
 * Fills a data folder with confirmed purchases, through the processors themselves, for measuring how a start goes:
 * `node --import tsx bench/fill-folder.ts DIR PURCHASES`. Then `node --import tsx bench/start-up.ts DIR`.
 */

import { openEmbeddedLog } from '../log/embedded/embedded-log.ts';
import type { NewRecord } from '../log/event-log.ts';
import { startProcessors } from '../processors/index.ts';
import { toHeaders } from '../records/cloud-event.ts';
import { commandsTopic, topicSpecs } from '../records/topics.ts';

const PARTITIONS = 4;
const CUSTOMERS = 500;
const PRODUCTS = 200;
const LINES = 3;
const AT_ONCE = 2000;

const [dir, count] = process.argv.slice(2);
if (dir === undefined || !(Number(count) > 0)) throw new Error('usage: fill-folder.ts DIR PURCHASES');

const log = await openEmbeddedLog({ dir });
await log.createTopics(topicSpecs(PARTITIONS));
const processors = await startProcessors({ log, partitions: PARTITIONS, timeouts: { purchases: 3_600_000 } });

function command(aggregate: string, type: string, key: string, data: object): NewRecord {
  const id = `${type}-${key}`;
  return {
    topic: commandsTopic(aggregate),
    key,
    value: JSON.stringify(data),
    headers: toHeaders({
      id,
      type,
      source: '/bench',
      subject: key,
      time: new Date().toISOString(),
      transactionid: id,
      issuedby: 'bench',
      roles: 'admin',
    }),
  };
}

async function settled(): Promise<void> {
  // A purchase goes from processor to processor and back twice.
  for (let round = 0; round < 4; round++) for (const running of processors.values()) await running.caughtUp();
}

await log.append([
  ...Array.from({ length: CUSTOMERS }, (_, i) => {
    const data = { customerId: `c${i}`, firstName: `First${i}`, lastName: `Last${i}`, email: null };
    return command('customers', 'registerCustomer', `c${i}`, data);
  }),
  ...Array.from({ length: PRODUCTS }, (_, i) => {
    const data = { productId: `p${i}`, name: `Product ${i}`, price: 100 + i, stock: 1_000_000 };
    return command('products', 'addProduct', `p${i}`, data);
  }),
]);
await settled();
for (let done = 0; done < Number(count); done += AT_ONCE) {
  const placing = Array.from({ length: Math.min(AT_ONCE, Number(count) - done) }, (_, i) => {
    const at = done + i;
    const lines = Array.from({ length: LINES }, (_, line) => ({
      productId: `p${(at * 7 + line * 31) % PRODUCTS}`,
      quantity: 1 + ((at + line) % 3),
    }));
    const data = { purchaseId: `order-${at}`, customerId: `c${at % CUSTOMERS}`, lines };
    return command('purchases', 'placePurchase', `order-${at}`, data);
  });
  await log.append(placing);
  await settled();
  if (done % (10 * AT_ONCE) === 0) process.stderr.write(`${done + placing.length} of ${count}\n`);
}
await log.close();
