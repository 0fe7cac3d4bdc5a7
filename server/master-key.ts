/**
 * Where the master key comes from: what is configured; or, on an embedded log for which nothing is, a file in the log's own
 * folder that is made at the first start. Why there: docs/decisions/erasure.md.
 */
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { EventLog } from '../log/event-log.ts';
import { MasterKeys, NotAMasterKey, newMasterKey } from '../sealing/master-keys.ts';
import { SubjectKeys } from '../sealing/subject-keys.ts';
import type { Configuration } from './configuration.ts';
import { ConfigurationError } from './configuration-error.ts';

export interface FoundMasterKeys {
  /** Undefined: nothing is sealed. */
  readonly masters: MasterKeys | undefined;
  /** The file, where one has just been made. */
  readonly made?: string;
}

/** The file of an embedded log for which no master key is configured. */
function masterKeyFile({ dataDirectory }: Pick<Configuration, 'dataDirectory'>): string {
  return join(dataDirectory, 'master.key');
}

/** The same file where it is in use: whoever moves or copies the log has to take it along. */
export function masterKeyFileInUse(
  configuration: Pick<Configuration, 'dataDirectory' | 'masterKeys' | 'log'>,
): string | undefined {
  if (configuration.masterKeys !== undefined || configuration.log.engine !== 'embedded') return undefined;
  const file = masterKeyFile(configuration);
  return existsSync(file) ? file : undefined;
}

/**
 * @param log its topics are there
 * @param make whether a file may be made: not beside a running server
 * @throws {ConfigurationError} for a file that holds no master key
 */
export async function findMasterKeys(
  configuration: Configuration,
  log: EventLog,
  { make }: { readonly make: boolean },
): Promise<FoundMasterKeys> {
  const { masterKeys, log: chosen, partitions } = configuration;
  if (masterKeys !== undefined) return { masters: masterKeys === 'off' ? undefined : masterKeys };
  if (chosen.engine !== 'embedded') return { masters: undefined };
  const file = masterKeyFile(configuration);
  const text = textOf(file);
  if (text !== undefined) return { masters: parsed(file, text) };
  if (!make) return { masters: undefined };
  // A log with keys has lost its file: another one would open nothing, and hide that. Marks of the erased need none.
  const { ring } = await SubjectKeys.read({ log, partitions, masters: undefined });
  if (ring.missingMasters().size > 0) return { masters: undefined };
  const key = newMasterKey();
  writeDurably(file, `${key}\n`);
  return { masters: new MasterKeys(key), made: file };
}

/** Undefined: there is none, or an empty one, which is what a crash may have left of it. */
function textOf(file: string): string | undefined {
  try {
    const text = readFileSync(file, 'utf8');
    return text.trim() === '' ? undefined : text;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function parsed(file: string, text: string): MasterKeys {
  try {
    return new MasterKeys(text);
  } catch (error) {
    if (!(error instanceof NotAMasterKey)) throw error;
    throw new ConfigurationError(`${file}: ${error.message}. Without the right one, what it sealed is lost`);
  }
}

/**
 * Flushed, because what is sealed with it is as durable as it is; and there whole or not at all. For its owner alone to read.
 * Renamed over what is there, which is nothing: the log is open, so no other process makes the file.
 */
function writeDurably(file: string, text: string): void {
  const unfinished = `${file}.new`;
  writeFileSync(unfinished, text, { mode: 0o600, flush: true });
  renameSync(unfinished, file);
  const folder = openSync(dirname(file), 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
