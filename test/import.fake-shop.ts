/** A shop in memory that takes commands and answers look-ups as the real server does, and can be told how to misbehave. */
import { dataOfResult, type Executor, type Operation, OperationFailed } from '../import/executor.ts';
import type { ShopCustomer, ShopData, ShopOrder, ShopProduct } from '../import/shop-data.ts';

export interface Rows {
  readonly customers: readonly ShopCustomer[];
  readonly products: readonly ShopProduct[];
  readonly orders: readonly ShopOrder[];
}

export function shopData({ customers, products, orders }: Rows, dataSet = 'northwind'): ShopData {
  const units = new Map<string, number>();
  const lines = orders.flatMap((order) => order.lines);
  for (const { productId, quantity } of lines) units.set(productId, (units.get(productId) ?? 0) + quantity);
  return {
    dataSet,
    counts: { customers: customers.length, products: products.length, orders: orders.length, lines: lines.length },
    customers: () => customers,
    products: () => products,
    orders: () => orders,
    unitsOrdered: () => units,
    close: () => undefined,
  };
}

type Input = Readonly<Record<string, unknown>>;
type Entity = Record<string, unknown> & { version: number };
interface Refusal {
  readonly code: string;
  readonly message: string;
}
interface Line {
  readonly productId: string;
  readonly quantity: number;
  readonly unitPrice?: string;
  readonly discount?: string;
}
interface Transaction {
  readonly id: string;
  readonly status: 'ACCEPTED' | 'COMPLETED' | 'REJECTED';
  readonly entityVersion: number | null;
  readonly rejection: Refusal | null;
}
export interface TakenCommand {
  readonly name: string;
  readonly input: Input;
}

const refusal = (code: string): Refusal => ({ code, message: `${code.toLowerCase()}, said the shop` });

export class FakeShop implements Executor {
  readonly customers = new Map<string, Entity>();
  readonly products = new Map<string, Entity>();
  readonly purchases = new Map<string, Entity>();
  /** Commands that have been taken, each once, in their order. */
  readonly taken: TakenCommand[] = [];
  /** Commands of each request. */
  readonly requests: number[] = [];
  admin = true;
  /** Called before a command is heeded: what it throws is the command's own error. */
  before: (command: TakenCommand) => void = () => undefined;
  /** Called for the whole request, before and after it has been heeded: what it throws is the request's. */
  beforeRequest: (commands: readonly TakenCommand[]) => void = () => undefined;
  afterRequest: (commands: readonly TakenCommand[]) => void = () => undefined;
  /** Refuses what the rules of the shop would take. */
  outcome: (command: TakenCommand) => Refusal | null = () => null;
  /** Whether the subscription tells, whether transactions end at all, and whether the views show what was done. */
  tells = true;
  ends = true;
  shows = true;
  clock = 1_000_000;
  readonly #underKey = new Map<string, { readonly transaction: Transaction; readonly acceptedAt: number }>();
  readonly #listeners = new Set<(transaction: Transaction) => void>();

  now(): number {
    return this.clock++;
  }

  /** Commands of one kind that have been taken. */
  all(name: string): readonly Input[] {
    return this.taken.filter((command) => command.name === name).map(({ input }) => input);
  }

