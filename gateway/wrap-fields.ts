/** Something that goes around every resolver of the schema: counting, taking turns. */
import {
  defaultFieldResolver,
  type GraphQLField,
  type GraphQLFieldResolver,
  type GraphQLSchema,
  isObjectType,
} from 'graphql';

export type Resolver = GraphQLFieldResolver<unknown, unknown>;

/** Changes the schema in place: `wrap` is given the resolver of each field, but for those of introspection. */
export function wrapFields(
  schema: GraphQLSchema,
  wrap: (resolve: Resolver, field: GraphQLField<unknown, unknown>) => Resolver,
): GraphQLSchema {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    for (const field of Object.values(type.getFields())) {
      field.resolve = wrap(field.resolve ?? defaultFieldResolver, field);
    }
  }
  return schema;
}
