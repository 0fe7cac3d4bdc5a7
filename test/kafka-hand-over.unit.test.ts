import { describe, expect, it } from 'vitest';
import { HandOver } from '../log/kafka/hand-over.ts';
import { PartitionStream } from '../log/kafka/partition-stream.ts';
import type { PlacedRecord } from '../log/kafka/placed.ts';

/** Records in a step. */
const MOST = 10;
const place = { topic: 'answers', partition: 1 };

function records(...keys: string[]): PlacedRecord[] {
  return keys.map((key) => ({ ...place, key, value: `{"of":"${key}"}`, headers: { ce_id: key } }));
}

/** As a commit tells it: so many records from there on. */
const at = (first: number, count: number) => ({ ...place, first, offset: first + count - 1, count });

function opened(offset: number) {
  const handOver = new HandOver();
  const stream = new PartitionStream(place, offset, () => undefined);
  const receiveNoMore = handOver.receive(stream);
  return { handOver, stream, receiveNoMore };
}

/** As a fetch brings it: markers alone, up to there. */
const markersUpTo = (next: number) => ({ records: [], next, bytes: 0 });

async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  const later = new Promise((resolve) => setImmediate(resolve, 'later'));
  return (await Promise.race([promise, later])) !== 'later';
}

describe('the hand-over between the processors of a process', () => {
  it('gives a stream what was committed where it would read next, as a fetch would bring it', async () => {
    const { handOver, stream } = opened(7);
    const elsewhere = records('c').map((record) => ({ ...record, topic: 'others' }));
    handOver.begin([...records('a', 'b'), ...elsewhere]).committed([at(7, 2)]);
    const taken = await stream.take(10);
    expect(taken).toMatchObject({ from: 7, next: 9 });
    expect(taken?.records).toEqual([
      expect.objectContaining({
        ...place,
        offset: 7,
        key: 'a',
        value: Buffer.from('{"of":"a"}'),
        headers: { ce_id: 'a' },
      }),
      expect.objectContaining({ ...place, offset: 8, key: 'b' }),
    ]);
    expect(stream.fetchOffset).toBe(9);
  });

  it('gives nothing before it is committed, and nothing of a step that failed', async () => {
    const { handOver, stream } = opened(0);
    handOver.begin(records('a')).failed();
    handOver.begin(records('b'));
    expect(await isSettled(stream.take(10))).toBe(false);
  });

  it('keeps what stands behind something else until that has come', async () => {
    const { handOver, stream } = opened(0);
    const [first, second] = [handOver.begin(records('a')), handOver.begin(records('b'))];
    second.committed([at(2, 1)]);
    expect(stream.fetchOffset).toBe(0);
    first.committed([at(0, 1)]);
    expect(stream.fetchOffset).toBe(1);
    stream.push(markersUpTo(2));
    expect((await stream.take(10))?.records.map(({ key, offset }) => [key, offset])).toEqual([
      ['a', 0],
      ['b', 2],
    ]);
  });

  it('gives nothing twice that a fetch has brought before', async () => {
    const { handOver, stream } = opened(0);
    const step = handOver.begin(records('a'));
    stream.push(markersUpTo(3));
    step.committed([at(0, 1)]);
    expect(await stream.take(10)).toMatchObject({ next: 3, records: [] });
    expect(stream.fetchOffset).toBe(3);
  });

  it('leaves records in several batches, with others between them, to be fetched', () => {
    const { handOver, stream } = opened(0);
    handOver.begin(records('a', 'b')).committed([{ ...place, first: 0, offset: 5, count: 2 }]);
    expect(stream.fetchOffset).toBe(0);
  });

  it('gives a stream nothing any more once it receives no more', () => {
    const { handOver, stream, receiveNoMore } = opened(0);
    receiveNoMore();
    handOver.begin(records('a')).committed([at(0, 1)]);
    expect(stream.fetchOffset).toBe(0);
  });

  it('gathers what is being written to a partition, until it is here', async () => {
    const { handOver, stream } = opened(0);
    expect(await isSettled(handOver.gathered(place, MOST))).toBe(true);
    const [first, second, third] = [records('a'), records('b'), records('c')].map((each) => handOver.begin(each));
    const gathered = handOver.gathered(place, MOST);
    const later = handOver.begin(records('d'));
    first?.committed([at(0, 1)]);
    second?.failed();
    expect(await isSettled(gathered)).toBe(false);
    third?.committed([at(2, 1)]);
    // Not here yet: a marker stands before it.
    expect(await isSettled(gathered)).toBe(false);
    stream.push(markersUpTo(2));
    expect(await isSettled(gathered)).toBe(true);
    expect((await stream.take(10))?.records).toHaveLength(2);
    later.failed();
  });

  it('waits for nothing where a whole step can be taken already', async () => {
    const { handOver } = opened(0);
    handOver.begin(records(...'abcdefghij')).committed([at(0, MOST)]);
    handOver.begin(records('k'));
    expect(await isSettled(handOver.gathered(place, MOST))).toBe(true);
  });

  it('gives a stream that is full nothing: it is fetched when there is room', async () => {
    const { handOver, stream } = opened(0);
    stream.push({ records: [], next: 1, bytes: 10_000_000 });
    handOver.begin(records('a')).committed([at(1, 1)]);
    expect(stream.fetchOffset).toBe(1);
    expect(await isSettled(handOver.gathered(place, MOST))).toBe(true);
  });

  it('waits for a step that hangs for a short time only', async () => {
    const { handOver } = opened(0);
    handOver.begin(records('a'));
    await handOver.gathered(place, MOST);
  });

  it('waits for no step whose records stand far behind what is still to be fetched', async () => {
    const { handOver } = opened(0);
    const far = handOver.begin(records('a'));
    expect(await isSettled(handOver.gathered(place, MOST))).toBe(false);
    far.committed([at(5000, 1)]);
    expect(await isSettled(handOver.gathered(place, MOST))).toBe(true);
  });
});
