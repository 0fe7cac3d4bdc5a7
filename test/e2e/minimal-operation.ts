/** The least that can be asked of a field of the schema: required arguments alone, each a value that its type takes. */
import {
  type GraphQLField,
  type GraphQLInputType,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isNonNullType,
} from 'graphql';

const SAMPLES: Readonly<Record<string, unknown>> = {
  ID: 'none',
  String: 'text',
  Int: 1,
  Boolean: true,
  Money: '1.00',
  Share: '0.10',
  SafeInt: 1,
  DateTime: '2020-01-01T00:00:00.000Z',
  TimeZone: 'Europe/Berlin',
};

export interface Operation {
  readonly query: string;
  readonly variables: Record<string, unknown>;
}

/** A value that the type takes; of an input object, the fields that it needs. */
export function sampleOf(type: GraphQLInputType): unknown {
  if (isNonNullType(type)) return sampleOf(type.ofType);
  if (isListType(type)) return [sampleOf(type.ofType)];
  if (isEnumType(type)) return type.getValues()[0]?.name;
  if (!isInputObjectType(type)) return SAMPLES[type.name];
  const fields = Object.values(type.getFields());
  const needed = type.isOneOf ? fields.slice(0, 1) : fields.filter((field) => isNonNullType(field.type));
  return Object.fromEntries(needed.map((field) => [field.name, sampleOf(field.type)]));
}

/** The type of what an argument holds at a path, such as `input.placedAt`. */
export function typeAt(field: GraphQLField<unknown, unknown>, path: readonly string[]): GraphQLInputType {
  const [name, ...within] = path;
  let type: GraphQLInputType | undefined = field.args.find((arg) => arg.name === name)?.type;
  for (const part of within) {
    const object = type === undefined ? undefined : getNamedType(type);
    type = isInputObjectType(object) ? object.getFields()[part]?.type : undefined;
  }
  if (type === undefined) throw new Error(`${field.name} has no argument ${path.join('.')}`);
  return type;
}

/** @param more an argument that is not required, by its path, with its value */
export function operationFor(
  kind: 'query' | 'mutation' | 'subscription',
  field: GraphQLField<unknown, unknown>,
  more?: { readonly path: readonly string[]; readonly value: unknown },
): Operation {
  const needed = field.args.filter((arg) => isNonNullType(arg.type) || arg.name === more?.path[0]);
  const variables: Record<string, unknown> = Object.fromEntries(needed.map((arg) => [arg.name, sampleOf(arg.type)]));
  if (more !== undefined) put(variables, more.path, more.value);
  const declared = needed.map((arg) => `$${arg.name}: ${arg.type}`).join(', ');
  const given = needed.map((arg) => `${arg.name}: $${arg.name}`).join(', ');
  const selection = isLeafType(getNamedType(field.type)) ? '' : ' { __typename }';
  const call = `${field.name}${given === '' ? '' : `(${given})`}${selection}`;
  return { query: `${kind} ${declared === '' ? '' : `(${declared})`} { ${call} }`, variables };
}

/** Of a list on the way, in each of its elements. */
function put(into: Record<string, unknown>, [name = '', ...within]: readonly string[], value: unknown): void {
  const inner = (held: unknown) => {
    const object = { ...Object(held) };
    put(object, within, value);
    return object;
  };
  const held = into[name];
  if (within.length === 0) into[name] = value;
  else into[name] = Array.isArray(held) ? held.map(inner) : inner(held);
}
