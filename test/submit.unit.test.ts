/** What the gateway acknowledges, the processor can read: for every mutation, whatever is asked by whomever. */
import fc from 'fast-check';
import { GraphQLError } from 'graphql';
import { describe, expect, it } from 'vitest';
import { aggregateNamed, isAggregateName } from '../domain/registry.ts';
import type { EventLog, NewRecord } from '../log/event-log.ts';
import { asRead, readCommand } from '../records/command-record.ts';
import { readKeyedCommand } from '../records/keyed-command.ts';
import { commandsTopic, deadTopic, KEYS } from '../records/topics.ts';
import { operatorConsole } from '../resolvers/console.ts';
import { resolvers } from '../resolvers/index.ts';
import { MasterKeys, newMasterKey } from '../sealing/master-keys.ts';
import { Sealer } from '../sealing/sealer.ts';
import { createSubmit } from '../transactions/submit.ts';
import { NAMES, SmallLog } from './processors.small-log.ts';

const PARTITIONS = 4;
const NOW = Date.UTC(2026, 0, 1);

const text = fc.oneof(
  fc.constantFrom(
    '',
    ' ',
    'a',
    'ada@example.com',
    'x'.repeat(201),
    '%',
    '100%',
    '%zz',
    '\0',
    '\ud800',
    'a\udfff',
    'é',
    'e\u0301',
  ),
  fc.constantFrom('2026-01-01T00:00:00Z', '2026-01-01', '\u2028', '__proto__', 'constructor', '🙂', '\r\n'),
  fc.string({ unit: 'binary', maxLength: 70 }),
  fc.string({ maxLength: 10 }),
);
const id = fc.oneof(
  { weight: 3, arbitrary: fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/) },
  { weight: 1, arbitrary: text },
);
const number = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 100 }) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      0,
      -0,
      -1,
      1.5,
      2 ** 31,
      2 ** 31 - 1,
      -(2 ** 31),
      2 ** 53,
      2 ** 53 - 1,
      1e9,
      1e21,
      Number.NaN,
      Number.POSITIVE_INFINITY,
    ),
  },
);
const maybe = <T>(of: fc.Arbitrary<T>) => fc.option(fc.option(of, { nil: null, freq: 4 }), { nil: undefined, freq: 2 });
const both = { ifVersion: maybe(number), idempotencyKey: maybe(text) };

const url = fc.oneof(fc.webUrl(), text);
const types = fc.array(fc.oneof(fc.constantFrom('ProductAdded', 'CustomerErased'), text), { maxLength: 2 });
const secret = fc.oneof(fc.constant(`whsec_${'a'.repeat(43)}=`), text);

const inputs: Readonly<Record<string, fc.Arbitrary<object>>> = {
  registerCustomer: fc.record({
    id: maybe(id),
    firstName: text,
    lastName: text,
    email: maybe(text),
    userId: maybe(text),
    ...both,
  }),
  updateCustomer: fc.record({
    customerId: id,
    firstName: maybe(text),
    lastName: maybe(text),
    email: maybe(text),
    userId: maybe(text),
    ...both,
  }),
  removeCustomer: fc.record({ customerId: id, ...both }),
  eraseCustomer: fc.record({ customerId: id, evenIfReadable: maybe(fc.boolean()), ...both }),
  addProduct: fc.record({ id: maybe(id), name: text, price: number, stock: maybe(number), ...both }),
  updateProduct: fc.record({ productId: id, name: maybe(text), price: maybe(number), ...both }),
  restockProduct: fc.record({ productId: id, quantity: number, ...both }),
  writeOffStock: fc.record({ productId: id, quantity: number, ...both }),
  discontinueProduct: fc.record({ productId: id, ...both }),
  reinstateProduct: fc.record({ productId: id, ...both }),
  placePurchase: fc.record({
    id: maybe(id),
    customerId: id,
    lines: fc.array(fc.record({ productId: id, quantity: number }), { maxLength: 3 }),
    placedAt: maybe(text),
    ...both,
  }),
  cancelPurchase: fc.record({ purchaseId: id, ...both }),
  addWebhook: fc.record({ id: maybe(id), name: text, url, types: maybe(types), secret, ...both }),
  updateWebhook: fc.record({
    ...{
      webhookId: id,
      name: maybe(text),
      url: maybe(url),
      types: maybe(types),
      enabled: maybe(fc.boolean()),
      ...both,
    },
  }),
  rotateWebhookSecret: fc.record({ webhookId: id, secret, ...both }),
  removeWebhook: fc.record({ webhookId: id, ...both }),
};

// Whoever is signed in has a name of well-formed text: see the tests of identity.
const viewer = fc.record({
  id: text.filter((id) => !/\p{Surrogate}/u.test(id)),
  roles: fc.constant([]),
  isAdmin: fc.constant(true),
});
const traceparent = fc.option(text, { nil: undefined });

