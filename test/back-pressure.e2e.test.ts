/** Back-pressure on a running server: what it refuses is not written, costs no memory, and goes through afterwards. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, inject, it, vi } from 'vitest';
import { ADD, ended, PLACE } from './e2e/operations.ts';
import { type GraphQLAnswer, type Server, startServer } from './e2e/server.ts';
import { kafkaMissing, startKafka } from './engines/kafka.ts';
import { named } from './log-kafka.counting.ts';

const PATIENCE = 120_000;
let folder: string;
let server: Server | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'counterfoil-'));
});
afterEach(async () => {
  await server?.stop();
  server = undefined;
  await rm(folder, { recursive: true });
}, PATIENCE);

interface Answered {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly answer: GraphQLAnswer;
}

async function send({ url }: Server, query: string, input: object): Promise<Answered> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables: { input } }),
  });
  const retryAfter = response.headers.get('retry-after');
  return { status: response.status, retryAfter, answer: (await response.json()) as GraphQLAnswer };
}

const atOnce = (to: Server, count: number, query: string, input: (at: number) => object) =>
  Promise.all(Array.from({ length: count }, (_, at) => send(to, query, input(at))));

/** Each is a refusal that says when to come back. */
function expectRefused(refused: readonly Answered[], retryAfter: number, why: RegExp): void {
  expect(refused.length).toBeGreaterThan(0);
  for (const { status, retryAfter: header, answer } of refused) {
    expect(status).toBe(503);
    expect(header).toBe(String(retryAfter));
    expect(answer.errors?.[0]).toMatchObject({
      message: expect.stringMatching(why),
      extensions: { code: 'UNAVAILABLE', retryAfter },
    });
  }
}

const begunBy = (answers: readonly Answered[]) =>
  answers.flatMap(({ answer }): string[] => answer.data?.done?.transactionId ?? []);

/** One more mutation, sent again for as long as it is refused, and its end. */
async function oneMore(to: Server): Promise<string> {
  const [id = ''] = await vi.waitFor(
    async () => {
      const begun = begunBy([await send(to, ADD, { name: 'One more', price: '1.00', stock: 1 })]);
      expect(begun).toHaveLength(1);
      return begun;
    },
    { timeout: 60_000, interval: 500 },
  );
  expect((await ended(to, id)).status).toBe('COMPLETED');
  return id;
}

async function transactions(of: Server): Promise<number> {
  return (await of.graphql('{ transactions { totalCount } }')).data.transactions.totalCount;
}

describe('a server with as many transactions under way as it may have', { timeout: PATIENCE }, () => {
  it('refuses more, writes none of them, and takes the next one once those have ended', async () => {
    server = await startServer({ env: { DATA_DIR: folder, MAX_WAITING_TRANSACTIONS: '5' } });
    const answers = await atOnce(server, 100, ADD, (at) => ({ id: `p${at}`, name: 'Tea', price: '1.00', stock: 1 }));
    const begun = begunBy(answers);
    expect(begun.length).toBeGreaterThan(0);
    expectRefused(
      answers.filter(({ status }) => status !== 200),
      5,
      /5 transactions have begun .* nothing was written/,
    );
    for (const id of begun) expect((await ended(server, id)).status).toBe('COMPLETED');
    const last = await oneMore(server);
    await server.graphql('query ($id: ID) { products(reflecting: $id) { totalCount } }', { id: last });
    expect(await transactions(server)).toBe(begun.length + 1);
  });
});

const missing = inject('kafkaMissing');
const notLocal = missing === '' ? await kafkaMissing() : missing;

describe.skipIf(notLocal !== undefined)(
  `a server whose log does not acknowledge${named(notLocal)}`,
  { timeout: 2 * PATIENCE },
  () => {
    /** 50 lines with ids as long as they may be: some 5 KB of a command. */
    const large = (at: number) => ({
      id: `purchase-${at}`,
      customerId: 'ada',
      lines: Array.from({ length: 50 }, (_, line) => ({ productId: `${line}-`.padEnd(64, 'x'), quantity: 1 })),
    });

    it('refuses what would not fit, keeps none of it in memory, and goes on when the log does', async () => {
      const kafka = await startKafka();
      try {
        const env = { KAFKA_BROKERS: kafka.brokers.join(), DATA_DIR: folder, MAX_APPENDING_MB: '1' };
        const running = await startServer({ env });
        server = running;
        await oneMore(running);
        await kafka.kill('SIGSTOP');
        // About 150 of them fit into a megabyte, and wait.
        let answered = 0;
        const waiting = Array.from({ length: 300 }, async (_, at) => {
          const one = await send(running, PLACE, large(at));
          answered += 1;
          return one;
        });
        await vi.waitFor(() => expect(answered).toBeGreaterThan(50), { timeout: 30_000 });
        const more = (from: number) => atOnce(running, 100, PLACE, (at) => large(from + at));
        const later = await more(1000);
        const before = await memoryOf(running);
        for (let round = 2; round < 4; round++) later.push(...(await more(round * 1000)));
        expect((await memoryOf(running)) - before).toBeLessThan(64);
        await kafka.kill('SIGCONT');

        const settled = [...(await Promise.all(waiting)), ...later];
        const refused = settled.filter(({ answer }) => /nothing was written/.test(answer.errors?.[0]?.message ?? ''));
        expectRefused(refused, 1, /the log is behind with what it has been given/);
        const last = await oneMore(running);
        await running.graphql('query ($id: ID) { products(reflecting: $id) { totalCount } }', { id: last });
        // Those that ran out of time are unknown: on the log or not. All others are there, and nothing else is.
        const unknown = settled.length - refused.length - begunBy(settled).length;
        const there = await transactions(running);
        expect(there).toBeGreaterThanOrEqual(begunBy(settled).length + 2);
        expect(there).toBeLessThanOrEqual(begunBy(settled).length + unknown + 2);
      } finally {
        await kafka.kill('SIGCONT');
        await server?.stop();
        server = undefined;
        await kafka.stop();
      }
    });
  },
);

/** Of its own, in MB. */
async function memoryOf({ process: { pid } }: Server): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/RssAnon:\s+(\d+)/.exec(status)?.[1] ?? Number.NaN) / 1024;
}
