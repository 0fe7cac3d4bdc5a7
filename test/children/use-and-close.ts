/** Uses everything the log offers, closes it, and must then end by itself: nothing may keep the process alive. */
import { countingProcess } from './counting-process.ts';
import { openLog } from './open-log.ts';

const [name, commands, events, state, positions] = process.argv.slice(2);
if (!name || !commands || !events || !state || !positions) {
  throw new Error('usage: use-and-close.ts NAME COMMANDS EVENTS STATE POSITIONS');
}
const log = await openLog();
await log.append([{ topic: commands, key: 'a', value: 'one', headers: {} }]);
const processing = await log.process(countingProcess(name, { commands, events, state, positions }));
await log.follow({ name: `${name}-follower`, topics: [events], from: 'beginning', onBatch: () => undefined });
await processing.caughtUp();
await log.close();
process.stdout.write('closed\n');
