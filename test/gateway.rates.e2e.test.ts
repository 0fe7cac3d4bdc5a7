/** Rates of users and addresses, over HTTP and WebSocket alike. */
import { once } from 'node:events';
import { OperationTypeNode } from 'graphql';
import type { Client } from 'graphql-ws';
import { SignJWT } from 'jose';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { Rates } from '../gateway/rates.ts';
import { readConfiguration } from '../server/configuration.ts';
import { LatestQueue } from '../transactions/latest-queue.ts';
import { ADMIN_FACTOR } from '../transactions/viewer.ts';
import { closingOf, first, socketUrl, type TestGateway, testGateway, viewerResolvers } from './gateway.service.ts';

const SECRET = Buffer.from('a secret that has thirty-two bytes');
const BY_SECRET = { by: 'secret', secret: SECRET, expected: { issuer: undefined, audience: undefined } } as const;
const { limits } = readConfiguration({});
const ADA = { id: 'ada', roles: [], isAdmin: false };

let gateway: TestGateway | undefined;
afterEach(async () => {
  await gateway?.[Symbol.asyncDispose]();
  gateway = undefined;
});

async function open(options: Parameters<typeof testGateway>[0] = {}): Promise<TestGateway> {
  gateway = await testGateway({ identity: BY_SECRET, ...options });
  return gateway;
}

async function bearer(sub: string): Promise<{ authorization: string }> {
  const jwt = new SignJWT({ sub }).setProtectedHeader({ alg: 'HS256' }).setExpirationTime('1h');
  return { authorization: `Bearer ${await jwt.sign(SECRET)}` };
}

const limited = (retryAfter: unknown) => ({ code: 'RATE_LIMITED', retryAfter });

describe('a visitor', () => {
  it('is told apart from others by its address, over HTTP', async () => {
    const { post } = await open({
      limits: { queriesPerMinute: 2 },
      identity: { ...BY_SECRET, visitors: true },
      env: { TRUST_PROXY: '127.0.0.1' },
    });
    const from = (address: string) => post({ query: '{ viewer { id } }' }, { 'x-forwarded-for': address });
    for (let i = 0; i < 2; i += 1) expect((await from('203.0.113.1')).status).toBe(200);
    expect((await from('203.0.113.1')).status).toBe(429);
    expect((await from('198.51.100.1')).status).toBe(200);
  });
});

