/** An aggregate that is added to the one list of them is decided, projected and verified, with nothing else said of it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { auditLog } from '../audit/audit-log.ts';
import { decideAgain } from '../audit/decide-again.ts';
import type { Difference } from '../audit/difference.ts';
import { aggregateNames, allAggregates } from '../domain/registry.ts';
import type { TransactionRecord } from '../domain/transaction.ts';
import { openEmbeddedLog } from '../log/embedded/embedded-log.ts';
import type { EventLog, Running } from '../log/event-log.ts';
import { processorOf, startProcessors } from '../processors/index.ts';
import { viewSpecs } from '../projectors/documents.ts';
import { projectors, startProjection } from '../projectors/index.ts';
import { newestById, type Projector } from '../projectors/projector.ts';
import { stateOf } from '../records/state-record.ts';
import { stateTopic, TOPICS_WITH_DEAD, topicSpecs } from '../records/topics.ts';
import { createSubmit, type Submit } from '../transactions/submit.ts';
import { TransactionTracker } from '../transactions/transaction-tracker.ts';
import { openTemporaryViews } from '../views/embedded/embedded-views.ts';
import type { ViewStore } from '../views/view-store.ts';
import { type ParcelState, parcels } from './registry.toys.ts';

vi.mock('../domain/index.ts', async (importActual) => {
  const actual = await importActual<typeof import('../domain/index.ts')>();
  const toys = await vi.importActual<typeof import('./registry.toys.ts')>('./registry.toys.ts');
  return { ...actual, aggregates: { ...actual.aggregates, couriers: toys.couriers, parcels: toys.parcels } };
});

const PARCELS_VIEW = 'parcels';

interface ParcelDoc {
  readonly _id: string;
  readonly status: ParcelState['status'];
}

const parcelsProjector: Projector = {
  topic: stateTopic('parcels'),
  async project(records, tx, unreadable) {
    const states = await newestById(records, (record) => stateOf(record, parcels), unreadable);
    await tx.put(
      PARCELS_VIEW,
      [...states].map(([_id, { status }]): ParcelDoc => ({ _id, status })),
    );
    return undefined;
  },
};

const PARTITIONS = 3;
const viewer = { id: 'ada', roles: ['admin'], isAdmin: true };

let folder: string;
let log: EventLog;
let views: ViewStore;
let tracker: TransactionTracker;
let submit: Submit;
const running: Running[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'counterfoil-'));
  log = await openEmbeddedLog({ dir: folder });
  await log.createTopics(topicSpecs(PARTITIONS));
  running.push(...(await startProcessors({ log, partitions: PARTITIONS })).values());
  views = openTemporaryViews({ views: [...viewSpecs, { name: PARCELS_VIEW, indexes: [] }] });
  running.push(await startProjection({ log, views, projectors: [...projectors, parcelsProjector] }));
  tracker = await TransactionTracker.start({ log, views, processorOf });
  submit = createSubmit({ log, tracker, partitions: PARTITIONS });
});
afterAll(async () => {
  await tracker.stop();
  for (const each of running) await each.stop();
  await views.close();
  await log.close();
  await rm(folder, { recursive: true });
});

/** Sends a command of a toy, which the compiler knows nothing of, and waits for its transaction's end. */
async function ended(aggregate: string, command: string, id: string, data: object): Promise<TransactionRecord> {
  const submission = {
    ...{ aggregate, command, data, viewer, traceparent: undefined },
    idempotencyKey: `${command} ${id}`,
  };
  const { transactionId } = await submit(submission as unknown as Parameters<Submit>[0]);
  let last: TransactionRecord | undefined;
  for await (const record of (await tracker.follow(transactionId)) ?? []) last = record;
  if (last === undefined) throw new Error(`${command} ${id} was not followed`);
  return last;
}

async function shown(id: string): Promise<ParcelDoc['status'] | undefined> {
  await Promise.all(running.map((each) => each.caughtUp()));
  return (await views.get<ParcelDoc>(PARCELS_VIEW, [id])).get(id)?.status;
}

describe('an aggregate added to the list', () => {
  it('has all its topics, and its dead letters', () => {
    expect(aggregateNames.slice(-2)).toEqual(['couriers', 'parcels']);
    const names = topicSpecs(PARTITIONS).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['parcels.commands', 'parcels.state', 'parcels.deadlines']));
    expect(names).not.toContain('couriers.deadlines');
    expect(TOPICS_WITH_DEAD).toEqual(expect.arrayContaining(['couriers.commands', 'couriers.state']));
  });

  it('is decided, goes its own way through the saga, and is shown', async () => {
    await ended('couriers', 'hireCourier', 'bike', { courierId: 'bike', room: 1 });
    const sent = await ended('parcels', 'sendParcel', 'one', { parcelId: 'one', courierId: 'bike' });
    expect(sent).toMatchObject({ status: 'COMPLETED', aggregate: 'parcels', entityVersion: 2 });
    expect(sent.steps.map(({ name }) => name)).toEqual(['accepted', 'sent', 'gone']);
    expect(await shown('one')).toBe('GONE');
  });

  it('is told when the other rejects it', async () => {
    await ended('couriers', 'hireCourier', 'cart', { courierId: 'cart', room: 1 });
    await ended('parcels', 'sendParcel', 'first', { parcelId: 'first', courierId: 'cart' });
    const left = await ended('parcels', 'sendParcel', 'second', { parcelId: 'second', courierId: 'cart' });
    expect(left).toMatchObject({ status: 'REJECTED', rejection: { message: 'no courier has room' } });
    expect(await shown('second')).toBe('LEFT');
  });

  it('is ended by its own deadline when nobody answers', async () => {
    const left = await ended('parcels', 'sendParcel', 'third', { parcelId: 'third', courierId: 'nobody' });
    expect(left.rejection).toMatchObject({ code: 'TIMED_OUT', message: 'it took too long' });
  });

  it('is refused by its own check before anything is written', async () => {
    const refused = ended('couriers', 'hireCourier', 'none', { courierId: 'none', room: 0 });
    await expect(refused).rejects.toThrow('room must be above 0');
  });

  it('is verified, and decided again to the same', async () => {
    await Promise.all(running.map((each) => each.caughtUp()));
    const differences: Difference[] = [];
    const { aggregates } = await auditLog({ log, report: (each) => void differences.push(each) });
    expect(differences).toEqual([]);
    expect(aggregates).toMatchObject({ couriers: 2, parcels: 4, purchases: 0 });
    const others: unknown[] = [];
    expect(await decideAgain({ log, processorOf, onOther: (each) => void others.push(each) })).toBeGreaterThan(6);
    expect(others).toEqual([]);
  });
});

describe('the list of aggregates', () => {
  it('has no command twice: its owner could not be told', () => {
    const owners = allAggregates.flatMap(({ name, commands }) =>
      Object.keys(commands).map((command) => [command, name]),
    );
    expect(new Set(owners.map(([command]) => command)).size).toBe(owners.length);
  });
});
