/** Attacks by documents that are small and ask for very much: refused before anything is validated or executed. */
import { getIntrospectionQuery } from 'graphql';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { MAX_DIRECTIVES, MAX_FIELDS, MAX_REPETITIONS } from '../gateway/document-limits.ts';
import { MAX_INTROSPECTION_BYTES } from '../gateway/introspection-limits.ts';
import { closingOf, first, socketUrl, type TestGateway, testGateway } from './gateway.service.ts';

const customer = vi.fn(() => null);
const customers = vi.fn(() => ({}));
const placePurchase = vi.fn(() => null);
let gateway: TestGateway;
beforeAll(async () => {
  gateway = await testGateway({ resolvers: { Query: { customer, customers }, Mutation: { placePurchase } } });
});
afterAll(() => gateway[Symbol.asyncDispose]());

/** Each type's fields' types' fields …: within graphql-js's own depth of lists, with aliases at each step. */
const aliases = (count: number, inner: string) => Array.from({ length: count }, (_, i) => `a${i}: ${inner}`).join(' ');
const introspection = `{ __schema { types { ...F } } } fragment F on __Type { ${aliases(8, 'fields { ...T }')} }
  fragment T on __Field { ${aliases(8, 'type { ...N }')} } fragment N on __Type { ${aliases(8, 'ofType { ...L }')} }
  fragment L on __Type { ${aliases(8, 'description')} }`;

const many = (count: number, of: (i: number) => string) => Array.from({ length: count }, (_, i) => of(i)).join(' ');
const doubling = many(40, (i) => `fragment F${i} on Query { ...F${i + 1} ...F${i + 1} }`);

const ATTACKS: readonly (readonly [what: string, query: string, variables?: Record<string, unknown>])[] = [
  ['introspection that aliases multiply', introspection],
  [
    'introspection in one fragment after another',
    `{ ${many(90, (i) => `s${i}: __schema { ...S }`)} } fragment S on __Schema {
    types { fields { name description type { name ofType { name } } } } }`,
  ],
  [
    'introspection of a type that a variable names',
    `query ($n: String!) { ${many(90, (i) => `t${i}: __type(name: $n) { ...T }`)} }
    fragment T on __Type { fields { ${aliases(100, 'description')} } }`,
    { n: 'Query' },
  ],
  ['one field over and over', `{ customer(id: "a") { ${'id '.repeat(MAX_REPETITIONS + 1)} } }`],
  [
    'one field over and over by fragments',
    `{ customer(id: "a") { ${'...F '.repeat(MAX_REPETITIONS)} id } } fragment F on Customer { id }`,
  ],
  ['very many aliases', `{ customer(id: "a") { ${many(MAX_FIELDS, (i) => `a${i}: id`)} } }`],
  [
    'fragments that each spread the next one twice',
    `{ ...F0 } ${doubling} fragment F40 on Query { customer(id: "a") { id } }`,
  ],
  [
    'very many fragments',
    `{ customer(id: "a") { ${many(200, (i) => `...F${i}`)} } } ${many(200, (i) => `fragment F${i} on Customer { id }`)}`,
  ],
  ['very many directives', `{ customer(id: "a") { id ${'@skip(if: false) '.repeat(MAX_DIRECTIVES + 1)} } }`],
  ['a deep argument', `{ customers(filter: { text: ${'['.repeat(100)}"a"${']'.repeat(100)} }) { totalCount } }`],
  [
    'a deep variable',
    'query ($f: CustomerFilter) { customers(filter: $f) { totalCount } }',
    { f: { text: JSON.parse(`${'['.repeat(30)}${']'.repeat(30)}`) } },
  ],
  [
    'words in many fields',
    `query ($t: String) { ${many(100, (i) => `c${i}: customers(filter: { text: $t }) { totalCount }`)} }`,
    { t: many(300, (i) => `w${i}`) },
  ],
  [
    'one large variable in many mutations, each of which stays on the log',
    `mutation ($i: PlacePurchaseInput!) { ${many(100, (i) => `p${i}: placePurchase(input: $i) { id }`)} }`,
    { i: { customerId: 'c', lines: Array.from({ length: 50 }, (_, i) => ({ productId: `p${i}`, quantity: 1 })) } },
  ],
  [
    'the same as the default of a variable that is not given',
    `mutation ($i: PlacePurchaseInput! = { customerId: "c", lines: [${many(50, (i) => `{ productId: "p${i}", quantity: 1 }`)}] }) {
      ${many(100, (i) => `p${i}: placePurchase(input: $i) { id }`)} }`,
  ],
  [
    'words that are the default of a variable within an input',
    `query ($t: String = "${many(20, (i) => `w${i}`)}") {
      ${many(100, (i) => `c${i}: customers(filter: { text: $t }) { totalCount }`)} }`,
  ],
  [
    'very many fields that an input does not have: each is told of with all of them',
    'query ($f: CustomerFilter) { customers(filter: $f) { totalCount } }',
    { f: Object.fromEntries(Array.from({ length: 40_000 }, (_, i) => [`f${i}`, 1])) },
  ],
  [
    'fields that an input does not have, with very long texts',
    'query ($f: CustomerFilter) { customers(filter: $f) { totalCount } }',
    { f: Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`f${i}`, 'x'.repeat(9_000)])) },
  ],
  [
    'pages within empty pages',
    `{ ${many(50, (i) => `c${i}: customers(first: 0) { nodes { purchases(first: 200) { nodes { lines { product { purchases(first: 200) { totalCount } } } } } } }`)} }`,
  ],
];