describe('a user', () => {
  it('that asks too often is told when to come back, on both transports, and others are not', async () => {
    const { post, socket } = await open({ limits: { queriesPerMinute: 3 }, resolvers: viewerResolvers });
    const [ada, bob] = [await bearer('ada'), await bearer('bob')];
    const query = '{ viewer { id } }';
    const client = socket(ada);
    for (let i = 0; i < 2; i += 1) expect((await post({ query }, ada)).status).toBe(200);
    expect(await first(client, query)).toMatchObject({ data: { viewer: { id: 'ada' } } });

    const { status, headers, body } = await post({ query }, ada);
    expect(status).toBe(429);
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    expect(body.errors?.[0]?.extensions).toEqual(limited(expect.any(Number)));
    await expect(first(client, query)).rejects.toMatchObject([{ extensions: limited(expect.any(Number)) }]);
    expect((await post({ query }, bob)).status).toBe(200);
  });

  it('takes as much of the rate with one mutation as it has commands, however they are wrapped', async () => {
    const run = vi.fn(() => null);
    const { post } = await open({
      limits: { mutationsPerMinute: 5 },
      resolvers: { Mutation: { removeCustomer: run } },
    });
    const ada = await bearer('ada');
    const one = (name: string) => `${name}: removeCustomer(input: { customerId: "a" }) { id }`;
    const query = `mutation { ${one('a')} ...M } fragment M on Mutation { ${one('b')} ... on Mutation { ${one('c')} } }`;
    await post({ query }, ada);
    const { status } = await post({ query }, ada);
    expect(status).toBe(429);
    expect(run).toHaveBeenCalledTimes(1);
  });

  it('takes as much of the rate with commands in one request as with mutations of their own', async () => {
    const run = vi.fn(() => null);
    const { post, socket } = await open({
      limits: { mutationsPerMinute: 5 },
      resolvers: { Mutation: { submitCommands: run } },
    });
    const query =
      'mutation ($c: [CommandInput!]! = [{ cancelPurchase: { purchaseId: "a" } }, { cancelPurchase: { purchaseId: "b" } }, { cancelPurchase: { purchaseId: "c" } }]) { submitCommands(commands: $c) { id } }';
    const three = ['a', 'b', 'c'].map((purchaseId) => ({ cancelPurchase: { purchaseId } }));
    for (const variables of [undefined, { c: three }]) {
      const name = variables === undefined ? 'ada' : 'bob';
      await post({ query, variables }, await bearer(name));
      expect((await post({ query, variables }, await bearer(name))).status).toBe(429);
    }
    const client = socket(await bearer('eve'));
    const literal = `mutation { submitCommands(commands: [${'{ cancelPurchase: { purchaseId: "a" } } '.repeat(3)}]) { id } }`;
    await first(client, literal);
    await expect(first(client, literal)).rejects.toMatchObject([{ extensions: limited(expect.any(Number)) }]);
    expect(run).toHaveBeenCalledTimes(3);
  });

  it('may write so much to the log, and more as time goes by', () => {
    const MEGABYTE = 1024 * 1024;
    let now = 0;
    const rates = new Rates({ ...limits, writtenMegabytesPerMinute: 2 }, () => now);
    const write = (viewer: typeof ADA) => () => rates.written(viewer, undefined, MEGABYTE);
    expect(write(ADA)).not.toThrow();
    expect(write(ADA)).not.toThrow();
    expect(write(ADA)).toThrow('this user has written too much to the log: try again in 30 s');
    expect(write({ ...ADA, id: 'bob' })).not.toThrow();
    now += 30_000;
    expect(write(ADA)).not.toThrow();
  });

  it('that subscribes and completes in a loop is told as well', async () => {
    const { url } = await open({
      limits: { subscriptionsPerMinute: 10 },
      resolvers: { Subscription: { transactions: { subscribe: () => new LatestQueue(() => undefined) } } },
    });
    const socket = new WebSocket(socketUrl({ url }), 'graphql-transport-ws');
    await once(socket, 'open');
    socket.send(JSON.stringify({ type: 'connection_init', payload: await bearer('ada') }));
    await once(socket, 'message');
    for (let i = 0; i < 11; i += 1) {
      const payload = { query: 'subscription { transactions { id } }' };
      socket.send(JSON.stringify({ type: 'subscribe', id: `${i}`, payload }));
      if (i < 10) socket.send(JSON.stringify({ type: 'complete', id: `${i}` }));
    }
    const [message] = await once(socket, 'message');
    expect(JSON.parse(String(message))).toMatchObject({
      id: '10',
      payload: [{ extensions: limited(expect.any(Number)) }],
    });
    socket.terminate();
  });

  it('has one sum of what its subscriptions cost, over all of its WebSockets', async () => {
    const { socket } = await open({
      resolvers: { Subscription: { customerChanged: { subscribe: () => new LatestQueue(() => undefined) } } },
    });
    const query = `subscription { customerChanged { ${Array.from({ length: 290 }, (_, i) => `a${i}: id`).join(' ')} } }`;
    const [ada, bob] = [await bearer('ada'), await bearer('bob')];
    /** The code that it is refused with; undefined when it runs on. */
    const subscribe = (client: Client) =>
      new Promise<unknown>((resolve) => {
        const end = client.subscribe(
          { query },
          { next: () => undefined, complete: () => undefined, error: (errors) => resolve(errors) },
        );
        ends.push(end);
        // Answered after it: by then the subscription has been refused, or goes on.
        first(client, '{ nothing }').catch(() => resolve(undefined));
      });
    const ends: (() => void)[] = [];
    // 30,000 fields: more than two sockets may have, each of which may have half of it.
    const clients = Array.from({ length: 3 }, () => socket(ada));
    const outcomes: unknown[] = [];
    for (let i = 0; i < 108; i += 1) outcomes.push(await subscribe(clients[i % 3] ?? socket(ada)));
    const refused = outcomes.filter((outcome) => outcome !== undefined);
    expect(outcomes.findIndex((outcome) => outcome !== undefined)).toBe(103);
    for (const errors of refused) expect(errors).toMatchObject([{ extensions: { code: 'LIMIT_EXCEEDED' } }]);
    expect(await subscribe(socket(bob))).toBeUndefined();
    for (const end of ends) end();
    await vi.waitFor(async () => expect(await subscribe(socket(ada))).toBeUndefined());
  });

  it('may have so many WebSockets, and another when one is closed', async () => {
    const { url } = await open({ limits: { socketsPerUser: 1 } });
    const init = { type: 'connection_init', payload: await bearer('ada') };
    // Asked to be closed by a second one, once it is let in.
    const letIn = () => closingOf(socketUrl({ url }), {}, [init, init]);
    expect(await letIn()).toMatchObject({ code: 4429 });
    const held = new WebSocket(socketUrl({ url }), 'graphql-transport-ws');
    await once(held, 'open');
    held.send(JSON.stringify(init));
    await once(held, 'message');
    expect(await closingOf(socketUrl({ url }), {}, [init])).toEqual({
      code: 1013,
      reason: 'this user has too many WebSockets open',
    });
    held.terminate();
    await vi.waitFor(async () => expect(await letIn()).toMatchObject({ code: 4429 }));
  });
});

