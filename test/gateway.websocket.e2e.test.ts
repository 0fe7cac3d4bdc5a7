/** GraphQL over WebSocket: the same limits, errors and identity as over HTTP, and subscriptions that end when they should. */
import { GraphQLError } from 'graphql';
import { SignJWT } from 'jose';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Asker } from '../gateway/gateway-context.ts';
import { MAX_MESSAGE_BYTES } from '../gateway/limits.ts';
import { LogUnavailable } from '../log/event-log.ts';
import { readConfiguration } from '../server/configuration.ts';
import { UpdatesMissed } from '../transactions/errors.ts';
import { ADMIN_FACTOR } from '../transactions/viewer.ts';
import { closingOf, first, socketUrl, type TestGateway, testGateway, viewerResolvers } from './gateway.service.ts';

const SECRET = Buffer.from('a secret that has thirty-two bytes');
const BY_SECRET = { by: 'secret', secret: SECRET, expected: { issuer: undefined, audience: undefined } } as const;
/** Everyone is an admin here. */
const MAX_OPERATIONS_PER_SOCKET = readConfiguration({}).limits.operationsPerSocket * ADMIN_FACTOR;

let gateway: TestGateway | undefined;
afterEach(async () => {
  await gateway?.[Symbol.asyncDispose]();
  gateway = undefined;
});

async function open(options: Parameters<typeof testGateway>[0] = {}): Promise<TestGateway> {
  gateway = await testGateway(options);
  return gateway;
}

function sign(claims: Record<string, unknown>): Promise<string> {
  return new SignJWT({ exp: Math.floor(Date.now() / 1000) + 3_600, ...claims })
    .setProtectedHeader({ alg: 'HS256' })
    .sign(SECRET);
}

/** A stream that gives `events` and then waits; `left` resolves once its reader has gone. */
function stream(events: readonly unknown[]) {
  let leave: () => void = () => undefined;
  const left = new Promise<void>((resolve) => {
    leave = resolve;
  });
  const rest = [...events];
  const end = { done: true, value: undefined } as const;
  const iterator: AsyncIterableIterator<unknown> = {
    next: async () => (rest.length > 0 ? { done: false, value: rest.shift() } : left.then(() => end)),
    return: async () => {
      leave();
      return end;
    },
    [Symbol.asyncIterator]: () => iterator,
  };
  return { iterator, left };
}

