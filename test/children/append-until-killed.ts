/**
 * Appends to the topic given, from several callers at once, and prints every acknowledged record as
 * `partition offset value`, until it is killed.
 */
import { openLog } from './open-log.ts';

const topic = process.argv[2];
if (topic === undefined) throw new Error('usage: append-until-killed.ts TOPIC');
const log = await openLog();
let written = 0;

async function appendForEver(topic: string, caller: number): Promise<never> {
  for (;;) {
    const value = `${caller}-${written++}`;
    const [position] = await log.append([{ topic, key: `key-${written % 17}`, value, headers: {} }]);
    if (position === undefined) throw new Error('an append resolved without a position');
    process.stdout.write(`${position.partition} ${position.offset} ${value}\n`);
  }
}

await Promise.all(Array.from({ length: 20 }, (_, caller) => appendForEver(topic, caller)));
