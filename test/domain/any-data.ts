/** Any data that a schema lets through: what is tried on every decider, also on those that are still to come. */
import fc from 'fast-check';
import type { z } from 'zod';
import { jsonSchemaOf } from '../golden/record-types.ts';

const text = fc.oneof(
  fc.constantFrom('a', 'b', 'Ada'),
  fc.emailAddress(),
  fc.constant('https://example.com/a'),
  fc.string({ unit: 'binary' }),
  fc.constant('__proto__'),
);

/** Mostly small, so that what is reserved is there now and then; at times as large as it may be. */
function numbers(least: number): fc.Arbitrary<number> {
  return fc.oneof(fc.integer({ min: least, max: least + 8 }), fc.integer({ min: least, max: Number.MAX_SAFE_INTEGER }));
}

export function anyDataOf(schema: z.ZodType): fc.Arbitrary<unknown> {
  return anyOf(jsonSchemaOf({ schema }));
}

function anyOf(schema: unknown): fc.Arbitrary<unknown> {
  const { type, anyOf: choices, items, maxItems, properties, required, minimum, ...rest } = Object(schema);
  if (rest.const !== undefined) return fc.constant(rest.const);
  if (rest.enum !== undefined) return fc.constantFrom(...rest.enum);
  if (Array.isArray(choices)) return fc.oneof(...choices.map(anyOf));
  if (Array.isArray(type)) return fc.oneof(...type.map((each) => anyOf({ ...Object(schema), type: each })));
  switch (type) {
    case 'string':
      return text;
    case 'integer':
    case 'number':
      return numbers(Math.max(0, minimum ?? 0));
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array':
      return fc.array(anyOf(items), { maxLength: maxItems ?? 60 });
    case 'object': {
      const fields = Object.entries(Object(properties)).map(([name, field]) => [name, anyOf(field)] as const);
      return fc.record(Object.fromEntries(fields), { requiredKeys: required ?? [] });
    }
    default:
      throw new Error(`there is no arbitrary for ${JSON.stringify(schema)}: add one`);
  }
}
