/**
 * Sessions that brokers end (KIP-368): writers, readers and members of groups sign in again on the connections they have,
 * under load, and lose nothing; a password that is changed meanwhile is an outage until it is right again.
 */
import { createRequire } from 'node:module';
import tls from 'node:tls';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import type { EventLog, LogRecord } from '../log/event-log.ts';
import { openKafkaLog } from '../log/kafka/kafka-log.ts';
import { Authority } from './engines/certificates.ts';
import { kafkaMissing } from './engines/kafka.ts';
import { kafkaTool } from './engines/kafka-libs.ts';
import { type SecureKafka, startSecureKafka } from './engines/secure-kafka.ts';

const missing = inject('kafkaMissing') || (await kafkaMissing()) || '';
const SESSION_MS = 4000;
const SESSIONS = 4;
const USER = { username: 'ada', password: 'ada-hush' };

interface Authenticator {
  authenticate(): Promise<void>;
}
const { prototype: authenticator } = createRequire(import.meta.url)('kafkajs/src/broker/saslAuthenticator') as {
  prototype: Authenticator;
};

describe.skipIf(missing !== '')(`sessions of Kafka${missing === '' ? '' : ` (${missing})`}`, () => {
  let kafka: SecureKafka;
  let log: EventLog;
  const warnings: unknown[] = [];

  beforeAll(async () => {
    const authority = await Authority.create();
    const users = { [USER.username]: USER.password };
    kafka = await startSecureKafka({ authority, users, sessionMs: SESSION_MS, superUsers: [USER.username] });
    const logger = {
      ...{ debug() {}, info() {} },
      ...{ warn: (...said: unknown[]) => warnings.push(said), error: (...said: unknown[]) => warnings.push(said) },
    };
    log = openKafkaLog({
      ...{ brokers: [kafka.sasl], partitions: 2, topicReplication: 1, appendTimeoutMs: 3000, logger },
      ssl: { ca: authority.certificate },
      sasl: { mechanism: 'scram-sha-512', ...USER },
    });
    await log.createTopics([
      { name: 'in', partitions: 2, retention: 'forever' },
      { name: 'out', partitions: 2, retention: 'forever' },
      { name: 'positions', partitions: 2, retention: 'compact' },
    ]);
  });
  afterAll(async () => {
    await log?.close();
    await kafka?.stop();
  });

  async function valuesIn(topic: string): Promise<string[]> {
    const values: string[] = [];
    for (const partition of [0, 1]) {
      for await (const records of log.read({ topic, partition })) {
        values.push(...records.map(({ value }) => value?.toString() ?? ''));
      }
    }
    return values;
  }

  it('are renewed on the connections that are there, under load, and nothing is lost or doubled', async () => {
    const copied = ({ key, value }: LogRecord) => ({ topic: 'out', key: key ?? '', value, headers: {} });
    const processing = await log.process({
      ...{ name: 'copier', input: 'in', positions: 'positions', restore: [] },
      open: () => ({
        ...{ restore() {}, restored() {}, close() {} },
        step: (batch) => ({ records: batch.map(copied), committed() {} }),
      }),
    });
    const seen: string[] = [];
    const following = await log.follow({
      ...{ name: 'reader', topics: ['out'], from: 'beginning', shared: true },
      onBatch: async ({ records }) => void seen.push(...records.map(({ value }) => value?.toString() ?? '')),
    });
    await log.append([{ topic: 'in', key: 'first', value: 'first', headers: {} }]);
    await processing.caughtUp();
    await following.caughtUp();
    // All that is needed is connected from here on, and the groups' coordinators have been loaded.
    warnings.length = 0;
    const signIns = vi.spyOn(authenticator, 'authenticate');
    const connections = vi.spyOn(tls, 'connect');
    const sent = ['first'];
    const until = Date.now() + SESSIONS * SESSION_MS;
    const callers = Array.from({ length: 8 }, async (_, caller) => {
      for (let i = 0; Date.now() < until; i++) {
        const value = `${caller}-${i}`;
        await log.append([{ topic: 'in', key: `key-${caller}`, value, headers: {} }]);
        sent.push(value);
      }
    });
    await Promise.all(callers);
    await processing.caughtUp();
    await following.caughtUp();
    expect(connections.mock.calls.length).toBe(0);
    expect(signIns.mock.calls.length).toBeGreaterThanOrEqual(SESSIONS);
    await Promise.all(signIns.mock.results.map(({ value }) => value));
    expect(warnings).toEqual([]);
    expect(processing.health()).toEqual({ state: 'running' });
    expect(await valuesIn('out')).toHaveLength(sent.length);
    expect((await valuesIn('out')).sort()).toEqual(sent.toSorted());
    expect(seen.sort()).toEqual(sent.toSorted());
    vi.restoreAllMocks();
    await Promise.all([processing.stop(), following.stop()]);
  });

  it('that cannot be renewed, as the password is another one, are an outage that ends with the right password', async () => {
    const setPassword = (password: string) =>
      kafkaTool('kafka.admin.ConfigCommand', [
        ...['--bootstrap-server', kafka.open, '--alter', '--entity-type', 'users', '--entity-name', USER.username],
        ...['--add-config', `SCRAM-SHA-512=[password=${password}]`],
      ]);
    const append = () =>
      log.append([{ topic: 'in', key: 'a', value: 'later', headers: {} }]).then(
        () => 'done',
        (error: unknown) => error,
      );
    await setPassword('another');
    await expect.poll(async () => String(await append()), { timeout: 30_000 }).toMatch(/KAFKA_SASL_PASSWORD/);
    await setPassword(USER.password);
    await expect.poll(append, { timeout: 30_000 }).toBe('done');
  });
});
