/**
 * Fills an embedded log with confirmed purchases, as if they had been placed, decided and confirmed: the records are written
 * directly, which is some ten times as fast as deciding them. `counterfoil verify` finds nothing to tell of such a folder.
 */
import { existsSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { openEmbeddedLog } from '../../log/embedded/embedded-log.ts';
import type { EventLog, NewRecord } from '../../log/event-log.ts';
import { processorOf } from '../../processors/index.ts';
import { COMMAND_TOPICS, commandsTopic, topicSpecs } from '../../records/topics.ts';
import type { Bench } from '../suite/row.ts';
import { appendAll } from './commands.ts';
import { Story, type StorySizes } from './story.ts';

const PARTITIONS = 4;

/** So many purchases, with as many customers and products as a shop of that size may have. */
export function sizesFor(purchases: number, lines = 1): StorySizes {
  return {
    ...{ purchases, lines },
    customers: Math.max(10, Math.round(purchases / 20)),
    products: Math.max(10, Math.min(2000, Math.round(purchases / 50))),
  };
}

/** A data folder with so many purchases of one line: one that is kept, as the last run left it, or a new one. */
export async function shopFolder(bench: Bench, purchases: number): Promise<string> {
  const kept = bench.folders === undefined ? undefined : join(bench.folders, String(purchases));
  if (kept !== undefined && existsSync(kept)) {
    bench.note(`${purchases.toLocaleString('en')} purchases: a folder that was there already`);
    return kept;
  }
  const dir = kept === undefined ? await bench.folder() : `${kept}.unfinished`;
  await generateFolder(dir, sizesFor(purchases), (done) => bench.say(`  written ${done} of ${purchases}`));
  if (kept === undefined) return dir;
  await rename(dir, kept);
  return kept;
}

/** @param onProgress called now and then with the purchases written so far */
export async function generateFolder(
  dir: string,
  sizes: StorySizes,
  onProgress: (purchases: number) => void = () => undefined,
): Promise<void> {
  const log = await openEmbeddedLog({ dir });
  await log.createTopics(topicSpecs(PARTITIONS));
  await appendAll(log, recordsOf(sizes, onProgress));
  await passCommands(log);
  await log.close();
}

function* recordsOf(sizes: StorySizes, onProgress: (purchases: number) => void): Iterable<NewRecord> {
  const story = new Story(sizes, PARTITIONS);
  yield* story.beginning();
  for (let at = 0; at < sizes.purchases; at++) {
    yield* story.purchase(at);
    if (at % 10_000 === 9_999) onProgress(at + 1);
  }
  yield* story.end();
}

/** Commits the processors' positions behind all commands: what came of these is on the log. */
async function passCommands(log: EventLog): Promise<void> {
  for (const topic of COMMAND_TOPICS) {
    const aggregate = topic.slice(0, -commandsTopic('').length);
    const running = await log.process({
      ...processorOf(aggregate),
      restore: [],
      open: () => ({
        restore: () => undefined,
        restored: () => undefined,
        step: () => ({ records: [], committed: () => undefined }),
        close: () => undefined,
      }),
    });
    await running.caughtUp();
    await running.stop();
  }
}
