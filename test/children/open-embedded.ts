/**
 * Opens the embedded log in the folder that `LOG_DIR` names. With `LOG_KILL_AT` (`point:n`), the process kills itself when
 * it comes to that failpoint for the nth time. `LOG_PATIENCE_MS`: how long it waits for another owner of the folder.
 */
import { openEmbeddedLog } from '../../log/embedded/embedded-log.ts';
import type { EventLog } from '../../log/event-log.ts';

export function open(): Promise<EventLog> {
  const dir = process.env['LOG_DIR'];
  if (dir === undefined) throw new Error('LOG_DIR must name the folder of the embedded log');
  const [killPoint, times] = (process.env['LOG_KILL_AT'] ?? '').split(':');
  let left = Number(times);
  const patience = process.env['LOG_PATIENCE_MS'];
  return openEmbeddedLog({
    dir,
    readOnly: process.env['LOG_READ_ONLY'] === 'true',
    ...(patience === undefined ? {} : { patienceMs: Number(patience) }),
    failpoint(point) {
      if (point === killPoint && --left === 0) process.kill(process.pid, 'SIGKILL');
    },
  });
}
