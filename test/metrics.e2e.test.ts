/** What `/metrics` of a running server tells: every metric of the table and no other, with labels of closed lists. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { METRICS, QUEUES } from '../telemetry/metric-table.ts';
import { type Sample, samplesIn } from './e2e/samples.ts';
import { type Server, startServer } from './e2e/server.ts';

let dir: string;
let server: Server;
let text: string;
let samples: readonly Sample[];
let mostTransactions = 0;

async function scrape(): Promise<void> {
  text = await (await fetch(`${server.url}/metrics`)).text();
  samples = samplesIn(text);
}

function value(name: string, labels: Readonly<Record<string, string>> = {}): number | undefined {
  return samples.find((sample) => {
    return sample.name === name && Object.entries(labels).every(([label, of]) => sample.labels[label] === of);
  })?.value;
}

async function ended(mutation: string): Promise<void> {
  const { data } = await server.graphql(`mutation { it: ${mutation} { transactionId } }`);
  const query = 'subscription ($id: ID!) { transaction(id: $id) { status } }';
  await server.all(query, { id: data.it.transactionId });
  await scrape();
  mostTransactions = Math.max(mostTransactions, value('counterfoil_queue_items', { queue: 'transactions' }) ?? 0);
}

/** Queues that nothing waits in. */
const AT_REST = ['append', 'decide', 'project', 'follow', 'subscriptions', 'requests'];

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'counterfoil-metrics-'));
  server = await startServer({ env: { DATA_DIR: dir } });
  await ended('registerCustomer(input: { id: "ada", firstName: "Ada", lastName: "Lovelace" })');
  await ended('addProduct(input: { id: "chai", name: "Chai", price: "18.00", stock: 3 })');
  await ended('placePurchase(input: { customerId: "ada", lines: [{ productId: "chai", quantity: 2 }] })');
  await ended('placePurchase(input: { customerId: "ada", lines: [{ productId: "chai", quantity: 2 }] })');
  // What follows from a transaction goes on after its final status: the stock is settled, and views are made.
  await vi.waitFor(async () => {
    await scrape();
    const lags = samples.filter(({ name }) => name === 'counterfoil_partition_lag_records');
    expect(lags.reduce((sum, lag) => sum + lag.value, 0)).toBe(0);
    expect(value('counterfoil_transaction_visible_duration_seconds_count')).toBe(4);
    for (const queue of AT_REST) expect(value('counterfoil_queue_items', { queue }), queue).toBe(0);
  }, 30_000);
});
afterAll(async () => {
  await server.stop();
  await rm(dir, { recursive: true });
});

describe('/metrics', () => {
  it('tells every metric of the table, of its kind and in its words, and no other of ours', () => {
    const kinds = new Map(
      [...text.matchAll(/^# TYPE (counterfoil_\w+) (\w+)$/gm)].map(([, name, kind]) => [name, kind]),
    );
    expect(Object.fromEntries(kinds)).toEqual(
      Object.fromEntries(Object.entries(METRICS).map(([name, { kind }]) => [name, kind])),
    );
    for (const [name, { help }] of Object.entries(METRICS)) expect(text).toContain(`# HELP ${name} ${help}\n`);
  });

  it('has a value of every gauge and histogram, since all roles are here', async () => {
    const told = new Set(samples.map(({ name }) => name));
    for (const [name, { kind }] of Object.entries(METRICS)) {
      if (kind === 'gauge') expect([...told]).toContain(name);
      if (kind === 'histogram') expect([...told]).toContain(`${name}_count`);
    }
    const queues = samples.filter(({ name }) => /^counterfoil_queue_(items|bytes)$/.test(name));
    expect([...new Set(queues.map(({ labels }) => labels['queue']))].sort()).toEqual(Object.keys(QUEUES).sort());
  });

  it('has no label but those of the table', () => {
    for (const { name, labels } of samples) {
      const metric = /^(counterfoil_\w+?)(_bucket|_sum|_count)?$/.exec(name)?.[1] ?? '';
      const spec = Object.entries(METRICS).find(([each]) => each === metric || each === name)?.[1];
      if (spec === undefined) continue;
      for (const label of Object.keys(labels)) if (label !== 'le') expect(spec.labels).toContain(label);
    }
  });

  it('counts what was accepted, completed and rejected, by command and code', () => {
    expect(value('counterfoil_transactions_accepted_total', { command: 'placePurchase' })).toBe(2);
    expect(value('counterfoil_transactions_completed_total', { command: 'placePurchase' })).toBe(1);
    const labels = { command: 'placePurchase', code: 'INSUFFICIENT_STOCK' };
    expect(value('counterfoil_transactions_rejected_total', labels)).toBe(1);
    expect(value('counterfoil_transactions_completed_total', { command: 'addProduct' })).toBe(1);
    expect(value('counterfoil_transactions_completed_total', { command: 'removeCustomer' })).toBe(0);
  });

  it('measures every stage, and the whole of a transaction', () => {
    for (const stage of ['append', 'project', 'push']) {
      expect(value(`counterfoil_${stage}_duration_seconds_count`)).toBeGreaterThan(0);
    }
    for (const stage of ['decide', 'commit']) {
      for (const processor of ['customers', 'products', 'purchases']) {
        expect(value(`counterfoil_${stage}_duration_seconds_count`, { processor })).toBeGreaterThan(0);
      }
    }
    const whole = 'counterfoil_transaction_duration_seconds_count';
    expect(value(whole, { command: 'placePurchase', outcome: 'completed' })).toBe(1);
    expect(value(whole, { command: 'placePurchase', outcome: 'rejected' })).toBe(1);
    expect(value('counterfoil_transaction_visible_duration_seconds_count')).toBeGreaterThan(0);
  });

  it('tells of lag, restores, rebuilds, subscriptions and queues as they are at rest', async () => {
    const processors = ['keys', 'customers', 'products', 'purchases'].map((name) => `processor ${name}`);
    for (const part of [...processors, 'projector', 'transactions']) {
      expect(value('counterfoil_partition_lag_records', { part })).toBe(0);
      expect(value('counterfoil_partition_lag_seconds', { part })).toBe(0);
    }
    for (const part of processors) expect(value('counterfoil_restore_progress_ratio', { part })).toBe(1);
    expect(value('counterfoil_rebuild_progress_ratio')).toBe(1);
    for (const queue of AT_REST) {
      expect(value('counterfoil_queue_items', { queue }), queue).toBe(0);
    }
    // Those that the views show are let go of after a while, which may have been: each had just ended when this was read.
    expect(mostTransactions).toBeGreaterThan(0);
    expect(value('counterfoil_dead_letters_total', { topic: 'purchases.commands' })).toBe(0);
  });
});
