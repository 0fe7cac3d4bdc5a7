/**
 * Runs the counting processor, and appends commands from several callers at once, so that they are decided ahead of the disk.
 * Prints the value of every command that is acknowledged, until it is killed.
 */
import { countingProcess } from './counting-process.ts';
import { openLog } from './open-log.ts';

const [name, commands, events, state, positions] = process.argv.slice(2);
if (!name || !commands || !events || !state || !positions) {
  throw new Error('usage: ahead-until-killed.ts NAME COMMANDS EVENTS STATE POSITIONS');
}
const log = await openLog();
const running = await log.process(countingProcess(name, { commands, events, state, positions }, {}, 5));
await running.caughtUp();
let written = 0;

async function appendForEver(topic: string): Promise<never> {
  for (;;) {
    const value = `${process.pid}-${written++}`;
    await log.append([{ topic, key: `k${written % 7}`, value, headers: {} }]);
    process.stdout.write(`${value}\n`);
  }
}

await Promise.all(Array.from({ length: 12 }, () => appendForEver(commands)));
