/** Topics on Kafka while brokers do not all know the same of them, as in the moments after one was created. */
import { randomUUID } from 'node:crypto';
import { describe, expect, inject, it, vi } from 'vitest';
import { TopicMisconfigured, type TopicSpec } from '../log/event-log.ts';
import { Connections } from '../log/kafka/connections.ts';
import { Topics } from '../log/kafka/topics.ts';

const brokers = inject('kafkaBrokers');
const missing = inject('kafkaMissing');
const PATIENCE_MS = 60_000;

/** The topics of a broker that lists none of ours, so many times. */
function topicsOf(behind: number): { readonly topics: Topics; readonly asked: () => number } {
  const connections = new Connections({ brokers, partitions: 1 });
  const connect = connections.kafka.bind(connections);
  let asked = 0;
  vi.spyOn(connections, 'kafka').mockImplementation((...how) => {
    const leashed = connect(...how);
    const admin = leashed.client.admin();
    const list = admin.listTopics.bind(admin);
    vi.spyOn(admin, 'listTopics').mockImplementation(async () => (asked++ === behind ? [] : await list()));
    vi.spyOn(leashed.client, 'admin').mockReturnValue(admin);
    return leashed;
  });
  return { topics: new Topics(connections, { brokers, partitions: 1 }, 30_000), asked: () => asked };
}

describe.skipIf(missing)(`topics on Kafka ${missing}`, { timeout: PATIENCE_MS }, () => {
  const specs = (): readonly TopicSpec[] => [{ name: `${randomUUID()}.commands`, partitions: 1, retention: 'forever' }];

  it('are not taken for missing by a broker that has not heard of them yet', async () => {
    const asked = specs();
    // Listed twice while they are created: before, and once they are there.
    const { topics, asked: times } = topicsOf(2);
    expect(await topics.create(asked)).toEqual(asked.map(({ name }) => name));
    await topics.check(asked);
    expect(times()).toBe(4);
  });

  it('are missing at once when no broker has ever listed them, with the command that creates them', async () => {
    const { topics, asked } = topicsOf(-1);
    const check = topics.check(specs());
    await expect(check).rejects.toThrow(TopicMisconfigured);
    await expect(check).rejects.toThrow(/is missing: kafka-topics.sh .+ --create/);
    expect(asked()).toBe(1);
  });
});
