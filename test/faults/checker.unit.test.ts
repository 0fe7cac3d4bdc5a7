/** The checker is tested too: on a history without fault it finds nothing, and each thing that is broken in one it finds. */
import { beforeAll, describe, expect, it } from 'vitest';
import { CHECK_NAMES, type CheckName, check } from './checker/index.ts';
import { sampleHistory } from './checker/sample-history.ts';
import type { Entry, History, Listening, Operation, SeenStatus } from './history.ts';

type Mutable<T> =
  T extends ReadonlyMap<infer K, infer V>
    ? Map<K, Mutable<V>>
    : T extends object
      ? { -readonly [K in keyof T]: Mutable<T[K]> }
      : T;
type Broken = Mutable<History>;

let good: History;
beforeAll(async () => {
  good = await sampleHistory();
});

/** A copy with something broken in it. */
function broken(breakIt: (history: Broken) => void): History {
  const copy = structuredClone(good) as Broken;
  breakIt(copy);
  return copy as History;
}

function entries(history: Broken, topic: string): Mutable<Entry>[] {
  const found = history.log.get(topic);
  if (found === undefined) throw new Error(`no topic ${topic}`);
  return found as Mutable<Entry>[];
}

/** The one record that is meant; a test that breaks nothing must not pass. */
function find(history: Broken, topic: string, is: (entry: Entry) => boolean): Mutable<Entry> {
  const found = entries(history, topic).find((entry) => is(entry as Entry));
  if (found === undefined) throw new Error(`no such record in ${topic}`);
  return found;
}

function remove(history: Broken, topic: string, is: (entry: Entry) => boolean): void {
  const all = entries(history, topic);
  all.splice(all.indexOf(find(history, topic, is)), 1);
}

function again(history: Broken, topic: string, is: (entry: Entry) => boolean): void {
  const all = entries(history, topic);
  const found = find(history, topic, is);
  all.splice(all.indexOf(found) + 1, 0, { ...structuredClone(found), offset: found.offset + 0.5 });
}

function operation(history: Broken, command: string): Mutable<Operation> {
  const found = history.operations.find((each) => each.command === command);
  if (found === undefined) throw new Error(`no ${command}`);
  return found as Mutable<Operation>;
}

/** A whole listening with several statuses: that of a purchase that went through. */
function listening(history: Broken): Mutable<Listening> {
  const placed = operation(history, 'placePurchase').attempts[0]?.receipt?.transactionId;
  const found = history.subscriptions.find(({ transactionId }) => transactionId === placed)?.listenings[1];
  if (found === undefined || found.seen.length < 4) throw new Error('no listening');
  return found as Mutable<Listening>;
}

function doc(history: Broken, view: 'customers' | 'products' | 'purchases' | 'transactions', id: string) {
  const found = history.views[view]?.get(id);
  if (found === undefined) throw new Error(`no ${view} ${id}`);
  return found;
}

const completed = ({ data }: Entry) => data.status === 'COMPLETED';
const last = <T>(list: readonly T[]): T => list[list.length - 1] as T;

