/** One purchase's trace, read from what an exporter sends: every hop with its time, through one process and through many. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { Cluster } from './e2e/cluster.ts';
import { type Server, startServer } from './e2e/server.ts';
import { type ReceivedSpan, receiveSpans, type SpanReceiver } from './e2e/span-receiver.ts';
import { placeTraced, type TracedPurchase, timetable, traceOf, uncovered } from './e2e/traced-purchase.ts';

/** Of the trace's time, what lies in no span: the steps from one hop to the next within a process. */
const UNCOVERED = 0.1;
/** How much what the trace tells may differ from what the client saw; it also waits for its own turn of the event loop. */
const DIFFERENCE = 0.1;
/** While other work has the machine, a client may wait long for its turn: the best of so many counts. */
const PURCHASES = 8;
/** Bought together: so much work that the client's own, which is in no trace, is a small share of the time also where others have the cores. */
const PRODUCTS = Array.from({ length: 60 }, (_, at) => `chai-${at}`);

const COMMANDS = [
  'placePurchase',
  'reserveStock',
  'approvePurchase',
  'recordStockReserved',
  'recordCustomerApproved',
  'settleStock',
];
const HOPS = [
  'mutation placePurchase',
  'append purchases.commands',
  ...COMMANDS.flatMap((command) => [`decide ${command}`, `commit ${command}`]),
  ...['purchases.commands', 'products.commands', 'customers.commands'].map((topic) => `receive ${topic}`),
  ...['transactions', 'purchases.state', 'products.state'].flatMap((topic) => [`receive ${topic}`, `project ${topic}`]),
  'push COMPLETED',
];

const tracing = (receiver: SpanReceiver) => ({
  OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
  OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
  OTEL_BSP_SCHEDULE_DELAY: '200',
});

async function openShop(gateway: Server): Promise<void> {
  const { data } = await gateway.graphql(`mutation {
    registerCustomer(input: { id: "ada", firstName: "Ada", lastName: "Lovelace", email: "ada@example.com" }) { transactionId }
    ${PRODUCTS.map((id, at) => `p${at}: addProduct(input: { id: "${id}", name: "Chai", price: "18.00", stock: 1000 }) { transactionId }`).join('\n')}
  }`);
  for (const { transactionId: id } of Object.values<{ transactionId: string }>(data)) {
    await gateway.all('subscription ($id: ID!) { transaction(id: $id) { status } }', { id });
  }
}

interface Told {
  readonly purchase: TracedPurchase;
  readonly trace: readonly ReceivedSpan[];
}

const named = ({ trace }: Told, name: string): ReceivedSpan => {
  const found = trace.find((span) => span.name === name);
  if (found === undefined) throw new Error(`there is no span ${name}`);
  return found;
};

/** What the trace tells of the time that the client saw pass, as a share of it. */
function shareTold(told: Told): number {
  return (named(told, 'push COMPLETED').ended - named(told, 'mutation placePurchase').begun) / told.purchase.seenMs;
}

async function purchases(gateway: Server, receiver: SpanReceiver): Promise<readonly Told[]> {
  const all: Told[] = [];
  while (all.length < PURCHASES) {
    const purchase = await placeTraced(gateway, 'ada', ...PRODUCTS);
    expect(purchase.statuses.at(-1)).toBe('COMPLETED');
    const trace = await traceOf(receiver, purchase.traceId, HOPS);
    all.push({ purchase, trace });
    if (Math.abs(1 - shareTold({ purchase, trace })) < DIFFERENCE) break;
  }
  return all;
}

function tellsAllOfIt(all: readonly Told[]): void {
  for (const { trace } of all) expect(uncovered(trace), timetable(trace)).toBeLessThan(UNCOVERED);
  const shares = all.map(shareTold);
  expect(Math.min(...shares.map((share) => Math.abs(1 - share))), shares.join()).toBeLessThan(DIFFERENCE);
  const [first] = all;
  if (first === undefined) throw new Error('there is no trace');
  const byId = new Map(first.trace.map((span) => [span.spanId, span]));
  const parentOf = (name: string) => byId.get(named(first, name).parentSpanId ?? '')?.name;
  // The client's own span is the only one above that was not made here.
  expect(first.trace.filter(({ parentSpanId = '' }) => !byId.has(parentSpanId)).map(({ name }) => name)).toEqual([
    'mutation placePurchase',
  ]);
  expect(parentOf('decide placePurchase')).toBe('mutation placePurchase');
  expect(parentOf('decide reserveStock')).toBe('decide placePurchase');
  expect(parentOf('decide recordStockReserved')).toBe('decide reserveStock');
  expect(parentOf('decide settleStock')).toMatch(/^decide record(StockReserved|CustomerApproved)$/);
  expect(parentOf('push COMPLETED')).toMatch(/^decide record(StockReserved|CustomerApproved)$/);
  expect(named(first, 'mutation placePurchase').attributes).toMatchObject({
    'counterfoil.transaction_id': first.purchase.transactionId,
  });
  for (const { begun, ended } of first.trace) expect(ended).toBeGreaterThanOrEqual(begun);
}

