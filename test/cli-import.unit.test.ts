/** The import against a server that can be told how to behave. */
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { describeFailure } from '../cli/failure.ts';
import { dataOfResult, type Executor, type Operation, OperationFailed, Unreachable } from '../import/executor.ts';
import { type ImportSummary, type ImportTally, runImport } from '../import/run-import.ts';
import { createSampleImporter } from '../import/sample-importer.ts';
import type { Samples } from '../import/samples.ts';
import type { SampleImportState } from '../resolvers/context.ts';

const samples: Samples = {
  customers: [{ fileAndLine: 'customers.csv, line 2', id: 'ALFKI', firstName: 'Maria', lastName: 'Anders' }],
  products: [
    {
      fileAndLine: 'products.csv, line 2',
      id: '11',
      name: 'Queso',
      price: '21.00',
      unitsInStock: 5,
      discontinued: true,
    },
    {
      fileAndLine: 'products.csv, line 3',
      id: '12',
      name: 'Tofu',
      price: '1.00',
      unitsInStock: 7,
      discontinued: false,
    },
  ],
  orders: [1, 2, 3].map((n) => ({
    fileAndLine: `orders.csv, line ${n + 1}`,
    id: String(n),
    customerId: 'ALFKI',
    placedAt: `1996-07-0${n}T00:00:00.000Z`,
    lines: [{ productId: '11', quantity: n }],
  })),
};

interface Status {
  readonly id: string;
  readonly status: 'ACCEPTED' | 'COMPLETED' | 'REJECTED';
  readonly rejection: { readonly code: string; readonly message: string } | null;
}

/** A server that keeps what it was sent by idempotency key, as the real one does. */
class FakeServer implements Executor {
  readonly accepted = new Map<string, Record<string, unknown>>();
  readonly ended = new Map<string, Status>();
  admin = true;
  /** Called before a mutation is heeded. */
  before: (key: string) => void = () => undefined;
  /** Called when it has been, before it is answered. */
  after: (key: string) => void = () => undefined;
  outcome: (key: string) => Status['rejection'] = () => null;
  /** Whether the subscription tells. */
  tells = true;
  clock = 1000;
  readonly #acceptedAt = new Map<string, number>();
  readonly #listeners = new Set<(status: Status) => void>();

  now(): number {
    return this.clock++;
  }

