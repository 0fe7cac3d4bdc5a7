/**
 * Limits on introspection. Its fields are not in our schema's cost: types refer to each other, so a few aliases at each
 * step multiply. The answer's size is found by walking the schema as the execution would, up to a budget.
 */
import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  getNamedType,
  isObjectType,
  Kind,
  SchemaMetaFieldDef,
  type SelectionSetNode,
  TypeMetaFieldDef,
} from 'graphql';
import { tooMuch } from './limits.ts';

/** Fields of the answer; GraphiQL's own query gets some 8,000. */
const MAX_INTROSPECTION_FIELDS = 25_000;
/** Bytes of the answer, roughly; GraphiQL's own query gets some 100 KB. */
export const MAX_INTROSPECTION_BYTES = 512 * 1024;

/** All arguments as wide as they go: what is deprecated is counted too. */
const WIDEST = { includeDeprecated: true };
/** Quotes, colon and comma around a name. */
const PUNCTUATION = 4;

/**
 * Adds up what the introspection of one operation answers. Give it each field of the root that begins with `__`.
 * @throws {GraphQLError} `LIMIT_EXCEEDED`, at the latest after `MAX_INTROSPECTION_FIELDS` steps
 */
export function introspectionCounter(
  schema: GraphQLSchema,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  typeNamed: (field: FieldNode) => unknown,
): { add(field: FieldNode): number } {
  let fields = 0;
  let bytes = 0;
  // The resolvers of graphql-js's own types read the schema of it, and nothing else.
  const info = { schema } as GraphQLResolveInfo;

  function step(size: number): void {
    fields += 1;
    bytes += size;
    if (fields > MAX_INTROSPECTION_FIELDS || bytes > MAX_INTROSPECTION_BYTES) {
      throw tooMuch(
        `introspection may answer at most ${MAX_INTROSPECTION_FIELDS} fields and ${MAX_INTROSPECTION_BYTES / 1024} KB`,
      );
    }
  }

  function walk(type: GraphQLObjectType, source: unknown, selections: SelectionSetNode): void {
    for (const node of selections.selections) {
      if (node.kind === Kind.FIELD) ofField(type, source, node);
      else {
        step(0);
        const inner = node.kind === Kind.INLINE_FRAGMENT ? node : fragments.get(node.name.value);
        if (inner !== undefined) walk(type, source, inner.selectionSet);
      }
    }
  }

  function ofField(type: GraphQLObjectType, source: unknown, node: FieldNode): void {
    const name = (node.alias ?? node.name).value;
    const field = type.getFields()[node.name.value];
    const value: unknown = field?.resolve?.(source, WIDEST, undefined, info);
    ofValue(getNamedType(field?.type), value, name.length + PUNCTUATION, node);
  }

  function ofValue(type: unknown, value: unknown, size: number, node: FieldNode): void {
    step(size + (typeof value === 'string' ? value.length : PUNCTUATION));
    if (value === null || value === undefined || node.selectionSet === undefined || !isObjectType(type)) return;
    for (const each of isList(value) ? value : [value]) walk(type, each, node.selectionSet);
  }

  return {
    add(field) {
      const before = fields;
      const isSchema = field.name.value === SchemaMetaFieldDef.name;
      const meta = isSchema ? SchemaMetaFieldDef : TypeMetaFieldDef;
      const name = isSchema ? undefined : typeNamed(field);
      const value = isSchema ? schema : typeof name === 'string' ? schema.getType(name) : undefined;
      ofValue(getNamedType(meta.type), value, field.name.value.length, field);
      return fields - before;
    },
  };
}

function isList(value: unknown): value is Iterable<unknown> {
  return Array.isArray(value);
}
