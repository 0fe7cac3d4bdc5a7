/** Processors, projector and gateways in this process on engines of the test's choice; talked to as resolvers are. */
import { randomUUID } from 'node:crypto';
import { GraphQLError, graphql } from 'graphql';
import type { AggregateName } from '../../domain/index.ts';
import { contextOf, serviceSchema } from '../../gateway/index.ts';
import { History } from '../../history/history.ts';
import type { EventLog, Running } from '../../log/event-log.ts';
import { processorOf, startProcessors } from '../../processors/index.ts';
import { projectors, startProjection } from '../../projectors/index.ts';
import { topicSpecs } from '../../records/topics.ts';
import type { Context, Services } from '../../resolvers/context.ts';
import { createOrderDeliveries } from '../../transactions/delivery-orders.ts';
import { Reflection } from '../../transactions/reflection.ts';
import { createSubmit } from '../../transactions/submit.ts';
import { TransactionTracker } from '../../transactions/transaction-tracker.ts';
import type { ViewStore } from '../../views/view-store.ts';

export const PARTITIONS = 4;
const schema = serviceSchema();
const samples: Services['samples'] = {
  now: () => ({
    ...{ running: false, phase: '', done: 0, total: 0, confirmed: 0, rejected: 0 },
    ...{ startedAt: null, finishedAt: null, error: null },
  }),
  start: () => samples.now(),
  follow: () => {
    throw new Error('there are no samples here');
  },
};

export interface Engines {
  readonly log: EventLog;
  /** A store for each part of the system; parts share what they see. */
  readonly views: () => ViewStore;
  close(): Promise<void>;
}

export interface Shown {
  readonly purchase: { readonly status: string } | null;
  readonly product: { readonly stock: number; readonly reserved: number } | null;
}

const SHOWN = /* GraphQL */ `
  query ($purchase: ID!, $product: ID!, $reflecting: ID) {
    purchase(id: $purchase, reflecting: $reflecting) { status }
    product(id: $product, reflecting: $reflecting) { stock reserved }
  }
`;

/** The same documents twice: read at once by fields that wait for nothing, and by those that wait. */
const TWICE = /* GraphQL */ `
  query ($purchase: ID!, $product: ID!, $reflecting: ID) {
    earlyPurchase: purchase(id: $purchase) { status customer { purchases { totalCount } } }
    earlyProduct: product(id: $product) { stock }
    purchase(id: $purchase, reflecting: $reflecting) { status customer { purchases { totalCount } } }
    product(id: $product, reflecting: $reflecting) { stock }
  }
`;

export class Gateway {
  readonly tracker: TransactionTracker;
  readonly #services: Services;

  private constructor(log: EventLog, views: ViewStore, tracker: TransactionTracker) {
    this.tracker = tracker;
    const reflection = new Reflection({ log, views, tracker });
    this.#services = {
      views,
      tracker,
      reflection,
      history: new History({ log, views }),
      samples,
      // Nobody asks for it here.
      console: {} as Services['console'],
      submit: createSubmit({ log, tracker, partitions: PARTITIONS }),
      orderDeliveries: createOrderDeliveries(log, PARTITIONS),
    };
  }

  static async start(log: EventLog, views: ViewStore, keepMs?: number): Promise<Gateway> {
    const options = { log, views, processorOf, ...(keepMs === undefined ? {} : { keepMs }) };
    return new Gateway(log, views, await TransactionTracker.start(options));
  }

  context(): Context {
    return contextOf(this.#services)({
      viewer: { id: 'tester', roles: ['admin'], isAdmin: true },
      traceparent: undefined,
      operation: {},
    });
  }

  async #ask(source: string, variableValues: Record<string, unknown>) {
    const { data, errors } = await graphql({ schema, source, variableValues, contextValue: this.context() });
    if (errors?.[0] !== undefined) throw errors[0];
    return JSON.parse(JSON.stringify(data));
  }

  async send(mutation: string, input: object): Promise<{ transactionId: string; id: string }> {
    const type = `${mutation[0]?.toUpperCase()}${mutation.slice(1)}Input`;
    const source = `mutation ($input: ${type}!) { done: ${mutation}(input: $input) { transactionId id } }`;
    return (await this.#ask(source, { input })).done;
  }

  /** The mutation's end, as its subscriber is told. */
  async ended(transactionId: string): Promise<string> {
    let status = '';
    for await (const record of (await this.tracker.follow(transactionId)) ?? []) status = record.status;
    return status;
  }

  /** Once. */
  async asked(purchase: string, product: string, reflecting: string | null): Promise<Shown> {
    return await this.#ask(SHOWN, { purchase, product, reflecting });
  }

  /** Asked again for as long as the answer is UNAVAILABLE, as it may be on a busy machine. */
  async shown(purchase: string, product: string, reflecting: string): Promise<Shown> {
    for (;;) {
      try {
        return await this.asked(purchase, product, reflecting);
      } catch (error) {
        if (!(error instanceof GraphQLError) || error.extensions['code'] !== 'UNAVAILABLE') throw error;
      }
    }
  }

  /** By an operation that also asks without waiting; once. */
  async shownBeside(purchase: string, product: string, reflecting: string) {
    return await this.#ask(TWICE, { purchase, product, reflecting });
  }

  addProduct(stock: number): Promise<{ transactionId: string; id: string }> {
    return this.send('addProduct', { id: `p-${randomUUID()}`, name: 'Tea', price: '1.00', stock });
  }

  place(customerId: string, productId: string, quantity: number): Promise<{ transactionId: string; id: string }> {
    return this.send('placePurchase', { customerId, lines: [{ productId, quantity }] });
  }
}

export class ShopSystem {
  readonly gateways: Gateway[] = [];
  readonly #engines: Engines;
  readonly #running = new Map<string, Running>();

  private constructor(engines: Engines) {
    this.#engines = engines;
  }

  static async start(engines: Engines): Promise<ShopSystem> {
    const system = new ShopSystem(engines);
    await engines.log.createTopics(topicSpecs(PARTITIONS));
    await system.startProcessors();
    await system.startProjector();
    await system.addGateway();
    return system;
  }

  get gateway(): Gateway {
    const [first] = this.gateways;
    if (first === undefined) throw new Error('there is no gateway');
    return first;
  }

  async addGateway(keepMs?: number): Promise<Gateway> {
    const gateway = await Gateway.start(this.#engines.log, this.#engines.views(), keepMs);
    this.gateways.push(gateway);
    return gateway;
  }

  async startProcessors(only?: readonly AggregateName[]): Promise<void> {
    const options = { log: this.#engines.log, partitions: PARTITIONS, timeouts: { purchases: 600_000 } };
    for (const [name, running] of await startProcessors(options, only)) this.#running.set(name, running);
  }

  async startProjector(): Promise<void> {
    const { log, views } = this.#engines;
    this.#running.set('projector', await startProjection({ log, views: views(), projectors }));
  }

  /** Ends a part: `projector`, or an aggregate's processors. */
  async halt(part: string): Promise<void> {
    await this.#running.get(part)?.stop();
    this.#running.delete(part);
  }

  async customer(): Promise<string> {
    const { id, transactionId } = await this.gateway.send('registerCustomer', {
      firstName: 'Ada',
      lastName: 'Lovelace',
    });
    await this.gateway.ended(transactionId);
    return id;
  }

  async stop(): Promise<void> {
    for (const { tracker } of this.gateways) await tracker.stop();
    for (const part of [...this.#running.keys()]) await this.halt(part);
    await this.#engines.close();
  }
}
