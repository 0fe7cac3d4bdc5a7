/**
 * Runs a processor: per partition restore, then batch after batch, each with its outputs and its position in one
 * atomic step. The steps of several partitions share flushes. A process that has caught up goes ahead of the disk, if it can.
 */
import { othersTurn, TimeSlice } from '../../waiting/time-slice.ts';
import type { PartitionProcess, Position, ProcessOptions, Step, WrittenTopics } from '../event-log.ts';
import { messageOf } from '../message-of.ts';
import { RestoreProgress, type WrittenRange } from '../restore-progress.ts';
import { restoreRecord } from '../restore-record.ts';
import type { GroupCommit } from './group-commit.ts';
import { PartitionLoop } from './partition-loop.ts';
import type { RunningPartitions } from './running-partitions.ts';
import { StepsAhead } from './steps-ahead.ts';
import type { Storage } from './storage.ts';
import { prepare, type Write } from './write-batch.ts';
import { NothingWritten } from './write-faults.ts';

export interface LoopContext {
  readonly storage: Storage;
  readonly commits: GroupCommit;
  readonly running: RunningPartitions;
  readonly stop: AbortSignal;
  warn(detail: Readonly<Record<string, unknown>>, message: string): void;
}

const DEFAULT_BATCH = 1000;
/** Reading blocks the event loop: so many records take a few ms. */
const RESTORED_AT_ONCE = 500;

/** Resolves when stopped. */
export async function runPartition(options: ProcessOptions, partition: number, context: LoopContext): Promise<void> {
  const { storage, commits, running, stop } = context;
  const loop = new PartitionLoop({ topic: options.input, partition }, storage, commits, stop);
  // Partitions start at the same moment. Each waits for its turn, so that they do not block the event loop together.
  await othersTurn();
  while (!loop.stopped) {
    running.restoring(loop.partition);
    let opened: PartitionProcess | undefined;
    try {
      opened = options.open(partition);
      const progress = new RestoreProgress(options.restore, false);
      const from = whereToBegin(options, opened, partition, context);
      await othersTurn();
      await restore(options, { opened, progress, from }, partition, context);
      await handle(options, { opened, progress }, loop, context);
    } catch (error) {
      troubled(loop, options, context, error);
    }
    opened?.close();
    if (!loop.stopped) await loop.pause();
  }
}

interface Opened {
  readonly opened: PartitionProcess;
  readonly progress: RestoreProgress;
}

function whereToBegin(
  { restore: topics, ...options }: ProcessOptions,
  opened: PartitionProcess,
  partition: number,
  context: LoopContext,
): ReadonlyMap<string, number> | undefined {
  const { storage } = context;
  const ends = endsOf(topics, partition, storage);
  return opened.restoreFrom?.({ log: storage.identity, position: positionOf(options, partition, context), ends });
}

function endsOf(topics: readonly string[], partition: number, storage: Storage): ReadonlyMap<string, number> {
  return new Map(topics.map((topic) => [topic, storage.end({ topic, partition })]));
}

async function restore(
  { restore: topics, ...options }: Pick<ProcessOptions, 'restore' | 'name' | 'input'>,
  { opened, progress, from }: Opened & { readonly from?: ReadonlyMap<string, number> | undefined },
  partition: number,
  context: LoopContext,
): Promise<void> {
  const { storage, stop } = context;
  // Restoring a long history must not block the event loop.
  const slice = new TimeSlice();
  for (const name of topics) {
    const topic = storage.partition({ topic: name, partition });
    const end = storage.end({ topic: name, partition });
    for (let next = from?.get(name) ?? 0; next < end && !stop.aborted; ) {
      const read = storage.read(topic, partition, next, end, RESTORED_AT_ONCE);
      for (const record of read.records) {
        restoreRecord(opened, record);
        if (slice.over()) await slice.next();
        if (stop.aborted) return;
      }
      next = read.next;
    }
    progress.read(name, end);
  }
  if (stop.aborted) return;
  const more = opened.restored(positionOf(options, partition, context)) ?? [];
  if (more.length > 0) await restore({ ...options, restore: more }, { opened, progress }, partition, context);
}

function positionOf(
  { name, input }: Pick<ProcessOptions, 'name' | 'input'>,
  partition: number,
  { storage }: LoopContext,
): number {
  return storage.committed(name, input, partition) ?? 0;
}

