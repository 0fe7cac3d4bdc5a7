/** One who asks for more than its share of the server is held back, over both transports; others are not. */
import { connect } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { SignJWT } from 'jose';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { socketUrl, type TestGateway, testGateway, viewerResolvers } from './gateway.service.ts';

const SECRET = Buffer.from('a secret that has thirty-two bytes');
const QUERY = '{ viewer { id } }';
/** Refused, and as dear to refuse as it gets. */
const DEAR = `{ ${Array.from({ length: 900 }, (_, i) => `a${i}: nothing { id name }`).join(' ')} }`;

let gateway: TestGateway;
const opened: WebSocket[] = [];
beforeEach(async () => {
  gateway = await testGateway({
    resolvers: viewerResolvers,
    identity: { by: 'secret', secret: SECRET, expected: { issuer: undefined, audience: undefined } },
    // One percent: who has used up its share waits for long, however slow the machine is.
    limits: { workPercentOfUser: 1 },
  });
});
afterEach(async () => {
  for (const socket of opened.splice(0)) socket.terminate();
  await gateway[Symbol.asyncDispose]();
});

const tokenOf = async (user: string, roles: readonly string[] = []) =>
  `Bearer ${await new SignJWT({ roles }).setProtectedHeader({ alg: 'HS256' }).setSubject(user).setExpirationTime('1h').sign(SECRET)}`;

async function ask(user: string, query: string, roles?: readonly string[]) {
  return await gateway.post({ query }, { authorization: await tokenOf(user, roles) });
}

/** Sends what is dear until the user is told to come back. */
async function useUp(user: string) {
  for (;;) {
    const all = await Promise.all(Array.from({ length: 20 }, () => ask(user, DEAR)));
    const refused = all.find(({ status }) => status === 429);
    if (refused !== undefined) return refused;
  }
}

/** A WebSocket that has been let in, and the ids of the operations that were answered on it. */
async function socketOf(user: string) {
  const socket = new WebSocket(socketUrl(gateway), 'graphql-transport-ws');
  opened.push(socket);
  const answered: string[] = [];
  const acknowledged = new Promise<void>((resolve) => {
    socket.on('message', (data) => {
      const { type, id } = JSON.parse(String(data));
      if (type === 'connection_ack') resolve();
      else if (type === 'next' || type === 'error') answered.push(id);
    });
  });
  await new Promise((resolve) => socket.once('open', resolve));
  socket.send(JSON.stringify({ type: 'connection_init', payload: { authorization: await tokenOf(user) } }));
  await acknowledged;
  const subscribe = (id: string, query: string) =>
    socket.send(JSON.stringify({ id, type: 'subscribe', payload: { query } }));
  return { answered, subscribe };
}

describe('one who has used up its share', () => {
  it('is told when to come back, over HTTP, and others are answered', async () => {
    const refused = await useUp('eve');
    expect(refused.headers.get('retry-after')).toMatch(/^\d+$/);
    expect(refused.body.errors).toEqual([
      {
        message: expect.stringMatching(/more than its share of the server: try again in \d+ s/),
        extensions: { code: 'RATE_LIMITED', retryAfter: Number(refused.headers.get('retry-after')) },
      },
    ]);
    expect(await ask('ada', QUERY)).toMatchObject({ status: 200, body: { data: { viewer: { id: 'ada' } } } });
    expect((await ask('eve', QUERY, ['admin'])).status).toBe(200);
  });

  it('is charged what its operations resolve, also over HTTP', async () => {
    // Parsed and validated in no time: what it resolves alone is dear.
    const wide = '{ viewer { id purchases(first: 200) { nodes { id status total } } } }';
    const all = await Promise.all(Array.from({ length: 60 }, () => ask('eve', wide)));
    expect(all.filter(({ status }) => status === 429).length).toBeGreaterThan(20);
  });

  it('is not read from on its WebSockets, and others are', async () => {
    const [eve, ada] = [await socketOf('eve'), await socketOf('ada')];
    await useUp('eve');
    eve.subscribe('late', QUERY);
    // Few: ada has a share of her own to keep to, and on a busy machine each takes longer.
    for (let i = 0; i < 4; i++) ada.subscribe(`${i}`, QUERY);
    await vi.waitFor(() => expect(ada.answered).toHaveLength(4), { timeout: 10_000 });
    expect(eve.answered).toEqual([]);
  });

  it('has the messages of one packet taken one at a time, with turns of others between them', async () => {
    const [eve, ada] = [await socketOf('eve'), await socketOf('ada')];
    for (let i = 0; i < 300; i++) eve.subscribe(`${i}`, DEAR);
    ada.subscribe('mine', QUERY);
    await vi.waitFor(() => expect(ada.answered).toEqual(['mine']));
    expect(eve.answered.length).toBeLessThan(300);
  });

  it('has its turn again once its share has paid for it', async () => {
    await useUp('eve');
    // Within the largest debt: 400 ms at one percent.
    await vi.waitFor(async () => expect((await ask('eve', QUERY)).status).toBe(200), {
      timeout: 60_000,
      interval: 500,
    });
  }, 90_000);
});

