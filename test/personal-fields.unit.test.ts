/** Every field of text in every record is either personal, and sealed, or known to be none. */
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { PERSONAL_MARK } from '../domain/index.ts';
import { type AnyAggregate, allAggregates } from '../domain/registry.ts';
import { hasPersonal, mapPersonal } from '../sealing/personal-fields.ts';

interface Texts {
  readonly plain: Set<string>;
  readonly personal: Set<string>;
}

/** The names of the fields that hold any text; `parent` names a list's elements, and those of a union. */
function textsIn(json: unknown, parent: string, found: Texts): Texts {
  const { properties, items, anyOf, type, ...rest } = Object(json);
  if (Reflect.get(rest, PERSONAL_MARK) === true) found.personal.add(parent);
  else if ([type].flat().includes('string') && rest.enum === undefined && rest.const === undefined)
    found.plain.add(parent);
  else {
    for (const [name, field] of Object.entries(Object(properties))) textsIn(field, name, found);
    for (const each of [...(anyOf ?? []), ...(items === undefined ? [] : [items])]) textsIn(each, parent, found);
  }
  return found;
}

function textsOf({ commands, events, state, parts }: AnyAggregate): Texts {
  const found: Texts = { plain: new Set(), personal: new Set() };
  const schemas = [...Object.values(commands), ...Object.values(events), state, ...(parts ? [parts.schema] : [])];
  for (const schema of schemas) {
    textsIn(z.toJSONSchema(schema, { unrepresentable: 'any', io: 'input' }), 'itself', found);
  }
  return found;
}

describe.each(allAggregates.map((aggregate) => [aggregate.name, aggregate] as const))(
  'the fields of %s',
  (_, aggregate) => {
    const { plain, personal } = textsOf(aggregate);

    it('are each personal, or listed as notPersonal in the definition', () => {
      const listed = new Set(aggregate.notPersonal);
      const forgotten = [...plain].filter((field) => !listed.has(field));
      expect(forgotten, 'mark them with `personal` of domain/personal.ts, or list them in notPersonal').toEqual([]);
    });

    it('are listed as notPersonal only where there are such', () => {
      expect(aggregate.notPersonal.filter((field) => !plain.has(field))).toEqual([]);
    });

    it('are not both', () => {
      expect([...personal].filter((field) => plain.has(field))).toEqual([]);
    });

    it('can be erased where users give personal ones', () => {
      const given = Object.entries(aggregate.commands).filter(([name]) => aggregate.rights[name]?.least !== 'system');
      if (given.some(([, schema]) => hasPersonal(schema))) expect(aggregate.erasedBy).toBeDefined();
    });
  },
);

describe('personal fields', () => {
  it('of customers are the names and the e-mail', () => {
    const customers = allAggregates.find(({ name }) => name === 'customers');
    if (customers === undefined) throw new Error('no customers');
    expect([...textsOf(customers).personal].sort()).toEqual(['email', 'firstName', 'lastName']);
    const register = customers.commands['registerCustomer'];
    if (register === undefined) throw new Error('no command');
    const data = { customerId: 'c1', firstName: 'Ada', lastName: { sealed: 'x' }, email: null, number: 'n' };
    expect(mapPersonal(register, data, (text, field) => `${field}!${text}`)).toEqual({
      ...data,
      firstName: 'firstName!Ada',
    });
  });

  it('are found within unions, lists and objects', () => {
    const personal = z.union([z.string(), z.object({ sealed: z.string() })]).meta({ [PERSONAL_MARK]: true });
    const schema = z.object({
      id: z.string(),
      any: z.union([z.object({ who: personal }), z.object({ what: z.string(), whom: personal.nullable().optional() })]),
      list: z.array(z.object({ names: z.array(personal) })),
    });
    const data = { id: 'i', any: { what: 'w', whom: 'Ada' }, list: [{ names: ['B', 'C'] }] };
    expect(mapPersonal(schema, data, (text, field) => `${field}!${text}`)).toEqual({
      ...{ id: 'i', any: { what: 'w', whom: 'whom!Ada' } },
      list: [{ names: ['names!B', 'names!C'] }],
    });
  });
});
