/** The products' processor in this process, on a log of any engine. */
import { join } from 'node:path';
import type { EventLog, LogRecord, NewRecord, Running } from '../../log/event-log.ts';
import { commandsLeft } from '../../processors/commands-left.ts';
import { type ProcessorOptions, startProcessors } from '../../processors/index.ts';
import { openDiskStores } from '../../store/disk/disk-stores.ts';
import { addProduct, appendAll, createTopics, restockProduct } from './commands.ts';
import { until } from './timing.ts';

export const PARTITIONS = 4;

/** Creates the topics and the products. @param kept a folder, where the processor keeps what it knows, as a server's does */
export async function prepareProducts(log: EventLog, products: number, kept: string): Promise<void> {
  await createTopics(log, PARTITIONS);
  await appendAll(
    log,
    Array.from({ length: products }, (_, at) => addProduct(at)),
  );
  const running = await startProducts(log, kept);
  await running.caughtUp();
  await running.stop();
}

let runs = 0;

/** Waits until the products' processors, wherever they run, have decided every command on the log. */
export async function allDecided(log: EventLog, withinMs: number): Promise<void> {
  await until('the commands are decided', withinMs, async () => {
    for await (const commands of commandsLeft(log, 'products')) if (commands.length > 0) return false;
    return true;
  });
}

/** Commands with ids of their own, spread over the products. */
export function restocks(commands: number, products: number): readonly NewRecord[] {
  const run = `${process.pid}-${runs++}`;
  return Array.from({ length: commands }, (_, at) => restockProduct(at % products, `${run}-${at}`));
}

export async function startProducts(
  log: EventLog,
  kept: string,
  observer: ProcessorOptions['observer'] = {},
): Promise<Pick<Running, 'caughtUp' | 'stop'>> {
  const stores = await openDiskStores({ dir: join(kept, 'state'), most: PARTITIONS });
  const started = await startProcessors({ log, partitions: PARTITIONS, stores, observer }, ['products']);
  const running = started.get('products');
  if (running === undefined) throw new Error('the processor of products was not started');
  return {
    caughtUp: () => running.caughtUp(),
    stop: async () => {
      await running.stop();
      await stores.close();
    },
  };
}

export interface Decided {
  readonly perSecond: number;
  /** For each second of processor time that this process took. */
  readonly perProcessorSecond: number;
}

/** Puts the commands on the log, then starts the processor: measured from the first decision to the last commit. */
export async function decideAll(log: EventLog, kept: string, commands: readonly NewRecord[]): Promise<Decided> {
  await appendAll(log, commands);
  let began: { readonly at: number; readonly cpu: NodeJS.CpuUsage } | undefined;
  const running = await startProducts(log, kept, {
    decided() {
      began ??= { at: performance.now(), cpu: process.cpuUsage() };
    },
  });
  await running.caughtUp();
  if (began === undefined) throw new Error('nothing was decided');
  const seconds = (performance.now() - began.at) / 1000;
  const { user, system } = process.cpuUsage(began.cpu);
  await running.stop();
  return { perSecond: commands.length / seconds, perProcessorSecond: commands.length / ((user + system) / 1e6) };
}

/** The last record of a partition that has any. @throws when none has */
export async function lastRecord(log: EventLog, topic: string): Promise<LogRecord> {
  for (const { partition, offset } of await log.ends([topic])) {
    let last: LogRecord | undefined;
    for await (const batch of log.read({ topic, partition }, Math.max(0, offset - 1000))) last = batch.at(-1) ?? last;
    if (last !== undefined) return last;
  }
  throw new Error(`there is no record on ${topic}`);
}
