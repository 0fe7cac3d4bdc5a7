/**
 * What stands on each topic, for those who subscribe to them: made of the registry, with a sentence for each kind of topic. A topic
 * without one is an error, so none is forgotten.
 */
import { z } from 'zod';
import { recordedRejection } from '../domain/recorded-rejection.ts';
import { allAggregates, entityType } from '../domain/registry.ts';
import { transactionRecord, transactionUpcasters } from '../domain/transaction.ts';
import { currentVersion, type Upcasters } from '../domain/versions.ts';
import type { TopicSpec } from '../log/event-log.ts';
import { keyUse } from '../processors/key-use.ts';
import { DELIVERY, deliveryNotes, deliveryState, LANE, laneState } from '../records/delivery-record.ts';
import { REJECTION } from '../records/event-record.ts';
import { PROCESS_REPORT, processReport } from '../records/process-report.ts';
import { PART, STATE } from '../records/state-record.ts';
import { SUBJECT_ERASED, SUBJECT_KEY, subjectErased, subjectKey } from '../records/subject-key.ts';
import {
  COMMAND_TOPICS,
  commandsTopic,
  DELIVERIES,
  deadlinesTopic,
  deadTopic,
  eventsTopic,
  KEY_USES,
  KEYS,
  PARTS,
  PROCESSES,
  positionsTopic,
  SUBJECT_KEYS,
  stateTopic,
  TOPICS_WITH_DEAD,
  TRANSACTIONS,
  topicSpecs,
} from '../records/topics.ts';

/** A type of record on a topic. */
export interface DescribedRecord {
  /** `ce_type`; undefined: the topic's records have no headers of ours, or those of another topic. */
  readonly type: string | undefined;
  /** The newest version of its schema. */
  readonly version: number;
  /** JSON schema of the record's value. */
  readonly schema: Readonly<Record<string, unknown>>;
}

export interface DescribedTopic {
  readonly name: string;
  /** What it holds, in one sentence. */
  readonly holds: string;
  /** What the records' key is. */
  readonly key: string;
  readonly kept: string;
  readonly writtenBy: string;
  readonly records: readonly DescribedRecord[];
}

type Description = Omit<DescribedTopic, 'name' | 'kept'>;

const processorOf = (name: string) => `the processor of ${name}`;
const DAY_MS = 24 * 60 * 60 * 1000;

/** In the order in which they are created. @throws {Error} for a topic that nothing is said of */
export function describedTopics(): readonly DescribedTopic[] {
  const known = descriptions();
  return topicSpecs(1).map(({ name, retention }) => {
    const description = known.get(name);
    if (description === undefined) throw new Error(`nothing describes the topic ${name}: scripts/described-topics.ts`);
    return { name, kept: keptFor(retention), ...description };
  });
}

function keptFor(retention: TopicSpec['retention']): string {
  if (retention === 'forever') return 'for ever';
  if (retention === 'compact') return 'the newest of each key';
  return `${retention.ms / DAY_MS} days`;
}

function descriptions(): ReadonlyMap<string, Description> {
  const all = new Map<string, Description>([
    [
      TRANSACTIONS,
      {
        holds: 'The status of each transaction, whole, each time that it changes.',
        key: "the transaction's id",
        writtenBy: 'the processor that decided the step',
        records: [recordOf('TransactionStatus', transactionRecord, transactionUpcasters)],
      },
    ],
    [
      KEY_USES,
      {
        holds: 'Which transaction came under which idempotency key; null forgets one.',
        key: "the transaction's id",
        writtenBy: processorOf(KEYS),
        records: [recordOf('KeyUse', keyUse)],
      },
    ],
    [
      commandsTopic(KEYS),
      {
        holds: "Commands with an idempotency key, as they go on to their aggregate's topic if the key is new.",
        key: 'the key, with its user, as an id (`ce_idempotencykey`)',
        writtenBy: 'the gateways',
        records: allAggregates.flatMap(({ commands, upcasters }) => recordsOf(commands, upcasters?.commands)),
      },
    ],
    [positionsTopic(KEYS), positions(KEYS)],
    [
      SUBJECT_KEYS,
      {
        holds:
          'The keys that personal fields are sealed with, each wrapped by a master key; null: it is gone. And the marks of those who were erased.',
        key: "the name of the key or, of a mark, of the entity: made of a hash of the entity's id",
        writtenBy: 'the gateways; marks and null: the processors',
        records: [recordOf(SUBJECT_KEY, subjectKey), recordOf(SUBJECT_ERASED, subjectErased)],
      },
    ],
    [
      PROCESSES,
      {
        holds:
          'How each process is and what its parts are at, told every few seconds where processes share a log; null: it has ended. For the console alone.',
        key: 'an id that the process gave itself',
        writtenBy: 'every process, of itself; null also: the gateways, of those gone for an hour',
        records: [recordOf(PROCESS_REPORT, processReport)],
      },
    ],
    [
      commandsTopic(DELIVERIES),
      {
        holds: 'Notes of what was taken up and tried for webhooks, and what admins want done with deliveries.',
        key: "the webhook's id",
        writtenBy: 'the outbox, the gateways',
        records: recordsOf(deliveryNotes, undefined),
      },
    ],
    [
      stateTopic(DELIVERIES),
      {
        holds:
          'For each webhook how far the events of each aggregate have been taken up, in the partition of the same number; each delivery that is under way or was settled lately; null: it is no longer known.',
        key: '`<webhook>/<aggregate>`; of a delivery `<webhook>/<aggregate>/<partition>/<offset of the event>`',
        writtenBy: 'the outbox',
        records: [recordOf(LANE, laneState), recordOf(DELIVERY, deliveryState)],
      },
    ],
    [positionsTopic(DELIVERIES), positions(DELIVERIES)],
  ]);
  for (const aggregate of allAggregates) for (const [name, about] of ofAggregate(aggregate)) all.set(name, about);
  for (const topic of TOPICS_WITH_DEAD) all.set(deadTopic(topic), deadLetters(topic));
  return all;
}

