/** No field is without a rule, and the rules agree with what the commands say. */
import { isObjectType } from 'graphql';
import { describe, expect, it } from 'vitest';
import { aggregateOfCommand, allAggregates } from '../domain/registry.ts';
import { serviceSchema } from '../gateway/index.ts';
import { rightTo } from '../resolvers/guarded.ts';
import { argumentRights, fieldRights } from '../resolvers/index.ts';

const types = Object.values(serviceSchema().getTypeMap()).filter(
  (type) => isObjectType(type) && !type.name.startsWith('__'),
);
const fields = types.flatMap((type) =>
  isObjectType(type) ? Object.keys(type.getFields()).map((field) => ({ type: type.name, field })) : [],
);

describe('the table of rights', () => {
  it.each(fields)('has a rule for $type.$field', ({ type, field }) => {
    const hint = `add a rule beside its resolvers, or, for a command, to the rights in its aggregate's definition`;
    const isCommand = type === 'Mutation' && aggregateOfCommand(field) !== undefined;
    expect(isCommand || rightTo(fieldRights, type, field) !== undefined, hint).toBe(true);
  });

  it('has every command as a mutation, unless it is for the system alone', () => {
    const mutations = fields.filter(({ type }) => type === 'Mutation').map(({ field }) => field);
    for (const { rights } of allAggregates) {
      for (const [command, { least }] of Object.entries(rights)) {
        expect(mutations.includes(command), command).toBe(least !== 'system');
      }
    }
  });

  it('says of the input what the commands say of their data', () => {
    const byField = new Map(Object.entries(argumentRights));
    for (const { rights } of allAggregates) {
      for (const [command, { fields, elements, namedAsOwn }] of Object.entries(rights)) {
        const asked = byField.get(`Mutation.${command}`) ?? {};
        for (const [field, least] of Object.entries(fields ?? {})) {
          expect(asked[`input.${field}`], `${command}.${field}`).toEqual({ least });
        }
        for (const [list, ofElement] of Object.entries<object | undefined>(elements ?? {})) {
          for (const [field, least] of Object.entries(ofElement ?? {})) {
            expect(asked[`input.${list}.${field}`], `${command}.${list}.${field}`).toEqual({ least });
          }
        }
        if (namedAsOwn) expect(asked['input.id']).toEqual({ least: 'staff' });
      }
    }
  });
});
