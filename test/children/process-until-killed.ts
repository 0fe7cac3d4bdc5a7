/** Runs the counting processor on the topics given and prints a line per committed step, until it is killed. */
import { countingProcess } from './counting-process.ts';
import { openLog } from './open-log.ts';

const [name, commands, events, state] = process.argv.slice(2);
if (name === undefined || commands === undefined || events === undefined || state === undefined) {
  throw new Error('usage: process-until-killed.ts NAME COMMANDS EVENTS STATE');
}
const log = await openLog();
await log.process(
  countingProcess(
    name,
    { commands, events, state },
    { committed: (batch) => void process.stdout.write(`${batch.length}\n`) },
    5,
  ),
);
