/** Many commands in one request: each as by its own mutation, whatever becomes of the others. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ended } from './e2e/operations.ts';
import { type GraphQLAnswer, type Server, startServer } from './e2e/server.ts';
import { SECRET, token } from './e2e/tokens.ts';

const SUBMIT = /* GraphQL */ `
  mutation ($commands: [CommandInput!]!) {
    receipts: submitCommands(commands: $commands) { transactionId id }
  }
`;

let folder: string;
let server: Server;
let admin: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'counterfoil-'));
  server = await startServer({ env: { DATA_DIR: folder, AUTH_JWT_SECRET: SECRET } });
  admin = await token('root', ['admin']);
}, 60_000);
afterAll(async () => {
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

type Command = Readonly<Record<string, Readonly<Record<string, unknown>>>>;
interface Receipt {
  readonly transactionId: string;
  readonly id: string;
}

function submit(commands: readonly Command[], as = admin): Promise<GraphQLAnswer> {
  return server.graphql(SUBMIT, { commands }, as);
}

async function accepted(commands: readonly Command[]): Promise<readonly Receipt[]> {
  const { data, errors } = await submit(commands);
  expect(errors).toBeUndefined();
  return data.receipts;
}

async function endings(receipts: readonly Receipt[]): Promise<readonly string[]> {
  const all = await Promise.all(receipts.map(({ transactionId }) => ended(server, transactionId, admin)));
  return all.map(({ status, code }) => code ?? status);
}

describe('commands in one request', () => {
  it('are of any kind, and each has a receipt and an end of its own', async () => {
    const receipts = await accepted([
      { registerCustomer: { id: 'ada', firstName: 'Ada', lastName: 'Lovelace' } },
      { addProduct: { id: 'tea', name: 'Tea', price: '2.50', stock: 5 } },
      { addProduct: { name: 'Coffee', price: '3.00' } },
      { restockProduct: { productId: 'nothing', quantity: 1 } },
    ]);
    expect(receipts.map(({ id }) => id)).toEqual(['ada', 'tea', expect.any(String), 'nothing']);
    expect(new Set(receipts.map(({ transactionId }) => transactionId)).size).toBe(4);
    expect(await endings(receipts)).toEqual(['COMPLETED', 'COMPLETED', 'COMPLETED', 'NOT_FOUND']);
  });

  it('that are refused spoil none of the others', async () => {
    const { data, errors } = await submit([
      { addProduct: { id: 'not an id!', name: 'Tea', price: '2.50' } },
      { addProduct: { id: 'mate', name: 'Mate', price: '2.50' } },
      { updateProduct: { productId: 'mate', name: '' } },
    ]);
    expect(data.receipts).toEqual([null, { transactionId: expect.any(String), id: 'mate' }, null]);
    expect(errors).toMatchObject([
      { path: ['receipts', 0], extensions: { code: 'BAD_USER_INPUT', field: 'input.id' } },
      { path: ['receipts', 2], extensions: { code: 'BAD_USER_INPUT', field: 'input.name' } },
    ]);
  });

  it('for one entity are decided in their order, with keys and without', async () => {
    for (const key of [(_: string) => ({}), (of: string) => ({ idempotencyKey: of })]) {
      const id = `ordered-${Object.keys(key('')).length}`;
      const receipts = await accepted([
        { addProduct: { id, name: 'A', price: '1.00', stock: 1, ...key(`${id} add`) } },
        { updateProduct: { productId: id, name: 'B', ifVersion: 1, ...key(`${id} rename`) } },
        { restockProduct: { productId: id, quantity: 4, ifVersion: 2, ...key(`${id} restock`) } },
        { discontinueProduct: { productId: id, ifVersion: 3, ...key(`${id} discontinue`) } },
      ]);
      expect(await endings(receipts)).toEqual(['COMPLETED', 'COMPLETED', 'COMPLETED', 'COMPLETED']);
      const { transactionId } = receipts.at(-1) ?? { transactionId: '' };
      const query = `{ product(id: "${id}", reflecting: "${transactionId}") { name stock received discontinued version } }`;
      const { product } = (await server.graphql(query, {}, admin)).data;
      expect(product).toEqual({ name: 'B', stock: 5, received: 5, discontinued: true, version: 4 });
    }
  });

  it('under the same keys again are the same transactions, also twice in one request', async () => {
    const commands = ['a', 'b', 'a'].map((key) => ({
      addProduct: { name: `Tea ${key}`, price: '1.00', idempotencyKey: `again ${key}` },
    }));
    const first = await accepted(commands);
    expect(await accepted(commands)).toEqual(first);
    expect(first[0]).toEqual(first[2]);
    expect(await endings(first)).toEqual(['COMPLETED', 'COMPLETED', 'COMPLETED']);
  });

  it('need the same rights as alone', async () => {
    const { data, errors } = await submit(
      [
        { registerCustomer: { firstName: 'Bob', lastName: 'Builder' } },
        { addProduct: { name: 'Bribe', price: '0.01' } },
        { registerCustomer: { id: 'chosen', firstName: 'Bob', lastName: 'Builder' } },
      ],
      await token('bob'),
    );
    expect(data.receipts).toEqual([{ transactionId: expect.any(String), id: expect.any(String) }, null, null]);
    expect(errors?.map(({ extensions }) => extensions.code)).toEqual(['FORBIDDEN', 'FORBIDDEN']);
  });

  it('are at most 500, and each is exactly one command', async () => {
    const add = { addProduct: { name: 'Tea', price: '1.00' } };
    const many = await submit(Array.from({ length: 501 }, () => add));
    expect(many.errors?.[0]?.message).toBe(
      'the mutation holds 501 commands; at most 500 are allowed: send them in parts',
    );
    const both = await submit([{ ...add, discontinueProduct: { productId: 'tea' } }]);
    expect(both.errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
  });
});
