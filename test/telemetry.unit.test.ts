/** Metrics and traces, part by part: what is told of a step, a restore, a lag, a name that nobody knows. */
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { accepted, type TransactionRecord } from '../domain/transaction.ts';
import type { EventLog, LogRecord, NewRecord, PartitionProcess, ProcessOptions, Step } from '../log/event-log.ts';
import { toHeaders } from '../records/cloud-event.ts';
import { endOf, statusRecord } from '../records/status-record.ts';
import { codeLabel, commandLabel } from '../telemetry/labels.ts';
import { LagAges } from '../telemetry/lag-ages.ts';
import { createMetrics } from '../telemetry/metrics.ts';
import { observedLog } from '../telemetry/observed-log.ts';
import { PartitionSeen } from '../telemetry/partitions-seen.ts';
import { Queues } from '../telemetry/queues.ts';
import { Traces } from '../telemetry/traces.ts';

const exporter = new InMemorySpanExporter();
const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
afterEach(() => exporter.reset());

const TRACEPARENT = (digit: string, flags = '01') => `00-${digit.repeat(32)}-${digit.repeat(16)}-${flags}`;

function command(offset: number, transaction: string, traceparent?: string): LogRecord {
  const headers = toHeaders({
    ...{ id: transaction, type: 'restockProduct', source: '/gateway', subject: 'chai', time: '2026-01-01T00:00:00Z' },
    ...{ transactionid: transaction, issuedby: 'ada', traceparent },
  });
  return { topic: 'products.commands', partition: 0, offset, key: 'chai', value: null, headers, timestamp: 1000 };
}

/** What a processor writes for one command: an event, a status, a follow-up; and one state for all of them. */
function outputs(batch: readonly LogRecord[]): readonly NewRecord[] {
  const common = { source: '/processors/products', subject: 'chai', time: '2026-01-01T00:00:00Z' };
  const written = batch.flatMap(({ headers }): NewRecord[] => {
    const id = headers['ce_id'] ?? '';
    const caused = { ...common, transactionid: id, causationid: id };
    const begun = { id, command: 'restockProduct', aggregate: 'products', entityId: 'chai', issuedBy: 'ada', at: '' };
    return [
      { topic: 'products.events', key: 'chai', value: '', headers: toHeaders({ ...caused, id: `${id}/0`, type: 'E' }) },
      statusRecord(accepted(begun), { source: '/processors/products', partition: 0, at: '2026-01-01T00:00:00Z' }),
    ];
  });
  const state = toHeaders({ ...common, id: 'chai@1', type: 'State' });
  return [...written, { topic: 'products.state', key: 'chai', value: '', headers: state }];
}

/** The processor as the engine is given it, on a log that is watched. */
async function watched(traces: Traces | undefined) {
  let given: ProcessOptions | undefined;
  const log = {
    process: async (options: ProcessOptions) => {
      given = options;
      return { health: () => ({ state: 'running' }), partitions: () => [] };
    },
  } as unknown as EventLog;
  const metrics = createMetrics();
  const observed = observedLog(log, {
    metrics,
    queues: new Queues(metrics),
    logger: pino({ level: 'silent' }),
    traces,
  });
  let committed = 0;
  const process: PartitionProcess = {
    restore: () => undefined,
    restored: () => undefined,
    step: (batch) => ({ records: outputs(batch), committed: () => void committed++ }),
    close: () => undefined,
  };
  const common = { name: 'products-processor', input: 'products.commands', positions: 'p', restore: [] };
  await observed.process({ ...common, open: () => process });
  const opened = given?.open(0);
  if (opened === undefined) throw new Error('nothing was opened');
  return { process: opened, metrics, committed: () => committed };
}

const traceparents = ({ records }: Step) => records.map(({ headers }) => headers['traceparent']?.slice(3, 4));
const spans = () => exporter.getFinishedSpans();

