/** The outbox on every engine of the log, against receivers that are dead, slow, or answer 500. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, inject, it, vi } from 'vitest';
import { webhook } from '../domain/index.ts';
import { openEmbeddedLog } from '../log/embedded/embedded-log.ts';
import type { EventLog } from '../log/event-log.ts';
import { partitionOf } from '../log/partition-of.ts';
import { prefixed } from '../log/prefixed.ts';
import { type Outbox, startOutbox } from '../outbox/index.ts';
import { MOST_OPEN } from '../outbox/lanes.ts';
import { toHeaders } from '../records/cloud-event.ts';
import { type DeliveryState, readDeliveryState } from '../records/delivery-record.ts';
import { STATE } from '../records/state-record.ts';
import { DELIVERIES, eventsTopic, stateTopic, topicSpecs } from '../records/topics.ts';
import { createOrderDeliveries } from '../transactions/delivery-orders.ts';
import { named, openLog, PARTITIONS } from './log-kafka.counting.ts';
import { isSignedBy, Receiver } from './outbox.receiver.ts';

const PATIENCE = 45_000;
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const QUICK = { firstMs: 50, factor: 2, longestMs: 400, attempts: 3 };
const ENDLESS = { ...QUICK, attempts: 1000 };

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
}, PATIENCE);

const engines: Readonly<Record<string, { readonly missing?: string; open(): Promise<EventLog> }>> = {
  'the embedded log': {
    async open() {
      const dir = await mkdtemp(join(tmpdir(), 'counterfoil-'));
      ends.push(() => rm(dir, { recursive: true }));
      return await openEmbeddedLog({ dir });
    },
  },
  Kafka: { missing: inject('kafkaMissing'), open: async () => prefixed(openLog(), `${randomUUID()}.`) },
};

class Shop {
  readonly log: EventLog;
  #offset = 0;
  readonly #versions = new Map<string, number>();

  private constructor(log: EventLog) {
    this.log = log;
  }

  static async open(open: () => Promise<EventLog>): Promise<Shop> {
    const log = await open();
    ends.push(() => log.close());
    const specs = topicSpecs(PARTITIONS);
    await log.createTopics(specs);
    // A broker under load may not know them all at once.
    await vi.waitFor(() => log.ends(specs.map(({ name }) => name)), { timeout: PATIENCE });
    return new Shop(log);
  }

  async outbox(options: Partial<Parameters<typeof startOutbox>[0]> = {}): Promise<Outbox> {
    const { log } = this;
    const outbox = await startOutbox({
      ...{ log, opened: log, openSecret: async (sealed: string) => sealed, allowPrivate: true, schedule: QUICK },
      ...{ onTrouble: () => undefined, ...options },
    });
    ends.push(() => outbox.stop());
    return outbox;
  }

  async webhook(id: string, change: Partial<typeof webhook.initialState> = {}): Promise<void> {
    const version = (this.#versions.get(id) ?? 0) + 1;
    this.#versions.set(id, version);
    const addedAt = '2026-01-02T00:00:00.000Z';
    const state = { ...webhook.initialState, name: id, sealedSecret: SECRET, addedAt, ...change, version };
    const headers = toHeaders({ id, type: STATE, source: '/test', subject: id, time: addedAt, version });
    const topic = stateTopic('webhooks');
    await this.log.append([{ topic, key: id, value: JSON.stringify(state), headers }]);
  }

  /** Events of these entities, in this order. Returns their ids. */
  async happened(entities: readonly string[], time = '2026-01-02T00:00:01.000Z', type = 'ProductRestocked') {
    const events = entities.map((subject) => ({ id: `e${this.#offset++}`, subject }));
    await this.log.append(
      events.map(({ id, subject }) => ({
        ...{ topic: eventsTopic('products'), partition: partitionOf(subject, PARTITIONS), key: subject },
        value: JSON.stringify({ quantity: 1 }),
        headers: toHeaders({ id, type, source: '/test', subject, time, version: 1 }),
      })),
    );
    return events.map(({ id }) => id);
  }

  /** As they stand on the log, by the event's id. */
  async deliveries(): Promise<ReadonlyMap<string, DeliveryState>> {
    const found = new Map<string, DeliveryState | undefined>();
    for (const place of await this.log.ends([stateTopic(DELIVERIES)])) {
      for await (const records of this.log.read(place)) {
        for (const record of records) {
          const read = record.value === null ? undefined : readDeliveryState(record);
          if (read?.is !== 'lane') found.set(record.key ?? '', read?.delivery);
        }
      }
    }
    const there = [...found.values()].filter((each) => each !== undefined);
    return new Map(there.map((each) => [`${each.webhookId} ${each.event.eventId}`, each]));
  }

  async statuses(webhookId: string): Promise<readonly string[]> {
    return [...(await this.deliveries()).values()].flatMap((each) =>
      each.webhookId === webhookId ? [each.status] : [],
    );
  }
}