interface Asked {
  readonly mutation: string;
  readonly input: object;
  readonly viewer: { readonly id: string; readonly roles: readonly string[]; readonly isAdmin: boolean };
  readonly traceparent: string | undefined;
  /** Whether personal fields are sealed. */
  readonly sealed?: boolean;
}

/** No user has a customer yet, and whatever customer is asked for has been removed. */
const NOTHING_SHOWN = {
  find: async () => [],
  get: async (_: string, ids: readonly string[]) => new Map(ids.map((_id) => [_id, { _id, removed: true }])),
  count: async () => 0,
};
const ALL_SHOWN = {
  canErase: true,
  loaders: { forget: () => undefined },
  sealSecret: async (given: string) => `key/${Buffer.from(given).toString('hex')}`,
  reflection: { enter: () => () => undefined, allShown: async () => undefined },
};

/** With a key that is on the log already. */
const SEALER = new Sealer(
  { of: async () => ({ name: `${'n'.repeat(20)}.${'k'.repeat(8)}`, key: Buffer.alloc(32, 7) }) },
  new MasterKeys(newMasterKey()),
);

/** Asks for one mutation, and returns what was appended, or the error that was told instead. */
async function ask({ mutation, input, sealed, ...context }: Asked): Promise<NewRecord[] | Error> {
  const appended: NewRecord[] = [];
  const log = {
    append: async (records: readonly NewRecord[]) => {
      appended.push(...records);
      return [];
    },
  } as unknown as EventLog;
  const tracker = { underKey: async () => [], unfinishedOf: () => 0, kept: 0, appended: <R>(record: R) => record };
  const submit = createSubmit({
    ...{ log, tracker, partitions: PARTITIONS, now: () => NOW },
    sealer: sealed ? SEALER : undefined,
  });
  // Past GraphQL's own checks, so that nothing rests on them.
  const resolve = Reflect.get(resolvers.Mutation ?? {}, mutation) as (...of: unknown[]) => Promise<unknown>;
  try {
    await resolve({}, { input }, { ...context, ...ALL_SHOWN, submit, views: NOTHING_SHOWN });
    return appended;
  } catch (error) {
    expect(appended).toEqual([]);
    // Anything else would be an internal error, which tells its asker nothing.
    expect(error).toBeInstanceOf(GraphQLError);
    if (error instanceof GraphQLError) return error;
    throw error;
  }
}

/** As the processors do; a command with a key as its owner does, who hands it on to the aggregate. */
function read(record: NewRecord) {
  if (record.topic === commandsTopic(KEYS)) {
    return readKeyedCommand(asRead(record, PARTITIONS), PARTITIONS).read;
  }
  const name = record.topic.split('.')[0] ?? '';
  if (!isAggregateName(name)) throw new Error(`${record.topic} holds nobody's commands`);
  return readCommand(aggregateNamed(name), asRead(record, PARTITIONS), PARTITIONS);
}

