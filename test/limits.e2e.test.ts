/** Limits of each user that the whole server is needed for: what has begun and not ended, and what is written for ever. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ended, REGISTER, run } from './e2e/operations.ts';
import { type Server, startServer } from './e2e/server.ts';
import { SECRET, token } from './e2e/tokens.ts';

let folder: string;
let server: Server;
let clerk: string;
let other: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'counterfoil-'));
  const env = { DATA_DIR: folder, AUTH_JWT_SECRET: SECRET, MAX_UNFINISHED_TRANSACTIONS: '2', MAX_WORK_PER_USER: '0' };
  server = await startServer({ env });
  [clerk, other] = await Promise.all([token('clerk', ['staff']), token('other', ['staff'])]);
}, 60_000);
afterAll(async () => {
  await server?.stop();
  await rm(folder, { recursive: true });
});

async function post(query: string, variables: object, bearer: string): Promise<Response> {
  return await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${bearer}` },
    body: JSON.stringify({ query, variables }),
  });
}

describe('a user with as many unfinished transactions as it may have', () => {
  it('is told when to come back, and nothing is written; it goes on once they have ended', async () => {
    const input = { firstName: 'Ada', lastName: 'Lovelace' };
    const answers = await Promise.all(Array.from({ length: 40 }, () => post(REGISTER, { input }, clerk)));
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(0);
    for (const answer of refused) {
      expect(answer.headers.get('retry-after')).toBe('5');
      const { errors, data } = await answer.json();
      expect(errors[0].extensions).toEqual({ code: 'RATE_LIMITED', retryAfter: 5 });
      expect(data).toBeNull();
    }
    const begun = answers.filter(({ status }) => status === 200);
    expect(begun.length).toBeGreaterThanOrEqual(2);
    for (const answer of begun) {
      const { data } = await answer.json();
      expect((await ended(server, data.done.transactionId, clerk)).status).toBe('COMPLETED');
    }
    await vi.waitFor(async () => expect((await run(server, REGISTER, input, clerk)).status).toBe('COMPLETED'), {
      timeout: 30_000,
    });
    const { data } = await server.graphql('{ customers { totalCount } }', {}, clerk);
    expect(data.customers.totalCount).toBeLessThanOrEqual(begun.length + 1);
    expect((await run(server, REGISTER, input, other)).status).toBe('COMPLETED');
  });
});
