/**
 * Personal texts of the erased that were never sealed: of records from before there was a master key. Dropping keys does not
 * reach them, so readers of the log are given a sealed text that no key opens in their place. The log itself keeps them.
 */
import type { z } from 'zod';
import { HIDDEN } from '../domain/index.ts';
import { type AnyAggregate, allAggregates } from '../domain/registry.ts';
import type { LogRecord } from '../log/event-log.ts';
import { headerOf } from '../log/lazy-record.ts';
import { STATE } from '../records/state-record.ts';
import { commandsTopic, eventsTopic, KEYS, stateTopic } from '../records/topics.ts';
import { hasPersonal, mapPersonal } from './personal-fields.ts';

type Schemas = Readonly<Record<string, z.ZodType>>;

/** By topic and type, the schemas of records that can hold personal texts. */
const personal: ReadonlyMap<string, ReadonlyMap<string, z.ZodType>> = new Map(
  [
    ...allAggregates.flatMap(({ name, commands, events, state }): (readonly [string, Schemas])[] => [
      [commandsTopic(name), commands],
      [eventsTopic(name), events],
      [stateTopic(name), { [STATE]: state }],
    ]),
    [commandsTopic(KEYS), Object.assign({}, ...allAggregates.map(({ commands }) => commands))] as const,
  ]
    .map(([topic, schemas]) => {
      const found = Object.entries<z.ZodType>(schemas).filter(([, schema]) => hasPersonal(schema));
      return [topic, new Map(found)] as const;
    })
    .filter(([, schemas]) => schemas.size > 0),
);

const erasable: readonly AnyAggregate[] = allAggregates.filter(({ erasedBy }) => erasedBy !== undefined);
/** Whose records are about the person whom they name. Others, such as a number's, hold what somebody else asked for. */
const ofThemselves = new Set(
  erasable.flatMap(({ name }) => [commandsTopic(name), eventsTopic(name), stateTopic(name)]),
);
const idFields = erasable.map(({ idField }) => idField);

/** Whether it may hold personal texts of somebody who was erased. Cheap, because it is asked of every record. */
export function holdsErased(record: LogRecord, erased: ReadonlySet<string>): boolean {
  if (erased.size === 0 || record.value === null) return false;
  const schemas = personal.get(record.topic);
  if (schemas === undefined) return false;
  if (ofThemselves.has(record.topic) && !erased.has(record.key ?? '')) return false;
  return schemas.has(headerOf(record, 'ce_type') ?? '');
}

/** The record's JSON without personal texts of somebody who was erased; itself where there are none. */
export function withoutErased(record: LogRecord, json: unknown, erased: ReadonlySet<string>): unknown {
  if (!holdsErased(record, erased)) return json;
  const schema = personal.get(record.topic)?.get(headerOf(record, 'ce_type') ?? '');
  const isOfErased = ofThemselves.has(record.topic) || namesOne(json, erased);
  return schema && isOfErased ? mapPersonal(schema, json, (text) => (text === '' ? text : HIDDEN)) : json;
}

/** Whether the id of an entity in it is that of somebody who was erased: such a record holds what one person gave. */
function namesOne(json: unknown, erased: ReadonlySet<string>): boolean {
  if (typeof json !== 'object' || json === null) return false;
  return Object.entries(json).some(
    ([name, value]) =>
      (idFields.includes(name) && typeof value === 'string' && erased.has(value)) || namesOne(value, erased),
  );
}
