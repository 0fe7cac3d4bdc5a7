/** Attacks by what stands in an input, tried in every input of the schema, over both transports: no resolver is called. */
import {
  type GraphQLInputType,
  getNamedType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { serviceSchema } from '../gateway/index.ts';
import { MAX_TEXT_LENGTH } from '../gateway/input-text.ts';
import { MAX_MESSAGE_BYTES } from '../gateway/limits.ts';
import { scalars } from '../resolvers/scalars.ts';
import { operationFor, sampleOf } from './e2e/minimal-operation.ts';
import { closingOf, first, socketUrl, type TestGateway, testGateway } from './gateway.service.ts';

const KINDS = { Query: 'query', Mutation: 'mutation', Subscription: 'subscription' } as const;
type Root = keyof typeof KINDS;

const called = vi.fn(() => null);
const roots = (['Query', 'Mutation', 'Subscription'] as const satisfies readonly Root[]).flatMap((root) => {
  const type = serviceSchema().getType(root);
  return isObjectType(type) ? Object.values(type.getFields()).map((field) => ({ root, field })) : [];
});

let gateway: TestGateway;
beforeAll(async () => {
  const resolvers: Record<string, Record<string, unknown>> = {};
  for (const { root, field } of roots) {
    resolvers[root] = { ...resolvers[root], [field.name]: root === 'Subscription' ? { subscribe: called } : called };
  }
  gateway = await testGateway({ resolvers: { ...scalars, ...resolvers } });
});
afterAll(() => gateway[Symbol.asyncDispose]());

type Tamper = (type: GraphQLInputType) => readonly unknown[];

/** Values of the type, each with one leaf, or one object, that has been tampered with. */
function variants(type: GraphQLInputType, tamper: Tamper): readonly unknown[] {
  if (isNonNullType(type)) return variants(type.ofType, tamper);
  const own = tamper(type);
  if (isListType(type)) return [...own, ...variants(type.ofType, tamper).map((value) => [value])];
  if (!isInputObjectType(type)) return own;
  const sample: object = Object(sampleOf(type));
  const within = Object.values(type.getFields()).flatMap((field) =>
    variants(field.type, tamper).map((value) => ({ ...sample, [field.name]: value })),
  );
  return [...own, ...within];
}

function operations(tamper: Tamper) {
  return roots.flatMap(({ root, field }) =>
    field.args.flatMap((arg) =>
      variants(arg.type, tamper).map((value) => ({
        root,
        operation: operationFor(KINDS[root], field, { path: [arg.name], value }),
      })),
    ),
  );
}

const isText = (type: GraphQLInputType) => ['String', 'ID'].includes(String(getNamedType(type))) && !isListType(type);
const texts =
  (of: string): Tamper =>
  (type) =>
    isText(type) ? [of] : [];
const leaves =
  (of: unknown): Tamper =>
  (type) =>
    isInputObjectType(type) ? [] : [of];
const objects =
  (key: string): Tamper =>
  (type) =>
    isInputObjectType(type) ? [{ ...Object(sampleOf(type)), [key]: { isAdmin: true, polluted: true } }] : [];

const ATTACKS: readonly (readonly [what: string, tamper: Tamper, code: string])[] = [
  ['NUL', texts('a\0b'), 'BAD_USER_INPUT'],
  ['half of a surrogate pair', texts('a\ud800'), 'BAD_USER_INPUT'],
  ['the other half of one', texts('\udc00a'), 'BAD_USER_INPUT'],
  ['very long text', texts('x'.repeat(MAX_TEXT_LENGTH + 1)), 'LIMIT_EXCEEDED'],
  ['an operator of the view store', leaves({ $ne: null }), 'BAD_USER_INPUT'],
  ['an operator with code', leaves({ $where: 'sleep(1000)' }), 'BAD_USER_INPUT'],
  ['an operator as a key', objects('$or'), 'BAD_USER_INPUT'],
  ['__proto__', objects('__proto__'), 'BAD_USER_INPUT'],
  ['constructor', objects('constructor'), 'BAD_USER_INPUT'],
  ['prototype', objects('prototype'), 'BAD_USER_INPUT'],
];

describe('in every input of the schema', () => {
  it.each(ATTACKS)(
    '%s is refused over HTTP and WebSocket',
    async (_what, tamper, code) => {
      const attempts = operations(tamper);
      // There are inputs of each kind: an empty list would prove nothing.
      expect(attempts.length).toBeGreaterThan(15);
      const client = gateway.socket();
      for (const { root, operation } of attempts) {
        const tried = JSON.stringify(operation).slice(0, 500);
        if (root !== 'Subscription') {
          const { status, body } = await gateway.post(operation);
          expect(status, tried).toBe(400);
          // Fastify's own parser refuses `__proto__` before anyone else sees it.
          expect([code, 'BAD_REQUEST'], tried).toContain(body.errors?.[0]?.extensions['code']);
        }
        const told = await first(client, operation.query, operation.variables).catch((errors: unknown) => ({ errors }));
        expect(told, tried).toMatchObject({ errors: { 0: { extensions: { code } } } });
      }
      expect(called).not.toHaveBeenCalled();
      expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
    },
    120_000,
  );

  it.each([
    ['a\0b', 'BAD_USER_INPUT'],
    ['a\ud800', 'GRAPHQL_PARSE_FAILED'],
  ])('%j is refused in the document as well', async (text, code) => {
    const query = `{ customers(filter: { text: ${JSON.stringify(text)} }) { totalCount } }`;
    const { status, body } = await gateway.post({ query });
    expect([status, body.errors?.[0]?.extensions['code']]).toEqual([400, code]);
    expect(called).not.toHaveBeenCalled();
  });

  it('an answer repeats no more of it than one can read', async () => {
    // A scalar that tells what it was given, once for each field.
    const fields = Array.from(
      { length: 50 },
      (_, i) => `p${i}: purchases(filter: { totalBetween: { min: $m } }) { totalCount }`,
    );
    const query = `query ($m: Money) { ${fields.join(' ')} }`;
    const { body } = await gateway.post({ query, variables: { m: 'x'.repeat(9_000) } });
    expect(body.errors?.length).toBeGreaterThan(0);
    for (const { message } of body.errors ?? []) expect(message.length).toBeLessThanOrEqual(1_000);
  });

  it('1 MB of text is refused, as a body and as a message', async () => {
    const payload = { query: '{ customer(id: "a") { id } }', variables: { x: 'x'.repeat(2 * MAX_MESSAGE_BYTES) } };
    const { status, body } = await gateway.post(payload);
    expect([status, body.errors?.[0]?.extensions['code']]).toEqual([413, 'LIMIT_EXCEEDED']);
    const messages = [{ type: 'connection_init' }, { type: 'subscribe', id: '1', payload }];
    expect(await closingOf(socketUrl(gateway), {}, messages)).toMatchObject({ code: 1009 });
    expect(called).not.toHaveBeenCalled();
  });
});
