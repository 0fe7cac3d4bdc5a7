/** The keys of personal fields in a process that runs: followed, used by the roles that need them, and said at the start. */
import type { Logger } from 'pino';
import type { EventLog, Following } from '../log/event-log.ts';
import { openedLog } from '../sealing/opened-log.ts';
import { Sealer } from '../sealing/sealer.ts';
import { Secrets } from '../sealing/secrets.ts';
import { Shredder } from '../sealing/shredder.ts';
import { SubjectKeys } from '../sealing/subject-keys.ts';
import type { Configuration } from './configuration.ts';
import { findMasterKeys } from './master-key.ts';

export interface Sealing {
  /** For those who show what stands on the log. */
  readonly opened: EventLog;
  /** Undefined: without a master key, nothing is sealed and nobody can be erased. */
  readonly sealer: Sealer | undefined;
  /** Undefined: the same, and there can be no webhooks. */
  readonly secrets: Secrets | undefined;
  readonly following: Following;
  stop(): Promise<void>;
}

/**
 * Resolves when the keys on the log are known. Beside the processors' role it also shreds those of the erased.
 * @throws {MasterKeyMissing} when this process would have to open what it cannot
 */
export async function startSealing(configuration: Configuration, log: EventLog, logger: Logger): Promise<Sealing> {
  const { partitions, roles } = configuration;
  const { masters, made } = await findMasterKeys(configuration, log, { make: true });
  const opens = roles.has('gateway') || roles.has('projector') || roles.has('outbox');
  if (made !== undefined) {
    logger.info({ file: made }, 'a master key was made, which seals personal fields: keep this file with the folder');
  }
  const shredder = roles.has('processor')
    ? new Shredder(log, partitions, (error) =>
        logger.warn({ err: error }, 'a key of somebody who was erased cannot be taken off the log; it is tried again'),
      )
    : undefined;
  let ring: SubjectKeys['ring'] | undefined;
  const look = () => ring && shredder?.look(ring);
  const { keys, following } = await SubjectKeys.follow({ log, partitions, masters }, look);
  try {
    if (opens) keys.mustHaveMasters();
  } catch (error) {
    await following.stop();
    throw error;
  }
  // Not before: where keys are missing that there were, this would be no news, and not true.
  if (masters === undefined && opens) {
    logger.warn(
      'there is no master key: names and e-mails are written to the log as they are, and eraseCustomer is refused. Set MASTER_KEY or MASTER_KEY_FILE before there are customers: docs/erasure.md',
    );
  }
  ring = keys.ring;
  look();
  return {
    opened: openedLog(log, keys),
    sealer: masters && new Sealer(keys, masters),
    secrets: masters && new Secrets(keys),
    following,
    async stop() {
      await shredder?.stop();
      await following.stop();
    },
  };
}

/** The log as it is to be shown, for a command that reads and ends. */
export async function openedForReading(configuration: Configuration, log: EventLog): Promise<EventLog> {
  const { masters } = await findMasterKeys(configuration, log, { make: false });
  const keys = await SubjectKeys.read({ log, partitions: configuration.partitions, masters });
  keys.mustHaveMasters();
  return openedLog(log, keys);
}
