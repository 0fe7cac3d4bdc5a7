/** The printed rules are what is found by trying each field as each role, over HTTP and over the WebSocket. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { GraphQLInputType, GraphQLObjectType } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Rule, Rules } from '../cli/rules.ts';
import { ROLES, type Role } from '../domain/index.ts';
import { serviceSchema } from '../gateway/index.ts';
import { type Operation, operationFor, sampleOf, typeAt } from './e2e/minimal-operation.ts';
import { ADD, run } from './e2e/operations.ts';
import { type GraphQLAnswer, type Server, startServer } from './e2e/server.ts';
import { SECRET, token } from './e2e/tokens.ts';

const ROOTS = { Query: 'query', Mutation: 'mutation', Subscription: 'subscription' } as const;
const schema = serviceSchema();

let folder: string;
let server: Server;
let tokens: Record<Role, string>;
let printed: Rules;
let productId: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'counterfoil-'));
  server = await startServer({ env: { DATA_DIR: folder, AUTH_JWT_SECRET: SECRET, AUTH_VISITORS: 'on' } });
  const [customer, staff, admin] = await Promise.all([
    token('ada'),
    token('clerk', ['staff']),
    token('root', ['admin']),
  ]);
  tokens = { visitor: '', customer, staff, admin };
  productId = (await run(server, ADD, { name: 'Tea', price: '1.00', stock: 1, number: 'ART 7' }, admin)).id;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--import', 'tsx', 'cli/main.ts', 'rules', '--json'],
    {
      cwd: join(import.meta.dirname, '..'),
      maxBuffer: 2 ** 24,
    },
  );
  printed = JSON.parse(stdout);
}, 120_000);
afterAll(async () => {
  await server?.stop();
  await rm(folder, { recursive: true });
});

function rootOf(name: keyof typeof ROOTS): GraphQLObjectType {
  const type = schema.getType(name);
  if (type === undefined || !('getFields' in type)) throw new Error(`there is no ${name}`);
  return type as GraphQLObjectType;
}

function isForbidden(answer: GraphQLAnswer | undefined): boolean {
  return answer?.errors?.some(({ extensions }) => extensions.code === 'FORBIDDEN') ?? false;
}

async function forbiddenOverHttp({ query, variables }: Operation, role: Role): Promise<boolean> {
  return isForbidden(await server.graphql(query, variables, tokens[role]));
}

/** What has been let through may never say anything: then the answer to a later question tells that it was. */
async function forbiddenOverWebSocket(
  { query, variables }: Operation,
  role: Role,
  expected: boolean,
): Promise<boolean> {
  const client = server.client(tokens[role]);
  const first = await new Promise<GraphQLAnswer | undefined>((resolve, reject) => {
    client.subscribe<Record<string, unknown>>(
      { query, variables },
      { next: (answer) => resolve(answer as GraphQLAnswer), error: reject, complete: () => resolve(undefined) },
    );
    const later = async () => {
      for await (const _ of client.iterate({ query: `{ product(id: "none") { id } }` }));
      if (!expected) resolve(undefined);
    };
    later().catch(reject);
  });
  await client.dispose();
  return isForbidden(first);
}

/** The rules of the roots' own fields, with the operation that tries each. An argument that is to be one's own is ada's. */
function triedRules(): readonly { readonly rule: Rule; readonly operation: Operation; readonly root: string }[] {
  return [...printed.fields, ...printed.arguments].flatMap((rule) => {
    const [, root = '', name = '', path] = /^(\w+)\.(\w+)(?:\((.*)\))?$/.exec(rule.field) ?? [];
    if (root !== 'Query' && root !== 'Mutation' && root !== 'Subscription') return [];
    const field = rootOf(root).getFields()[name];
    if (field === undefined) throw new Error(`${rule.field} is no field of the schema`);
    const parts = path?.split('.');
    const more = parts && { path: parts, value: rule.values?.[0] ?? valueFor(rule, typeAt(field, parts)) };
    return [{ rule, root, operation: operationFor(ROOTS[root], field, more) }];
  });
}

function valueFor({ access }: Rule, type: GraphQLInputType): unknown {
  return access.customer === 'own' ? 'ada' : sampleOf(type);
}

describe('the printed rules', () => {
  it('have a line for every field of the roots', () => {
    const lines = new Set(printed.fields.map(({ field }) => field));
    for (const root of ['Query', 'Mutation', 'Subscription'] as const) {
      for (const name of Object.keys(rootOf(root).getFields())) expect(lines).toContain(`${root}.${name}`);
    }
  });

  it.each(ROLES)(
    'are what a %s finds, over HTTP and the WebSocket alike',
    async (role) => {
      const wrong: string[] = [];
      for (const { rule, operation, root } of triedRules()) {
        const expected = rule.access[role] === '-';
        // What they start would go on beside the other attempts.
        if (/^Mutation\.(loadSamples|start\w+)$/.test(rule.field) && !expected) continue;
        const found = [
          ...(root === 'Subscription' ? [] : [['HTTP', await forbiddenOverHttp(operation, role)] as const]),
          ['WebSocket', await forbiddenOverWebSocket(operation, role, expected)] as const,
        ];
        for (const [way, forbidden] of found) {
          if (forbidden !== expected)
            wrong.push(`${rule.field} over ${way}: ${forbidden ? 'FORBIDDEN' : 'let through'}`);
        }
      }
      expect(wrong).toEqual([]);
    },
    120_000,
  );

  it.each(ROLES)('are what a %s finds of a product and of itself', async (role) => {
    for (const { field: path, access } of printed.fields) {
      const [, type = '', name = ''] = /^(Product|Viewer)\.(\w+)$/.exec(path) ?? [];
      const field = schema.getType(type);
      if (field === undefined || !('getFields' in field)) continue;
      const of = (field as GraphQLObjectType).getFields()[name];
      const selection = of && 'ofType' in of.type && /^(purchases|history)$/.test(name) ? ' { totalCount }' : '';
      const inner = name === 'customer' ? ' { id }' : name === 'transactions' ? ' { totalCount }' : selection;
      const query =
        type === 'Viewer'
          ? `{ at: viewer { ${name}${inner} } }`
          : `{ at: product(id: "${productId}") { ${name}${inner} } }`;
      const answer = await server.graphql(query, {}, tokens[role]);
      expect(isForbidden(answer), `${path} as ${role}`).toBe(access[role] === '-');
      if (access[role] === 'null') expect(answer.data.at[name], path).toBeNull();
      else if (access[role] === 'all' && type === 'Product') expect(answer.data.at[name], path).not.toBeNull();
    }
  });
});
