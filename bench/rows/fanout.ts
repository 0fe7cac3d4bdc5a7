/** What it costs to tell many subscribers of a change, and to have many who hear nothing. */
import { setTimeout as pause } from 'node:timers/promises';
import { processorSeconds, residentMb, startRival } from '../rigs/child.ts';
import { productId, Shop } from '../rigs/shop.ts';
import { Sockets } from '../rigs/sockets.ts';
import { startEmbedded } from '../rigs/system.ts';
import type { Bench, Row } from '../suite/row.ts';

const WATCHED = productId(0);
const SUBSCRIPTION = `subscription { productChanged(id: "${WATCHED}") { id name price stock } }`;
const IDLE = `subscription { productChanged(id: "${productId(1)}") { id } }`;
const MOST_KB = 20;
/** After the last change: what is under way arrives. */
const SETTLED_MS = 1000;

export const fanout: Row = {
  name: 'fanout',
  what: 'subscribers of one product that is changed again and again, embedded: messages for each second of processor time of the server, its commands included',
  against: 'raw ws sending the same bytes to as many, as often',
  goal: '≥ 0.7; ≤ 20 KB for each idle subscriber',
  full: { subscribers: 2000, perSecond: 200, seconds: 10, idle: 10_000 },
  quick: { subscribers: 50, perSecond: 20, seconds: 1, idle: 100 },
  async run(bench) {
    const server = await startEmbedded(bench, await bench.folder());
    const shop = await Shop.open(server);
    bench.defer(() => shop.close());
    const pid = server.process.pid ?? 0;
    const subscribers = new Sockets();
    bench.defer(() => subscribers.close());
    await subscribers.subscribe(server.url, bench.size('subscribers'), SUBSCRIPTION);

    const ours = () => delivered(subscribers, pid, () => changes(shop, bench));
    await ours();
    bench.note(`each message has ${Buffer.byteLength(subscribers.last)} bytes: ${subscribers.last.slice(0, 200)}`);
    const raw = await startRival(bench, 'ws-server', {
      MESSAGE: subscribers.last,
      PER_SECOND: String(bench.size('perSecond')),
      SECONDS: String(bench.size('seconds')),
    });
    const listeners = new Sockets();
    bench.defer(() => listeners.close());
    await listeners.connect(raw.url, bench.size('subscribers'));
    const shares: number[] = [];
    await bench.compare({
      label: `${bench.size('subscribers').toLocaleString('en')} subscribers, ${bench.size('perSecond')} changes a second`,
      unit: 'messages/s of processor time',
      ours: {
        name: 'Counterfoil',
        async measure() {
          const before = subscribers.received;
          const figure = await ours();
          shares.push((subscribers.received - before) / (asked(bench) * bench.size('subscribers')));
          return figure;
        },
      },
      rival: {
        name: 'raw ws',
        measure: () => delivered(listeners, raw.pid, async () => void (await (await fetch(raw.url)).text())),
      },
      goal: { atLeast: 0.7 },
    });
    bench.note(
      `of the changes, ${Math.round(Math.min(...shares) * 100)} % at least reached each subscriber: who is slower than the changes is told of the newest`,
    );
    listeners.close();
    subscribers.close();
    await idle(bench, server.url, pid);
  },
};

const asked = (bench: Bench) => bench.size('perSecond') * bench.size('seconds');

/** Changes the product at a steady pace, whether or not earlier ones have been answered. */
async function changes(shop: Shop, bench: Bench): Promise<void> {
  const began = performance.now();
  const every = 1000 / bench.size('perSecond');
  await shop.drive(
    16,
    (number) => (number < asked(bench) ? changeBody(number) : undefined),
    async (number) => {
      const due = began + number * every;
      await pause(Math.max(0, due - performance.now()));
      return due;
    },
  );
}

function changeBody(number: number): string {
  const query = 'mutation ($input: UpdateProductInput!) { done: updateProduct(input: $input) { transactionId } }';
  return JSON.stringify({ query, variables: { input: { productId: WATCHED, price: `${1 + (number % 500)}.00` } } });
}

async function delivered(sockets: Sockets, pid: number, sends: () => Promise<void>): Promise<number> {
  const [messages, before] = [sockets.received, await processorSeconds(pid)];
  await sends();
  await pause(SETTLED_MS);
  return (sockets.received - messages) / ((await processorSeconds(pid)) - before);
}

async function idle(bench: Bench, url: string, pid: number): Promise<void> {
  await pause(SETTLED_MS);
  const before = await residentMb(pid);
  const sockets = new Sockets();
  await sockets.subscribe(url, bench.size('idle'), IDLE);
  await pause(SETTLED_MS);
  const each = (((await residentMb(pid)) - before) * 1024) / bench.size('idle');
  sockets.close();
  bench.tell({
    label: `${bench.size('idle').toLocaleString('en')} idle subscribers`,
    unit: 'KB of memory each',
    values: { Counterfoil: Math.max(0, each) },
    goal: { atMost: MOST_KB },
  });
}
