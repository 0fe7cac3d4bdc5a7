/** Whether latencies and memory stay as they are under a load that goes on: half of what the system can take. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Server } from '../../test/e2e/server.ts';
import { residentMb } from '../rigs/child.ts';
import { mutationBody, purchaseInput, Shop } from '../rigs/shop.ts';
import { type System, startOnKafka } from '../rigs/system.ts';
import type { Bench, Row } from '../suite/row.ts';
import { median, percentile } from '../suite/statistics.ts';

const LINES = 1;
const SAMPLE_MS = 1000;
/** By how much memory may grow from the second fifth of the run to the last. */
const FLAT = 1.1;

export const load: Row = {
  name: 'load',
  what: 'purchases of one line placed at half of the capacity, a process per role on Kafka and MongoDB: sent → COMPLETED pushed',
  against: 'its own p50; its own memory at the beginning',
  goal: 'p99 ≤ 3 × p50; memory flat',
  full: { seconds: 300, capacitySeconds: 20, inFlight: 256 },
  quick: { seconds: 3, capacitySeconds: 1, inFlight: 16 },
  async run(bench) {
    const system = await startOnKafka(bench, ['gateway', 'processor', 'projector']);
    const shop = await Shop.open(system.gateway);
    bench.defer(() => shop.close());
    const capacity = await capacityOf(shop, bench);
    bench.note(`the capacity: ${Math.round(capacity)} purchases/s with ${bench.size('inFlight')} in flight`);
    const rate = capacity / 2;
    const memory = new Memory(system);
    const times = await atPace(shop, bench, rate);
    memory.stop();
    const [p50, p99] = [percentile(times, 0.5), percentile(times, 0.99)];
    bench.tell({
      label: `${rate.toFixed(0)} purchases/s for ${bench.size('seconds')} s`,
      unit: 'ms',
      values: { p99, p50 },
      goal: { atMost: 3 },
    });
    for (const [role, first, last] of memory.grown()) {
      bench.tell({
        label: `memory of the ${role}`,
        unit: 'MB',
        values: { 'at the end': last, 'at first': first },
        goal: { atMost: FLAT },
      });
    }
  },
};

async function capacityOf(shop: Shop, bench: Bench): Promise<number> {
  // Once to warm up.
  for (let round = 0; ; round++) {
    const began = performance.now();
    const end = began + bench.size('capacitySeconds') * 1000;
    const times = await shop.drive(bench.size('inFlight'), (number) =>
      performance.now() > end ? undefined : mutationBody('place', purchaseInput(number, LINES)),
    );
    if (round === 1) return times.length / ((performance.now() - began) / 1000);
  }
}

/** Latencies count from when a purchase was due, so nothing that holds up the system hides behind clients that wait. */
function atPace(shop: Shop, bench: Bench, perSecond: number): Promise<readonly number[]> {
  const began = performance.now();
  const count = Math.ceil(perSecond * bench.size('seconds'));
  return shop.drive(
    bench.size('inFlight'),
    (number) => (number < count ? mutationBody('place', purchaseInput(number, LINES)) : undefined),
    async (number) => {
      const due = began + (number / perSecond) * 1000;
      await pause(Math.max(0, due - performance.now()));
      return due;
    },
  );
}

/** How much memory each process has, now and then. */
class Memory {
  readonly #samples = new Map<string, { readonly server: Server; readonly mb: number[] }>();
  readonly #timer: NodeJS.Timeout;

  constructor({ servers }: System) {
    for (const [role, all] of servers) {
      for (const server of all) this.#samples.set(role, { server, mb: [] });
    }
    this.#timer = setInterval(() => {
      for (const { server, mb } of this.#samples.values()) {
        void residentMb(server.process.pid ?? 0).then((now) => mb.push(now));
      }
    }, SAMPLE_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** By role: the middle of the second fifth, and that of the last. */
  *grown(): Iterable<readonly [role: string, first: number, last: number]> {
    for (const [role, { mb }] of this.#samples) {
      const fifth = Math.max(1, Math.floor(mb.length / 5));
      yield [role, median(mb.slice(fifth, 2 * fifth)), median(mb.slice(-fifth))];
    }
  }
}