  async execute<T>(operation: Operation<T>, variables: Input = {}): Promise<T> {
    const kind = /^(?:query|mutation) (\w+)/.exec(operation.document)?.[1];
    switch (kind) {
      case 'Viewer':
        return dataOfResult(operation, { data: { viewer: { id: 'ada', isAdmin: this.admin } } });
      case 'Import':
        return dataOfResult(operation, this.#submit(variables['commands'] as readonly Record<string, Input>[]));
      case 'ImportedCustomers':
        return dataOfResult(operation, { data: this.#lookUp(this.customers, variables) });
      case 'ImportedProducts':
        return dataOfResult(operation, { data: this.#lookUp(this.products, variables) });
      case 'ImportedPurchases':
        return dataOfResult(operation, { data: this.#lookUp(this.purchases, variables) });
      case 'ImportedTransactions': {
        const known = new Map([...this.#underKey.values()].map(({ transaction }) => [transaction.id, transaction]));
        const found = Object.entries(variables).map(([name, id]) => [name, this.#seen(known.get(String(id)))]);
        return dataOfResult(operation, { data: Object.fromEntries(found) });
      }
      default:
        throw new Error(`what is ${operation.document}?`);
    }
  }

  #seen(transaction: Transaction | undefined): Transaction | null {
    if (transaction === undefined) return null;
    return this.ends ? transaction : { ...transaction, status: 'ACCEPTED', rejection: null };
  }

  #lookUp(entities: ReadonlyMap<string, Entity>, ids: Input): unknown {
    const of = (id: unknown) => (this.shows ? structuredClone(entities.get(String(id)) ?? null) : null);
    return Object.fromEntries(Object.entries(ids).map(([name, id]) => [name, of(id)]));
  }

  #submit(commands: readonly Record<string, Input>[]): Parameters<typeof dataOfResult>[1] {
    const given = commands.map((command): TakenCommand => {
      const [[name, input] = ['', {}]] = Object.entries(command);
      return { name, input };
    });
    this.requests.push(given.length);
    this.beforeRequest(given);
    const errors: { message: string; path: (string | number)[]; extensions: { code: string } }[] = [];
    const receipts = given.map((command, index) => {
      try {
        return this.#take(command);
      } catch (error) {
        if (!(error instanceof OperationFailed)) throw error;
        errors.push({ message: error.message, path: ['receipts', index], extensions: { code: error.code ?? '' } });
        return null;
      }
    });
    this.afterRequest(given);
    return { data: { receipts }, errors };
  }

  #take(command: TakenCommand): unknown {
    this.before(command);
    const key = String(command.input['idempotencyKey']);
    let under = this.#underKey.get(key);
    if (under === undefined) {
      this.taken.push(command);
      const rejection = this.outcome(command) ?? this.#decide(command);
      const version = this.#entityOf(command)?.version ?? null;
      const status = rejection === null ? 'COMPLETED' : 'REJECTED';
      const transaction: Transaction = { id: key, status, entityVersion: rejection ? null : version, rejection };
      under = { transaction, acceptedAt: this.clock++ };
      this.#underKey.set(key, under);
      if (this.tells && this.ends) for (const listener of this.#listeners) listener(transaction);
      const begun = { ...transaction, status: 'ACCEPTED', entityVersion: null, rejection: null };
      return { acceptedAt: new Date(under.acceptedAt).toISOString(), transaction: begun };
    }
    return { acceptedAt: new Date(under.acceptedAt).toISOString(), transaction: this.#seen(under.transaction) };
  }

  #entityOf({ input }: TakenCommand): Entity | undefined {
    const id = String(input['id'] ?? input['productId'] ?? input['customerId']);
    return this.purchases.get(id) ?? this.products.get(id) ?? this.customers.get(id);
  }

  #decide({ name, input }: TakenCommand): Refusal | null {
    switch (name) {
      case 'registerCustomer':
        return this.#create(this.customers, input, { email: null, removed: false });
      case 'addProduct':
        return this.#create(this.products, input, { received: input['stock'], discontinued: false });
      case 'placePurchase':
        return this.#place(input);
      default:
        return this.#change(name, input);
    }
  }

  #create(entities: Map<string, Entity>, { idempotencyKey: _, ...input }: Input, more: Input): Refusal | null {
    const id = String(input['id']);
    if (entities.has(id)) return refusal('ALREADY_EXISTS');
    entities.set(id, { ...more, ...input, version: 1 });
    return null;
  }

  #change(name: string, { idempotencyKey: _, ifVersion, customerId, productId, ...fields }: Input): Refusal | null {
    const entity =
      customerId === undefined ? this.products.get(String(productId)) : this.customers.get(String(customerId));
    if (entity === undefined) return refusal('NOT_FOUND');
    if (ifVersion !== undefined && ifVersion !== entity.version) return refusal('VERSION_CONFLICT');
    if (name === 'reinstateProduct') {
      if (entity['discontinued'] !== true) return refusal('NOT_DISCONTINUED');
      entity['discontinued'] = false;
    } else if (name === 'writeOffStock') {
      if (Number(entity['stock']) < Number(fields['quantity'])) return refusal('INSUFFICIENT_STOCK');
      entity['stock'] = Number(entity['stock']) - Number(fields['quantity']);
      entity['received'] = Number(entity['received']) - Number(fields['quantity']);
    } else if (name === 'discontinueProduct') {
      if (entity['discontinued'] === true) return refusal('ALREADY_DISCONTINUED');
      entity['discontinued'] = true;
    } else if (name === 'restockProduct') {
      entity['stock'] = Number(entity['stock']) + Number(fields['quantity']);
      entity['received'] = Number(entity['received']) + Number(fields['quantity']);
    } else Object.assign(entity, fields);
    entity.version++;
    return null;
  }

  #place(input: Input): Refusal | null {
    const id = String(input['id']);
    if (this.purchases.has(id)) return refusal('ALREADY_EXISTS');
    const lines = input['lines'] as readonly Line[];
    const why = this.#whyNot(String(input['customerId']), lines);
    for (const { productId, quantity } of why === null ? lines : []) {
      const product = this.products.get(productId);
      if (product !== undefined) product['stock'] = Number(product['stock']) - quantity;
    }
    this.purchases.set(id, {
      version: 1,
      status: why === null ? 'CONFIRMED' : 'REJECTED',
      rejection: why,
      customer: { id: input['customerId'] },
      placedAt: input['placedAt'],
      lines: lines.map(({ productId, quantity, unitPrice, discount = null }) => ({
        product: { id: productId },
        ...{ quantity, discount },
        unitPrice: unitPrice ?? this.products.get(productId)?.['price'] ?? null,
      })),
    });
    return why;
  }

  #whyNot(customerId: string, lines: readonly Line[]): Refusal | null {
    if (!this.customers.has(customerId)) return refusal('CUSTOMER_NOT_FOUND');
    for (const { productId, quantity } of lines) {
      const product = this.products.get(productId);
      if (product === undefined) return refusal('PRODUCT_NOT_FOUND');
      if (product['discontinued'] === true) return refusal('DISCONTINUED');
      if (Number(product['stock']) < quantity) return refusal('INSUFFICIENT_STOCK');
    }
    return null;
  }

  async *subscribe<T>(operation: Operation<T>, _: unknown, signal: AbortSignal): AsyncIterable<T> {
    const waiting: Transaction[] = [];
    let wake = () => {};
    this.#listeners.add((transaction) => {
      waiting.push(transaction);
      wake();
    });
    signal.addEventListener('abort', () => wake());
    while (!signal.aborted) {
      for (const transactions of waiting.splice(0)) yield dataOfResult(operation, { data: { transactions } });
      if (waiting.length > 0) continue;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  }
}