describe('an attack by', () => {
  it.each(ATTACKS.map(([what, query, variables]) => ({ what, query, variables })))(
    '$what is refused over HTTP and WebSocket, and nothing is executed',
    async ({ query, variables = {} }) => {
      const { status, body } = await gateway.post({ query, variables });
      expect(body).toEqual({
        errors: [expect.objectContaining({ message: expect.any(String), extensions: { code: 'LIMIT_EXCEEDED' } })],
      });
      expect(status).toBe(400);
      await expect(first(gateway.socket(), query, variables)).rejects.toMatchObject([
        { extensions: { code: 'LIMIT_EXCEEDED' } },
      ]);
      expect(customer).not.toHaveBeenCalled();
      expect(customers).not.toHaveBeenCalled();
      expect(placePurchase).not.toHaveBeenCalled();
    },
  );
});

it('JSON nested so deep that reading it is work is refused unread: by 400, and by the end of the WebSocket', async () => {
  // Within what a WebSocket may send before it is let in.
  const deep = `${'['.repeat(5_000)}${']'.repeat(5_000)}`;
  const payload = `{"query":"query ($f: CustomerFilter) { customers(filter: $f) { totalCount } }","variables":{"f":${deep}}}`;
  const { status, body } = await gateway.post(payload);
  expect([status, body.errors?.[0]?.extensions]).toEqual([400, { code: 'LIMIT_EXCEEDED' }]);
  const messages = [{ type: 'connection_init' }, `{"id":"a","type":"subscribe","payload":${payload}}`];
  expect(await closingOf(socketUrl(gateway), {}, messages)).toMatchObject({
    code: 4400,
    reason: expect.stringContaining('lists and objects deep'),
  });
  expect(customers).not.toHaveBeenCalled();
});

describe('the introspection that tools ask for', () => {
  it.each([
    ['as GraphiQL asks', {}],
    [
      'with all that can be asked',
      {
        descriptions: true,
        specifiedByUrl: true,
        directiveIsRepeatable: true,
        schemaDescription: true,
        inputValueDeprecation: true,
      },
    ],
  ])('is answered: %s', async (_what, options) => {
    const query = getIntrospectionQuery(options);
    const { body } = await gateway.post({ query });
    expect(body.errors).toBeUndefined();
    expect(JSON.stringify(body).length).toBeLessThan(MAX_INTROSPECTION_BYTES / 2);
    expect(await first(gateway.socket(), query)).toEqual(body);
  });
});
