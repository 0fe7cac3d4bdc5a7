/**
 * How the child processes of the log's contract get at the log under test: the environment names the module that opens it,
 * and that module reads what else it needs from there.
 */
import type { EventLog } from '../../log/event-log.ts';

/** What a module named by `LOG_MODULE` exports. */
interface LogModule {
  open(): Promise<EventLog>;
}

export async function openLog(): Promise<EventLog> {
  const name = process.env['LOG_MODULE'];
  if (name === undefined)
    throw new Error('LOG_MODULE must name the module that opens the log, relative to test/children');
  const module = (await import(name)) as LogModule;
  return module.open();
}
