/** Processes that tell each other how they are, on a log that they share. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openEmbeddedLog } from '../log/embedded/embedded-log.ts';
import { type EventLog, LogUnavailable } from '../log/event-log.ts';
import { type OwnReport, Processes } from '../operations/processes.ts';
import type { Job } from '../records/process-report.ts';
import { PROCESSES, topicSpecs } from '../records/topics.ts';

const OWN: OwnReport = {
  ...{ roles: ['processor'], host: 'here', pid: 1, version: '1', startedAt: '2026-01-01T00:00:00.000Z', job: null },
  parts: [
    {
      ...{ name: 'processor products', ready: false, state: 'restoring', detail: '1 of 2 partitions restored' },
      partitions: [
        { topic: 'products.commands', partition: 0, state: 'restoring', records: 7, seconds: 1.5, restored: 0.5 },
      ],
    },
  ],
};
const GATEWAY = { ...OWN, roles: ['gateway'], parts: [] };
const JOB: Job = {
  ...{ kind: 'verify', state: 'running', startedAt: '2026-01-02T00:00:00.000Z', finishedAt: null },
  ...{ phase: 'events', done: 1, total: 2, result: [] },
};

let folder: string;
let log: EventLog;
const started: Processes[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'counterfoil-processes-'));
  log = await openEmbeddedLog({ dir: folder, logger: pino({ level: 'silent' }) });
  await log.createTopics(topicSpecs(2));
});
afterEach(async () => {
  for (const each of started.splice(0)) await each.stop();
  await log.close();
  await rm(folder, { recursive: true });
});

function start(own: OwnReport, more: Partial<ConstructorParameters<typeof Processes>[0]> = {}): Processes {
  const processes = new Processes({
    ...{ log, partitions: 2, shared: true, own: async () => own, onTrouble: () => undefined, tellEveryMs: 20 },
    ...more,
  });
  started.push(processes);
  return processes;
}

function gateway(more?: Partial<ConstructorParameters<typeof Processes>[0]>): Processes {
  const processes = start(GATEWAY, more);
  processes.follow();
  return processes;
}

/** However busy the machine is. */
const until = (holds: () => Promise<void>) => vi.waitFor(holds, { timeout: 30_000, interval: 20 });

const hearings = async (at: Processes) => (await at.now()).map(({ roles: [role], hearing }) => `${role} ${hearing}`);

describe('Processes', () => {
  it('know of each other what each tells: its parts, how far they are, and what it has under way', async () => {
    const here = gateway();
    const other = start({ ...OWN, job: JOB });
    await until(async () => expect(await hearings(here)).toEqual(['gateway heard', 'processor heard']));
    const [own, told] = await here.now();
    expect(own?.id).toBe(here.id);
    expect(told).toMatchObject({ id: other.id, ...OWN, job: JOB, memoryBytes: expect.any(Number) });
  });

  it('are left out once they have ended, and shown as gone when nothing comes of them any more', async () => {
    const here = gateway({ goneAfterMs: 200 });
    const ends = start(OWN);
    await until(async () => expect(await hearings(here)).toContain('processor heard'));
    await ends.stop();
    await until(async () => expect(await hearings(here)).toEqual(['gateway heard']));

    start(OWN, { tellEveryMs: 1_000_000 });
    await until(async () => expect(await hearings(here)).toEqual(['gateway heard', 'processor gone']));
  });

  it('are forgotten by all when they have been gone for long', async () => {
    const { id } = start(OWN, { tellEveryMs: 1_000_000 });
    await until(async () => expect(await newest(id)).toBeInstanceOf(Buffer));
    const here = gateway({ forgetAfterMs: 200 });
    await until(async () => {
      expect(await hearings(here)).toEqual(['gateway heard']);
      expect(await newest(id)).toBeNull();
    });
  });

  it('are not called gone by a gateway that does not hear itself either', async () => {
    let reached = true;
    const away: EventLog = Object.assign(Object.create(log), {
      follow: (options: Parameters<EventLog['follow']>[0]) => log.follow(options),
      append: async (records: Parameters<EventLog['append']>[0]) => {
        if (!reached) throw new LogUnavailable('away');
        return await log.append(records);
      },
    });
    const onTrouble = vi.fn();
    const here = gateway({ log: away, goneAfterMs: 200, onTrouble });
    start(OWN, { log: away });
    await until(async () => expect(await hearings(here)).toContain('processor heard'));
    reached = false;
    await until(async () => expect(await hearings(here)).toEqual(['gateway heard', 'processor silent']));
    // Once, however often it is tried.
    expect(onTrouble).toHaveBeenCalledTimes(1);
    reached = true;
    await until(async () => expect(await hearings(here)).toEqual(['gateway heard', 'processor heard']));
  });

  it('pass over what a stranger writes', async () => {
    const here = gateway();
    await log.append([{ topic: PROCESSES, key: 'stranger', value: '{"roles":1}', headers: {} }]);
    start(OWN);
    await until(async () => expect(await hearings(here)).toEqual(['gateway heard', 'processor heard']));
  });

  it('write nothing on a log that is one process’s own, and know themselves', async () => {
    const here = gateway({ shared: false });
    await here.tell();
    expect(await hearings(here)).toEqual(['gateway heard']);
    await here.stop();
    expect((await log.ends([PROCESSES])).every(({ offset }) => offset === 0)).toBe(true);
  });
});

/** The newest record of a process: null is a tombstone; undefined: there is none. */
async function newest(id: string): Promise<Buffer | null | undefined> {
  let value: Buffer | null | undefined;
  for (const { partition } of await log.ends([PROCESSES])) {
    for await (const records of log.read({ topic: PROCESSES, partition }))
      for (const record of records) if (record.key === id) value = record.value;
  }
  return value;
}