const cases: Readonly<Record<CheckName, Readonly<Record<string, (history: Broken) => void>>>> = {
  a: {
    'an acknowledged command that is not on the log': (h) =>
      remove(h, 'purchases.commands', ({ type }) => type === 'placePurchase'),
    'an acknowledged command that stands there as another': (h) => {
      find(h, 'products.commands', ({ type }) => type === 'addProduct').key = 'coffee';
    },
    'a command that was never decided': (h) => remove(h, 'transactions', completed),
    'two final statuses': (h) => again(h, 'transactions', completed),
    'a status after the end': (h) => {
      again(h, 'transactions', completed);
      const all = entries(h, 'transactions');
      const second = all[all.findIndex((entry) => completed(entry as Entry)) + 1];
      if (second !== undefined) second.data.status = 'PENDING';
    },
    'a mutation both acknowledged and refused': (h) => {
      operation(h, 'addProduct').attempts.push({ invokedAt: 0, endedAt: 0, gateway: 'gateway-0', outcome: 'refused' });
    },
  },
  b: {
    'a key that was given two transactions': (h) => {
      const attempts = operation(h, 'restockProduct').attempts;
      const receipt = last(attempts)?.receipt;
      if (receipt) receipt.transactionId = 't999';
    },
    'two keys that were given one transaction': (h) => {
      const receipt = operation(h, 'restockProduct').attempts[0]?.receipt;
      const other = operation(h, 'addProduct').attempts[0]?.receipt;
      if (receipt && other) receipt.transactionId = other.transactionId;
    },
    'a command that was decided twice': (h) => again(h, 'products.events', ({ type }) => type === 'ProductRestocked'),
    'an effect under another name': (h) => {
      again(h, 'products.events', ({ type }) => type === 'ProductRestocked');
      last(entries(h, 'products.events').filter(({ type }) => type === 'ProductRestocked')).id = 'another/0';
    },
    'a follow-up that was sent twice': (h) => again(h, 'products.commands', ({ type }) => type === 'reserveStock'),
    'a completed transaction without effect': (h) =>
      remove(h, 'products.events', ({ type }) => type === 'ProductRestocked'),
    'an event that deciding does not give': (h) => {
      find(h, 'products.events', ({ type }) => type === 'StockReleased').type = 'StockSettled';
    },
  },
  c: {
    'a version left out': (h) => remove(h, 'products.events', ({ version }) => version === 3),
    'a version that comes twice': (h) => {
      find(h, 'products.events', ({ version }) => version === 3).version = 2;
    },
    'versions in the wrong order': (h) => {
      const all = entries(h, 'purchases.events');
      const at = all.findIndex(({ version }) => version === 2);
      all.splice(at - 1, 2, all[at] as Mutable<Entry>, all[at - 1] as Mutable<Entry>);
    },
  },
  d: {
    'stock that was sold twice': (h) => {
      find(h, 'products.events', ({ key, type }) => key === 'rare' && type === 'StockReserved').data.quantity = 2;
    },
    'a state whose stock does not add up': (h) => {
      last(entries(h, 'products.state')).data.free += 1;
    },
    'a state with less than nothing': (h) => {
      const { data } = last(entries(h, 'products.state'));
      data.free -= data.free + 1;
      data.received = data.free + data.reserved + data.sold;
    },
  },
  e: {
    'a purchase without end': (h) =>
      remove(h, 'purchases.events', ({ key, type }) => key === 'kept' && type === 'PurchaseConfirmed'),
    'a rejected purchase that kept its stock': (h) =>
      remove(h, 'products.events', ({ type, data }) => type === 'StockReleased' && data.purchaseId === 'too-late'),
    'a cancelled purchase that kept its stock': (h) =>
      remove(h, 'products.events', ({ type }) => type === 'StockTakenBack'),
    'a confirmed purchase whose stock was not sold': (h) =>
      remove(h, 'products.events', ({ type, data }) => type === 'StockSettled' && data.purchaseId === 'kept'),
    'a confirmed purchase whose stock was given back': (h) => {
      find(
        h,
        'products.events',
        ({ type, data }) => type === 'StockReleased' && data.purchaseId === 'too-late',
      ).data.purchaseId = 'kept';
    },
  },
  f: {
    'a state that its events do not give': (h) => {
      last(entries(h, 'customers.state')).data.email = 'eve@example.com';
    },
    'a state that was not published': (h) => remove(h, 'customers.state', () => true),
    'a state out of nowhere': (h) => {
      again(h, 'customers.state', () => true);
      last(entries(h, 'customers.state')).key = 'eve';
    },
    'a part that its events do not give': (h) => {
      last(entries(h, 'products.allocations')).data.quantity += 1;
    },
    'a part that was not published': (h) =>
      h.log.set(
        'products.allocations',
        entries(h, 'products.allocations').filter(({ key }) => key !== 'rare/kept'),
      ),
  },
  g: {
    'a total that does not add up': (h) => {
      doc(h, 'customers', 'ada')['totalSpent'] = 1;
    },
    'a count of customers that does not add up': (h) => {
      doc(h, 'products', 'tea')['customerCount'] = 2;
    },
    'a document of an older version': (h) => {
      doc(h, 'purchases', 'kept')['version'] = 1;
    },
    'a name that has changed since': (h) => {
      (doc(h, 'purchases', 'kept')['lines'] as { productName: string }[])[0] = { productName: 'Tea' };
    },
    'a document that is missing': (h) => void h.views.purchases?.delete('kept'),
    'a document out of nowhere': (h) => void h.views.customers?.set('eve', { _id: 'eve', version: 1 }),
    'a status that has moved on': (h) => {
      doc(h, 'transactions', 't0')['status'] = 'ACCEPTED';
    },
  },
  h: {
    'statuses in the wrong order': (h) => void listening(h).seen.reverse(),
    'a status twice': (h) => {
      const { seen } = listening(h);
      seen.splice(1, 0, seen[1] as SeenStatus);
    },
    'the final status twice': (h) => {
      const { seen } = listening(h);
      seen.push(last(seen));
    },
    'a status after the final one': (h) => {
      listening(h).seen.push({ at: 0, status: 'PENDING', steps: 99, entityVersion: null });
    },
    'a status that is not on the log': (h) => {
      (listening(h).seen[1] as Mutable<SeenStatus>).status = 'COMPLETED';
    },
    'an end without a final status': (h) => void listening(h).seen.pop(),
    'no end at all': (h) => {
      h.subscriptions.find(({ listenings }) => listenings.length > 1)?.listenings.splice(1);
    },
    'a refusal of what was acknowledged': (h) => {
      listening(h).end = { refused: 'NOT_FOUND: there is no such transaction' };
    },
  },
  i: {
    'an older version': (h) => {
      last(h.readings).shown = last(h.readings).entityVersion - 1;
    },
    nothing: (h) => {
      last(h.readings).shown = null;
    },
    'a refusal': (h) => {
      last(h.readings).shown = { refused: 'NOT_FOUND: there is no such transaction' };
    },
  },
  j: {
    'a partition that cannot be read to its end': (h) => {
      last(h.broker.partitions).lastStable -= 1;
    },
    'a transaction that is still open': (h) => {
      last(h.broker.transactions).state = 'Ongoing';
    },
  },
};

describe('the checker', () => {
  it('finds nothing in a history without fault', () => {
    expect(check(good)).toEqual(Object.fromEntries(CHECK_NAMES.map((name) => [name, []])));
  });

  it('looks at a history in which everything has happened', () => {
    const ends = entries(structuredClone(good) as Broken, 'transactions').map(
      ({ data }) => data.rejection?.code ?? data.status,
    );
    expect(new Set(ends)).toEqual(
      new Set([...['PENDING', 'COMPLETED', 'INSUFFICIENT_STOCK', 'CUSTOMER_NOT_FOUND', 'CANCELLED', 'ALREADY_EXISTS']]),
    );
    expect(good.readings.length).toBeGreaterThan(3);
    expect(good.subscriptions.length).toBeGreaterThan(6);
  });

  for (const name of CHECK_NAMES) {
    describe(`(${name}) finds`, () => {
      for (const [what, breakIt] of Object.entries(cases[name])) {
        it(what, () => expect(check(broken(breakIt))[name]).not.toEqual([]));
      }
    });
  }
});
