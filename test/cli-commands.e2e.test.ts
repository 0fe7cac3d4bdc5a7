/** The command line as a user types it, against an embedded server and the files it leaves. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openEmbeddedLog } from '../log/embedded/embedded-log.ts';
import type { NewRecord } from '../log/event-log.ts';
import { topicSpecs } from '../records/topics.ts';
import { run, start } from './e2e/command-line.ts';
import { ALL, COUNTS } from './e2e/northwind.ts';
import { type Server, startServer } from './e2e/server.ts';

describe('the command line beside an embedded server', () => {
  let folder = '';
  let env: Readonly<Record<string, string>> = {};
  let server: Server;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'counterfoil-cli-'));
    env = { DATA_DIR: folder };
    server = await startServer({ env });
  });
  afterAll(async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('takes an import up where it was interrupted and where it was killed', async () => {
    const interrupted = start(env, 'import', 'examples/northwind', '--url', server.url, '--concurrency', '4');
    await interrupted.says(/purchases: 2\d\d of/);
    interrupted.kill('SIGINT');
    const { code, stderr } = await interrupted.ended;
    expect([code, stderr]).toEqual([130, expect.stringMatching(/counterfoil: stopped: run it again to go on.*\n$/)]);

    const killed = start(env, 'import', 'examples/northwind', '--url', server.url, '--concurrency', '4');
    await killed.says(/purchases: 5\d\d of/);
    killed.kill('SIGKILL');
    await killed.ended;

    const last = await run(env, 'import', 'examples/northwind', '--url', server.url, '--json');
    expect(JSON.parse(last.stdout)).toMatchObject({
      done: 1006,
      confirmed: 830,
      rejected: 0,
      customers: 91,
      discontinued: 8,
    });
    expect(JSON.parse(last.stdout).fresh).toBeLessThan(1006 - 250);
    await expect.poll(async () => (await server.graphql(COUNTS)).data, { timeout: 20_000 }).toEqual(ALL);

    const again = await run(env, 'import', 'examples/northwind', '--url', server.url);
    expect(again.stdout).toContain('1006, nothing has changed');
  });

  it('watches a transaction to its end, and says with its status how that was', async () => {
    const place = async (quantity: number) => {
      const lines = `[{ productId: "59", quantity: ${quantity} }]`;
      const { data } = await server.graphql(
        `mutation { placePurchase(input: { customerId: "ALFKI", lines: ${lines} }) { transactionId } }`,
      );
      return await run(env, 'watch', data.placePurchase.transactionId, '--url', server.url);
    };
    const completed = await place(1);
    expect(completed.code).toBe(0);
    expect(completed.stdout).toMatch(
      /^placePurchase of .*\n.*ACCEPTED {3}accepted\n.*PENDING {4}placed\n(?:.*\n)*COMPLETED: \S+ is at version \d+\n$/,
    );
    const rejected = await place(1_000_000);
    expect(rejected.code).toBe(1);
    expect(rejected.stdout).toMatch(/REJECTED INSUFFICIENT_STOCK: only .* \(lines\[0\]\.quantity\)\n$/);
    const unknown = await run(env, 'watch', 'nothing', '--url', server.url);
    expect(unknown).toEqual({
      code: 1,
      stdout: '',
      stderr: 'counterfoil: there is no transaction nothing, or it is not yours to see\n',
    });
  });

  it('finds the books right, also while they are being written', async () => {
    const writing = (async () => {
      for (let i = 0; i < 300; i++) {
        await server.graphql(
          `mutation { placePurchase(input: { customerId: "ALFKI", lines: [{ productId: "11", quantity: ${1 + (i % 9)} }] }) { id } }`,
        );
      }
    })();
    const beside = await run(env, 'verify', '--url', server.url, '--decide', '--json');
    await writing;
    expect(beside.code, beside.stdout + beside.stderr).toBe(0);
    expect(JSON.parse(beside.stdout)).toMatchObject({
      differing: 0,
      differences: [],
      decided: { others: [] },
      views: { unsettled: 0 },
    });
    const after = await run(env, 'verify', '--url', server.url);
    expect([after.code, after.stdout]).toEqual([0, expect.stringMatching(/no difference\n$/)]);
  });

  it('checks topics, and leaves the rebuild of embedded views to the next start', async () => {
    const checked = await run(env, 'topics');
    expect([checked.code, checked.stdout.trimEnd().split('\n').length]).toEqual([0, topicSpecs(4).length]);
    expect((await run({ ...env, PARTITIONS: '8' }, 'topics', 'check')).code).toBe(1);
    expect((await run(env, 'rebuild')).stdout).toMatch(/built anew from the log when the server next starts/);
  });

  it('does not write into the log of a running server, and says so in one line', async () => {
    const { code, stderr } = await run(env, 'topics', 'create');
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/^counterfoil: .*stop the server for as long as this takes\n$/),
    ]);
  });

  it('finds what was falsified, names it, and ends with status 1', async () => {
    await server.stop();
    const log = await openEmbeddedLog({ dir: folder });
    const [state] = await newestOf(log, 'customers.state', 'ALFKI');
    if (state === undefined) throw new Error('ALFKI has no state');
    await log.append([{ ...state, value: JSON.stringify({ ...JSON.parse(String(state.value)), lastName: 'Wrong' }) }]);
    await log.close();
    const { code, stdout } = await run(env, 'verify', '--no-views');
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /^states {2}customers\.state\/\d@\d+ {2}ALFKI: the fold of the events\n {2}expected .*"lastName":\{"sealed":.*\n {2}found .*Wrong/m,
    );
    expect(stdout).toMatch(/1 difference\n$/);

    const mended = await openEmbeddedLog({ dir: folder });
    await mended.append([state]);
    await mended.close();
    expect((await run(env, 'verify', '--no-views')).code).toBe(0);
    server = await startServer({ env });
  });

  it('lists dead letters, puts one back and drops another', async () => {
    await server.stop();
    const log = await openEmbeddedLog({ dir: folder });
    const wrong = (id: string): NewRecord => ({
      topic: 'customers.commands',
      key: id,
      value: `not JSON ${id}`,
      headers: { note: 'ü' },
    });
    const own = { ...wrong('own'), headers: { ce_id: 't-own', ce_transactionid: 't-own', ce_issuedby: 'ada' } };
    const positions = await log.append([wrong('one'), wrong('two'), own]);
    await log.close();
    server = await startServer({ env });
    const keys = positions.map(({ partition, offset }) => `${partition}/${offset}`);
    const list = async () => JSON.parse((await run(env, 'dead', 'list', '--json')).stdout);
    await expect.poll(async () => (await list()).length, { timeout: 30_000 }).toBe(3);
    const letters = await list();
    expect(letters).toContainEqual(
      expect.objectContaining({
        topic: 'customers.commands',
        key: keys[0],
        record: expect.objectContaining({ key: 'one', value: 'not JSON one', headers: { note: 'ü' } }),
      }),
    );
    const refused = letters.find(({ ended }: { ended: boolean }) => ended);
    expect(refused).toMatchObject({ key: keys[2], reason: expect.stringContaining('headers') });
    await server.stop();

    const [one = '', two = '', ended = ''] = keys;
    const retried = await run(env, 'dead', 'retry', ended, '--topic', 'customers.commands');
    expect([retried.code, retried.stderr]).toEqual([1, expect.stringMatching(/transaction t-own has ended REJECTED/)]);
    expect((await run(env, 'dead', 'drop', ended, '--topic', 'customers.commands')).code).toBe(0);
    expect((await run(env, 'dead', 'drop')).stderr).toMatch(/say which/);
    expect((await run(env, 'dead', 'drop', '9/9')).stderr).toMatch(/there is no dead letter 9\/9/);
    expect((await run(env, 'dead', 'drop', two)).code).toBe(0);
    expect((await run(env, 'dead', 'retry', one, '--topic', 'customers.commands')).code).toBe(0);
    expect(await list()).toEqual([]);
    const after = await openEmbeddedLog({ dir: folder });
    const back = await newestOf(after, 'customers.commands', 'one');
    await after.close();
    expect(back).toHaveLength(2);
    expect(back[0]).toEqual({ ...back[1], partition: back[1]?.partition });
    server = await startServer({ env });
    // It is as unreadable as before, and says so again.
    await expect.poll(async () => (await list()).length, { timeout: 30_000 }).toBe(1);
  });

  it('says in one line what is in the way', async () => {
    const nowhere = await run(env, 'import', 'examples/northwind', '--url', 'http://127.0.0.1:1');
    expect([nowhere.code, nowhere.stderr]).toEqual([
      1,
      expect.stringMatching(/^counterfoil: http:\/\/127\.0\.0\.1:1 cannot be reached: .*--url\n$/),
    ]);
    // One line alone: it says so before it folds the log, and tells of its progress.
    const noServer = await run(env, 'verify', '--url', 'http://127.0.0.1:1');
    expect([noServer.code, noServer.stderr]).toEqual([
      1,
      expect.stringMatching(/^counterfoil: http:\/\/127\.0\.0\.1:1 cannot be reached: .*--url.*--no-views\n$/),
    ]);
    const noFolder = await run(env, 'import', 'no/such/folder');
    expect([noFolder.code, noFolder.stderr]).toEqual([
      1,
      expect.stringMatching(/^counterfoil: no\/such\/folder cannot be read: .*\n$/),
    ]);
    const noLog = await run({ DATA_DIR: join(folder, 'empty') }, 'verify', '--url', server.url);
    expect([noLog.code, noLog.stderr]).toEqual([
      1,
      expect.stringMatching(/^counterfoil: there is no log in .*: check DATA_DIR\n$/),
    ]);
    const wrong = await run({ PARTITIONS: 'many' }, 'topics');
    expect([wrong.code, wrong.stderr]).toEqual([1, expect.stringMatching(/^counterfoil: PARTITIONS is "many": .*\n$/)]);
  });
});

/** The records of a key, newest first, as they would be written again. */
async function newestOf(
  log: Awaited<ReturnType<typeof openEmbeddedLog>>,
  topic: string,
  key: string,
): Promise<NewRecord[]> {
  const found: NewRecord[] = [];
  for (const { partition } of await log.ends([topic])) {
    for await (const records of log.read({ topic, partition })) {
      for (const { key: each, value, headers } of records) {
        if (each === key) found.unshift({ topic, partition, key, value, headers });
      }
    }
  }
  return found;
}
