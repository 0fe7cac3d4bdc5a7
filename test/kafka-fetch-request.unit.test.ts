/** The bytes of a Fetch request are those that kafkajs writes. */
import { createRequire } from 'node:module';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fetchRequest, type Wanted } from '../log/kafka/fetch-request.ts';

interface Encodes {
  encode(): Promise<{ readonly buffer: Buffer }>;
}
const theirs = createRequire(import.meta.url)('kafkajs/src/protocol/requests/fetch/v11/request') as (
  args: object,
) => Encodes & { readonly apiKey: number; readonly apiVersion: number };

const wanted: fc.Arbitrary<readonly Wanted[]> = fc.uniqueArray(
  fc.record({
    topic: fc.oneof(fc.constantFrom('purchases.commands', 'transactions'), fc.string({ minLength: 1, maxLength: 9 })),
    partition: fc.nat({ max: 2 ** 31 - 1 }),
    fetchOffset: fc.oneof(
      fc.nat(),
      fc.maxSafeInteger().filter((offset) => offset >= 0),
    ),
    fetchBytes: fc.nat({ max: 2 ** 31 - 1 }),
  }),
  { maxLength: 12, selector: ({ topic, partition }) => `${partition} ${topic}` },
);

it('writes what kafkajs writes, for any partitions', async () => {
  await fc.assert(
    fc.asyncProperty(wanted, fc.nat({ max: 60_000 }), async (all, maxWaitTime) => {
      const topics = [...new Set(all.map(({ topic }) => topic))].map((topic) => ({
        topic,
        partitions: all
          .filter((one) => one.topic === topic)
          .map(({ partition, fetchOffset, fetchBytes }) => ({ partition, fetchOffset, maxBytes: fetchBytes })),
      }));
      const reference = theirs({
        replicaId: -1,
        isolationLevel: 1,
        minBytes: 1,
        maxBytes: 10_485_760,
        maxWaitTime,
        topics,
      });
      const ours = fetchRequest(all, maxWaitTime).request as typeof reference;
      expect([ours.apiKey, ours.apiVersion]).toEqual([reference.apiKey, reference.apiVersion]);
      expect((await ours.encode()).buffer).toEqual((await reference.encode()).buffer);
    }),
  );
});
