/** Opens the log for writing, prints its process id, and keeps the log until its input ends. */
import { openLog } from './open-log.ts';

const log = await openLog();
process.stdout.write(`${process.pid}\n`);
process.stdin.resume().once('end', () => void log.close());
