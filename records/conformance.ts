/**
 * A fast path for reading JSON: whether a value is what its schema would give back, field by field as it stands. What this
 * program wrote itself conforms, and needs no copy of each field; whatever does not is left to the schema, which also says
 * what is wrong with it. So nothing passes here that the schema would refuse or change.
 */
import { z } from 'zod';

/** Whether a value conforms; false says nothing: the schema has to be asked. */
type Conforms = (value: unknown) => boolean;
type Definition = z.core.$ZodTypes['_zod']['def'];
type ObjectDefinition = Extract<Definition, { type: 'object' }>;

/** By schema; null: of this kind nothing can be told. */
const compiled = new WeakMap<z.core.$ZodType, Conforms | null>();

/** @param value as `JSON.parse` gives it */
export function conforms<T>(schema: z.ZodType<T>, value: unknown): value is T {
  return conformance(schema)?.(value) ?? false;
}

function conformance(schema: z.core.$ZodType): Conforms | null {
  const known = compiled.get(schema);
  if (known !== undefined) return known;
  // A schema that holds itself is met again while it is compiled: that is left to zod.
  compiled.set(schema, null);
  const made = compile(schema);
  compiled.set(schema, made);
  return made;
}

function compile(schema: z.core.$ZodType): Conforms | null {
  // zod's own union of all kinds of schemas, by which their definitions can be told apart.
  const { def } = (schema as z.core.$ZodTypes)._zod;
  const isPlain = def.checks === undefined || def.checks.length === 0;
  switch (def.type) {
    case 'boolean':
    case 'string':
      return isPlain && !('check' in def) ? (value) => typeof value === def.type : asItIs(schema);
    case 'number':
      return isPlain && 'format' in def && def.format === 'safeint' ? Number.isSafeInteger : asItIs(schema);
    case 'enum':
    case 'literal': {
      const { values } = schema._zod;
      return isPlain && values !== undefined ? (value) => (values as ReadonlySet<unknown>).has(value) : asItIs(schema);
    }
    case 'nullable': {
      const inner = isPlain ? conformance(def.innerType) : null;
      return inner && ((value) => value === null || inner(value));
    }
    case 'optional':
      return isPlain ? conformance(def.innerType) : null;
    case 'array': {
      const element = isPlain ? conformance(def.element) : null;
      return element && ((value) => Array.isArray(value) && value.every(element));
    }
    case 'object':
      return isPlain ? ofObject(def) : null;
    default:
      return null;
  }
}

/** A single value is the same afterwards when the schema gives the very same back. */
function asItIs(schema: z.core.$ZodType): Conforms {
  return (value) => {
    const read = z.core.safeParse(schema, value);
    return read.success && Object.is(read.data, value);
  };
}

function ofObject({ shape, catchall }: ObjectDefinition): Conforms | null {
  const kind = catchall?._zod.def.type;
  // Fields that the shape does not name are kept, taken away or refused; one that has a schema of its own is left to zod.
  if (kind !== undefined && kind !== 'unknown' && kind !== 'never') return null;
  const keepsOthers = kind === 'unknown';
  const fields: { readonly name: string; readonly optional: boolean; readonly conforms: Conforms }[] = [];
  for (const [name, field] of Object.entries(shape)) {
    const inner = conformance(field);
    if (inner === null) return null;
    fields.push({ name, optional: field._zod.def.type === 'optional', conforms: inner });
  }
  return (value) => {
    if (!isRecord(value)) return false;
    let present = 0;
    for (const { name, optional, conforms: inner } of fields) {
      const each = value[name];
      if (each === undefined) {
        if (!optional || name in value) return false;
      } else if (inner(each)) present += 1;
      else return false;
    }
    if (keepsOthers) return !Object.hasOwn(value, '__proto__');
    for (const _ in value) present -= 1;
    return present === 0;
  };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
