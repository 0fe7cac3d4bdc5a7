/**
 * Kafka and MongoDB that speak TLS, ask everyone who it is, and allow no more than docs/secure-engines.md lists. Every role is
 * a process and a user of its own, and each signs in to Kafka in another way.
 */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { KafkaConfig } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { LogMisconfigured, LogUnavailable } from '../log/event-log.ts';
import { openKafkaLog } from '../log/kafka/kafka-log.ts';
import { topicSpecs } from '../records/topics.ts';
import { openMongoViews } from '../views/mongo/mongo-views.ts';
import { ViewsMisconfigured, ViewsUnavailable } from '../views/view-store.ts';
import { PLACE, run, shop } from './e2e/operations.ts';
import { Server, startServer } from './e2e/server.ts';
import { Authority, type Issued } from './engines/certificates.ts';
import { kafkaMissing } from './engines/kafka.ts';
import { type SecureKafka, startSecureKafka } from './engines/secure-kafka.ts';
import { type SecureMongo, startSecureMongo } from './engines/secure-mongo.ts';
import { grant } from './secure-engines.rights.ts';

const missing = [inject('kafkaMissing') || (await kafkaMissing()), inject('mongoMissing')].filter(Boolean).join('; ');
const PREFIX = 'shop.';
const PARTITIONS = '2';
const MONGO_PASSWORD = 'm0ng0 p@ss/word';
const passwords = {
  gateway: 'gateway-hush',
  projector: 'projector-hush',
  operator: 'operator-hush',
  auditor: 'auditor-hush',
  keeper: 'keeper-hush',
  stranger: 'stranger-hush',
};
/** Sessions of Kafka are so short that every process signs in again and again. */
const SESSION_MS = 5000;

