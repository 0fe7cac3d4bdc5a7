/** Runs the counting processor on the topics given and prints a line per committed step, until it is killed. */
import { countingProcess } from './counting-process.ts';
import { openLog } from './open-log.ts';

const [name, commands, events, state, positions] = process.argv.slice(2);
if (!name || !commands || !events || !state || !positions) {
  throw new Error('usage: process-until-killed.ts NAME COMMANDS EVENTS STATE POSITIONS');
}
const log = await openLog();
await log.process(
  countingProcess(
    name,
    { commands, events, state, positions },
    { committed: (batch) => void process.stdout.write(`${batch.length}\n`) },
    5,
  ),
);
