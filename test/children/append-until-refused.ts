/**
 * Appends one record to each of the topics given, again and again, until the log refuses; prints, as JSON, how many calls
 * were acknowledged, how the next was refused, and how many records each topic then holds.
 */
import { LogUnavailable } from '../../log/event-log.ts';
import { openLog } from './open-log.ts';

const topics = process.argv.slice(2);
const log = await openLog();
const value = 'x'.repeat(20_000);
let acknowledged = 0;
let refusal: unknown;
while (refusal === undefined) {
  try {
    await log.append(topics.map((topic) => ({ topic, partition: 0, key: `${acknowledged}`, value, headers: {} })));
    acknowledged += 1;
  } catch (error) {
    refusal = error;
  }
}
const held: number[] = [];
for (const topic of topics) {
  let count = 0;
  for await (const batch of log.read({ topic, partition: 0 })) count += batch.length;
  held.push(count);
}
await log.close();
const unavailable = refusal instanceof LogUnavailable;
process.stdout.write(JSON.stringify({ acknowledged, unavailable, message: String(refusal), held }));
