/**
 * A gateway in a process of its own, whose memory is looked at from outside. It has 100 customers with names as long as they
 * may be; on `changes COUNT` so many changes of 50 of them pass by its subscribers. Prints its address, and a line of JSON
 * for each line that it is told. The argument is for how long nobody is cut off for not reading, in ms. Run it with --expose-gc.
 */
import { createInterface } from 'node:readline';
import { LatestQueue } from '../../transactions/latest-queue.ts';
import { testGateway } from '../gateway.service.ts';

const CUSTOMERS = Array.from({ length: 100 }, (_, i) => ({ firstName: String(i).padStart(200, 'x') }));
const graceMs = Number(process.argv[2]);
const ENTITIES = 50;
const CHANGE_BYTES = 20_000;

interface Customer {
  readonly id: string;
  readonly firstName: string;
}

const queues = new Set<LatestQueue<Customer>>();
const gateway = await testGateway({
  resolvers: {
    Query: { viewer: () => ({ id: 'ada' }), customers: () => ({ nodes: CUSTOMERS }) },
    Subscription: {
      customerChanged: {
        subscribe: () => {
          const queue = new LatestQueue<Customer>(() => queues.delete(queue));
          queues.add(queue);
          return queue;
        },
        resolve: (event: unknown) => event,
      },
    },
  },
  // Nobody is cut off for being slow while the test runs: what waits is to be bounded all the same.
  socketTimes: { initWithinMs: 5_000, pingEveryMs: 600_000 },
  unreadLimits: {
    inAll: 64 * 1024 * 1024,
    perAsker: 32 * 1024 * 1024,
    readWithinMs: 600_000,
    msPerMegabyte: 0,
    graceMs,
  },
});

function tell(what: unknown): void {
  process.stdout.write(`${JSON.stringify(what)}\n`);
}

/** What is in use after garbage has been collected, and what the process takes of the machine's memory. */
function memory() {
  globalThis.gc?.();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { used: heapUsed + external, rss };
}

tell({ url: gateway.url, port: gateway.port });
for await (const line of createInterface({ input: process.stdin })) {
  const [what, count] = line.split(' ');
  if (what === 'subscribers') tell({ subscribers: queues.size });
  if (what === 'changes') {
    for (let i = 0; i < Number(count); i += 1) {
      const event = { id: `c${i % ENTITIES}`, firstName: String(i).padStart(CHANGE_BYTES, '0') };
      for (const queue of queues) queue.push(event.id, event);
      if (i % 100 === 0) await new Promise(setImmediate);
    }
  }
  if (what !== 'subscribers') tell(memory());
}
await gateway[Symbol.asyncDispose]();