function ofAggregate(aggregate: (typeof allAggregates)[number]): readonly (readonly [string, Description])[] {
  const { name, commands, events, state, parts, progress, upcasters } = aggregate;
  const [key, writtenBy] = [`the ${entityType(aggregate).toLowerCase()}'s id`, processorOf(name)];
  const partsTopic = PARTS[name];
  const rejection = z.object({ command: z.string(), rejection: recordedRejection });
  return [
    [
      commandsTopic(name),
      {
        holds: `What is asked of ${name}: by users, and by other processors in the course of a transaction.`,
        key,
        writtenBy: 'the gateways, the processor of keys, the processors',
        records: recordsOf(commands, upcasters?.commands),
      },
    ],
    [
      eventsTopic(name),
      {
        holds: `What has happened to ${name}, and which commands were rejected.`,
        key,
        writtenBy,
        records: [...recordsOf(events, upcasters?.events), recordOf(REJECTION, rejection)],
      },
    ],
    [
      stateTopic(name),
      {
        holds: `The state of each of the ${name} after its newest event${partsTopic === undefined ? '' : `, without what stands on \`${partsTopic}\``}.`,
        key,
        writtenBy,
        records: [recordOf(STATE, state, upcasters?.state)],
      },
    ],
    [positionsTopic(name), positions(name)],
    ...(partsTopic === undefined || parts === undefined
      ? []
      : [
          [
            partsTopic,
            {
              holds: `The ${parts.name} of ${name}, each by itself; null: it is no more.`,
              key: `${key} and the part's, with a slash between`,
              writtenBy,
              records: [recordOf(PART, parts.schema, upcasters?.part)],
            },
          ] as const,
        ]),
    ...(progress?.deadline === undefined
      ? []
      : [
          [
            deadlinesTopic(name),
            {
              holds: `Since when each of the ${name} has been pending, on the clock of its partition; the clock itself under \`/clock\`.`,
              key,
              writtenBy,
              records: [recordOf(undefined, z.object({ ms: z.int().nonnegative() }))],
            },
          ] as const,
        ]),
  ];
}

function positions(name: string): Description {
  return {
    holds: `How far the processor of ${name} has come in the same partition of its commands, written in each step.`,
    key: "the processor's name",
    writtenBy: processorOf(name),
    records: [recordOf(undefined, z.object({ offset: z.int().nonnegative() }))],
  };
}

function deadLetters(topic: string): Description {
  return {
    holds: `Records of \`${topic}\` that cannot be read: their own bytes and headers, and \`dead_\` headers that say why and where each stood; null: it is settled.`,
    key: '`<partition>/<offset>` of the record',
    writtenBy: COMMAND_TOPICS.includes(topic) ? 'the processor that decides them' : 'the processor that reads them',
    records: [{ type: undefined, version: 1, schema: {} }],
  };
}

function recordsOf(
  catalogue: Readonly<Record<string, z.ZodType>>,
  upcasters: Readonly<Record<string, Upcasters | undefined>> | undefined,
): readonly DescribedRecord[] {
  return Object.entries(catalogue).map(([type, schema]) => recordOf(type, schema, upcasters?.[type]));
}

function recordOf(type: string | undefined, schema: z.ZodType, upcasters?: Upcasters): DescribedRecord {
  // As it is written: what readers fill in is not there.
  const { $schema: _, ...json } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return { type, version: currentVersion(upcasters), schema: JSON.parse(JSON.stringify(json)) };
}