describe('a step of several commands', () => {
  it('carries each trace on to what follows from its command alone, and links the commands by the step', async () => {
    const { process, committed } = await watched(new Traces(provider.getTracer('test')));
    const step = process.step([command(0, 'x', TRACEPARENT('a')), command(1, 'y'), command(2, 'z', TRACEPARENT('b'))]);
    expect(traceparents(step)).toEqual(['a', 'a', undefined, undefined, 'b', 'b', 'b']);
    expect(spans().map(({ name }) => name)).not.toContain('commit restockProduct');
    step.committed();
    expect(committed()).toBe(1);
    const batch = spans().find(({ name }) => name === 'step products');
    expect(batch?.links.map(({ context }) => context.traceId.slice(0, 1))).toEqual(['a', 'b']);
    const decided = spans().filter(({ name }) => name === 'decide restockProduct');
    expect(decided.map((span) => span.spanContext().traceId.slice(0, 1))).toEqual(['a', 'b']);
    for (const { links } of decided) expect(links[0]?.context.spanId).toBe(batch?.spanContext().spanId);
    expect(spans().filter(({ name }) => name === 'commit restockProduct')).toHaveLength(2);
  });

  it('leaves records as they are where nothing is sampled', async () => {
    const { process } = await watched(new Traces(provider.getTracer('test')));
    const batch = [command(0, 'x'), command(1, 'y', TRACEPARENT('a', '00'))];
    expect(process.step(batch).records).toEqual(outputs(batch));
    expect(spans()).toEqual([]);
  });

  it('tells that it was not committed', async () => {
    const { process } = await watched(new Traces(provider.getTracer('test')));
    process.step([command(0, 'x', TRACEPARENT('a'))]);
    process.close();
    const commit = spans().find(({ name }) => name === 'commit restockProduct');
    expect(commit?.attributes['error.type']).toBe('Error');
  });
});

describe('without traces', () => {
  it('a step hands on the very records that it was given', async () => {
    const { process, metrics } = await watched(undefined);
    const batch = [command(0, 'x', TRACEPARENT('a'))];
    process.step(batch).committed();
    expect(process.step(batch).records).toEqual(outputs(batch));
    expect(await metrics.registry.metrics()).toContain(
      'counterfoil_commit_duration_seconds_count{processor="products"} 1\n',
    );
  });
});

describe('a restore', () => {
  it('is told of in proportion to what is to be read', () => {
    const seen = new PartitionSeen();
    expect(seen.restored).toBeUndefined();
    seen.opened();
    expect(seen.restored).toBe(0);
    const ends = new Map([
      ['products.state', 20],
      ['transactions', 10],
    ]);
    seen.begins({ log: 'log', position: 0, ends }, new Map([['products.state', 10]]));
    seen.restore({ ...command(14, 'x'), topic: 'products.state' });
    expect(seen.restored).toBe(0.25);
    seen.restoredAll();
    expect(seen.restored).toBe(1);
  });
});

describe('the lag in seconds', () => {
  it('is the age of the record that is handled, and else how long some have been seen to wait', () => {
    let now = 1_000_000;
    const ages = new LagAges(() => now);
    const status = { topic: 't', partition: 0, state: 'running', position: 5 } as const;
    expect(ages.secondsOf('p', { ...status, lag: 0 })).toBe(0);
    expect(ages.secondsOf('p', { ...status, lag: 1, oldest: 998_000 })).toBe(2);
    // A record that has just come, after an idle hour, is not an hour old.
    expect(ages.secondsOf('p', { ...status, lag: 1 })).toBe(0);
    now += 7000;
    expect(ages.secondsOf('p', { ...status, lag: 1 })).toBe(7);
    expect(ages.secondsOf('another', { ...status, lag: 1 })).toBe(0);
    expect(ages.secondsOf('p', { ...status, position: 6, lag: 1 })).toBe(0);
  });
});

describe('a label', () => {
  it('is a name of the registry, or one word for all others', () => {
    expect(commandLabel('placePurchase')).toBe('placePurchase');
    expect(commandLabel('recordStockReserved')).toBe('recordStockReserved');
    for (const name of ['dropTables', '__proto__', 'constructor', undefined]) expect(commandLabel(name)).toBe('OTHER');
    const rejected = (code: string) => codeLabel({ rejection: { code, message: '' } });
    expect(rejected('INSUFFICIENT_STOCK')).toBe('INSUFFICIENT_STOCK');
    for (const code of ['MADE_UP', '__proto__', 'constructor']) expect(rejected(code)).toBe('OTHER');
  });
});

describe("a status's end", () => {
  const begun = {
    id: 't',
    command: 'c',
    aggregate: 'products',
    entityId: 'e',
    issuedBy: 'u',
    at: '2026-01-01T00:00:00Z',
  };
  const endIn = (transaction: TransactionRecord) => {
    const { value } = statusRecord(transaction, { source: '/s', partition: 0, at: '2026-01-01T00:00:00Z' });
    return endOf({ value: Buffer.from(value ?? '') });
  };

  it('is told without parsing, whatever users have written', () => {
    const transaction = accepted(begun);
    expect(endIn(transaction)).toBeUndefined();
    expect(
      endIn({ ...transaction, entityId: '"status":"COMPLETED"', issuedBy: '\\"status":"REJECTED"' }),
    ).toBeUndefined();
    expect(endIn({ ...transaction, status: 'COMPLETED' })).toBe('COMPLETED');
    expect(endIn({ ...transaction, status: 'REJECTED' })).toBe('REJECTED');
    expect(endOf({ value: null })).toBeUndefined();
  });
});
