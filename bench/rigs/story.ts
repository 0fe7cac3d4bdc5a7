/**
 * What stands on the log of a shop in which purchases were placed and confirmed: the records of one after another, as the
 * processors write them. The domain decides every command; of what is compacted, the last record alone is written.
 */
import { Map as ImmutableMap } from 'immutable';
import {
  type AggregateName,
  type CommandMeta,
  decide,
  evolve,
  isRejection,
  type Versioned,
} from '../../domain/index.ts';
import { advance, progressOfCommand, progressOfOpen } from '../../domain/progress.ts';
import { aggregateNamed } from '../../domain/registry.ts';
import { accepted, type TransactionRecord } from '../../domain/transaction.ts';
import { currentVersion } from '../../domain/versions.ts';
import type { NewRecord } from '../../log/event-log.ts';
import { partitionOf } from '../../log/partition-of.ts';
import { toHeaders } from '../../records/cloud-event.ts';
import { commandVersion } from '../../records/command-record.ts';
import { eventId } from '../../records/event-record.ts';
import { PART, STATE } from '../../records/state-record.ts';
import { statusRecord } from '../../records/status-record.ts';
import { commandsTopic, eventsTopic, PARTS, stateTopic } from '../../records/topics.ts';

export interface StorySizes {
  readonly purchases: number;
  readonly lines: number;
  readonly customers: number;
  readonly products: number;
}

/** What is asked of an aggregate: by a user, or as a follow-up of what another one decided. */
interface Asked {
  readonly aggregate: AggregateName;
  readonly id: string;
  readonly type: string;
  readonly data: unknown;
  readonly meta: CommandMeta;
  /** Of a follow-up: the command that caused it. */
  readonly causedBy: string | undefined;
}

/** The first purchase is as old as that; each one is so much younger than the one before. */
const SPAN_MS = 730 * 24 * 60 * 60 * 1000;
const FIRST_NAMES = ['Ada', 'Grace', 'Alan', 'Edsger', 'Barbara', 'Donald', 'Frances', 'John', 'Radia', 'Niklaus'];
const LAST_NAMES = [
  'Lovelace',
  'Hopper',
  'Turing',
  'Dijkstra',
  'Liskov',
  'Knuth',
  'Allen',
  'Backus',
  'Perlman',
  'Wirth',
];
const GOODS = ['tea', 'coffee', 'honey', 'cheese', 'bread', 'olives', 'rice', 'pepper', 'cocoa', 'salt'];

const name = (list: readonly string[], at: number) => list[at % list.length] ?? '';
const user = (id: string, at: string): CommandMeta => ({
  ...{ commandId: id, transactionId: id, issuedBy: 'generated', authority: 'admin', at },
});

export class Story {
  readonly #sizes: StorySizes;
  readonly #partitions: number;
  readonly #began = Date.now() - SPAN_MS;
  readonly #states = new Map<string, Versioned>();

  constructor(sizes: StorySizes, partitions: number) {
    this.#sizes = sizes;
    this.#partitions = partitions;
  }

