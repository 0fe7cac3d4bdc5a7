/** Every type of record that carries a version of its schema, with what one of them looks like. */
import { z } from 'zod';
import { allAggregates } from '../../domain/registry.ts';
import { transactionRecord, transactionUpcasters } from '../../domain/transaction.ts';
import { currentVersion, type Upcasters } from '../../domain/versions.ts';

export interface RecordType {
  /** `products.commands.addProduct`, `products.state`, `transactions`. */
  readonly name: string;
  readonly schema: z.ZodType;
  readonly upcasters: Upcasters | undefined;
  /** Where to add an upcaster. */
  readonly place: string;
}

/** One record of a type as it stood on the log in one version. Once written it never changes. */
export interface GoldenRecord {
  readonly type: string;
  readonly version: number;
  /** JSON schema of that version. */
  readonly schema: unknown;
  readonly data: unknown;
}

export function recordTypes(): readonly RecordType[] {
  const types: RecordType[] = [
    {
      name: 'transactions',
      schema: transactionRecord,
      upcasters: transactionUpcasters,
      place: 'transactionUpcasters in domain/transaction.ts',
    },
  ];
  for (const { name, commands, events, state, parts, upcasters } of allAggregates) {
    const place = (of: string) => `upcasters.${of} of ${name} in domain/`;
    for (const [type, schema] of Object.entries(commands)) {
      const chain = upcasters?.commands?.[type];
      types.push({ name: `${name}.commands.${type}`, schema, upcasters: chain, place: place(`commands.${type}`) });
    }
    for (const [type, schema] of Object.entries(events)) {
      const chain = upcasters?.events?.[type];
      types.push({ name: `${name}.events.${type}`, schema, upcasters: chain, place: place(`events.${type}`) });
    }
    types.push({ name: `${name}.state`, schema: state, upcasters: upcasters?.state, place: place('state') });
    if (parts === undefined) continue;
    const part = { schema: parts.schema, upcasters: upcasters?.part, place: place('part') };
    types.push({ name: `${name}.${parts.name}`, ...part });
  }
  return types;
}

export function jsonSchemaOf({ schema }: Pick<RecordType, 'schema'>): unknown {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return JSON.parse(JSON.stringify(rest));
}

/** A record of the newest version, made from its schema. */
export function goldenOf(type: RecordType): GoldenRecord {
  const schema = jsonSchemaOf(type);
  return { type: type.name, version: currentVersion(type.upcasters), schema, data: sampleOf(schema) };
}

/** Data that a JSON schema allows: every field is there, and says little. */
function sampleOf(schema: unknown): unknown {
  const { type, anyOf, items, properties, minimum, ...rest } = Object(schema);
  if (rest.const !== undefined) return rest.const;
  if (rest.enum !== undefined) return rest.enum[0];
  if (Array.isArray(anyOf)) return sampleOf(anyOf[0]);
  switch (type) {
    case 'string':
      return 'text';
    case 'integer':
    case 'number':
      return Math.max(7, minimum ?? 7);
    case 'boolean':
      return true;
    case 'array':
      return [sampleOf(items)];
    case 'object':
      return Object.fromEntries(Object.entries(Object(properties)).map(([name, field]) => [name, sampleOf(field)]));
    default:
      return null;
  }
}
