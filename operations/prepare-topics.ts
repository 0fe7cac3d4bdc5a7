/**
 * The topics of a system, made where they are missing: unless one was there before. A start that made a deleted topic anew would
 * go on without what stood on it, and nobody would know.
 */
import { type EventLog, LogMisconfigured, type TopicSpec } from '../log/event-log.ts';
import { lossOf, mayBeMadeAnew, topicSpecs } from '../records/topics.ts';
import { pause } from '../waiting/pause.ts';

/** What is asked of the log. */
export type Topics = Pick<EventLog, 'missingTopics' | 'createTopics' | 'checkTopics' | 'ends'>;

export interface PrepareOptions {
  readonly partitions: number;
  readonly signal?: AbortSignal;
}

/** What another process has just made may not be known to every broker yet. */
const LOOKS = 3;
const LOOK_EVERY_MS = 1_000;

/**
 * Returns the names of those that it made.
 * @throws {LogMisconfigured} when a topic is missing whose neighbours have records
 * @throws {TopicMisconfigured} when the settings of one would lose data
 */
export async function prepareTopics(log: Topics, { partitions, signal }: PrepareOptions): Promise<readonly string[]> {
  const specs = topicSpecs(partitions);
  await mustNotBeLost(log, specs, { signal });
  const created = await log.createTopics(specs);
  await log.checkTopics(specs);
  return created;
}

export interface LossOptions {
  readonly signal?: AbortSignal | undefined;
  /** Topics whose loss is accepted; default: none. */
  except?(topic: string): boolean;
}

/** @throws {LogMisconfigured} */
export async function mustNotBeLost(
  log: Topics,
  specs: readonly TopicSpec[],
  { signal, except = () => false }: LossOptions = {},
): Promise<void> {
  const names = specs.map(({ name }) => name);
  for (let look = 1; ; look++) {
    const missing = new Set(await log.missingTopics(names));
    if (missing.size === 0) return;
    const ends = await log.ends(names.filter((name) => !missing.has(name)));
    const withRecords = new Set(ends.filter(({ offset }) => offset > 0).map(({ topic }) => topic));
    const lost = lossOf(missing, withRecords).filter((topic) => !except(topic));
    if (lost.length === 0) return;
    if (look === LOOKS) throw new LogMisconfigured(refusal(lost));
    await pause(LOOK_EVERY_MS, { signal });
    signal?.throwIfAborted();
  }
}

function refusal(lost: readonly string[]): string {
  const one = lost.length === 1;
  const are = one ? `topic ${lost[0]} is` : `topics ${lost.join(', ')} are`;
  const why =
    `${are} missing, though others beside hold records: deleted, or the prefix is another's. ` +
    'Start nothing before what stood there is brought back';
  if (!lost.every(mayBeMadeAnew)) {
    return `${why}: nothing can go on without it; where there is no backup, begin anew under another TOPIC_PREFIX`;
  }
  return (
    `${why}; to go on without it, or where this version is the first to have ${one ? 'it' : 'them'}, have ${one ? 'it' : 'them'} ` +
    'made anew, empty, then rebuild the views: counterfoil topics create --accept-loss'
  );
}
