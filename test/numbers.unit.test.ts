/**
 * Numbers that the shop prints, by the real processors on topics in memory: whichever of them goes on next, and wherever one
 * is killed, no two entities have the same number, and what nobody has is free.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aggregateNames } from '../domain/registry.ts';
import { isFinal } from '../domain/transaction.ts';
import { stateTopic } from '../records/topics.ts';
import { type Name, SmallLog } from './processors.small-log.ts';

const KINDS = ['customers', 'products', 'purchases'] as const;
type Kind = (typeof KINDS)[number];

type State = Readonly<Record<string, unknown>>;

function statesOf(log: SmallLog, aggregate: string): ReadonlyMap<string, State> {
  return new Map(log.records(stateTopic(aggregate)).map(({ key, value }) => [key ?? '', JSON.parse(String(value))]));
}

/** Those that have a number now, by their ids. A purchase that is still asking for it counts once it has it. */
function numbered(log: SmallLog, kind: Kind): ReadonlyMap<string, string> {
  const lives = ({ number, removed, status, numberGiven }: State) =>
    number !== null && removed !== true && numberGiven !== false && !/REJECTED|CANCELLED/.test(String(status));
  return new Map(
    [...statesOf(log, kind)].flatMap(([id, state]) => (lives(state) ? [[id, String(state['number'])]] : [])),
  );
}

function expectUnique(log: SmallLog): void {
  for (const kind of KINDS) {
    const numbers = [...numbered(log, kind).values()];
    expect(new Set(numbers).size, `${kind}: ${numbers}`).toBe(numbers.length);
  }
}

/** Whoever has a number holds it, and nobody else holds any. */
function expectHeld(log: SmallLog): void {
  const holders = [...statesOf(log, 'numbers').values()].flatMap(({ kind, number, holder, held }) =>
    holder === null ? [] : [`${kind} ${number} ${holder} ${held}`],
  );
  const expected = KINDS.flatMap((kind) => [...numbered(log, kind)].map(([id, number]) => `${kind} ${number} ${id} 1`));
  expect(holders.sort()).toEqual(expected.sort());
}

/** Transactions that have not ended. */
function open(log: SmallLog): readonly string[] {
  return [...log.statuses()].flatMap(([id, steps]) => {
    const ends = steps.filter(({ status }) => isFinal(status));
    expect(ends.length, id).toBeLessThanOrEqual(1);
    return ends.length === 0 ? [id] : [];
  });
}

const END = (log: SmallLog, transaction: string) => log.statuses().get(transaction)?.at(-1);

const person = { firstName: 'Ada', lastName: 'Lovelace', email: null };
const tea = { name: 'Tea', price: 100, stock: 5 };

const id = fc.constantFrom('one', 'two', 'three');
const number = fc.constantFrom('A', 'B');
const asked = fc.oneof(
  { weight: 4, arbitrary: fc.record({ number }) },
  { weight: 1, arbitrary: fc.constantFrom({ number: null }, {}) },
);
const ifVersion = fc.option(fc.record({ ifVersion: fc.integer({ min: 1, max: 3 }) }), { nil: {}, freq: 3 });
const lines = fc.constantFrom(
  [{ productId: 'one', quantity: 1 }],
  [{ productId: 'one', quantity: 9 }],
  [{ productId: 'nothing', quantity: 1 }],
);

type Act = (log: SmallLog) => void;

const act: fc.Arbitrary<Act> = fc.oneof(
  fc.tuple(id, asked).map(([id, asked]): Act => {
    return (log) => log.send('customers', 'registerCustomer', id, { ...person, ...asked });
  }),
  fc.tuple(id, asked, ifVersion).map(([id, asked, at]): Act => {
    return (log) => log.send('customers', 'updateCustomer', id, { ...asked, ...at });
  }),
  id.map(
    (id): Act =>
      (log) =>
        log.send('customers', 'removeCustomer', id, {}),
  ),
  fc.tuple(id, asked).map(
    ([id, asked]): Act =>
      (log) =>
        log.send('products', 'addProduct', id, { ...tea, ...asked }),
  ),
  fc.tuple(id, asked, ifVersion).map(([id, asked, at]): Act => {
    return (log) => log.send('products', 'updateProduct', id, { ...asked, ...at });
  }),
  fc.tuple(fc.constantFrom('p1', 'p2', 'p3', 'p4'), number, lines).map(([id, number, lines]): Act => {
    return (log) => log.send('purchases', 'placePurchase', id, { customerId: 'one', lines, number });
  }),
  fc.constantFrom('p1', 'p2', 'p3', 'p4').map(
    (id): Act =>
      (log) =>
        log.send('purchases', 'cancelPurchase', id, {}),
  ),
);
const work: fc.Arbitrary<Act> = fc.tuple(fc.constantFrom<Name>(...aggregateNames), fc.integer({ min: 1, max: 3 })).map(
  ([name, most]) =>
    (log) =>
      log.work(name, most),
);
const kill: fc.Arbitrary<Act> = fc
  .tuple(fc.constantFrom<Name>(...aggregateNames), fc.constantFrom('before-commit' as const, 'after-commit' as const))
  .map(([name, at]) => (log) => {
    log.work(name, 2, at);
    log.restart(name);
  });

