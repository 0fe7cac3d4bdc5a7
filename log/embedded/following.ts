/**
 * Runs a follower: per partition one batch after another from where it begins, read from the disk in batches of bounded size, so
 * that one who is slow costs no memory and holds up nobody.
 */
import { TimeSlice } from '../../waiting/time-slice.ts';
import type { FollowOptions, Position } from '../event-log.ts';
import { messageOf } from '../message-of.ts';
import { PartitionLoop } from './partition-loop.ts';
import type { LoopContext } from './processing.ts';

/** Reading a batch blocks the event loop: so many records take a few ms. */
const BATCH_RECORDS = 500;

/** Resolves when stopped. `now` is where the partition ended when the follower came. */
export async function followPartition(options: FollowOptions, now: Position, context: LoopContext): Promise<void> {
  const { storage, commits, running, stop } = context;
  const loop = new PartitionLoop({ topic: now.topic, partition: now.partition }, storage, commits, stop);
  const topic = storage.partition(loop.partition);
  let position = await start(options, now, loop, context);
  running.moved({ ...loop.partition, offset: position });
  const slice = new TimeSlice();
  while (!loop.stopped) {
    const end = await loop.endBeyond(position);
    // Yield: while there is always more to read, nothing else in this loop gives the event loop a turn.
    if (slice.over()) await slice.next();
    if (loop.stopped) return;
    const read = storage.read(topic, now.partition, position, end, BATCH_RECORDS);
    const batch = { ...loop.partition, from: position, next: read.next, records: read.records };
    let answer: 'restart' | 'done' | undefined;
    while (answer === undefined && !loop.stopped) {
      try {
        answer = (await options.onBatch(batch)) ?? 'done';
      } catch (error) {
        troubled(loop, options, context, error);
        await loop.pause();
      }
    }
    if (answer === 'restart') {
      await loop.pause();
      position = await start(options, now, loop, context);
      running.moved({ ...loop.partition, offset: position });
    } else if (answer === 'done') {
      loop.succeeded();
      position = read.next;
      running.moved({ ...loop.partition, offset: position });
    }
  }
}

async function start(
  options: FollowOptions,
  now: Position,
  loop: PartitionLoop,
  context: LoopContext,
): Promise<number> {
  const { from } = options;
  if (from === 'beginning') return 0;
  if (from === 'now') return now.offset;
  while (!loop.stopped) {
    try {
      const position = await from(loop.partition);
      const end = context.storage.end(loop.partition);
      if (position <= end) return position;
      throw new Error(
        `position ${position} lies after the log's end ${end}: what it was kept for belongs to another log`,
      );
    } catch (error) {
      troubled(loop, options, context, error);
      await loop.pause();
    }
  }
  return now.offset;
}

function troubled(loop: PartitionLoop, { name }: FollowOptions, { running, warn }: LoopContext, error: unknown): void {
  running.trouble(loop.partition, messageOf(error));
  warn({ follower: name, ...loop.partition, error: messageOf(error) }, 'a batch failed and is tried again');
}
