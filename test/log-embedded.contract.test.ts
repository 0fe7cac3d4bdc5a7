/** The embedded log against the port's contract, and what it alone has: the folder's lock, readers beside it, a full disk. */
import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type EmbeddedLogOptions, openEmbeddedLog } from '../log/embedded/embedded-log.ts';
import { GroupCommit } from '../log/embedded/group-commit.ts';
import { dropOldRecords, dropReplaced } from '../log/embedded/retention.ts';
import { Storage } from '../log/embedded/storage.ts';
import { type EventLog, LogUnavailable, type TopicPartition } from '../log/event-log.ts';
import { countingProcess } from './children/counting-process.ts';
import { eventLogContract } from './log-contract/index.ts';

/** Process-id namespaces, as containers have them; Linux only, and for those who may make them. */
const noNamespaces = spawnSync('unshare', ['--pid', '--fork', '--mount-proc', 'true']).status !== 0;

let contractDir = '';
eventLogContract('embedded', {
  async start() {
    contractDir = await mkdtemp(join(tmpdir(), 'counterfoil-log-'));
  },
  open: () => openEmbeddedLog({ dir: contractDir }),
  childEnvironment: () => ({ LOG_MODULE: './open-embedded.ts', LOG_DIR: contractDir }),
  stop: () => rm(contractDir, { recursive: true, force: true }),
});

