/** The schema explains itself: GraphiQL and code generators show a description with all that a client can name. */
import {
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isSpecifiedScalarType,
} from 'graphql';
import { describe, expect, it } from 'vitest';
import { serviceSchema } from '../gateway/index.ts';

interface Described {
  /** `Query.purchases(filter:)`. */
  readonly name: string;
  readonly description: string | null | undefined;
}

function namedIn(schema: GraphQLSchema): Described[] {
  const types = Object.values(schema.getTypeMap()).filter(
    (type) => !isIntrospectionType(type) && !isSpecifiedScalarType(type),
  );
  return types.flatMap((type): Described[] => {
    const self = { name: type.name, description: type.description };
    if (isEnumType(type)) {
      const values = type.getValues().map((value) => ({ ...value, name: `${type.name}.${value.name}` }));
      return [self, ...values];
    }
    if (isInputObjectType(type)) {
      const fields = Object.values(type.getFields());
      return [self, ...fields.map((field) => ({ ...field, name: `${type.name}.${field.name}` }))];
    }
    if (!isObjectType(type) && !isInterfaceType(type)) return [self];
    const fields = Object.values(type.getFields()).flatMap((field): Described[] => {
      const name = `${type.name}.${field.name}`;
      const args = field.args.map((arg) => ({ ...arg, name: `${name}(${arg.name}:)` }));
      return [{ ...field, name }, ...args];
    });
    return [self, ...fields];
  });
}

const all = namedIn(serviceSchema());

describe('the schema', () => {
  it('describes every type, field, argument, input and value of an enum', () => {
    expect(all.length).toBeGreaterThan(200);
    expect(all.filter(({ description }) => !description?.trim()).map(({ name }) => name)).toEqual([]);
  });
});
