/**
 * What the README says of a new aggregate, done in a copy of this checkout: `counterfoil new aggregate suppliers` writes
 * files that pass every check as they are, and a server that decides, shows and verifies suppliers.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generatedTexts } from '../scripts/generated-texts.ts';
import { run } from './e2e/operations.ts';
import { type Server, startServer } from './e2e/server.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
/** The whole compiler runs in here, on machines that do other work meanwhile. */
const PATIENCE_MS = 10 * 60_000;

interface Executed {
  readonly code: number | null;
  readonly stdout: string;
  /** Both streams. */
  readonly output: string;
}

/** Runs a program to its end. One that takes too long is killed, and all that it started with it. */
async function execute(
  folder: string,
  [program, ...args]: readonly [string, ...string[]],
  environment: Readonly<Record<string, string>> = {},
): Promise<Executed> {
  const { PATH, HOME, TMPDIR } = process.env;
  const child = spawn(program, args, {
    cwd: folder,
    env: { PATH, HOME, ...(TMPDIR ? { TMPDIR } : {}), ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const kill = () => {
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
  };
  const timer = setTimeout(kill, PATIENCE_MS);
  process.once('exit', kill);
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk) => (stdout += chunk));
  child.stderr.on('data', (chunk) => (stderr += chunk));
  const [code] = await once(child, 'close');
  clearTimeout(timer);
  process.off('exit', kill);
  return { code, stdout, output: stdout + stderr };
}

/** What a program prints that must end well. */
async function passes(folder: string, ...command: readonly [string, ...string[]]): Promise<string> {
  const { code, stdout, output } = await execute(folder, command);
  expect(code, `${command.join(' ')}\n${output}`).toBe(0);
  return stdout;
}

/** A development tool of the folder's own packages. */
const tool = (folder: string, name: string, ...args: readonly string[]) =>
  passes(folder, join(folder, 'node_modules', '.bin', name), ...args);
const git = (folder: string, ...args: readonly string[]) =>
  passes(folder, 'git', '-c', 'user.name=test', '-c', 'user.email=test@example.com', ...args);
const counterfoil = (folder: string, args: readonly string[], environment: Readonly<Record<string, string>> = {}) =>
  execute(folder, [process.execPath, '--import', 'tsx', 'cli/main.ts', ...args], environment);

const SECRET = 'a secret of the tests, of 32 bytes or more';
const token = (role: string) =>
  new SignJWT({ roles: [role] })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(role)
    .setExpirationTime('1h')
    .sign(new TextEncoder().encode(SECRET));

/** Written by `npm run generate`, whole or in part, and by `npm run golden`. */
const isGenerated = (path: string) =>
  generatedTexts.some((text) => text.path === path) ||
  /^(schema\/types\.generated\.ts|test\/golden\/\w+\.json|web\/src\/gql\/.*)$/.test(path);

/** Files that `git status` names, new and changed, without those that are generated. */
async function touched(folder: string): Promise<readonly string[]> {
  const status = await git(folder, 'status', '--porcelain', '--untracked-files=all');
  return status
    .trimEnd()
    .split('\n')
    .map((line) => line.slice(3))
    .filter((path) => !isGenerated(path))
    .sort();
}

describe('counterfoil new aggregate suppliers, in a copy of the checkout', { timeout: PATIENCE_MS }, () => {
  let folder: string;
  let written: Executed;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'counterfoil-new-'));
    const files = (await git(root, 'ls-files', '-z', '--cached', '--others', '--exclude-standard')).split('\0');
    for (const path of files) {
      if (path !== '' && existsSync(join(root, path))) await cp(join(root, path), join(folder, path));
    }
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
    await git(folder, 'init', '--quiet');
    await git(folder, 'add', '--all');
    await git(folder, 'commit', '--quiet', '--no-verify', '--message', 'as it was');
    written = await counterfoil(folder, ['new', 'aggregate', 'suppliers']);
  }, PATIENCE_MS);
  afterAll(async () => await rm(folder, { recursive: true, force: true }));

  it('tells what it has written, and what to do next', async () => {
    expect(written.code, written.output).toBe(0);
    for (const path of await touched(folder)) expect(written.output).toContain(`  ${path}\n`);
    expect(written.output).toContain('npm run test:unit');
    expect(written.output).toContain('test/golden/records.json');
  });

  it('touches the files that the README names, and no others', async () => {
    const readme = await readFile(join(root, 'README.md'), 'utf8');
    const [, told = ''] = /`npx counterfoil new aggregate suppliers`([\s\S]*?)\n\n/.exec(`${readme}\n\n`) ?? [];
    const named = [...told.matchAll(/`([\w./-]+\/[\w.-]+\.(?:tsx?|graphql))`/g)].map(([, path]) => path);
    const files = await touched(folder);
    expect(files).toEqual(named.sort());
    expect(files.length).toBeLessThanOrEqual(14);
  });

  it('leaves nothing to be generated, compiled, linted or tested before it can be committed', async () => {
    await git(folder, 'add', '--all');
    await passes(folder, 'npm', 'run', '--silent', 'generate');
    await passes(folder, 'npm', 'run', '--silent', 'golden');
    expect(await git(folder, 'diff', '--name-only')).toBe('');
    await tool(folder, 'biome', 'check', '--error-on-warnings', ...(await touched(folder)));
    await tool(folder, 'depcruise', '--config', '.dependency-cruiser.cjs', '.');
    await tool(folder, 'tsc', '-p', '.');
    await tool(folder, 'tsc', '-p', 'web');
    const tests = [
      ...[
        'golden',
        'registry',
        'audit-views',
        'web-kinds',
        'rights',
        'configuration',
        'rejection-codes',
        'generated-texts',
      ],
    ].map((name) => `${name}.unit.test.ts`);
    const tested = await tool(folder, 'vitest', 'run', '--project', 'unit', 'test/domain/', ...tests);
    expect(tested).toMatch(/\d+ passed, 0 failed/);
  });

  it('refuses a name that is taken, and what is none, and writes nothing', async () => {
    const before = await touched(folder);
    for (const [args, why] of [
      [['suppliers'], 'suppliers exists already'],
      [['Parcels'], 'is not a name'],
      [['../parcels'], 'is not a name'],
      [['sheep'], 'name that with --singular'],
      [['persons', '--singular', 'customer'], 'domain/customer.ts exists already'],
      [['lines', '--singular', 'receipt'], 'has a type Receipt already'],
      [['classes'], "a word of TypeScript's own"],
    ] as const) {
      const { code, output } = await counterfoil(folder, ['new', 'aggregate', ...args]);
      expect([code, output]).toEqual([1, expect.stringMatching(new RegExp(`^counterfoil: .*${why}.*\\n$`))]);
    }
    expect(await touched(folder)).toEqual(before);
  });

  it('says that it needs a checkout where there is none', async () => {
    const lacking = join(folder, 'biome.json');
    const kept = await readFile(lacking);
    await rm(lacking);
    const { code, output } = await counterfoil(folder, ['new', 'aggregate', 'parcels']);
    await writeFile(lacking, kept);
    expect([code, output]).toEqual([
      1,
      expect.stringMatching(/^counterfoil: .* needs a checkout .* has no biome\.json\n$/),
    ]);
  });

  describe('and a server there', () => {
    let server: Server;
    let data: string;
    beforeAll(async () => {
      data = join(folder, 'data');
      server = await startServer({
        env: { DATA_DIR: data, AUTH_JWT_SECRET: SECRET },
        token: await token('admin'),
        folder,
      });
    }, PATIENCE_MS);
    afterAll(async () => await server?.stop());

    const mutation = (name: string, input: string) =>
      `mutation ($input: ${input}!) { done: ${name}(input: $input) { transactionId id } }`;
    const ADD = mutation('addSupplier', 'AddSupplierInput');
    const RENAME = mutation('renameSupplier', 'RenameSupplierInput');
    const REMOVE = mutation('removeSupplier', 'RemoveSupplierInput');
    const LIST = `query ($id: ID, $text: String) {
      suppliers(filter: { text: $text }, reflecting: $id) { totalCount nodes { id name version } }
    }`;
    const ONE = `query ($transaction: ID!) {
      transaction(id: $transaction) { entity { __typename ... on Supplier { id removed } } }
      supplier(id: "one") { name }
    }`;

    it('decides, tells of and shows suppliers', async () => {
      const changes = server.client().iterate({ query: 'subscription { supplierChanged { name version } }' });
      const added = await run(server, ADD, { id: 'one', name: 'Exotic Liquids', idempotencyKey: 'first' });
      expect(added).toMatchObject({ status: 'COMPLETED', version: 1 });
      const listed = await server.graphql(LIST, { id: added.transactionId, text: 'exot' });
      expect(listed.data.suppliers).toEqual({
        totalCount: 1,
        nodes: [{ id: 'one', name: 'Exotic Liquids', version: 1 }],
      });
      expect((await server.graphql(ONE, { transaction: added.transactionId })).data).toEqual({
        transaction: { entity: { __typename: 'Supplier', id: 'one', removed: false } },
        supplier: { name: 'Exotic Liquids' },
      });

      const renamed = { supplierId: 'one', name: 'Rare Liquids', ifVersion: 1 };
      expect(await run(server, RENAME, renamed)).toMatchObject({ status: 'COMPLETED', version: 2 });
      let seen: unknown;
      for await (const change of changes) {
        seen = change.data?.['supplierChanged'];
        if (change.errors !== undefined || JSON.stringify(seen).includes('Rare Liquids')) break;
      }
      expect(seen).toEqual({ name: 'Rare Liquids', version: 2 });
      expect(await run(server, RENAME, renamed)).toMatchObject({ status: 'REJECTED', code: 'VERSION_CONFLICT' });

      const removed = await run(server, REMOVE, { supplierId: 'one' });
      expect(removed).toMatchObject({ status: 'COMPLETED', version: 3 });
      expect((await server.graphql(LIST, { id: removed.transactionId })).data.suppliers.totalCount).toBe(0);
    });

    it('shows them to staff and admins alone, and takes commands from nobody else', async () => {
      const visitor = await token('visitor');
      const added = await server.graphql(ADD, { input: { name: 'Nobody' } }, visitor);
      expect(added.errors?.map(({ extensions }) => extensions.code)).toEqual(['FORBIDDEN']);
      for (const query of ['{ supplier(id: "one") { id } }', '{ suppliers { totalCount } }']) {
        const read = await server.graphql(query, {}, visitor);
        expect(read.errors?.map(({ extensions }) => extensions.code)).toEqual(['FORBIDDEN']);
      }
      const [told] = await server.all('subscription { supplierChanged { id } }', {}, visitor);
      expect(told?.errors?.map(({ extensions }) => extensions.code)).toEqual(['FORBIDDEN']);
    });

    it('is ready, and all it wrote is verified, its view included', async () => {
      expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
      const verify = ['verify', '--decide', '--json', '--url', server.url, '--token', await token('admin')];
      const { code, stdout, output } = await counterfoil(folder, verify, { DATA_DIR: data });
      expect(code, output).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({
        differing: 0,
        log: { aggregates: { suppliers: 1 } },
        decided: { others: [] },
        views: { documents: 1, unsettled: 0 },
      });
    });
  });
});