describe('embedded log', { timeout: 60_000 }, () => {
  const topics = { commands: 'commands', events: 'events', state: 'state', positions: 'positions' };
  const counting = { name: 'p', input: topics.commands, positions: topics.positions };
  let dir: string;
  let logs: EventLog[];

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'counterfoil-log-'));
    logs = [];
  });
  afterEach(async () => {
    await Promise.all(logs.map((each) => each.close()));
    await rm(dir, { recursive: true, force: true });
  });

  async function open(options: Partial<EmbeddedLogOptions> = {}): Promise<EventLog> {
    const log = await openEmbeddedLog({ dir, ...options });
    logs.push(log);
    if (options.readOnly === true) return log;
    await log.createTopics([
      { name: 'commands', partitions: 2, retention: 'forever' },
      { name: 'events', partitions: 2, retention: 'forever' },
      { name: 'state', partitions: 2, retention: 'compact' },
    ]);
    return log;
  }

  interface Ended {
    readonly out: string;
    readonly errors: string;
    readonly signal: string | null;
  }
  /** Runs a child to its end. `shell` is put in front of the command line. */
  async function child(script: string, args: string[], env: Record<string, string> = {}, shell = ''): Promise<Ended> {
    const path = fileURLToPath(new URL(`./children/${script}`, import.meta.url));
    const command = [
      `${shell === '' || shell.endsWith(';') ? `${shell} exec` : shell} "$0" "$@"`,
      process.execPath,
      '--import',
      'tsx',
      path,
      ...args,
    ];
    const options = { env: { ...process.env, LOG_MODULE: './open-embedded.ts', LOG_DIR: dir, ...env } };
    try {
      const { stdout, stderr } = await promisify(execFile)('bash', ['-c', ...command], options);
      return { out: stdout, errors: stderr, signal: null };
    } catch (error) {
      const { stdout, stderr, signal } = error as { stdout: string; stderr: string; signal: string | null };
      return { out: stdout, errors: stderr, signal };
    }
  }

  async function valuesIn(log: EventLog, partition: TopicPartition): Promise<string[]> {
    const values: string[] = [];
    for await (const batch of log.read(partition)) values.push(...batch.map((each) => each.value?.toString() ?? ''));
    return values;
  }

  function numbered(count: number) {
    const record = (i: number) => ({
      topic: 'commands',
      partition: i % 2,
      key: `k${i % 3}`,
      value: `${i}`,
      headers: {},
    });
    return Array.from({ length: count }, (_, i) => record(i));
  }

  describe('has its folder for itself', () => {
    /** Starts a process that has the folder until its input ends; `shell` runs it as "$0" with the script "$1". */
    async function holder(shell: string) {
      const script = fileURLToPath(new URL('./children/hold-until-told.ts', import.meta.url));
      const owner = spawn('bash', ['-c', shell, process.execPath, script], {
        env: { ...process.env, LOG_MODULE: './open-embedded.ts', LOG_DIR: dir },
        stdio: ['pipe', 'pipe', 'inherit'],
      });
      const [line] = await once(owner.stdout, 'data');
      return { process: owner, pid: Number(String(line)) };
    }

    it('refuses a folder that this process has open, and takes it again once closed', async () => {
      const log = await open();
      await expect(openEmbeddedLog({ dir })).rejects.toThrow(/already open in this process/);
      await log.close();
      await open();
    });

    const HASTE = { LOG_PATIENCE_MS: '100' };

    it('refuses a folder that another process has, naming that process and the ways out', async () => {
      await open();
      const { errors } = await child('use-and-close.ts', ['p', 'commands', 'events', 'state', 'positions'], HASTE);
      expect(errors).toMatch(`in use by process ${process.pid} on ${hostname()}`);
      expect(errors).toMatch('DATA_DIR');
      expect(errors).toMatch('KAFKA_BROKERS');
    });

    it('refuses it also when the lock files were deleted, and loses nothing that was acknowledged', async () => {
      const log = await open();
      await log.append(numbered(20));
      for (const name of ['owner.lock', 'lock.mdb']) rmSync(join(dir, name));
      const { errors } = await child('use-and-close.ts', ['p', 'commands', 'events', 'state', 'positions'], HASTE);
      expect(errors).toMatch('is in use by another process');
      expect(errors).toMatch('Deleting a lock file does not help');
      await log.append(numbered(20));
      await log.close();
      const again = await open();
      const values = await Promise.all([0, 1].map((partition) => valuesIn(again, { topic: 'commands', partition })));
      expect(values.flat()).toHaveLength(40);
    });

    it('acknowledges nothing once its data were deleted or replaced', async () => {
      const log = await open();
      await log.append(numbered(2));
      rmSync(join(dir, 'data.mdb'));
      await expect(log.append(numbered(2))).rejects.toThrow(/data of the log have been deleted/);
      await expect(log.append(numbered(2))).rejects.toThrow(LogUnavailable);
    });

    it.skipIf(noNamespaces)(`refuses it between two containers, where each counts its own processes`, async () => {
      await open();
      // Process 1 of a namespace of its own, as in a container: nobody has this process's id there.
      const args = ['p', 'commands', 'events', 'state', 'positions'];
      const { errors } = await child('use-and-close.ts', args, HASTE, 'unshare --pid --fork --mount-proc');
      expect(errors).toMatch(/in use by process \d+ on/);
    });

    it.skipIf(noNamespaces)(
      'can be read from another container, unless both are process 1 there, which is told',
      async () => {
        const log = await open();
        await log.append(numbered(4));
        const container = 'unshare --pid --fork --mount-proc';
        const read = () => child('read-beside.ts', ['commands', 'p'], { LOG_READ_ONLY: 'true' }, container);
        const { out, errors } = await read();
        expect(JSON.parse(out || `"${errors}"`)).toMatchObject({ values: ['0', '2', '1', '3'] });
        await log.close();
        const owner = await holder(`${container} "$0" --import tsx "$1"`);
        try {
          expect(owner.pid).toBe(1);
          expect((await read()).errors).toContain('has the same process id 1');
        } finally {
          owner.process.stdin.end();
        }
      },
    );

    it('is free the moment its owner was killed, though nobody has collected the dead process', async () => {
      await (await open()).close();
      // `sleep` never asks how its children ended, so the killed one stays a zombie for as long as it sleeps. It must not read
      // what the owner reads: Node makes that non-blocking, another reader ends with an error, and with it the owner's input.
      const owner = await holder('(exec 0<&3; exec "$0" --import tsx "$1") 3<&0 & exec sleep 300');
      try {
        await expect(openEmbeddedLog({ dir, patienceMs: 0 })).rejects.toThrow(`in use by process ${owner.pid}`);
        process.kill(owner.pid, 'SIGKILL');
        await open();
        // It lets go of its files a little before it is one.
        await vi.waitFor(() => expect(readFileSync(`/proc/${owner.pid}/stat`, 'utf8')).toMatch(/\) Z /), 20_000);
      } finally {
        owner.process.kill('SIGKILL');
      }
    });

    it('is waited for while its owner ends', async () => {
      const log = await open();
      const next = child('use-and-close.ts', ['p', 'commands', 'events', 'state', 'positions']);
      await log.close();
      expect((await next).errors).toBe('');
    });

    it('takes over what an earlier owner has left in the folder, whatever stands in it', async () => {
      for (const left of [JSON.stringify({ pid: process.ppid, born: '1' }), 'half a fi']) {
        writeFileSync(join(dir, 'owner.lock'), left);
        const log = await open();
        expect(JSON.parse(readFileSync(join(dir, 'owner.lock'), 'utf8'))).toMatchObject({ pid: process.pid });
        await log.close();
      }
    });
  });

  describe('shares the event loop', () => {
    it.each(['follower', 'processor'])('lets others have their turn while a %s reads a long history', async (kind) => {
      const log = await open();
      const states = numbered(60_000).map((record, i) => ({ ...record, topic: 'state', key: `k${i}` }));
      await log.append(states);
      let turns = 0;
      let counting = true;
      const turn = () => {
        turns++;
        if (counting) setImmediate(turn);
      };
      setImmediate(turn);
      const running =
        kind === 'follower'
          ? await log.follow({ name: 'f', topics: ['state'], from: 'beginning', onBatch: () => undefined })
          : await log.process(countingProcess('p', topics));
      // From here on it goes by itself; what it has read in this turn does not count.
      turns = 0;
      await running.caughtUp();
      counting = false;
      expect(turns).toBeGreaterThan(1);
    });
  });

  describe('can be read beside its owner', () => {
    it('shows another process the records, ends and positions, and refuses its appends', async () => {
      const log = await open();
      await log.append(numbered(10));
      const running = await log.process(countingProcess('p', topics));
      await running.caughtUp();
      const { out, errors } = await child('read-beside.ts', ['commands', 'p'], { LOG_READ_ONLY: 'true' });
      expect(JSON.parse(out || `"${errors}"`)).toEqual({
        values: ['0', '2', '4', '6', '8', '1', '3', '5', '7', '9'],
        ends: await log.ends(['commands']),
        committed: await log.committed(counting),
        refusal: expect.stringMatching(/LogUnavailable: .*for reading only/),
      });
      await log.append(numbered(2));
      expect((await log.ends(['commands'])).map((each) => each.offset)).toEqual([6, 6]);
    });

    it('says so when there is nothing to read', async () => {
      await expect(openEmbeddedLog({ dir: join(dir, 'none'), readOnly: true })).rejects.toThrow(/no log in/);
    });
  });

  describe('on a disk that is full', () => {
    it('refuses appends beyond mapSize, names the setting, and keeps what it has', async () => {
      const log = await open({ mapSize: 2_000_000 });
      const value = 'x'.repeat(10_000);
      let acknowledged = 0;
      const appendMany = async () => {
        for (;;) {
          await log.append([{ topic: 'commands', partition: 0, key: 'a', value, headers: {} }]);
          acknowledged += 1;
        }
      };
      const refusal = await appendMany().catch((error: unknown) => error);
      expect(refusal).toBeInstanceOf(LogUnavailable);
      expect(String(refusal)).toContain('mapSize');
      expect(acknowledged).toBeGreaterThan(5);
      expect(await valuesIn(log, { topic: 'commands', partition: 0 })).toHaveLength(acknowledged);
      expect((await log.ends(['commands']))[0]?.offset).toBe(acknowledged);
    });

    it('refuses what the system refuses to write, whole, and goes on when there is room', async () => {
      await (await open()).close();
      // Blocks of 1 KiB. Node ignores the signal that goes with it, so that a write fails as it does on a full disk.
      const { out, errors } = await child(
        'append-until-refused.ts',
        ['commands', 'events', 'state'],
        {},
        'ulimit -f 12000;',
      );
      const { acknowledged, unavailable, message, held } = JSON.parse(out || `"${errors}"`);
      expect(unavailable, message).toBe(true);
      expect(message).toContain('DATA_DIR');
      expect(acknowledged).toBeGreaterThan(3);
      expect(held).toEqual([acknowledged, acknowledged, acknowledged]);
      const log = await open();
      expect((await log.ends(['commands', 'events', 'state'])).map((each) => each.offset)).toEqual(
        [0, 1, 2].flatMap(() => [acknowledged, 0]),
      );
      await log.append(numbered(2));
      expect(await valuesIn(log, { topic: 'commands', partition: 1 })).toEqual(['1']);
    });

    it('keeps a step that cannot be written, says why, and writes it when there is room', async () => {
      let full = false;
      const log = await open({
        failpoint() {
          if (full) throw new Error('no space left on device');
        },
      });
      let opened = 0;
      let steps = 0;
      const probe = { opened: () => void opened++, beforeStep: () => void steps++ };
      await log.append(numbered(6));
      full = true;
      const running = await log.process(countingProcess('p', topics, probe));
      await vi.waitFor(() =>
        expect(running.health()).toEqual({
          state: 'trouble',
          detail: expect.stringContaining('no space left on device'),
        }),
      );
      await expect(log.append(numbered(1))).rejects.toThrow('no space left on device');
      expect(await log.committed(counting)).toEqual([]);
      full = false;
      await running.caughtUp();
      await vi.waitFor(() => expect(running.health()).toEqual({ state: 'running' }));
      expect([opened, steps]).toEqual([2, 2]);
      expect(await valuesIn(log, { topic: 'events', partition: 0 })).toEqual(['1:0', '1:2', '1:4']);
    });
  });

  describe('keeps a step whole', () => {
    it('has each command handled once wherever its process is killed', async () => {
      const log = await open();
      await log.append(numbered(200));
      await log.close();
      for (const at of ['before-produce:1', 'after-commit:1', 'before-produce:4', 'after-commit:3']) {
        const { signal, errors } = await child(
          'process-until-killed.ts',
          ['p', 'commands', 'events', 'state', 'positions'],
          {
            LOG_KILL_AT: at,
          },
        );
        expect(signal, errors).toBe('SIGKILL');
      }
      const again = await open();
      const before = await again.committed(counting);
      expect(before.reduce((sum, each) => sum + each.offset, 0)).toBeGreaterThan(0);
      expect((await again.ends(['events'])).map((each) => each.offset)).toEqual(before.map((each) => each.offset));
      await (await again.process(countingProcess('p', topics))).caughtUp();
      for (const partition of [0, 1]) {
        const counts = new Map<string, number>();
        const expected = numbered(200).flatMap(({ partition: its, key, value }) => {
          if (its !== partition) return [];
          counts.set(key, (counts.get(key) ?? 0) + 1);
          return [`${counts.get(key)}:${value}`];
        });
        expect(await valuesIn(again, { topic: 'events', partition })).toEqual(expected);
      }
    });

    it('restores after a step whose outcome it did not learn, and does not take it twice', async () => {
      let lost = false;
      const log = await open({
        failpoint(point) {
          if (lost && point === 'after-commit') {
            lost = false;
            throw new Error('nobody knows');
          }
        },
      });
      await log.append(numbered(6));
      const opened: number[] = [];
      lost = true;
      const running = await log.process(
        countingProcess('p', topics, { opened: (partition) => void opened.push(partition) }),
      );
      await running.caughtUp();
      await log.append(numbered(6));
      await running.caughtUp();
      expect(opened.length).toBeGreaterThan(2);
      expect(await valuesIn(log, { topic: 'events', partition: 0 })).toEqual([
        '1:0',
        '1:2',
        '1:4',
        '2:0',
        '2:2',
        '2:4',
      ]);
    });

    it('writes nothing of a step that names a topic that there is not', async () => {
      const log = await open();
      let tries = 0;
      const running = await log.process({
        name: 'p',
        input: 'commands',
        positions: 'positions',
        restore: [],
        open: (partition) => ({
          restore() {},
          restored() {},
          step: () => ({
            records: ['events', tries++ === 0 ? 'missing' : 'events'].map((topic) => ({
              topic,
              partition,
              key: 'a',
              value: `try ${tries}`,
              headers: {},
            })),
            committed() {},
          }),
          close() {},
        }),
      });
      await log.append(numbered(1));
      await running.caughtUp();
      expect(await valuesIn(log, { topic: 'events', partition: 0 })).toEqual(['try 2', 'try 2']);
    });
  });

  describe('drops what it need not keep', () => {
    it('drops records older than the retention, and never gives their offsets out again', async () => {
      const log = await open();
      await log.createTopics([{ name: 'short', partitions: 1, retention: { ms: 1 } }]);
      const record = { topic: 'short', key: 'a', value: 'old', headers: {} };
      await log.append(Array.from({ length: 2500 }, () => record));
      await log.close();
      const again = await open();
      await vi.waitFor(async () => expect(await valuesIn(again, { topic: 'short', partition: 0 })).toEqual([]));
      expect(await again.ends(['short'])).toEqual([{ topic: 'short', partition: 0, offset: 2500 }]);
      expect(await again.append([record])).toEqual([{ topic: 'short', partition: 0, offset: 2500 }]);
      expect(await valuesIn(again, { topic: 'commands', partition: 0 })).toEqual([]);
    });

    it('keeps a replaced record for a minute, for those who read along, and is followed past it afterwards', async () => {
      const storage = new Storage(dir, false);
      const commits = new GroupCommit(storage, { mapSize: undefined, failpoint: undefined });
      const never = new AbortController().signal;
      try {
        const topic = { id: 1, name: 'state', partitions: 2, retention: 'compact' as const };
        await commits.submit({ records: [], newTopics: [topic] });
        const record = { topic: 'state', partition: 0, key: 'a', headers: {} };
        for (const value of ['1', '2', '3']) await commits.submit({ records: [{ ...record, value }] });
        const values = () => storage.read(topic, 0, 0, 3, 100).records.map((each) => each.value?.toString());
        await dropReplaced(storage, commits, Date.now() + 30_000, never);
        expect(values()).toEqual(['1', '2', '3']);
        await dropReplaced(storage, commits, Date.now() + 61_000, never);
        expect(values()).toEqual(['3']);
        expect(storage.replaced?.getCount()).toBe(0);
      } finally {
        await commits.close('closed');
        await storage.close();
      }
      const log = await open();
      const seen: (string | undefined)[] = [];
      const following = await log.follow({
        name: 'f',
        topics: ['state'],
        from: 'beginning',
        onBatch: (batch) => void seen.push(...batch.records.map((each) => each.value?.toString())),
      });
      await following.reached(await log.ends(['state']));
      expect(seen).toEqual(['3']);
    });

    it('keeps a tombstone for a day, for those who are behind, and then drops it unless its key lives again', async () => {
      const storage = new Storage(dir, false);
      const commits = new GroupCommit(storage, { mapSize: undefined, failpoint: undefined });
      const never = new AbortController().signal;
      try {
        const topic = { id: 1, name: 'state', partitions: 1, retention: 'compact' as const };
        await commits.submit({ records: [], newTopics: [topic] });
        const write = (key: string, value: string | null) =>
          commits.submit({ records: [{ topic: 'state', key, value, headers: {} }] });
        for (const key of ['gone', 'back', 'x'.repeat(2000)]) {
          await write(key, 'value');
          await write(key, null);
        }
        await write('back', 'again');
        const keys = () => storage.read(topic, 0, 0, 100, 100).records.map((each) => each.key);
        const hour = 3_600_000;
        await dropReplaced(storage, commits, Date.now() + hour, never);
        await dropOldRecords(storage, commits, Date.now() + 23 * hour, never);
        expect(keys()).toEqual(['gone', 'x'.repeat(2000), 'back']);
        await dropOldRecords(storage, commits, Date.now() + 25 * hour, never);
        expect(keys()).toEqual(['back']);
        expect(storage.newest.getCount()).toBe(1);
        expect(storage.tombstones.getCount()).toBe(0);
        expect(storage.end({ topic: 'state', partition: 0 })).toBe(7);
      } finally {
        await commits.close('closed');
        await storage.close();
      }
    });
  });
});
