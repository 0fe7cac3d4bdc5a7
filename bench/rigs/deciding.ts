/** The products' processor in this process, on a log of any engine. */
import type { EventLog, LogRecord, NewRecord } from '../../log/event-log.ts';
import { commandsLeft } from '../../processors/commands-left.ts';
import { type ProcessorOptions, startProcessors } from '../../processors/index.ts';
import { addProduct, appendAll, createTopics, restockProduct } from './commands.ts';
import { until } from './timing.ts';

export const PARTITIONS = 4;

/** Creates the topics and the products. */
export async function prepareProducts(log: EventLog, products: number): Promise<void> {
  await createTopics(log, PARTITIONS);
  await appendAll(
    log,
    Array.from({ length: products }, (_, at) => addProduct(at)),
  );
  const running = await startProducts(log);
  await running?.caughtUp();
  await running?.stop();
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

export async function startProducts(log: EventLog, observer: ProcessorOptions['observer'] = {}) {
  return (await startProcessors({ log, partitions: PARTITIONS, observer }, ['products'])).get('products');
}

export interface Decided {
  readonly perSecond: number;
  /** For each second of processor time that this process took. */
  readonly perProcessorSecond: number;
}

/** Puts the commands on the log, then starts the processor: measured from the first decision to the last commit. */
export async function decideAll(log: EventLog, commands: readonly NewRecord[]): Promise<Decided> {
  await appendAll(log, commands);
  let began: { readonly at: number; readonly cpu: NodeJS.CpuUsage } | undefined;
  const running = await startProducts(log, {
    decided() {
      began ??= { at: performance.now(), cpu: process.cpuUsage() };
    },
  });
  await running?.caughtUp();
  if (running === undefined || began === undefined) throw new Error('nothing was decided');
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
