/**
 * The index of the log: where the records of an entity stand, and those of a transaction. It holds positions, versions and
 * times alone; what happened is read from the log. How the past is read with it: docs/decisions/history.md.
 *
 * What belongs to one entity is a list that only grows. Its newest part stands in the entity's own document, its head; a part
 * that is full is sealed: it becomes a document of its own and is never written again. So a step writes few bytes, however
 * long the list, and any place in the list is found by its number.
 */
import type { Doc, ViewSpec } from '../views/view-store.ts';

export const LOG_INDEX = 'log_index';

export const logIndexView: ViewSpec = { name: LOG_INDEX, indexes: [] };

/**
 * So many records are sealed together. A head holds less than twice as many, and is written anew with each record that comes:
 * of a product that sells well, many times a second.
 */
export const SEALED_RECORDS = 32;

/** The topics of an aggregate whose records are listed. */
export const LISTED_KINDS = ['commands', 'events'] as const;
export type ListedKind = (typeof LISTED_KINDS)[number];

/** Records of one topic, in order of offset: element by element in all three lists. */
export interface Records {
  readonly offsets: readonly number[];
  /** When each was written down, in ms since 1970: its `ce_time`. */
  readonly times: readonly number[];
  /** The entity's version after each event; 0: it changed nothing. Of commands there are none. */
  readonly versions: readonly number[];
}

/** A list: its newest part, and how many parts of it are sealed. */
export interface Head extends Records {
  readonly sealed: number;
}

/** The head of all that is listed of an entity. */
export interface EntityIndexDoc extends Doc {
  /** The same in all topics of the aggregate. */
  readonly partition: number;
  /** The highest of the events' versions: as many events have changed the entity. */
  readonly version: number;
  readonly commands: Head;
  readonly events: Head;
}

export interface SealedRecordsDoc extends Doc, Records {}

/** The records of a transaction on all topics, as `placeName` has them, in no order. */
export interface TransactionIndexDoc extends Doc {
  readonly records: readonly string[];
  readonly sealed: number;
}

export interface SealedTransactionDoc extends Doc {
  readonly records: readonly string[];
}

export function entityIndexId(aggregate: string, id: string): string {
  return `${aggregate}/${id}`;
}

export function sealedRecordsId(aggregate: string, kind: ListedKind, id: string, part: number): string {
  return `${aggregate}.${kind}.${part}/${id}`;
}

export function transactionIndexId(id: string): string {
  return `transactions/${id}`;
}

export function sealedTransactionId(id: string, part: number): string {
  return `transactions.${part}/${id}`;
}

/** A record of an aggregate's topic: where it stands. */
export interface ListedPlace {
  readonly aggregate: string;
  readonly kind: ListedKind;
  readonly partition: number;
  readonly offset: number;
}

/** `purchases.events/3@1234` */
export function placeName({ aggregate, kind, partition, offset }: ListedPlace): string {
  return `${aggregate}.${kind}/${partition}@${offset}`;
}

const PLACE = /^(.+)\.(commands|events)\/(\d+)@(\d+)$/;

/** @throws {Error} for what `placeName` never made */
export function placeNamed(name: string): ListedPlace {
  const [, aggregate, kind, partition, offset] = PLACE.exec(name) ?? [];
  if (aggregate === undefined) throw new Error(`the index of the log names ${name}, which is no place of a record`);
  return {
    aggregate,
    kind: kind === 'commands' ? 'commands' : 'events',
    partition: Number(partition),
    offset: Number(offset),
  };
}