describe('an operation', () => {
  it('runs queries as well', async () => {
    const { socket } = await open();
    expect(await first(socket(), '{ viewer { id } }')).toEqual({ data: { viewer: { id: 'anonymous' } } });
  });

  it.each([
    ['a syntax error', '{ viewer', {}, 'GRAPHQL_PARSE_FAILED'],
    ['an unknown field', '{ nothing }', {}, 'GRAPHQL_VALIDATION_FAILED'],
    [
      'no operation',
      'fragment F on Viewer { id } query A { viewer { ...F } } query B { viewer { id } }',
      {},
      'OPERATION_RESOLUTION_FAILURE',
    ],
    [
      'too deep an operation',
      `{ customer(id: "a") { ${'purchases { nodes { customer { '.repeat(4)} id ${'} } } '.repeat(4)} } }`,
      {},
      'GRAPHQL_VALIDATION_FAILED',
    ],
    [
      'pages of pages of pages',
      'query ($n: Int) { customers(first: $n) { nodes { purchases(first: $n) { nodes { id total placedAt } } } } }',
      { n: 200 },
      'LIMIT_EXCEEDED',
    ],
  ])('with %s is refused with a code', async (_what, query, variables, code) => {
    const { socket } = await open();
    await expect(first(socket(), query, variables)).rejects.toMatchObject([{ extensions: { code } }]);
  });

  it('with a variable that does not fit says BAD_USER_INPUT', async () => {
    const { socket } = await open();
    expect(await first(socket(), 'subscription ($id: ID!) { transaction(id: $id) { id } }')).toMatchObject({
      errors: [{ extensions: { code: 'BAD_USER_INPUT' } }],
    });
  });

  it('that fails unexpectedly tells an id alone, and one that finds an engine away says UNAVAILABLE', async () => {
    const { socket, logged } = await open({
      resolvers: {
        Query: {
          customer: () => {
            throw new TypeError('the password is swordfish');
          },
          product: () => {
            throw new LogUnavailable('broker 10.0.0.7 is away');
          },
        },
        Subscription: {
          customerChanged: {
            subscribe: () => {
              throw new TypeError('the password is swordfish');
            },
          },
          productChanged: {
            // biome-ignore lint/correctness/useYield: it fails before it has anything to give.
            async *subscribe() {
              throw new TypeError('the password is swordfish');
            },
          },
          purchaseChanged: {
            subscribe: () => {
              throw new GraphQLError('only for admins', { extensions: { code: 'FORBIDDEN' } });
            },
          },
        },
      },
    });
    const client = socket();
    const unexpected = [{ extensions: { code: 'INTERNAL_SERVER_ERROR', id: expect.any(String) } }];
    const told = [
      await first(client, '{ customer(id: "a") { id } }'),
      await first(client, 'subscription { customerChanged { id } }'),
    ];
    for (const result of told) expect(result).toMatchObject({ errors: unexpected });
    const failed = await first(client, 'subscription { productChanged { id } }').catch((errors: unknown) => errors);
    expect(failed).toMatchObject(unexpected);
    expect(JSON.stringify([...told, failed])).not.toContain('swordfish');
    expect(logged()).toContain('swordfish');
    expect(await first(client, '{ product(id: "a") { id } }')).toMatchObject({
      errors: [{ extensions: { code: 'UNAVAILABLE' } }],
    });
    expect(await first(client, 'subscription { purchaseChanged { id } }')).toMatchObject({
      errors: [{ message: 'only for admins', extensions: { code: 'FORBIDDEN' } }],
    });
  });

  it('that may have missed something ends with RESUBSCRIBE, as the command bus says', async () => {
    const { socket } = await open({
      resolvers: {
        Subscription: {
          productChanged: {
            // biome-ignore lint/correctness/useYield: it fails before it has anything to give.
            async *subscribe() {
              throw new UpdatesMissed('the subscriber is too slow');
            },
          },
        },
      },
    });
    const message = 'the subscriber is too slow: subscribe again, and read again what you show';
    await expect(first(socket(), 'subscription { productChanged { id } }')).rejects.toEqual([
      { message, extensions: { code: 'RESUBSCRIBE' } },
    ]);
  });

  it('beyond the most that one WebSocket may have is refused, and the others go on', async () => {
    const { socket } = await open({
      resolvers: { Subscription: { transactions: { subscribe: () => stream([]).iterator } } },
    });
    const client = socket();
    const refused = vi.fn();
    for (let i = 0; i < MAX_OPERATIONS_PER_SOCKET; i += 1) {
      client.subscribe(
        { query: 'subscription { transactions { id } }' },
        { next: () => undefined, error: refused, complete: () => undefined },
      );
    }
    await expect(first(client, '{ viewer { id } }')).rejects.toMatchObject([
      { extensions: { code: 'LIMIT_EXCEEDED' } },
    ]);
    expect(refused).not.toHaveBeenCalled();
  });
});

describe('a subscription', () => {
  it('gives each event a context of its own, so that nothing read for one is shown for the next', async () => {
    const contexts: unknown[] = [];
    const { socket } = await open({
      resolvers: {
        Subscription: {
          customerChanged: {
            subscribe: () => stream([{ id: 'a' }, { id: 'b' }, { id: 'c' }]).iterator,
            resolve: (event: unknown, _: unknown, context: Asker) => {
              contexts.push(context);
              return event;
            },
          },
        },
      },
    });
    const seen: unknown[] = [];
    for await (const { data } of socket().iterate({ query: 'subscription { customerChanged { id } }' })) {
      seen.push(data);
      if (seen.length === 3) break;
    }
    expect(seen).toEqual(['a', 'b', 'c'].map((id) => ({ customerChanged: { id } })));
    expect(new Set(contexts.map((context) => (context as { made: symbol }).made)).size).toBe(3);
    for (const context of contexts) expect(context).toMatchObject({ viewer: { id: 'anonymous' } });
  });

  it('ends at its source as soon as the client leaves it, though no event comes', async () => {
    const source = stream([{ id: 'a' }]);
    const { socket } = await open({
      resolvers: {
        Subscription: { customerChanged: { subscribe: () => source.iterator, resolve: (event: unknown) => event } },
      },
    });
    await first(socket(), 'subscription { customerChanged { id } }');
    await source.left;
  });

  it('ends at its source when the connection is lost', async () => {
    const source = stream([{ id: 'a' }]);
    const { socket } = await open({
      resolvers: {
        Subscription: { customerChanged: { subscribe: () => source.iterator, resolve: (event: unknown) => event } },
      },
    });
    const client = socket();
    const iterator = client.iterate({ query: 'subscription { customerChanged { id } }' });
    await iterator.next();
    client.terminate();
    await source.left;
  });
});

