/** Finds what is to be broken in a copy of a good history. What is not there is an error: a test that breaks nothing must not pass. */
import type { Attempt, Entry, History, Listening, Operation, ShownEntity, Told } from './history.ts';

export type Mutable<T> =
  T extends ReadonlyMap<infer K, infer V>
    ? Map<K, Mutable<V>>
    : T extends object
      ? { -readonly [K in keyof T]: Mutable<T[K]> }
      : T;
export type Broken = Mutable<History>;

export function entries(history: Broken, topic: string): Mutable<Entry>[] {
  const found = history.log.get(topic);
  if (found === undefined) throw new Error(`no topic ${topic}`);
  return found as Mutable<Entry>[];
}

/** The one record that is meant; a test that breaks nothing must not pass. */
export function find(history: Broken, topic: string, is: (entry: Entry) => boolean): Mutable<Entry> {
  const found = entries(history, topic).find((entry) => is(entry as Entry));
  if (found === undefined) throw new Error(`no such record in ${topic}`);
  return found;
}

export function remove(history: Broken, topic: string, is: (entry: Entry) => boolean): void {
  const all = entries(history, topic);
  all.splice(all.indexOf(find(history, topic, is)), 1);
}

export function again(history: Broken, topic: string, is: (entry: Entry) => boolean): void {
  const all = entries(history, topic);
  const found = find(history, topic, is);
  all.splice(all.indexOf(found) + 1, 0, { ...structuredClone(found), offset: found.offset + 0.5 });
}

export function operation(history: Broken, command: string): Mutable<Operation> {
  const found = history.operations.find((each) => each.command === command);
  if (found === undefined) throw new Error(`no ${command}`);
  return found as Mutable<Operation>;
}

/** A whole listening with several statuses: that of a purchase that went through. */
export function listening(history: Broken): Mutable<Listening> {
  const placed = operation(history, 'placePurchase').attempts[0]?.receipt?.transactionId;
  const found = history.subscriptions.find(({ transactionId }) => transactionId === placed)?.listenings[1];
  if (found === undefined || found.seen.length < 4) throw new Error('no listening');
  return found as Mutable<Listening>;
}

/** What a client read after the transaction of this purchase. */
export function reading(history: Broken, purchaseId: string, command = 'placePurchase') {
  const found = history.readings.find(
    ({ transactionId, entityId }) =>
      entityId === purchaseId && doc(history, 'transactions', transactionId)['command'] === command,
  );
  if (found === undefined || 'refused' in found.shown) throw new Error(`no reading of ${purchaseId}`);
  return { shown: found.shown };
}

export function shownIn(history: Broken, purchaseId: string, id: string, command?: string): Mutable<ShownEntity> {
  const found = reading(history, purchaseId, command).shown.find((each) => each.id === id);
  if (found === undefined) throw new Error(`${id} was not shown`);
  return found as Mutable<ShownEntity>;
}

export function fieldsOf(...which: Parameters<typeof shownIn>): Record<string, unknown> {
  return shownIn(...which).fields as Record<string, unknown>;
}

export function told(history: Broken): Mutable<Told>[] {
  const found = last(history.watchers[0]?.watches ?? [])?.told;
  if (found === undefined) throw new Error('nobody watches');
  return found as Mutable<Told>[];
}

export function sharingAKey(history: Broken): readonly [Mutable<Operation>, Mutable<Operation>] {
  const second = history.operations.find(({ attempts }) => attempts[0]?.outcome === 'refused');
  const first = history.operations.find(({ key }) => key === second?.key);
  if (first === undefined || second === undefined || first === second) throw new Error('no key has two bodies');
  return [first as Mutable<Operation>, second as Mutable<Operation>];
}

export const refusedForItsKey: Attempt = {
  ...{ invokedAt: 0, endedAt: 0, gateway: 'gateway-0', outcome: 'refused' },
  detail: 'IDEMPOTENCY_KEY_REUSED: it stands for another body',
};

export function doc(history: Broken, view: 'customers' | 'products' | 'purchases' | 'transactions', id: string) {
  const found = history.views[view]?.get(id);
  if (found === undefined) throw new Error(`no ${view} ${id}`);
  return found;
}

export const completed = ({ data }: Entry) => data.status === 'COMPLETED';
export const last = <T>(list: readonly T[]): T => list[list.length - 1] as T;