  async execute<T>(operation: Operation<T>, variables: Readonly<Record<string, unknown>> = {}): Promise<T> {
    return dataOfResult(operation, { data: this.#answer(operation.document, variables) });
  }

  #answer(document: string, variables: Readonly<Record<string, unknown>>): unknown {
    if (document.startsWith('query Viewer')) return { viewer: { id: 'ada', isAdmin: this.admin } };
    if (document.startsWith('query ImportOutcomes')) {
      return Object.fromEntries(
        Object.entries(variables).map(([name, id]) => [name, this.ended.get(String(id)) ?? null]),
      );
    }
    const input = variables['input'] as Record<string, unknown>;
    const key = String(input['idempotencyKey']);
    this.before(key);
    const earlier = this.ended.get(key);
    if (!this.accepted.has(key)) {
      this.accepted.set(key, input);
      this.#acceptedAt.set(key, this.clock++);
      const rejection = this.outcome(key);
      const status: Status = { id: key, status: rejection === null ? 'COMPLETED' : 'REJECTED', rejection };
      this.ended.set(key, status);
      for (const listener of this.#listeners) listener(status);
    }
    this.after(key);
    const acceptedAt = new Date(this.#acceptedAt.get(key) ?? 0).toISOString();
    return { receipt: { acceptedAt, transaction: earlier ?? { id: key, status: 'ACCEPTED', rejection: null } } };
  }

  async *subscribe<T>(operation: Operation<T>, _: unknown, signal: AbortSignal): AsyncIterable<T> {
    const waiting: Status[] = [];
    let wake = () => {};
    this.#listeners.add((status) => {
      if (this.tells) waiting.push(status);
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

async function imported(
  server: FakeServer,
  more: Partial<Parameters<typeof runImport>[0]> = {},
): Promise<ImportSummary> {
  return await runImport({ executor: server, samples, concurrency: 2, ...more });
}

describe('an import', () => {
  it('sends customers and products, then orders by date, then what is discontinued, each with a key of its own', async () => {
    const server = new FakeServer();
    const summary = await imported(server, { concurrency: 1 });
    expect([...server.accepted.keys()]).toEqual([
      'northwind/customer/ALFKI',
      'northwind/product/11',
      'northwind/product/12',
      'northwind/order/1',
      'northwind/order/2',
      'northwind/order/3',
      'northwind/product/11/discontinued',
    ]);
    expect(server.accepted.get('northwind/order/2')).toMatchObject({
      id: '2',
      customerId: 'ALFKI',
      placedAt: '1996-07-02T00:00:00.000Z',
      lines: [{ productId: '11', quantity: 2 }],
    });
    expect(summary).toMatchObject({
      customers: 1,
      products: 2,
      confirmed: 3,
      rejected: 0,
      discontinued: 1,
      done: 7,
      fresh: 7,
    });
  });

  it('begins with the stock that the orders need, or with what was published', async () => {
    const [history, published] = [new FakeServer(), new FakeServer()];
    await imported(history);
    await imported(published, { stock: 'published' });
    expect(history.accepted.get('northwind/product/11')).toMatchObject({ stock: 5 + 6, price: '21.00' });
    expect(published.accepted.get('northwind/product/11')).toMatchObject({ stock: 5 });
  });

  it('finds nothing new the second time', async () => {
    const server = new FakeServer();
    await imported(server);
    expect(await imported(server)).toMatchObject({ done: 7, fresh: 0, confirmed: 3, customers: 1 });
    expect(server.accepted.size).toBe(7);
  });

  it('counts rejections by their code', async () => {
    const server = new FakeServer();
    server.outcome = (key) =>
      key === 'northwind/order/2' ? { code: 'INSUFFICIENT_STOCK', message: 'none left' } : null;
    const summary = await imported(server);
    expect(summary).toMatchObject({ confirmed: 2, rejected: 1 });
    expect(summary.rejections).toEqual(new Map([['INSUFFICIENT_STOCK', 1]]));
  });

  it('sends the same key again when there was no answer, whether or not the command had got through', async () => {
    const server = new FakeServer();
    const failures = new Map([
      ['northwind/order/1', 2],
      ['northwind/product/11', 1],
    ]);
    const fail = (key: string) => {
      const left = failures.get(key) ?? 0;
      failures.set(key, left - 1);
      if (left > 0) throw new Unreachable('gone');
    };
    server.after = fail;
    server.before = (key) => {
      if (key === 'northwind/order/3' && !failures.has(key)) {
        failures.set(key, 0);
        throw new OperationFailed('the log does not answer', 'UNAVAILABLE');
      }
    };
    expect(await imported(server)).toMatchObject({ done: 7, fresh: 7, confirmed: 3 });
  });

  it('asks for the outcomes that the subscription did not tell', async () => {
    const server = new FakeServer();
    server.tells = false;
    expect(await imported(server)).toMatchObject({ confirmed: 3, discontinued: 1 });
  });

  it('tells how far it is, phase by phase', async () => {
    const told: ImportTally[] = [];
    await imported(new FakeServer(), { onTally: (tally) => told.push(tally) });
    expect([...new Set(told.map(({ phase }) => phase))]).toEqual([
      'customers',
      'products',
      'purchases',
      'discontinuing',
      'done',
    ]);
    expect(told.at(-1)).toEqual({ phase: 'done', done: 7, total: 7, confirmed: 3, rejected: 0 });
  });

  it('names the line of the file that the server does not take', async () => {
    const server = new FakeServer();
    server.before = (key) => {
      if (key === 'northwind/order/2') throw new OperationFailed('quantity must be at least 1', 'BAD_USER_INPUT');
    };
    await expect(imported(server)).rejects.toThrow('orders.csv, line 3: quantity must be at least 1');
  });

  it('is refused in one line to who is no admin, and without a server', async () => {
    const server = new FakeServer();
    server.admin = false;
    await expect(imported(server)).rejects.toThrow("ada may not import: it takes an admin's --token");
    const nobody = new FakeServer();
    nobody.execute = async () => {
      throw new Unreachable('http://127.0.0.1:4000 cannot be reached');
    };
    const error: unknown = await imported(nobody).catch((reason: unknown) => reason);
    expect(describeFailure(error)).toMatch(
      /cannot be reached; start it with `npm start`, or say where it is with --url$/,
    );
  });

  it('stops when it is told to, and goes on the next time', async () => {
    const server = new FakeServer();
    const controller = new AbortController();
    server.after = (key) => {
      if (key === 'northwind/order/1') controller.abort();
    };
    await expect(imported(server, { signal: controller.signal })).rejects.toThrow('run it again to go on');
    const before = server.accepted.size;
    expect(before).toBeLessThan(7);
    server.after = () => undefined;
    expect(await imported(server)).toMatchObject({ done: 7, fresh: 7 - before, confirmed: 3 });
  });

  it('ends when the server ends the telling', async () => {
    const server = new FakeServer();
    // biome-ignore lint/correctness/useYield: it fails before there is anything to tell.
    server.subscribe = async function* () {
      throw new OperationFailed('only for admins', 'FORBIDDEN');
    };
    server.ended.set = () => server.ended;
    await expect(imported(server)).rejects.toThrow('the server refused: only for admins');
  });
});

describe('the sample importer in the server', () => {
  const directory = fileURLToPath(new URL('../examples/northwind', import.meta.url));
  const viewer = { id: 'ada', roles: ['admin'], isAdmin: true };

  it('is one run however often it is started, tells its state until the end, and can be run again', async () => {
    const server = new FakeServer();
    const importer = createSampleImporter({ directory, executorFor: () => server });
    expect(importer.now()).toMatchObject({ running: false, phase: '', done: 0 });
    expect(importer.start(viewer).running).toBe(true);
    const first = importer.now().startedAt;
    expect(importer.start(viewer).startedAt).toBe(first);
    const states: SampleImportState[] = [];
    for await (const state of importer.follow()) states.push(state);
    expect(states[0]?.running).toBe(true);
    const end = { running: false, phase: 'done', done: 1006, total: 1006, confirmed: 830, rejected: 0, error: null };
    expect(states.at(-1)).toMatchObject(end);
    expect(server.accepted.size).toBe(1006);

    importer.start(viewer);
    for await (const _ of importer.follow());
    expect(importer.now()).toMatchObject(end);
    expect(server.accepted.size).toBe(1006);
  });

  it('says what stopped it, and goes on from there', async () => {
    const server = new FakeServer();
    server.admin = false;
    const importer = createSampleImporter({ directory, executorFor: () => server });
    importer.start(viewer);
    for await (const _ of importer.follow());
    expect(importer.now()).toMatchObject({ running: false, error: expect.stringContaining('may not import') });
    server.admin = true;
    importer.start(viewer);
    for await (const _ of importer.follow());
    expect(importer.now()).toMatchObject({ error: null, confirmed: 830 });
  });

  it('ends a run under way when the server stops', async () => {
    const server = new FakeServer();
    server.tells = false;
    server.ended.set = () => server.ended;
    const importer = createSampleImporter({ directory, executorFor: () => server });
    importer.start(viewer);
    await importer.stop();
    expect(importer.now()).toMatchObject({ running: false, error: expect.stringContaining('stopped') });
  });
});
