/** An engine's log as the contract's tests use it: opened, with topics and processors of their own, and ended after each. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, expect, vi } from 'vitest';
import type { EventLog, Following, LogRecord, Position, Retention, Running } from '../../log/event-log.ts';
import { type CountingProbe, type CountingTopics, countingProcess } from '../children/counting-process.ts';

/** An engine with storage of its own, which lives as long as one test file runs. */
export interface LogEngineUnderTest {
  /** Prepares the storage. Called once, before the first `open`. */
  start?(): Promise<void>;
  /** Opens the log; every call opens the same storage. The suite closes one before it opens the next. */
  open(): Promise<EventLog>;
  /**
   * Environment in which a child process opens the same storage: `LOG_MODULE` names a module, relative to
   * `test/children`, that exports `open(): Promise<EventLog>`; the rest is for that module.
   */
  childEnvironment(): Readonly<Record<string, string>>;
  /** Removes the storage. Called once, after the last log was closed. */
  stop?(): Promise<void>;
}

/** Longest wait for a condition, in ms: long enough for a consumer group to notice that a member was killed. */
export const PATIENCE = 60_000;
export const PARTITIONS = 2;

/** To be called in a `describe`: the log is opened before its first test, and closed after its last. */
export function logUnderTest(engine: LogEngineUnderTest) {
  let log: EventLog;
  const running: Running[] = [];
  const children: ChildProcess[] = [];

  beforeAll(async () => {
    await engine.start?.();
    log = await engine.open();
  }, PATIENCE);
  afterEach(async () => {
    await Promise.all(running.splice(0).map((each) => each.stop()));
    await Promise.all(children.splice(0).map(killed));
  }, PATIENCE);
  afterAll(async () => {
    await log?.close();
    await engine.stop?.();
  }, PATIENCE);

  async function reopen(): Promise<void> {
    await log.close();
    log = await engine.open();
  }

  /** Runs `use` while this process has let go of the log, so that a child can open it. */
  async function whileClosed<T>(use: () => Promise<T>): Promise<T> {
    await log.close();
    try {
      return await use();
    } finally {
      log = await engine.open();
    }
  }

  async function newTopic(retention: Retention = 'forever', partitions = PARTITIONS): Promise<string> {
    const topic = `t-${randomUUID()}`;
    await log.createTopics([{ name: topic, partitions, retention }]);
    return topic;
  }

  async function countingTopics(): Promise<CountingTopics> {
    const [commands, events] = [await newTopic(), await newTopic()];
    return { commands, events, state: await newTopic('compact'), positions: await newTopic('compact') };
  }

  async function process(name: string, topics: CountingTopics, probe?: CountingProbe, maxBatch?: number) {
    const started = await log.process(countingProcess(name, topics, probe, maxBatch));
    running.push(started);
    return started;
  }

  function committed(name: string, { commands, positions }: CountingTopics): Promise<readonly Position[]> {
    return log.committed({ name, input: commands, positions });
  }

  async function follow(options: Parameters<EventLog['follow']>[0]): Promise<Following> {
    const started = await log.follow(options);
    running.push(started);
    return started;
  }

  async function readAll(topic: string, partition?: number, from?: number): Promise<LogRecord[]> {
    const partitions = partition === undefined ? Array.from({ length: PARTITIONS }, (_, i) => i) : [partition];
    const records: LogRecord[] = [];
    for (const partition of partitions) {
      for await (const batch of log.read({ topic, partition }, from)) records.push(...batch);
    }
    return records;
  }

  /** The newest value of each key, tombstones hidden. */
  async function newest(topic: string): Promise<Map<string, string>> {
    const values = new Map<string, string>();
    for (const { key, value } of await readAll(topic)) {
      if (key === null) continue;
      if (value === null) values.delete(key);
      else values.set(key, value.toString());
    }
    return values;
  }

  function child(script: string, ...args: string[]): { process: ChildProcess; lines: string[]; errors: string[] } {
    const path = fileURLToPath(new URL(`../children/${script}`, import.meta.url));
    const spawned = spawn(globalThis.process.execPath, ['--import', 'tsx', path, ...args], {
      env: { ...globalThis.process.env, ...engine.childEnvironment() },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    children.push(spawned);
    const lines: string[] = [];
    const errors: string[] = [];
    let rest = '';
    spawned.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      const parts = (rest + chunk).split('\n');
      rest = parts.pop() ?? '';
      lines.push(...parts);
    });
    spawned.stderr.setEncoding('utf8').on('data', (chunk: string) => errors.push(chunk));
    return { process: spawned, lines, errors };
  }

  /** Every command was handled exactly once and in order: the events count up per key, and so does the state. */
  async function expectEachCommandOnce(topics: CountingTopics): Promise<void> {
    const expected: string[] = [];
    const counts = new Map<string, number>();
    for (let partition = 0; partition < PARTITIONS; partition++) {
      for (const { key, value } of await readAll(topics.commands, partition)) {
        if (key === null) continue;
        const count = (counts.get(key) ?? 0) + 1;
        counts.set(key, count);
        expected.push(`${partition} ${key} ${count}:${value?.toString()}`);
      }
    }
    const events = await readAll(topics.events);
    expect(events.map((each) => `${each.partition} ${each.key} ${each.value?.toString()}`)).toEqual(expected);
    const state = new Map([...counts].map(([key, count]) => [key, String(count)]));
    expect(await newest(topics.state)).toEqual(state);
  }

  return {
    /** Another one after `reopen` and `whileClosed`. */
    get log() {
      return log;
    },
    /** What is stopped after the test. */
    running,
    reopen,
    whileClosed,
    newTopic,
    countingTopics,
    process,
    committed,
    follow,
    readAll,
    newest,
    child,
    expectEachCommandOnce,
  };
}

export type LogUnderTest = ReturnType<typeof logUnderTest>;

export async function until(assertion: () => void | Promise<void>): Promise<void> {
  await vi.waitFor(assertion, { timeout: PATIENCE, interval: 10 });
}

/** Kills a child by force and waits until it is gone. */
export async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('close', resolve));
  child.kill('SIGKILL');
  await gone;
}
