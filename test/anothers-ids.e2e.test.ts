/** What is another's does not exist: every mutation says the same of it as of an id that nobody has. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type GraphQLInputObjectType, getNamedType, isInputObjectType, isObjectType } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serviceSchema } from '../gateway/index.ts';
import { idFromKey } from '../transactions/ids.ts';
import { sampleOf } from './e2e/minimal-operation.ts';
import { ADD, PLACE, REGISTER, REMOVE_CUSTOMER, run } from './e2e/operations.ts';
import { type Server, startServer } from './e2e/server.ts';
import { SECRET, token } from './e2e/tokens.ts';

const FOLLOW = /* GraphQL */ `
  subscription ($id: ID!) {
    transaction(id: $id) { status entity { __typename } entityVersion rejection { code message field } }
  }
`;

let folder: string;
let server: Server;
let bob: string;
/** Ids of Alice's, by the field that they are given in; what she has removed comes second. */
let ofAlice: Readonly<Record<string, readonly string[]>>;
let productId: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'counterfoil-'));
  server = await startServer({ env: { DATA_DIR: folder, AUTH_JWT_SECRET: SECRET } });
  const [admin, alice, carol] = await Promise.all([token('root', ['admin']), token('alice'), token('carol')]);
  bob = await token('bob');
  productId = (await run(server, ADD, { name: 'Chai', price: '1.00', stock: 1000 }, admin)).id;
  const name = { firstName: 'Ada', lastName: 'L' };
  const customerId = (await run(server, REGISTER, name, alice)).id;
  const removed = (await run(server, REGISTER, name, carol)).id;
  await run(server, REMOVE_CUSTOMER, { customerId: removed }, carol);
  await run(server, REGISTER, name, bob);
  const placed = await run(server, PLACE, { customerId, lines: [{ productId, quantity: 1 }] }, alice);
  expect(placed.status).toBe('COMPLETED');
  ofAlice = { customerId: [customerId, removed], purchaseId: [placed.id], id: [customerId, placed.id] };
}, 60_000);
afterAll(async () => {
  await server?.stop();
  await rm(folder, { recursive: true });
});

interface Mutation {
  readonly name: string;
  readonly input: GraphQLInputObjectType;
  /** It begins a transaction. */
  readonly isCommand: boolean;
}

/** What Bob is told in the end, with a word in the place of the id. */
async function told({ name, input: type, isCommand }: Mutation, input: object, id: string): Promise<unknown> {
  const answer = isCommand ? 'transactionId' : '__typename';
  const query = `mutation ($input: ${type.name}!) { done: ${name}(input: $input) { ${answer} } }`;
  const { data, errors } = await server.graphql(query, { input }, bob);
  const withoutId = (of: unknown): unknown => JSON.parse(JSON.stringify(of).replaceAll(id, 'ID'));
  if (errors) return withoutId(errors);
  const statuses = await server.all(FOLLOW, { id: data.done.transactionId }, bob);
  return withoutId(statuses.at(-1));
}

const mutations = (): Mutation[] => {
  const type = serviceSchema().getType('Mutation');
  if (!isObjectType(type)) throw new Error('there is no Mutation');
  return Object.values(type.getFields()).flatMap((field) => {
    const input = field.args.find(({ name }) => name === 'input');
    const of = input && getNamedType(input.type);
    return isInputObjectType(of)
      ? [{ name: field.name, input: of, isCommand: getNamedType(field.type).name === 'Receipt' }]
      : [];
  });
};

describe('as a customer', () => {
  it.each(mutations())("$name says the same of what is another's as of what nobody has", async (mutation) => {
    const { input } = mutation;
    let tried = 0;
    for (const field of Object.values(input.getFields())) {
      for (const theirs of ofAlice[field.name] ?? []) {
        for (const ifVersion of [undefined, 1, 99]) {
          if (ifVersion !== undefined && input.getFields()['ifVersion'] === undefined) continue;
          const sample = { ...Object(sampleOf(input)), ...(ifVersion === undefined ? {} : { ifVersion }) };
          if ('lines' in sample) sample.lines = [{ productId, quantity: 1 }];
          if ('firstName' in input.getFields()) sample.firstName = 'Eve';
          const nobodys = randomUUID();
          const [one, other] = await Promise.all([
            told(mutation, { ...sample, [field.name]: theirs }, theirs),
            told(mutation, { ...sample, [field.name]: nobodys }, nobodys),
          ]);
          expect(one, `${field.name}: ${theirs}, ifVersion: ${ifVersion}`).toEqual(other);
          expect(JSON.stringify(one)).toMatch(/NOT_FOUND|FORBIDDEN/);
          tried += 1;
        }
      }
    }
    if (Object.keys(input.getFields()).some((field) => field in ofAlice)) expect(tried).toBeGreaterThan(0);
  });

  it("an id of one's own choice is refused, so that nobody's derived id can be taken before", async () => {
    const [id] = ofAlice['purchaseId'] ?? [];
    const answer = await server.graphql(PLACE, { input: { id, customerId: 'x', lines: [] } }, bob);
    expect(answer.errors?.[0]?.extensions.code).toBe('FORBIDDEN');
  });
});

describe('as staff', () => {
  it("an id that another's idempotency key will give cannot be taken before", async () => {
    const clerk = await token('clerk', ['staff']);
    const guessed = idFromKey('root', 'order 1', 'entity');
    const input = { id: guessed, name: 'Squat', price: '1.00' };
    const { errors } = await server.graphql(ADD, { input }, clerk);
    expect(errors?.[0]?.extensions).toEqual({ code: 'BAD_USER_INPUT', field: 'input.id' });
    const root = await token('root', ['admin']);
    const own = await run(server, ADD, { name: 'Tea', price: '1.00', idempotencyKey: 'order 1' }, root);
    expect([own.id, own.status]).toEqual([guessed, 'COMPLETED']);
  });
});