describe('the rates', () => {
  it('of admins are higher', () => {
    const rates = new Rates({ ...limits, queriesPerMinute: 1 }, () => 0);
    const admin = { id: 'root', roles: ['admin'], isAdmin: true };
    for (let i = 0; i < ADMIN_FACTOR; i += 1) rates.operation(admin, undefined, OperationTypeNode.QUERY, 1);
    expect(() => rates.operation(admin, undefined, OperationTypeNode.QUERY, 1)).toThrow(
      'this user has sent too many queries',
    );
    expect(() => rates.operation(ADA, undefined, OperationTypeNode.QUERY, 1)).not.toThrow();
  });

  it.each([
    ['an IPv4 address', '192.0.2.1', '::ffff:192.0.2.1', '192.0.2.2'],
    ['the /64 of an IPv6 address', '2001:db8:0:1::1', '2001:db8::1:ffff:0:0:2', '2001:db8:0:2::1'],
  ])('of %s are one', (_what, address, same, other) => {
    const rates = new Rates({ ...limits, requestsPerMinuteOfAddress: 1, socketsPerAddress: 1 }, () => 0);
    rates.request(address);
    expect(() => rates.request(same)).toThrow('this address has sent too many requests: try again in 60 s');
    expect(() => rates.request(other)).not.toThrow();
    const closed = rates.socketOfAddress(address);
    expect(rates.socketOfAddress(same)).toBeUndefined();
    closed?.();
    expect(rates.socketOfAddress(same)).toBeDefined();
  });

  it('of visitors, who have one name in common, are those of each address', () => {
    const rates = new Rates({ ...limits, queriesPerMinute: 1, socketsPerUser: 1 }, () => 0);
    const visitor = { id: 'anonymous', roles: [], isAdmin: false, isVisitor: true } as const;
    const ask = (address: string) => () => rates.operation(visitor, address, OperationTypeNode.QUERY, 1);
    expect(ask('192.0.2.1')).not.toThrow();
    expect(ask('192.0.2.1')).toThrow('this user has sent too many queries');
    expect(ask('192.0.2.2')).not.toThrow();
    expect(rates.socketOfUser(visitor, '192.0.2.1')).toBeDefined();
    expect(rates.socketOfUser(visitor, '192.0.2.1')).toBeUndefined();
    expect(rates.socketOfUser(visitor, '192.0.2.2')).toBeDefined();
    expect(rates.shareOf(visitor, '192.0.2.1')).not.toBe(rates.shareOf(visitor, '192.0.2.2'));
  });

  it('of addresses leave out this machine itself', () => {
    const rates = new Rates({ ...limits, requestsPerMinuteOfAddress: 1 }, () => 0);
    for (const address of ['127.0.0.1', '127.0.0.1', '::1', '::1', '::ffff:127.0.0.1']) rates.request(address);
  });

  it('are none without tokens, so that one shop on one machine is not slowed down', async () => {
    const { post } = await open({ identity: { by: 'nothing' }, resolvers: viewerResolvers });
    const answers = await Promise.all(Array.from({ length: 300 }, () => post({ query: '{ viewer { id } }' })));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  });
});
