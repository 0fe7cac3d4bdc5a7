/** For each check of the checker, what breaks a history so that it must find something. */

import type { CheckName } from './checker/index.ts';
import {
  again,
  type Broken,
  completed,
  doc,
  entries,
  fieldsOf,
  find,
  last,
  listening,
  type Mutable,
  operation,
  reading,
  refusedForItsKey,
  remove,
  sharingAKey,
  shownIn,
  told,
} from './checker.broken.ts';
import type { Attempt, Entry, SeenStatus, ShownEntity, Told } from './history.ts';

export const cases: Readonly<Record<CheckName, Readonly<Record<string, (history: Broken) => void>>>> = {
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
    'a command of a newer version that its user waits for for ever': (h) =>
      remove(h, 'transactions', ({ key }) => key === 'newer'),
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
      reading(h, 'kept').shown[0] = { ...reading(h, 'kept').shown[0], version: 1 } as ShownEntity;
    },
    nothing: (h) => void reading(h, 'kept').shown.splice(0),
    'a refusal': (h) => {
      last(h.readings).shown = { refused: 'NOT_FOUND: there is no such transaction' };
    },
    'a rejected purchase that is still pending': (h) => {
      fieldsOf(h, 'too-late', 'too-late')['status'] = 'PENDING';
    },
    'stock that was not given back yet': (h) => {
      const tea = shownIn(h, 'too-late', 'tea');
      tea.version = find(
        h,
        'products.events',
        ({ type, data }) => type === 'StockReserved' && data.purchaseId === 'too-late',
      ).version as number;
    },
    'stock that is not that of the version': (h) => {
      fieldsOf(h, 'kept', 'tea')['reserved'] = 1;
    },
    'a purchase that its customer has not been counted': (h) => {
      fieldsOf(h, 'kept', 'ada')['totalSpent'] = '0.00';
    },
    'a cancelled purchase that its product still counts': (h) => {
      fieldsOf(h, 'returned', 'tea', 'cancelPurchase')['unitsSold'] = 5;
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
  k: {
    "another's transaction": (h) => {
      last(told(h)).issuedBy = 'eve';
    },
    'an end that comes twice': (h) => void told(h).push({ ...last(told(h)) }),
    'a step that comes twice': (h) => void told(h).splice(1, 0, { ...(told(h)[0] as Told), status: 'PENDING' }),
    'an end that never came': (h) => void told(h).pop(),
    'a status that is not on the log': (h) => {
      last(told(h)).steps += 1;
    },
    'what ended long before': (h) => {
      for (const watch of h.watchers[0]?.watches ?? []) watch.askedAt = Date.UTC(2026, 5, 1);
    },
    'a refusal': (h) => {
      for (const watch of h.watchers[0]?.watches ?? []) watch.end = { refused: 'NOT_FOUND: nothing to watch' };
    },
  },
  l: {
    'a transaction that was never decided': (h) => remove(h, 'transactions', completed),
    'a transaction that the view shows as begun': (h) => {
      doc(h, 'transactions', 't0')['status'] = 'ACCEPTED';
    },
    'a purchase that the view shows as pending': (h) => {
      doc(h, 'purchases', 'kept')['status'] = 'PENDING';
    },
  },
  m: {
    'an event that is missing': (h) => {
      const { causationId } = find(
        h,
        'purchases.events',
        ({ key, type }) => key === 'kept' && type === 'PurchaseConfirmed',
      );
      remove(h, 'purchases.events', ({ id }) => id === `${causationId}/0`);
    },
    'an event that stands there twice': (h) => again(h, 'products.events', ({ type }) => type === 'ProductRestocked'),
    'an event of no command': (h) => {
      find(h, 'products.events', ({ type }) => type === 'ProductRestocked').causationId = 'nobody';
    },
    'a command without an event': (h) => remove(h, 'products.events', ({ type }) => type === 'ProductUpdated'),
    'a follow-up that was lost': (h) => remove(h, 'products.commands', ({ type }) => type === 'takeStockBack'),
    'a follow-up that was sent twice': (h) => again(h, 'products.commands', ({ type }) => type === 'settleStock'),
    'a refusal that was not passed on': (h) =>
      remove(h, 'purchases.commands', ({ type }) => type === 'recordCustomerDeclined'),
    "a stranger's record that was not set aside": (h) => void h.log.set('products.commands.dead', []),
  },
  n: {
    'another body that was answered with the old receipt': (h) => {
      const [first, second] = sharingAKey(h);
      second.attempts.splice(0, 1, first.attempts[0] as Attempt);
    },
    'another body that was refused for something else': (h) => {
      (sharingAKey(h)[1].attempts[0] as Mutable<Attempt>).detail = 'FORBIDDEN: no';
    },
    'two bodies with an effect each': (h) => {
      const [, second] = sharingAKey(h);
      const other = operation(h, 'addProduct').attempts[0] as Attempt;
      second.attempts.splice(0, 1, other);
    },
    'a key that stands for no body at all': (h) => {
      for (const each of sharingAKey(h)) each.attempts.splice(0, each.attempts.length, refusedForItsKey);
    },
    'a rejected body that has an effect': (h) => {
      const id = sharingAKey(h)[0].attempts[0]?.receipt?.transactionId;
      find(h, 'transactions', ({ key }) => key === id).data.rejection = { code: 'IDEMPOTENCY_KEY_REUSED' };
    },
  },
};