async function receiver(): Promise<Receiver> {
  const started = await Receiver.start();
  ends.push(() => started.kill());
  return started;
}

const eventually = (check: () => void | Promise<void>) => vi.waitFor(check, { timeout: PATIENCE, interval: 50 });
const times = (count: number, entity: string) => Array.from({ length: count }, () => entity);

describe.each(Object.entries(engines))('the outbox on %s', (_, { missing, open }) => {
  const test = it.skipIf(missing);

  test(`sends what happened since the webhook was added, signed, and of the types asked for alone${named(missing)}`, async () => {
    const shop = await Shop.open(open);
    const [all, some] = [await receiver(), await receiver()];
    await shop.happened(['a', 'b', 'c'], '2026-01-01T00:00:00.000Z');
    await shop.webhook('all', { url: all.url });
    await shop.webhook('some', { url: some.url, types: ['ProductAdded'] });
    const before = await shop.happened(['a', 'b']);
    await shop.outbox();
    const after = await shop.happened(['a'], undefined, 'ProductAdded');
    await eventually(() => expect([...all.ids].sort()).toEqual([...before, ...after].sort()));
    await eventually(() => expect(some.ids).toEqual(after));
    expect(all.received.every((each) => isSignedBy(SECRET, each))).toBe(true);
    expect(all.received.some((each) => isSignedBy(SECRET.replace('M', 'N'), each))).toBe(false);
  });

  test(`sends the events of an entity in their order to a receiver that fails now and then${named(missing)}`, async () => {
    const shop = await Shop.open(open);
    const flaky = await receiver();
    let n = 0;
    flaky.answer = () => (n++ % 3 === 0 ? 500 : 204);
    await shop.webhook('flaky', { url: flaky.url });
    await shop.outbox({ schedule: ENDLESS });
    const entities = ['a', 'b', 'c'];
    const sent = await shop.happened(Array.from({ length: 30 }, (_, i) => entities[i % 3] ?? ''));
    await eventually(async () => expect(await shop.statuses('flaky')).toEqual(times(30, 'DELIVERED')));
    expect(flaky.received.length).toBeGreaterThan(sent.length);
    for (const [i] of entities.entries()) {
      const ofEntity = sent.filter((__, at) => at % 3 === i);
      // No later one came before an earlier one was taken: repeats are of the newest alone.
      expect(flaky.ids.filter((id) => ofEntity.includes(id))).toEqual(ofEntity);
      const came = flaky.received.map(({ id }) => ofEntity.indexOf(id)).filter((at) => at >= 0);
      expect(came).toEqual([...came].sort((one, other) => one - other));
    }
  });

  test(`holds up nobody else for a receiver that is dead or slow, and keeps within its bounds${named(missing)}`, async () => {
    const shop = await Shop.open(open);
    const [well, slow, dead] = [await receiver(), await receiver(), await receiver()];
    slow.answer = () => 'never';
    await dead.kill();
    for (const [id, { url }] of Object.entries({ well, slow, dead })) await shop.webhook(id, { url });
    await shop.outbox({ schedule: ENDLESS, timeoutMs: 2 * PATIENCE });
    const count = PARTITIONS * (MOST_OPEN + 20);
    const sent = await shop.happened(Array.from({ length: count }, (__, i) => `p${i}`));
    await eventually(() => expect(well.ids.length).toBe(sent.length));
    expect([slow.mostAtOnce, slow.received.length]).toEqual([8, 8]);
    await eventually(async () => {
      const open = (await shop.statuses('dead')).length;
      expect(open).toBeGreaterThan(0);
      expect(open).toBeLessThanOrEqual(PARTITIONS * MOST_OPEN);
    });
    // It comes back: nothing was lost.
    await dead.start();
    await eventually(() => expect([...dead.ids].sort()).toEqual([...sent].sort()));
  });

  test(`gives up after the last attempt, and does what an admin wants then${named(missing)}`, async () => {
    const shop = await Shop.open(open);
    const broken = await receiver();
    broken.answer = () => 500;
    await shop.webhook('broken', { url: broken.url });
    await shop.outbox();
    const [first = '', second = '', other = ''] = await shop.happened(['a', 'a', 'b']);
    const given = { status: 'FAILED', attempts: 3, last: { statusCode: 500, error: 'the receiver answered 500' } };
    await eventually(async () => {
      const deliveries = await shop.deliveries();
      expect(deliveries.get(`broken ${first}`)).toMatchObject(given);
      expect(deliveries.get(`broken ${other}`)).toMatchObject(given);
    });
    expect(broken.ids).not.toContain(second);
    const order = createOrderDeliveries(shop.log, PARTITIONS);
    const idOf = async (eventId: string) => {
      const { event } = (await shop.deliveries()).get(`broken ${eventId}`) ?? {};
      return `broken/products/${partitionOf(event?.entityId ?? '', PARTITIONS)}/${event?.offset}`;
    };
    await order({ type: 'dropDeliveries', webhookId: 'broken', id: await idOf(first), issuedBy: 'ada' });
    broken.answer = () => 204;
    await order({ type: 'retryDeliveries', webhookId: 'broken', id: null, issuedBy: 'ada' });
    await eventually(async () => {
      const deliveries = await shop.deliveries();
      const statuses = [first, second, other].map((id) => deliveries.get(`broken ${id}`)?.status);
      expect(statuses).toEqual(['DROPPED', 'DELIVERED', 'DELIVERED']);
    });
  });

  test(`goes on where it was when another takes over, and sends nothing that is settled again${named(missing)}`, async () => {
    const shop = await Shop.open(open);
    const well = await receiver();
    await shop.webhook('well', { url: well.url });
    const first = await shop.outbox();
    const before = await shop.happened(['a', 'b', 'c']);
    await eventually(async () => expect(await shop.statuses('well')).toEqual(times(3, 'DELIVERED')));
    await first.stop();
    const meanwhile = await shop.happened(['a', 'b']);
    await shop.outbox();
    const after = await shop.happened(['c']);
    await eventually(async () => expect(await shop.statuses('well')).toEqual(times(6, 'DELIVERED')));
    expect(well.received.map(({ id }) => id).sort()).toEqual([...before, ...meanwhile, ...after].sort());
  });

  test(`sends nothing to a webhook that is paused, all of it once it goes on, and forgets one that is removed${named(missing)}`, async () => {
    const shop = await Shop.open(open);
    const [paused, removed] = [await receiver(), await receiver()];
    removed.answer = () => 500;
    await shop.webhook('paused', { url: paused.url, enabled: false });
    await shop.webhook('removed', { url: removed.url });
    await shop.outbox({ schedule: ENDLESS });
    const sent = await shop.happened(['a', 'b']);
    await eventually(async () => expect(await shop.statuses('removed')).toEqual(times(2, 'PENDING')));
    await shop.webhook('removed', { url: removed.url, removed: true });
    await eventually(async () => expect(await shop.statuses('removed')).toEqual([]));
    expect(paused.received).toEqual([]);
    await shop.webhook('paused', { url: paused.url });
    await eventually(() => expect([...paused.ids].sort()).toEqual([...sent].sort()));
  });
});