it('an answer over HTTP takes its room before it is made: who has too many under way is told to come back', async () => {
  let answer = (_customer: null) => undefined as void;
  const made = new Promise<null>((resolve) => {
    answer = resolve;
  });
  const waiting = await testGateway({
    resolvers: { Query: { viewer: viewerResolvers.Query.viewer, customer: () => made } },
    identity: { by: 'secret', secret: SECRET, expected: { issuer: undefined, audience: undefined } },
    limits: { workPercentOfUser: 0 },
    unreadLimits: { inAll: 2 ** 30, perAsker: 200_000, readWithinMs: 60_000, msPerMegabyte: 0, graceMs: 60_000 },
  });
  try {
    const headers = { authorization: await tokenOf('eve') };
    // Each is expected to resolve some 4,000 fields, of 80 bytes.
    const wide = '{ customer(id: "a") { id purchases(first: 200) { nodes { id status total placedAt } } } }';
    const all = Array.from({ length: 3 }, () => waiting.post({ query: wide }, headers));
    const refused = await Promise.race(all);
    expect([refused.status, refused.body.errors?.[0]?.message]).toEqual([
      429,
      expect.stringContaining('too many answers that are being made'),
    ]);
    expect((await waiting.post({ query: QUERY }, { authorization: await tokenOf('ada') })).status).toBe(200);
    answer(null);
    expect((await Promise.all(all)).some(({ status }) => status === 200)).toBe(true);
  } finally {
    await waiting[Symbol.asyncDispose]();
  }
});

it('has the commands of one mutation begin one by one when its share is used up, and all of them in the end', async () => {
  const begun = vi.fn(() => ({ id: 'a' }));
  const paced = await testGateway({
    resolvers: { Mutation: { removeCustomer: begun } },
    identity: { by: 'secret', secret: SECRET, expected: { issuer: undefined, audience: undefined } },
    limits: { workPercentOfUser: 5, mutationsPerMinute: 0 },
  });
  try {
    const commands = Array.from({ length: 100 }, (_, i) => `c${i}: removeCustomer(input: { customerId: "a" }) { id }`);
    const answer = paced.post({ query: `mutation { ${commands.join(' ')} }` }, { authorization: await tokenOf('eve') });
    // What may be had at once is some seventy.
    await vi.waitFor(() => expect(begun.mock.calls.length).toBeGreaterThan(40), { interval: 2, timeout: 60_000 });
    expect(begun.mock.calls.length).toBeLessThan(100);
    expect(Object.keys((await answer).body.data ?? {})).toHaveLength(100);
    expect(begun).toHaveBeenCalledTimes(100);
  } finally {
    await paced[Symbol.asyncDispose]();
  }
});

it('a mutation is answered, and others of its user too, before wrong documents that came behind it on its connection', async () => {
  const slow = await testGateway({
    resolvers: { ...viewerResolvers, Mutation: { removeCustomer: () => setTimeout(20, { id: 'a' }) } },
    identity: { by: 'secret', secret: SECRET, expected: { issuer: undefined, audience: undefined } },
    limits: { workPercentOfUser: 100, mutationsPerMinute: 0 },
  });
  const authorization = await tokenOf('eve');
  const requestOf = (query: string) => {
    const body = JSON.stringify({ query });
    return [
      'POST /graphql HTTP/1.1',
      'host: 127.0.0.1',
      'content-type: application/json',
      `authorization: ${authorization}`,
      `content-length: ${body.length}`,
      '',
      body,
    ].join('\r\n');
  };
  const connection = connect(slow.port, '127.0.0.1');
  try {
    let answers = '';
    connection.on('data', (data) => {
      answers += String(data);
    });
    const commands = Array.from({ length: 20 }, (_, i) => `c${i}: removeCustomer(input: { customerId: "a" }) { id }`);
    const wrong = Array.from({ length: 10 }, (_, i) => requestOf(`{ wrong${i}`));
    const begun = performance.now();
    connection.write([requestOf(`mutation { ${commands.join(' ')} }`), ...wrong].join(''));
    await vi.waitFor(() => expect(answers.split('HTTP/1.1 ')).toHaveLength(12), { timeout: 12_000 });
    expect((await slow.post({ query: QUERY }, { authorization })).status).toBe(200);
    // Each that held its user's turn until its response was sent would have kept it for 2 s.
    expect(performance.now() - begun).toBeLessThan(10_000);
  } finally {
    connection.destroy();
    await slow[Symbol.asyncDispose]();
  }
}, 30_000);
