/**
 * What the records of a topic look like, made from their schemas: the names of headers and fields without anybody's data. An
 * engine that compresses each record by itself finds there what all of them repeat.
 */
import { z } from 'zod';
import { toHeaders } from './cloud-event.ts';

/** The longest sample: more would make each record slower to write than it saves. */
const MOST_CHARACTERS = 6_000;

/** @param types the schemas of the data, by `ce_type` @param source of the topic's usual records */
export function sampleOf(types: Readonly<Record<string, z.ZodType>>, source: string): string {
  const values = Object.values(types).map((schema) =>
    shapeOf(z.toJSONSchema(schema, { unrepresentable: 'any', io: 'input' })),
  );
  const heads = Object.keys(types).map((type) =>
    JSON.stringify(
      toHeaders({
        ...{ id: '', type, source, subject: '', time: '', transactionid: '', issuedby: '', causationid: '' },
        version: 1,
      }),
    ),
  );
  // What stands last is found first.
  return [...values, ...heads].join('').slice(-MOST_CHARACTERS);
}

interface JsonSchema {
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly items?: unknown;
  readonly anyOf?: readonly unknown[];
  readonly enum?: readonly unknown[];
  readonly type?: unknown;
}

/** JSON of the schema's shape, with nothing in it; of alternatives, all of them. */
function shapeOf(schema: unknown): string {
  const { properties, items, anyOf, enum: words, type } = Object(schema) as JsonSchema;
  if (properties !== undefined) {
    return `{${Object.entries(properties)
      .map(([name, value]) => `"${name}":${shapeOf(value)}`)
      .join()}}`;
  }
  if (items !== undefined) return `[${shapeOf(items)}]`;
  if (anyOf !== undefined) return anyOf.map(shapeOf).join('');
  if (words !== undefined) return words.map((word) => JSON.stringify(word)).join();
  return type === 'string' ? '""' : '0';
}
