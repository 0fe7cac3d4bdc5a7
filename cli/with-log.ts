/** Opens the log that the environment configures, for a command, and closes it afterwards. */
import { pino } from 'pino';
import type { EventLog } from '../log/event-log.ts';
import { LogUnavailable } from '../log/event-log.ts';
import { type Configuration, readConfiguration } from '../server/configuration.ts';
import { openLog } from '../server/engines.ts';
import { CommandFailed } from './failure.ts';

/** `read`: beside a running server. `write`: the embedded log belongs to one process, so no server may run on it. */
export type Access = 'read' | 'write';

export const silent = pino({ level: 'silent' });

/** Variables that only a server heeds must not stop a command. @param instead values that count instead of the environment's */
export function commandConfiguration(instead: Readonly<Record<string, string | undefined>> = {}): Configuration {
  const { ROLE: _, HOST: __, AUTH: ___, ...environment } = process.env;
  return readConfiguration({ ...environment, ...instead });
}

export async function withLog<T>(
  access: Access,
  use: (log: EventLog, configuration: Configuration) => Promise<T>,
): Promise<T> {
  const configuration = commandConfiguration();
  const log = await openFor(configuration, access);
  try {
    return await use(log, configuration);
  } finally {
    await log.close();
  }
}

/** @throws {CommandFailed} when a server runs on the embedded log that is to be written */
export async function openFor(configuration: Configuration, access: Access): Promise<EventLog> {
  try {
    return await openLog(configuration, { logger: silent, readOnly: access === 'read' });
  } catch (error) {
    if (access === 'read' || configuration.log.engine !== 'embedded' || !(error instanceof LogUnavailable)) throw error;
    throw new CommandFailed(`${error.message}; stop the server for as long as this takes`, { cause: error });
  }
}