  /** The customers are registered and the products added. */
  *beginning(): Iterable<NewRecord> {
    const at = new Date(this.#began).toISOString();
    for (let i = 0; i < this.#sizes.customers; i++) {
      const data = {
        customerId: `c${i}`,
        firstName: name(FIRST_NAMES, i),
        lastName: `${name(LAST_NAMES, Math.floor(i / 10))} ${i}`,
        email: `c${i}@example.com`,
      };
      yield* this.#told('customers', data.customerId, 'registerCustomer', data, at);
    }
    for (let i = 0; i < this.#sizes.products; i++) {
      const data = {
        productId: `p${i}`,
        name: `${name(GOODS, i)} number ${i}`,
        price: 100 + ((i * 37) % 9900),
        stock: 10_000_000,
      };
      yield* this.#told('products', data.productId, 'addProduct', data, at);
    }
  }

  *purchase(number: number): Iterable<NewRecord> {
    const { customers, products, lines, purchases } = this.#sizes;
    const id = `order-${number}`;
    const data = {
      purchaseId: id,
      customerId: `c${(number * 7919) % customers}`,
      lines: Array.from({ length: lines }, (_, line) => ({
        productId: `p${(number * 31 + line) % products}`,
        quantity: 1 + ((number + line) % 5),
      })),
    };
    const at = new Date(this.#began + Math.floor((number / purchases) * SPAN_MS)).toISOString();
    yield* this.#told('purchases', id, 'placePurchase', data, at);
    yield this.#stateRecord('purchases', id, at);
    for (const { productId } of data.lines) yield* this.#part(productId, id, at);
    // Nothing more comes of it.
    this.#states.delete(`purchases/${id}`);
  }

  /** The newest states of what was not ended with its purchase. */
  *end(): Iterable<NewRecord> {
    const at = new Date().toISOString();
    for (let i = 0; i < this.#sizes.customers; i++) yield this.#stateRecord('customers', `c${i}`, at);
    for (let i = 0; i < this.#sizes.products; i++) yield this.#stateRecord('products', `p${i}`, at);
  }

  /** A user's command and all that comes of it. */
  *#told(aggregate: AggregateName, id: string, type: string, data: unknown, at: string): Iterable<NewRecord> {
    const meta = user(`${type}-${id}`, at);
    const { transactionId, issuedBy } = meta;
    let status = accepted({ id: transactionId, command: type, aggregate, entityId: id, issuedBy, at });
    const queue: Asked[] = [{ aggregate, id, type, data, meta, causedBy: undefined }];
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      yield this.#commandRecord(next);
      const outcome = this.#decided(next, status);
      yield* outcome.events;
      queue.push(...outcome.asked);
      status = outcome.status;
    }
    const partition = partitionOf(id, this.#partitions);
    yield statusRecord(status, { source: `/processors/${aggregate}`, partition, at });
  }

  #state(aggregate: AggregateName, id: string): Versioned {
    return this.#states.get(`${aggregate}/${id}`) ?? aggregateNamed(aggregate).initialState;
  }

  #decided(command: Asked, was: TransactionRecord) {
    const { aggregate: name, id, type, meta } = command;
    const aggregate = aggregateNamed(name);
    const { progress, notices, routes } = aggregate;
    const decided = decide(aggregate, command, this.#state(name, id), meta);
    if (isRejection(decided)) throw new Error(`${type} of ${id} is rejected: ${decided.message}`);
    const events: NewRecord[] = [];
    const asked: Asked[] = [];
    let status = was;
    for (const [index, event] of decided.entries()) {
      const before = this.#state(name, id);
      const after = evolve(aggregate, before, event, meta.at);
      this.#states.set(`${name}/${id}`, after);
      const version = notices.includes(event.type) ? undefined : after.version;
      events.push(this.#eventRecord(command, index, event, version));
      const step = progress && progressOfOpen(progress, before, event);
      if (step) status = advance(status, step, meta.at, after.version);
      for (const each of routes.events[event.type]?.(event.data, id) ?? []) {
        const commandId = `${meta.commandId}.${asked.length}`;
        asked.push({ ...each, meta: { ...meta, commandId, authority: 'system' }, causedBy: meta.commandId });
      }
    }
    if (meta.commandId === meta.transactionId) {
      status = advance(status, progressOfCommand(aggregate, decided), meta.at, this.#state(name, id).version);
    }
    return { events, asked, status };
  }

  #commandRecord({ aggregate, id, type, data, meta, causedBy }: Asked): NewRecord {
    return {
      topic: commandsTopic(aggregate),
      key: id,
      value: JSON.stringify(data),
      headers: toHeaders({
        id: meta.commandId,
        type,
        source: causedBy === undefined ? '/gateway' : `/processors/${this.#asker(type)}`,
        subject: id,
        time: meta.at,
        dataversion: commandVersion(aggregateNamed(aggregate), type),
        transactionid: meta.transactionId,
        issuedby: meta.issuedBy,
        ...(causedBy === undefined ? { roles: 'admin' } : { causationid: causedBy }),
      }),
    };
  }

  /** Purchases ask of others; others answer. */
  #asker(type: string): string {
    if (type === 'recordStockReserved') return 'products';
    return type === 'recordCustomerApproved' ? 'customers' : 'purchases';
  }

  #eventRecord(
    { aggregate, id, meta }: Asked,
    index: number,
    event: { readonly type: string; readonly data: unknown },
    version: number | undefined,
  ): NewRecord {
    return {
      topic: eventsTopic(aggregate),
      partition: partitionOf(id, this.#partitions),
      key: id,
      value: JSON.stringify(event.data),
      headers: toHeaders({
        id: eventId(meta.commandId, index),
        type: event.type,
        source: `/processors/${aggregate}`,
        subject: id,
        time: meta.at,
        dataversion: currentVersion(aggregateNamed(aggregate).upcasters?.events?.[event.type]),
        transactionid: meta.transactionId,
        issuedby: meta.issuedBy,
        causationid: meta.commandId,
        version,
      }),
    };
  }

  #stateRecord(name: AggregateName, id: string, at: string): NewRecord {
    const { parts, upcasters } = aggregateNamed(name);
    const state = this.#state(name, id);
    const { version } = state;
    return {
      topic: stateTopic(name),
      partition: partitionOf(id, this.#partitions),
      key: id,
      value: JSON.stringify(parts === undefined ? state : parts.without(state)),
      headers: toHeaders({
        ...{ id: `${id}@${version}`, type: STATE, source: `/processors/${name}`, subject: id, time: at, version },
        dataversion: currentVersion(upcasters?.state),
      }),
    };
  }

  /** What a product holds for a purchase that has ended; it is not kept here either. */
  *#part(productId: string, purchaseId: string, at: string): Iterable<NewRecord> {
    const { parts, upcasters } = aggregateNamed('products');
    const state = this.#state('products', productId);
    const part = parts?.get(state, purchaseId);
    if (part === undefined) return;
    const key = `${productId}/${purchaseId}`;
    yield {
      topic: PARTS['products'] ?? '',
      partition: partitionOf(productId, this.#partitions),
      key,
      value: JSON.stringify(part),
      headers: toHeaders({
        ...{ id: key, type: PART, source: '/processors/products', subject: productId, time: at },
        dataversion: currentVersion(upcasters?.part),
      }),
    };
    this.#states.set(`products/${productId}`, Object.assign({}, state, { allocations: ImmutableMap() }));
  }
}