async function handle(
  options: ProcessOptions,
  { opened, progress }: Opened,
  loop: PartitionLoop,
  context: LoopContext,
): Promise<void> {
  const { storage, running } = context;
  const { topic: input, partition } = loop.partition;
  const topic = storage.partition(loop.partition);
  const isCommitted: Committed = (step, positions, ends = endsOf(options.restore, partition, storage)) =>
    step.committed(writtenHere(positions, partition, progress), ends);
  let position = positionOf(options, partition, context);
  for (let step = opened.settle?.(); step !== undefined && !loop.stopped; step = opened.settle?.()) {
    const positions = await committed(step, options, loop, position, context);
    if (positions === undefined) return;
    isCommitted(step, positions);
  }
  // After trouble, only a step that succeeds ends the trouble.
  if (storage.end(loop.partition) <= position || running.health().state !== 'trouble') {
    running.moved({ topic: input, partition, offset: position });
  }
  while (!loop.stopped) {
    position = await goAhead(options, { opened, isCommitted, position }, loop, context);
    if (loop.stopped) return;
    const end = await loop.endBeyond(position);
    if (loop.stopped) return;
    const read = storage.read(topic, partition, position, end, options.maxBatch ?? DEFAULT_BATCH);
    if (read.records.length > 0) {
      const step = opened.step(read.records);
      const positions = await committed(step, options, loop, read.next, context);
      if (positions === undefined) return;
      isCommitted(step, positions);
      loop.succeeded();
    }
    position = read.next;
    running.moved({ topic: input, partition, offset: position });
  }
}

type Committed = (step: Step, positions: readonly Position[], ends?: ReadonlyMap<string, number>) => void;

interface CaughtUp {
  readonly opened: PartitionProcess;
  readonly isCommitted: Committed;
  readonly position: number;
}

/**
 * Handles what is written before it is on the disk, from when all that is there has been handled until there is more; resolves
 * with the position then, or when stopped. A process that cannot do that, or is behind, returns at once.
 */
async function goAhead(
  options: ProcessOptions,
  { opened, isCommitted, position }: CaughtUp,
  loop: PartitionLoop,
  { storage, commits, running, stop }: LoopContext,
): Promise<number> {
  const { stepAhead } = opened;
  const { partition: place } = loop;
  if (stepAhead === undefined || storage.end(place) > position) return position;
  let leave = (): void => undefined;
  try {
    return await new Promise<number>((resolve, reject) => {
      const steps = new StepsAhead({
        next: position,
        stepAhead: stepAhead.bind(opened),
        maxBatch: options.maxBatch ?? DEFAULT_BATCH,
        write: ({ records }, next, batch) =>
          batch.add(prepare(storage, { records, position: { ...place, offset: next, processor: options.name } })),
        ends: (batch) =>
          new Map(options.restore.map((topic) => [topic, batch.end({ topic, partition: place.partition })])),
        committed(step, positions, ends, next) {
          isCommitted(step, positions, ends);
          loop.succeeded();
          running.moved({ ...place, offset: next });
        },
        ended: resolve,
        failed: reject,
      });
      const end = () => steps.end();
      const goes = commits.goAhead(place, steps);
      const grows = commits.onGrowth(place, () => storage.end(place) > steps.next && end());
      stop.addEventListener('abort', end);
      leave = () => {
        goes();
        grows();
        stop.removeEventListener('abort', end);
      };
    });
  } finally {
    leave();
  }
}

/** Keeps the step and tries again while the disk refuses it; undefined when stopped before it was written. */
async function committed(
  step: Step,
  { name }: ProcessOptions,
  loop: PartitionLoop,
  next: number,
  context: LoopContext,
): Promise<readonly Position[] | undefined> {
  const { commits } = context;
  const write: Write = { records: step.records, position: { ...loop.partition, offset: next, processor: name } };
  for (;;) {
    try {
      return await commits.submit(write);
    } catch (error) {
      if (!(error instanceof NothingWritten)) throw error;
      troubled(loop, { name }, context, error);
      await loop.pause();
      if (loop.stopped) return undefined;
    }
  }
}

function writtenHere(positions: readonly Position[], own: number, progress: RestoreProgress): WrittenTopics {
  const ranges = new Map<string, WrittenRange>();
  for (const { topic, partition, offset } of positions) {
    if (partition !== own) continue;
    const range = ranges.get(topic);
    const { first, count } = range ?? { first: offset, count: 0 };
    ranges.set(topic, { topic, first, last: offset, count: count + 1 });
  }
  return progress.wrote(ranges.values());
}

function troubled(
  loop: PartitionLoop,
  { name }: { readonly name: string },
  { running, warn }: LoopContext,
  error: unknown,
): void {
  running.trouble(loop.partition, messageOf(error));
  warn({ processor: name, ...loop.partition, error: messageOf(error) }, 'a step failed and is tried again');
}
