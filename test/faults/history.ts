/** All that was observed in one run: what clients asked and were told, and what stood on the log and in the views at its end. */
import type { AggregateName } from '../../domain/index.ts';
import { aggregateNames, shownNames } from '../../domain/registry.ts';
import type { LogRecord } from '../../log/event-log.ts';
import { NOTHING } from '../../records/state-record.ts';

export type { AggregateName };

export const AGGREGATES: readonly AggregateName[] = aggregateNames;

/** One sending of an operation. Unknown: no answer came, or one that leaves open whether it was written. */
export interface Attempt {
  readonly invokedAt: number;
  readonly endedAt: number;
  readonly gateway: string;
  readonly outcome: 'acknowledged' | 'refused' | 'unknown';
  /** The error's code or message. */
  readonly detail?: string;
  readonly receipt?: Receipt;
}

export interface Receipt {
  readonly transactionId: string;
  readonly id: string;
}

/** A mutation with its idempotency key, however often it was sent. */
export interface Operation {
  readonly key: string;
  readonly user: string;
  /** The mutation's name. */
  readonly command: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly attempts: Attempt[];
}

export interface SeenStatus {
  readonly at: number;
  readonly status: string;
  /** How many steps it told of: they are only ever added. */
  readonly steps: number;
  readonly entityVersion: number | null;
}

/** One connection's worth of a subscription. */
export interface Listening {
  readonly gateway: string;
  readonly seen: SeenStatus[];
  /** Completed by the gateway; refused with a code; or broken off, by whatever. */
  readonly end: 'completed' | 'broken' | { readonly refused: string };
}

/** A client that follows a transaction it was given a receipt for, over as many connections as it takes. */
export interface Subscription {
  readonly user: string;
  readonly transactionId: string;
  readonly listenings: Listening[];
}

/** What a client was told of one transaction among all of its own. */
export interface Told {
  readonly at: number;
  readonly transactionId: string;
  readonly issuedBy: string;
  readonly status: string;
  readonly steps: number;
}

/** One connection's worth of `transactions`. */
export interface Watch {
  readonly gateway: string;
  readonly askedAt: number;
  /** When the first news came: from here on the gateway is known to tell. */
  liveAt: number | undefined;
  endedAt: number;
  /** Kept open until everything had come to rest, or broken off before. */
  end: 'rested' | 'broken' | { readonly refused: string };
  readonly told: Told[];
}

/** A client that watches all of its user's transactions, over as many connections as it takes. */
export interface Watcher {
  readonly user: string;
  readonly watches: Watch[];
}

/** An entity as an answer showed it. Money is a decimal string, as clients get it. */
export interface ShownEntity {
  readonly aggregate: AggregateName;
  readonly id: string;
  readonly version: number;
  readonly fields: Readonly<Record<string, string | number | null>>;
}

/** A `reflecting` query's answer, after the transaction was seen to end: its entity, and all that is joined to it. */
export interface Reading {
  readonly transactionId: string;
  readonly aggregate: AggregateName;
  readonly entityId: string;
  readonly gateway: string;
  /** Empty: nothing was shown. A refusal is another than that the system cannot answer now. */
  readonly shown: readonly ShownEntity[] | { readonly refused: string };
}

/** A record of the log with the attributes that the checks go by. */
export interface Entry {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly key: string;
  readonly id: string;
  readonly type: string;
  readonly time: string;
  readonly transactionId: string | undefined;
  readonly issuedBy: string | undefined;
  /** As they are recorded, with commas between. */
  readonly roles: string | undefined;
  readonly causationId: string | undefined;
  readonly version: number | undefined;
  /** The entity's id in a command's headers. */
  readonly subject: string;
  /** Written by the harness, as a stranger might have: nobody's command and nobody's state. */
  readonly foreign: boolean;
  /** The JSON; null is a tombstone. */
  // biome-ignore lint/suspicious/noExplicitAny: the log's data as it is; each check looks at the fields of its own topic.
  readonly data: any;
}

export type ViewName = AggregateName | 'transactions' | 'product_customers';

export const VIEWS: readonly ViewName[] = [...shownNames, 'transactions', 'product_customers'];

/**
 * Documents by id, of the views that could be read. A gateway's answers lack fields that a client does not see; what is
 * missing is not compared.
 */
export type ViewDump = { readonly [V in ViewName]?: ReadonlyMap<string, Readonly<Record<string, unknown>>> };

/** A partition as the broker tells of it; where the two differ, a transaction is open. */
export interface BrokerPartition {
  readonly topic: string;
  readonly partition: number;
  readonly highWatermark: number;
  readonly lastStable: number;
}

export interface BrokerTransaction {
  readonly transactionalId: string;
  readonly state: string;
}

export interface History {
  readonly partitions: number;
  readonly operations: readonly Operation[];
  readonly subscriptions: readonly Subscription[];
  readonly watchers: readonly Watcher[];
  readonly readings: readonly Reading[];
  /** By topic; within each partition in order of offset. */
  readonly log: ReadonlyMap<string, readonly Entry[]>;
  readonly views: ViewDump;
  /** Empty on the embedded log, where a step is one transaction of lmdb. */
  readonly broker: {
    readonly partitions: readonly BrokerPartition[];
    readonly transactions: readonly BrokerTransaction[];
  };
}

/** Of a topic, without what strangers wrote to it. */
export function entriesOf(history: Pick<History, 'log'>, topic: string): readonly Entry[] {
  const all = history.log.get(topic) ?? [];
  return all.some(isStrangers) ? all.filter((entry) => !isStrangers(entry)) : all;
}

/** A stranger's record, or the tombstone that a processor put over one that stands for nothing. */
function isStrangers({ foreign, type }: Entry): boolean {
  return foreign || type === NOTHING;
}

/** What the harness wrote as a stranger, on all topics but those of dead letters. */
export function foreignEntries(history: History): readonly Entry[] {
  return [...history.log]
    .filter(([topic]) => !topic.endsWith('.dead'))
    .flatMap(([, entries]) => entries.filter(({ foreign }) => foreign));
}

/** Marks a record that the harness wrote as a stranger. */
export const FOREIGN_HEADER = 'foreign';

export function entryOf({ topic, partition, offset, key, value, headers }: LogRecord): Entry {
  const version = headers['ce_version'];
  const foreign = headers[FOREIGN_HEADER] !== undefined;
  return {
    topic,
    partition,
    offset,
    key: key ?? '',
    id: headers['ce_id'] ?? '',
    type: headers['ce_type'] ?? '',
    time: headers['ce_time'] ?? '',
    transactionId: headers['ce_transactionid'],
    issuedBy: headers['ce_issuedby'],
    roles: headers['ce_roles'],
    causationId: headers['ce_causationid'],
    version: version === undefined ? undefined : Number(version),
    subject: headers['ce_subject'] ?? '',
    foreign,
    // What strangers wrote, and what could not be read, need not be JSON.
    data: foreign || topic.endsWith('.dead') || value === null ? null : JSON.parse(value.toString('utf8')),
  };
}

export function receiptsOf({ attempts }: Operation): readonly Receipt[] {
  return attempts.flatMap(({ receipt }) => (receipt === undefined ? [] : [receipt]));
}

/** `<topic>/<partition>@<offset>`: where a record stands. */
export function placeOf({ topic, partition, offset }: Pick<Entry, 'topic' | 'partition' | 'offset'>): string {
  return `${topic}/${partition}@${offset}`;
}