describe('a number', () => {
  it('is never of two, is free when nobody has it, and leaves no transaction open', () => {
    const reached = { given: 0, refused: 0 };
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof({ weight: 4, arbitrary: act }, { weight: 6, arbitrary: work }, { weight: 1, arbitrary: kill }),
          { minLength: 20, maxLength: 80, size: 'max' },
        ),
        (acts) => {
          const log = new SmallLog();
          for (const act of acts) {
            act(log);
            expectUnique(log);
          }
          log.settle();
          expectUnique(log);
          expectHeld(log);
          expect(open(log)).toEqual([]);
          for (const kind of KINDS) reached.given += numbered(log, kind).size;
          for (const [, steps] of log.statuses())
            if (steps.at(-1)?.rejection?.code === 'NUMBER_TAKEN') reached.refused++;
        },
      ),
      { numRuns: 150 },
    );
    expect(Math.min(reached.given, reached.refused)).toBeGreaterThan(20);
  });

  it('is told step by step, and refused with words that name who has it', () => {
    const log = new SmallLog();
    const first = log.send('customers', 'registerCustomer', 'one', { ...person, number: '10248' });
    const second = log.send('customers', 'registerCustomer', 'two', { ...person, number: '10248' });
    log.settle();
    expect(END(log, first)).toMatchObject({ status: 'COMPLETED', entityVersion: 1, command: 'registerCustomer' });
    expect(END(log, first)?.steps.map(({ name }) => name)).toEqual(['accepted', 'number asked for', 'completed']);
    expect(END(log, second)).toMatchObject({
      status: 'REJECTED',
      rejection: { code: 'NUMBER_TAKEN', message: 'number 10248 is taken: customer one has it', field: 'number' },
    });
    expect(statesOf(log, 'customers').has('two')).toBe(false);
  });

  it('is of each kind for itself', () => {
    const log = new SmallLog();
    log.send('customers', 'registerCustomer', 'one', { ...person, number: '7' });
    log.send('products', 'addProduct', 'one', { ...tea, number: '7' });
    log.settle();
    const placed = log.send('purchases', 'placePurchase', 'p1', {
      ...{ customerId: 'one', number: '7' },
      lines: [{ productId: 'one', quantity: 1 }],
    });
    log.settle();
    expect(END(log, placed)).toMatchObject({ status: 'COMPLETED' });
    expectHeld(log);
  });

  it('of a purchase that is rejected or cancelled may be given again: its corrected repetition gets it', () => {
    const log = new SmallLog();
    log.send('customers', 'registerCustomer', 'one', person);
    log.send('products', 'addProduct', 'one', tea);
    log.settle();
    const place = (id: string, quantity: number) => {
      const lines = [{ productId: 'one', quantity }];
      const transaction = log.send('purchases', 'placePurchase', id, { customerId: 'one', number: '10248', lines });
      log.settle();
      return END(log, transaction);
    };
    expect(place('p1', 99)).toMatchObject({ status: 'REJECTED', rejection: { code: 'INSUFFICIENT_STOCK' } });
    expect(place('p2', 1)).toMatchObject({ status: 'COMPLETED' });
    expect(place('p3', 1)).toMatchObject({ status: 'REJECTED', rejection: { code: 'NUMBER_TAKEN', field: 'number' } });
    expect(statesOf(log, 'products').get('one')).toMatchObject({ free: 4, reserved: 0, sold: 1 });
    log.send('purchases', 'cancelPurchase', 'p2', {});
    log.settle();
    expect(place('p4', 1)).toMatchObject({ status: 'COMPLETED' });
  });

  it('ends the transaction that asked for it also when its statuses have left the log meanwhile', () => {
    const log = new SmallLog();
    const asked = log.send('customers', 'registerCustomer', 'one', { ...person, number: '7' });
    log.work('customers');
    log.now += 8 * 24 * 60 * 60 * 1000;
    log.restart('customers', () => false);
    log.settle();
    expect(END(log, asked)).toMatchObject({ status: 'COMPLETED', entityVersion: 1, issuedBy: 'ada' });
  });
});
