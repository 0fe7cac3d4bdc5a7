/** The topics by name, and how long each keeps its records. */
import { aggregateNames, allAggregates, shownNames } from '../domain/registry.ts';
import { transactionRecord } from '../domain/transaction.ts';
import type { TopicSpec } from '../log/event-log.ts';
import { sampleOf } from './samples.ts';
import { PART, STATE } from './state-record.ts';

/** How long statuses are kept on the log, ms: a week. */
export const KEPT_MS = 7 * 24 * 60 * 60 * 1000;

export const TRANSACTIONS = 'transactions';

/** The topic of an aggregate's parts, keyed `<aggregate's id>/<part's id>`, such as what each purchase holds of a product. */
export const PARTS: Readonly<Record<string, string>> = Object.fromEntries(
  allAggregates.flatMap(({ name, parts }) => (parts === undefined ? [] : [[name, `${name}.${parts.name}`]])),
);

/** Who owns the idempotency keys: commands with a key come here first, `keys.commands`. */
export const KEYS = 'keys';

/** Keyed by transaction: which transactions came under which key. A tombstone forgets one. */
export const KEY_USES = 'keys.uses';

/** What is sent to webhooks: `deliveries.commands` and `deliveries.state`, see `delivery-record.ts`. */
export const DELIVERIES = 'deliveries';

/** The keys that personal fields are sealed with, and who was erased: see `subject-key.ts`. Partitioned by the entity's id. */
export const SUBJECT_KEYS = 'subject-keys';

/** How each process is, told by itself: see `process-report.ts`. */
export const PROCESSES = 'processes';

/** Since when the aggregate's entities have been pending, and on which clock: see `processors/deadline-notes.ts`. */
export function deadlinesTopic(aggregate: string): string {
  return `${aggregate}.deadlines`;
}

export function commandsTopic(aggregate: string): string {
  return `${aggregate}.commands`;
}

export function eventsTopic(aggregate: string): string {
  return `${aggregate}.events`;
}

export function stateTopic(aggregate: string): string {
  return `${aggregate}.state`;
}

/** How far the aggregate's processor has come in its commands: one record for each partition. */
export function positionsTopic(aggregate: string): string {
  return `${aggregate}.positions`;
}

/** Where a record of `topic` goes that cannot be read. Keyed by origin, `<partition>/<offset>`; a tombstone settles it. */
export function deadTopic(topic: string): string {
  return `${topic}.dead`;
}

/** All topics of commands, in the order in which a command passes through them. */
export const COMMAND_TOPICS: readonly string[] = [KEYS, ...aggregateNames].map(commandsTopic);
/** What views are made of. */
export const STATE_TOPICS: readonly string[] = shownNames.map(stateTopic);

/** Whose unreadable records the processors set aside, each on a topic of its own: see `deadTopic`. */
export const TOPICS_WITH_DEAD: readonly string[] = [
  ...COMMAND_TOPICS,
  ...aggregateNames.map(stateTopic),
  ...Object.values(PARTS),
  KEY_USES,
  TRANSACTIONS,
  commandsTopic(DELIVERIES),
];

/**
 * Whether the topic may be made anew beside others with records: a system can go on without what stood there, though its past is
 * gone and views begin anew; or it may be one that an aggregate has got since, such as its parts.
 */
export function mayBeMadeAnew(topic: string): boolean {
  if (topic === TRANSACTIONS || topic === SUBJECT_KEYS || Object.values(PARTS).includes(topic)) return true;
  return aggregateNames.some((name) => topic === eventsTopic(name));
}

/** What stands there is told again, or is of use for a while only: nothing is lost with the topic. */
const TOLD_AGAIN: ReadonlySet<string> = new Set([
  PROCESSES,
  ...TOPICS_WITH_DEAD.map(deadTopic),
  ...aggregateNames.map(deadlinesTopic),
]);

/** Whether records of `beside` show that a system had `topic`: both are one owner's, or it is one that all commands rest on. */
function isBeside(topic: string, beside: string): boolean {
  if (TOLD_AGAIN.has(beside)) return false;
  const [owner, ...kind] = topic.split('.');
  return kind.length > 0 ? beside.split('.')[0] === owner : COMMAND_TOPICS.includes(beside);
}

/** Which of the missing topics were deleted, as those tell that have records: a new one is missing with all beside it. */
export function lossOf(missing: ReadonlySet<string>, withRecords: ReadonlySet<string>): readonly string[] {
  const isLost = (topic: string) => [...withRecords].some((each) => isBeside(topic, each));
  return [...missing].filter((topic) => !TOLD_AGAIN.has(topic) && isLost(topic));
}

/** All topics, each with `partitions` partitions: a command, its events, its state and its status share a partition number. */
export function topicSpecs(partitions: number): readonly TopicSpec[] {
  const allCommands = Object.assign({}, ...allAggregates.map(({ commands }) => commands));
  const specs: TopicSpec[] = [
    {
      ...{ name: TRANSACTIONS, partitions, retention: { ms: KEPT_MS } },
      sample: () => sampleOf({ TransactionStatus: transactionRecord }, '/processors/'),
    },
    { name: commandsTopic(KEYS), partitions, retention: 'forever', sample: () => sampleOf(allCommands, '/gateway') },
    { name: KEY_USES, partitions, retention: 'compact' },
    { name: positionsTopic(KEYS), partitions, retention: 'compact', hot: true },
    // Hot: a key that was taken away is to leave the disks soon.
    { name: SUBJECT_KEYS, partitions, retention: 'compact', hot: true },
    { name: PROCESSES, partitions, retention: 'compact', hot: true },
    { name: commandsTopic(DELIVERIES), partitions, retention: { ms: KEPT_MS } },
    { name: stateTopic(DELIVERIES), partitions, retention: 'compact', hot: true },
    { name: positionsTopic(DELIVERIES), partitions, retention: 'compact', hot: true },
  ];
  for (const topic of TOPICS_WITH_DEAD) specs.push({ name: deadTopic(topic), partitions, retention: 'compact' });
  for (const { name: aggregate, commands, events, state, parts, progress } of allAggregates) {
    const [partsTopic, source] = [PARTS[aggregate], `/processors/${aggregate}`];
    specs.push(
      {
        name: commandsTopic(aggregate),
        partitions,
        retention: 'forever',
        sample: () => sampleOf(commands, '/processors/'),
      },
      { name: eventsTopic(aggregate), partitions, retention: 'forever', sample: () => sampleOf(events, source) },
      {
        name: stateTopic(aggregate),
        partitions,
        retention: 'compact',
        sample: () => sampleOf({ [STATE]: state }, source),
      },
      { name: positionsTopic(aggregate), partitions, retention: 'compact', hot: true },
    );
    if (partsTopic !== undefined && parts !== undefined) {
      specs.push({
        ...{ name: partsTopic, partitions, retention: 'compact' },
        sample: () => sampleOf({ [PART]: parts.schema }, source),
      });
    }
    if (progress?.deadline !== undefined) {
      specs.push({ name: deadlinesTopic(aggregate), partitions, retention: 'compact', hot: true });
    }
  }
  return specs;
}