describe('a mutation', () => {
  it('that writes a command is tried here, each of them', () => {
    const {
      loadSamples: _,
      submitCommands: __,
      retryDelivery: ___,
      dropDelivery: ____,
      ...all
    } = Object(resolvers.Mutation);
    const operators = Object.keys(operatorConsole.resolvers.Mutation);
    const writing = Object.fromEntries(Object.entries(all).filter(([name]) => !operators.includes(name)));
    expect(Object.keys(inputs).sort()).toEqual(Object.keys(writing).sort());
  });

  it.each(Object.keys(inputs))('%s is acknowledged only when its processor can read it', async (mutation) => {
    let acknowledged = 0;
    await fc.assert(
      fc.asyncProperty(inputs[mutation] ?? fc.constant({}), viewer, traceparent, fc.boolean(), async (...of) => {
        const [input, viewer, traceparent, sealed] = of;
        const appended = await ask({ mutation, input, viewer, traceparent, sealed });
        if (appended instanceof Error) return;
        acknowledged++;
        expect(appended).toHaveLength(1);
        for (const record of appended) {
          const { meta, command } = read(record);
          expect(command.type).toBe(mutation);
          expect(meta).toMatchObject({ issuedBy: viewer.id, commandId: meta.transactionId });
        }
      }),
      { numRuns: 300 },
    );
    expect(acknowledged).toBeGreaterThan(0);
  });

  it.each([0, -1, 1.5, Number.NaN])('tells at once that ifVersion cannot be %s', async (ifVersion) => {
    const input = { customerId: 'ada', ifVersion };
    const viewer = { id: 'ada', roles: [], isAdmin: true };
    const told = await ask({ mutation: 'removeCustomer', input, viewer, traceparent: undefined });
    expect(told).toBeInstanceOf(GraphQLError);
    expect(Reflect.get(told, 'extensions')).toEqual({ code: 'BAD_USER_INPUT', field: 'input.ifVersion' });
  });

  it.each([
    ['2026-01-01T01:00:00.001Z', 'placedAt must not be in the future'],
    ['yesterday', 'placedAt must be a time such as 2026-01-31T12:00:00Z'],
  ])('tells at once that a purchase cannot be placed at %s', async (placedAt, message) => {
    const input = { customerId: 'ada', lines: [{ productId: 'tea', quantity: 1 }], placedAt: { time: placedAt } };
    const viewer = { id: 'ada', roles: [], isAdmin: true };
    const told = await ask({ mutation: 'placePurchase', input, viewer, traceparent: undefined });
    expect(told).toMatchObject({ message, extensions: { code: 'BAD_USER_INPUT', field: 'input.placedAt' } });
  });

  it('may say when a purchase was placed for admins alone, whatever it says', async () => {
    const input = { customerId: 'ada', lines: [], placedAt: 'yesterday' };
    const viewer = { id: 'ada', roles: [], isAdmin: false };
    const told = await ask({ mutation: 'placePurchase', input, viewer, traceparent: undefined });
    expect(told).toMatchObject({ message: 'input.placedAt: only for admins', extensions: { code: 'FORBIDDEN' } });
  });

  it.each([
    ['addProduct', { name: 'a\ud800', price: 1 }, 'name'],
    ['updateProduct', { productId: 'tea', name: '\udc00a' }, 'name'],
    ['registerCustomer', { firstName: 'Ada\ud800', lastName: 'King' }, 'firstName'],
    ['registerCustomer', { firstName: 'Ada', lastName: '\ud800King' }, 'lastName'],
    ['registerCustomer', { firstName: 'Ada', lastName: 'King', userId: 'ada\ud800' }, 'userId'],
    ['updateCustomer', { customerId: 'ada', email: 'a\ud800@example.com' }, 'email'],
    ['removeCustomer', { customerId: 'ada', idempotencyKey: 'k\ud800' }, 'idempotencyKey'],
  ])('%s is refused at once for text that is not well-formed Unicode: %j', async (mutation, input, field) => {
    const viewer = { id: 'ada', roles: [], isAdmin: true };
    const told = await ask({ mutation, input, viewer, traceparent: undefined });
    expect(Reflect.get(told, 'extensions')).toEqual({ code: 'BAD_USER_INPUT', field: `input.${field}` });
  });

  it.each(Object.keys(inputs))('%s never brings text onto the log that UTF-8 has no form for', async (mutation) => {
    await fc.assert(
      fc.asyncProperty(inputs[mutation] ?? fc.constant({}), viewer, async (input, viewer) => {
        const appended = await ask({ mutation, input, viewer, traceparent: undefined });
        if (appended instanceof Error) return;
        for (const { value, headers } of appended) {
          expect(String(value)).not.toMatch(/\\u[dD][89abAB]/);
          expect(JSON.stringify(headers)).not.toMatch(/\\u[dD][89abAB]/);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('is not refused for a trace header that is none', async () => {
    const viewer = { id: 'ada', roles: [], isAdmin: true };
    const told = await ask({ mutation: 'removeCustomer', input: { customerId: 'ada' }, viewer, traceparent: '' });
    expect(told).toHaveLength(1);
  });

  it('makes no dead letter, whatever is asked, and nor does what follows from it', async () => {
    // Few ids, so that what follows meets what exists.
    const few = fc.constantFrom('a', 'b', 'c');
    const oneOfThem = fc.oneof(
      ...Object.entries(inputs).map(([mutation, input]) =>
        fc.record({ mutation: fc.constant(mutation), input, id: few, others: few }),
      ),
    );
    let followed = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(oneOfThem, { minLength: 5, maxLength: 40 }), viewer, async (mutations, viewer) => {
        const log = new SmallLog();
        for (const { mutation, input, id, others } of mutations) {
          const named = Object.keys(input).filter((field) => ['id', 'productId', 'purchaseId'].includes(field));
          const ids = { ...Object.fromEntries(named.map((field) => [field, id])) };
          const lines = 'lines' in input ? { lines: [{ productId: others, quantity: 1 }], customerId: others } : {};
          const asked = { mutation, input: { ...input, ...ids, ...lines }, viewer, traceparent: undefined };
          const appended = await ask(asked);
          if (!(appended instanceof Error)) for (const record of appended) log.append(record);
          log.settle();
        }
        for (const name of NAMES) expect(log.records(deadTopic(commandsTopic(name)))).toEqual([]);
        followed += log.records(commandsTopic('purchases')).length;
      }),
      { numRuns: 100 },
    );
    expect(followed).toBeGreaterThan(0);
  });
});
