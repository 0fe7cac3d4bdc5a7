/** Prints, as JSON, what a topic holds, where it ends, how far a processor is in it, and how an append is refused. */
import { openLog } from './open-log.ts';

const [topic, processor] = process.argv.slice(2);
if (topic === undefined || processor === undefined) throw new Error('usage: read-beside.ts TOPIC PROCESSOR');
const log = await openLog();
const values: string[] = [];
const ends = await log.ends([topic]);
for (const partition of ends) {
  for await (const batch of log.read(partition)) values.push(...batch.map((each) => each.value?.toString() ?? ''));
}
const committed = await log.committed({ name: processor, input: topic, positions: 'positions' });
const refusal = await log.append([{ topic, key: 'a', value: 'b', headers: {} }]).then(
  () => 'none',
  (error: unknown) => String(error),
);
await log.close();
process.stdout.write(JSON.stringify({ values, ends, committed, refusal }));