describe('a connection', () => {
  it('from a page of another site is refused, and one from a page of this server or a program is not', async () => {
    const { url, port } = await open();
    const address = socketUrl({ url });
    const badProtocol = ['not a message'];
    for (const origin of ['http://evil.example', `http://127.0.0.1:${port + 1}`, 'null']) {
      expect(await closingOf(address, { origin })).toEqual({ status: 403 });
    }
    expect(await closingOf(address, { origin: url }, badProtocol)).toMatchObject({ code: 4400 });
    expect(await closingOf(address, {}, badProtocol)).toMatchObject({ code: 4400 });
  });

  it('by a name that is not of this machine is refused while everyone is an admin', async () => {
    const { url } = await open();
    const host = 'evil.example:4000';
    expect(await closingOf(socketUrl({ url }), { host, origin: `http://${host}` })).toEqual({ status: 403 });
  });

  it('to another path is refused', async () => {
    const { url } = await open();
    expect(await closingOf(`${url.replace('http', 'ws')}/elsewhere`, {})).toEqual({ status: 404 });
  });

  it('is closed by a message larger than an HTTP body may be', async () => {
    const { url } = await open();
    expect(await closingOf(socketUrl({ url }), {}, ['x'.repeat(MAX_MESSAGE_BYTES + 1)])).toMatchObject({ code: 1009 });
  });

  it('is closed with 4403 without a valid token', async () => {
    const { url } = await open({ identity: BY_SECRET });
    const init = (payload?: unknown) => closingOf(socketUrl({ url }), {}, [{ type: 'connection_init', payload }]);
    expect(await init()).toEqual({ code: 4403, reason: 'a bearer token is needed' });
    expect(await init({ authorization: 'Bearer eyJ.eyJ.x' })).toEqual({ code: 4403, reason: 'the token is not valid' });
    const expired = await sign({ sub: 'ada', exp: 1_000_000_000 });
    expect(await init({ authorization: `Bearer ${expired}` })).toEqual({ code: 4403, reason: 'the token has expired' });
  });

  it('that runs an operation before it has said who asks is closed with 4401', async () => {
    const { url } = await open({ identity: BY_SECRET });
    const subscribe = { type: 'subscribe', id: '1', payload: { query: '{ viewer { id } }' } };
    expect(await closingOf(socketUrl({ url }), {}, [subscribe])).toMatchObject({ code: 4401 });
  });

  it.each(['authorization', 'Authorization'])('is the user of the token in connectionParams.%s', async (name) => {
    const { socket } = await open({ identity: BY_SECRET, resolvers: viewerResolvers });
    const token = await sign({ sub: 'ada', roles: ['clerk'] });
    const result = await first(socket({ [name]: `Bearer ${token}` }), '{ viewer { id roles isAdmin } }');
    expect(result).toEqual({ data: { viewer: { id: 'ada', roles: ['clerk'], isAdmin: false } } });
  });

  it('is the user of the token in the header that a program sends', async () => {
    const { url } = await open({ identity: BY_SECRET });
    const authorization = `Bearer ${await sign({ sub: 'ada' })}`;
    const [init, again] = [{ type: 'connection_init' }, { type: 'connection_init' }];
    // Only who has been let in is told that once is enough.
    expect(await closingOf(socketUrl({ url }), { authorization }, [init, again])).toMatchObject({ code: 4429 });
  });

  it('is closed with 4403 when its token ends', async () => {
    const { url } = await open({ identity: BY_SECRET });
    // The clocks' tolerance lets it in for a moment more.
    const token = await sign({ sub: 'ada', exp: Math.floor(Date.now() / 1000) - 4 });
    const init = { type: 'connection_init', payload: { authorization: `Bearer ${token}` } };
    const closing = await closingOf(socketUrl({ url }), {}, [init]);
    expect(closing).toEqual({ code: 4403, reason: 'the token has expired' });
  });
});
