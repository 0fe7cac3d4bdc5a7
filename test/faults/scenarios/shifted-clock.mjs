/**
 * Preloaded into a process under test (`node --import`): its clock is ahead by the milliseconds in the file that
 * CLOCK_FILE names, behind when they are negative, and jumps when that file is written anew. Timers run as ever.
 */
import { readFileSync, watchFile } from 'node:fs';

const file = process.env.CLOCK_FILE ?? '';
const RealDate = Date;
let ahead = 0;

function look() {
  ahead = Number(readFileSync(file, 'utf8'));
}

if (file !== '') {
  look();
  watchFile(file, { interval: 20, persistent: false }, look);
  const now = () => RealDate.now() + ahead;
  globalThis.Date = new Proxy(RealDate, {
    apply: () => new RealDate(now()).toString(),
    construct: (target, args, as) => Reflect.construct(target, args.length === 0 ? [now()] : args, as),
    get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
  });
}