describe('the trace of one purchase, in one process', () => {
  let dir: string;
  let receiver: SpanReceiver;
  let server: Server;
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'counterfoil-traces-'));
    receiver = await receiveSpans();
    server = await startServer({ env: { DATA_DIR: dir, LOG_LEVEL: 'debug', ...tracing(receiver) } });
    await openShop(server);
  });
  afterAll(async () => {
    await server.stop();
    await receiver[Symbol.asyncDispose]();
    await rm(dir, { recursive: true });
  });

  it('tells every hop, without gaps, and as much time as the client saw', async () => {
    const all = await purchases(server, receiver);
    tellsAllOfIt(all);
    // It has all roles.
    expect(new Set(all.flatMap(({ trace }) => trace.map(({ service }) => service)))).toEqual(new Set(['counterfoil']));
  });

  it('is found by the ids in the lines of the log', async () => {
    const { traceId, transactionId } = await placeTraced(server, 'ada', 'chai-0');
    // The last one may be half a line.
    const lines = () =>
      server.output
        .split('\n')
        .slice(0, -1)
        .filter((line) => line.includes(transactionId));
    // They come by another way than the statuses, and later.
    await expect.poll(() => lines().length).toBeGreaterThan(1);
    for (const line of lines()) expect(JSON.parse(line)).toMatchObject({ transactionId, traceId });
  });

  it('is carried on, but not told, where the client does not sample it', async () => {
    const traceId = 'c'.repeat(32);
    await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', traceparent: `00-${traceId}-${'d'.repeat(16)}-00` },
      body: JSON.stringify({ query: 'mutation { addProduct(input: { name: "Chang", price: "19.00" }) { id } }' }),
    });
    const { traceId: later } = await placeTraced(server, 'ada', 'chai-0');
    await traceOf(receiver, later, HOPS);
    expect(receiver.spans.filter((span) => span.traceId === traceId)).toEqual([]);
  });
});

describe('the exporter', () => {
  it('sends protobuf unless told otherwise, what is left at the end too, and a collector that is gone keeps nobody', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'counterfoil-traces-'));
    const receiver = await receiveSpans();
    const server = await startServer({ env: { DATA_DIR: dir, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url } });
    await openShop(server);
    expect(await server.stop()).toBe(0);
    expect(receiver.others.map(({ type }) => type)).toContain('application/x-protobuf');
    const gone = receiver.url;
    await receiver[Symbol.asyncDispose]();
    const alone = await startServer({ env: { DATA_DIR: dir, OTEL_EXPORTER_OTLP_ENDPOINT: gone } });
    await alone.graphql('mutation { addProduct(input: { name: "Chang", price: "19.00" }) { id } }');
    expect(await alone.stop()).toBe(0);
    await rm(dir, { recursive: true });
  });
});

const missing = [inject('kafkaMissing'), inject('mongoMissing')].filter((reason) => reason !== '').join('; ');
const title = 'the trace of one purchase, through a gateway, a processor and a projector';
describe.skipIf(missing !== '')(missing === '' ? title : `${title} (left out: ${missing})`, () => {
  it('tells every hop of all three, and as much time as the client saw', async () => {
    await using receiver = await receiveSpans();
    const options = { brokers: inject('kafkaBrokers'), mongoUrl: inject('mongoUrl'), processors: 1, projectors: 1 };
    const cluster = await Cluster.start({ ...options, env: tracing(receiver) });
    try {
      await openShop(cluster.gateway);
      const all = await purchases(cluster.gateway, receiver);
      tellsAllOfIt(all);
      const [first] = all;
      const serviceOf = (kind: string) =>
        new Set(first?.trace.filter(({ name }) => name.startsWith(kind)).map(({ service }) => service));
      expect(serviceOf('mutation ')).toEqual(new Set(['counterfoil-gateway']));
      expect(serviceOf('decide ')).toEqual(new Set(['counterfoil-processor']));
      expect(serviceOf('project ')).toEqual(new Set(['counterfoil-projector']));
      expect(serviceOf('push ')).toEqual(new Set(['counterfoil-gateway']));
      expect(new Set(first?.trace.map(({ process }) => process)).size).toBe(3);
    } finally {
      await cluster.stop();
    }
  });
});