describe.skipIf(missing !== '')(`secure engines${missing === '' ? '' : ` (${missing})`}`, () => {
  let folder: string;
  let authority: Authority;
  let foreign: Authority;
  let kafka: SecureKafka;
  let mongo: SecureMongo;
  let processor: Issued;
  let caFile: string;
  const servers: Server[] = [];

  const file = async (name: string, text: string) => {
    const path = join(folder, name);
    await writeFile(path, text);
    return path;
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'counterfoil-'));
    [authority, foreign] = await Promise.all([Authority.create(), Authority.create('Somebody else')]);
    processor = await authority.issue({ name: 'processor' });
    caFile = await file('ca.pem', authority.certificate);
    [kafka, mongo] = await Promise.all([
      startSecureKafka({ authority, users: passwords, sessionMs: SESSION_MS }),
      startSecureMongo(authority),
    ]);
    await grant([kafka.open], PREFIX);
    const roles = [{ role: 'readWrite', db: 'shop' }];
    await mongo.admin({ createUser: 'counterfoil', pwd: MONGO_PASSWORD, roles });
  });
  afterAll(async () => {
    await Promise.all(servers.map((server) => server.stop()));
    await Promise.all([kafka?.stop(), mongo?.stop()]);
    await rm(folder, { recursive: true, force: true });
  });

  const withUser = async (user: keyof typeof passwords, mechanism: string) => ({
    KAFKA_BROKERS: kafka.sasl,
    KAFKA_SSL: 'on',
    KAFKA_SSL_CA_FILE: caFile,
    KAFKA_SASL_MECHANISM: mechanism,
    KAFKA_SASL_USERNAME: user,
    KAFKA_SASL_PASSWORD_FILE: await file(`${user}.password`, `${passwords[user]}\n`),
    TOPIC_PREFIX: PREFIX,
    PARTITIONS,
  });
  const withCertificate = async () => ({
    KAFKA_BROKERS: kafka.mutual,
    KAFKA_SSL: 'on',
    KAFKA_SSL_CA_FILE: caFile,
    KAFKA_SSL_CERT_FILE: await file('processor.pem', processor.certificate),
    KAFKA_SSL_KEY_FILE: await file('processor.key', processor.key),
    TOPIC_PREFIX: PREFIX,
    PARTITIONS,
  });
  const views = () => ({
    MONGODB_URL: `mongodb://${mongo.address}/?replicaSet=rs0&tls=true&tlsCAFile=${encodeURIComponent(mongo.caFile)}`,
    MONGODB_USERNAME: 'counterfoil',
    MONGODB_PASSWORD: MONGO_PASSWORD,
    MONGODB_DATABASE: 'shop',
  });

  const counterfoil = async (env: Readonly<Record<string, string>>, ...args: string[]) => {
    const { PATH, HOME } = process.env;
    const options = { cwd: join(import.meta.dirname, '..'), env: { PATH, HOME, ...env } };
    const done = await promisify(execFile)(process.execPath, ['--import', 'tsx', 'cli/main.ts', ...args], options);
    return done.stdout + done.stderr;
  };

  async function start(role: string, env: Readonly<Record<string, string>>): Promise<Server> {
    const server = await startServer({ env: { ROLE: role, LOG_LEVEL: 'debug', ...env } });
    servers.push(server);
    return server;
  }

  /** The lines with which a process ends that cannot start. */
  async function refusal(env: Readonly<Record<string, string>>): Promise<readonly string[]> {
    const server = new Server({ env: { LOG_LEVEL: 'debug', ...env } });
    servers.push(server);
    await once(server.process, 'close');
    expect(server.process.exitCode).toBe(1);
    expect(server.output).not.toMatch(/hush|not-the-password/);
    return server.output.split('\n').filter((line) => line.startsWith('counterfoil: '));
  }

  it('carry a purchase from placing it to verify, with no more than the least rights', async () => {
    const created = await counterfoil(await withUser('operator', 'scram-sha-512'), 'topics', 'create');
    expect(created).toContain(`purchases.commands`);
    const [gateway] = await Promise.all([
      start('gateway', { ...(await withUser('gateway', 'scram-sha-512')), ...views() }),
      start('processor', { ...(await withCertificate()), MONGODB_URL: views().MONGODB_URL }),
      start('projector', { ...(await withUser('projector', 'plain')), ...views() }),
    ]);
    const { customerId, productId } = await shop(gateway, 1_000_000);
    const until = Date.now() + 2 * SESSION_MS;
    let placed = 0;
    for (; Date.now() < until; placed++) {
      const { status } = await run(gateway, PLACE, { customerId, lines: [{ productId, quantity: 1 }] });
      expect(status).toBe('COMPLETED');
    }
    const confirmed = async () => {
      const { data } = await gateway.graphql('{ purchases(filter: { status: [CONFIRMED] }) { totalCount } }');
      return data.purchases.totalCount;
    };
    await expect.poll(confirmed, { timeout: 20_000 }).toBe(placed);
    const verified = await counterfoil({ ...(await withUser('auditor', 'scram-sha-256')), ...views() }, 'verify');
    expect(verified).toContain('no difference');
  });

  it('let views be rebuilt, and letters be dealt with, by who has the rights to that', async () => {
    const rebuilt = await counterfoil({ ...(await withUser('projector', 'plain')), ...views() }, 'rebuild');
    expect(rebuilt).toContain('is live');

    const log = openKafkaLog({
      ...{ brokers: [kafka.sasl], partitions: 2, ssl: { ca: authority.certificate } },
      sasl: { mechanism: 'plain', username: 'gateway', password: passwords.gateway },
    });
    await log.append([
      { topic: `${PREFIX}purchases.commands`, key: 'unreadable', value: 'not a command', headers: {} },
    ]);
    await log.close();
    const keeper = await withUser('keeper', 'scram-sha-512');
    const letters = () => counterfoil(keeper, 'dead', 'list');
    await expect.poll(letters, { timeout: 60_000 }).toContain('1 dead letter');
    await counterfoil(keeper, 'dead', 'retry', '--all');
    await expect.poll(letters, { timeout: 60_000 }).toContain('1 dead letter');
    await counterfoil(keeper, 'dead', 'drop', '--all');
    expect(await letters()).toContain('0 dead letters');
  });

  it('are told no secret by logs, at their most talkative, nor by probes', async () => {
    const gateway = servers.find(({ url }) => url !== '');
    const answers = await Promise.all(['/readyz', '/metrics'].map((path) => fetch(`${gateway?.url}${path}`)));
    const said = [...servers.map(({ output }) => output), ...(await Promise.all(answers.map((each) => each.text())))];
    for (const secret of [...Object.values(passwords), MONGO_PASSWORD, encodeURIComponent(MONGO_PASSWORD), 'PRIVATE']) {
      expect(said.join('\n')).not.toContain(secret);
    }
  });

  it.each(['auditor', 'gateway'] as const)('refuse the %s who writes what it has no right to', async (user) => {
    const log = openKafkaLog({
      ...{ brokers: [kafka.sasl], partitions: 2, appendTimeoutMs: 2000 },
      ssl: { ca: authority.certificate },
      sasl: { mechanism: 'scram-sha-512', username: user, password: passwords[user] },
    });
    const forge = async ({ name }: { readonly name: string }) => {
      const forged = { topic: `${PREFIX}${name}`, key: 'chai', value: '{}', headers: { ce_roles: '["admin"]' } };
      return log.append([forged]).catch((error: unknown) => error);
    };
    const may = /\.(commands|dead)$|^(subject-keys|processes)$/;
    const theirs = topicSpecs(2).filter(({ name }) => user !== 'gateway' || !may.test(name));
    try {
      for (const refused of await Promise.all(theirs.map(forge))) {
        expect(refused).toBeInstanceOf(LogUnavailable);
        expect(String(refused)).toMatch(/ACLs of the brokers do not let this user/);
      }
    } finally {
      await log.close();
    }
  });

  it('let in to MongoDB who shows a certificate in place of a password', async () => {
    const { certificate, key } = await authority.issue({ name: 'views' });
    const roles = [{ role: 'readWrite', db: 'by-certificate' }];
    await mongo.admin({ createUser: 'CN=views', roles }, '$external');
    const { MONGODB_URL: url } = views();
    const shown = `tlsCertificateKeyFile=${await file('views.pem', key + certificate)}&authMechanism=MONGODB-X509`;
    const opened = await openMongoViews({ url: `${url}&${shown}`, database: 'by-certificate', views: [] });
    expect(await opened.position('anything', 0)).toBe(0);
    await opened.close();
  });

  it('that take rights away under way are out of reach, and can be used again once they give them back', async () => {
    const { MONGODB_URL: url } = views();
    const user = { username: 'counterfoil', password: MONGO_PASSWORD };
    const opened = await openMongoViews({ url, user, database: 'shop', views: [] });
    const position = () => opened.position('anything', 0).catch((error: unknown) => error);
    try {
      await mongo.admin({ updateUser: 'counterfoil', roles: [] });
      const refused = await position();
      expect(refused).toBeInstanceOf(ViewsUnavailable);
      expect(String(refused)).toMatch(/readWrite on MONGODB_DATABASE/);
      await mongo.admin({ updateUser: 'counterfoil', roles: [{ role: 'readWrite', db: 'shop' }] });
      await expect.poll(position).toBe(0);
    } finally {
      await opened.close();
    }
  });

  describe('end a start', () => {
    const scram = (username: string, password: string) => {
      return { sasl: { mechanism: 'scram-sha-512', username, password } } satisfies Pick<KafkaConfig, 'sasl'>;
    };

    it('at once and in one line, when the password is wrong', async () => {
      const env = { ...(await withUser('gateway', 'scram-sha-512')), ROLE: 'processor' };
      const wrong = { ...env, KAFKA_SASL_PASSWORD_FILE: await file('wrong', 'not-the-password') };
      expect(await refusal(wrong)).toEqual([expect.stringMatching(/^counterfoil: .*KAFKA_SASL_PASSWORD/)]);
      const kafkaIsFine = { ...(await withUser('gateway', 'scram-sha-512')), ROLE: 'gateway' };
      expect(await refusal({ ...kafkaIsFine, ...views(), MONGODB_PASSWORD: 'not-the-password' })).toEqual([
        expect.stringMatching(/^counterfoil: .*MONGODB_PASSWORD/),
      ]);
    });

    it.each([
      ['a certificate by nobody whom we trust', () => ({ ssl: { ca: foreign.certificate } }), /KAFKA_SSL_CA_FILE/],
      ['a certificate for another host', () => ({ brokers: [kafka.elsewhere] }), /KAFKA_BROKERS.*altnames/],
      ['no certificate of ours', () => ({ brokers: [kafka.mutual] }), /KAFKA_SSL_CERT_FILE/],
      ['TLS missing here', () => ({ ssl: false, ...scram('gateway', passwords.gateway) }), /KAFKA_SSL must be on/],
      ['TLS missing there', () => ({ brokers: [kafka.open] }), /KAFKA_SSL must be off/],
      ['no user', () => ({}), /wants a user: KAFKA_SASL_MECHANISM/],
      [
        'a user whom nobody asks for',
        () => ({ brokers: [kafka.open], ssl: false, ...scram('a', 'b') }),
        /KAFKA_SASL_\*/,
      ],
      ['a user who may do nothing', () => scram('stranger', passwords.stranger), /ACLs .* docs\/secure-engines.md/],
    ])('of Kafka that fails for %s', async (_what, options, message) => {
      const ssl = { ca: authority.certificate };
      const log = openKafkaLog({ brokers: [kafka.sasl], ssl, partitions: 1, appendTimeoutMs: 10_000, ...options() });
      const specs = [{ name: 'anything', partitions: 1, retention: 'forever' }] as const;
      try {
        const refused = await log.createTopics(specs).catch((error: unknown) => error);
        expect(refused).toBeInstanceOf(LogMisconfigured);
        expect(String(refused)).toMatch(message);
        expect(String(refused)).not.toMatch(/\n|hush/);
      } finally {
        await log.close();
      }
    });

    it.each([
      ['a certificate by nobody whom we trust', 'tls=true', /tlsCAFile/],
      ['a certificate for another host', 'tls=true&tlsCAFile=CA&host=localhost', /members of the replica set/],
      ['TLS missing here', '', /tls in MONGODB_URL must be true/],
      ['no user', 'tls=true&tlsCAFile=CA&user=', /MONGODB_USERNAME/],
      ['the wrong password', 'tls=true&tlsCAFile=CA&user=counterfoil:hush@', /MONGODB_PASSWORD/],
      ['another database', 'tls=true&tlsCAFile=CA&database=other', /readWrite on MONGODB_DATABASE/],
      ['an option that nobody knows', 'tls=true&tlsCAFile=CA&tlsFoo=true', /MONGODB_URL.*tlsfoo/i],
    ])('of MongoDB that fails for %s', async (_what, asked, message) => {
      const options = new URLSearchParams(asked.replace('=CA', `=${mongo.caFile}`));
      const [user, host, database] = ['user', 'host', 'database'].map((name) => {
        const value = options.get(name);
        options.delete(name);
        return value;
      });
      const signedIn = user ?? `counterfoil:${encodeURIComponent(MONGO_PASSWORD)}@`;
      const at = host ? mongo.address.replace('127.0.0.1', host) : mongo.address;
      const url = `mongodb://${signedIn}${at}/?replicaSet=rs0&${options}`;
      const opened = openMongoViews({ url, database: database ?? 'shop', views: [] });
      const refused = await opened.catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(ViewsMisconfigured);
      expect(String(refused)).toMatch(message);
      expect(String(refused)).not.toMatch(/\n|hush/);
      expect(String(refused)).not.toContain(MONGO_PASSWORD);
    });
  });
});
