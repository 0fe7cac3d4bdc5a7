/** What the environment may hold, and the one line that each mistake gives. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readConfiguration } from '../server/configuration.ts';
import { TIMEOUTS, VARIABLES } from '../server/variables.ts';
import { refusalOf } from './configuration.refusal.ts';

/** The names of all that can be set. */
const allVariables = [...Object.keys(VARIABLES), ...TIMEOUTS.map(({ variable }) => variable)];
/** Of every aggregate with a deadline, whichever there are. */
const TIMEOUTS_BY_DEFAULT = Object.fromEntries(TIMEOUTS.map(({ aggregate, defaultMs }) => [aggregate, defaultMs]));
const SECRET = 'a secret that has thirty-two bytes';
const KAFKA = { KAFKA_BROKERS: 'one:9092,two:9092' };
const MONGO = { MONGODB_URL: 'mongodb://db:27017/?replicaSet=rs0' };

describe('a configuration', () => {
  it('needs nothing set: all roles, embedded engines, loopback, everyone an admin', () => {
    expect(readConfiguration({})).toEqual({
      roles: new Set(['gateway', 'processor', 'projector', 'outbox']),
      host: '127.0.0.1',
      port: 4000,
      identity: { by: 'nothing' },
      limits: {
        queriesPerMinute: 0,
        mutationsPerMinute: 0,
        subscriptionsPerMinute: 0,
        requestsPerMinuteOfAddress: 0,
        socketsPerUser: 0,
        unfinishedTransactions: 0,
        appendingMegabytes: 64,
        waitingTransactions: 200_000,
        writtenMegabytesPerMinute: 0,
        socketsPerAddress: 0,
        operationsPerSocket: 50,
        workPercentOfUser: 0,
      },
      network: {
        trustedProxies: 0,
        allowedOrigins: new Set(),
        basePath: '',
        metricsPort: undefined,
        metricsToken: undefined,
      },
      offered: { introspection: true, graphiql: true, operations: undefined },
      writing: { currency: undefined, locale: undefined, timeZone: undefined },
      dataDirectory: './data',
      allowPrivateWebhooks: true,
      stateCacheBytes: 64 * 2 ** 20,
      log: { engine: 'embedded', mapSize: undefined },
      views: { engine: 'embedded' },
      partitions: 4,
      topicPrefix: '',
      timeouts: TIMEOUTS_BY_DEFAULT,
      commandsWithoutRoles: 'accept',
      logLevel: 'info',
      production: false,
      failpoints: [],
    });
  });

  it('lets webhooks be on this machine where nobody else can add one, and else when it is told to', () => {
    expect(readConfiguration({}).allowPrivateWebhooks).toBe(true);
    expect(readConfiguration({ WEBHOOK_ALLOW_PRIVATE: 'off' }).allowPrivateWebhooks).toBe(false);
    expect(readConfiguration({ AUTH_JWT_SECRET: SECRET }).allowPrivateWebhooks).toBe(false);
    expect(readConfiguration({ AUTH: 'off', HOST: '0.0.0.0' }).allowPrivateWebhooks).toBe(false);
    expect(readConfiguration({ ...KAFKA, ...MONGO, ROLE: 'outbox' }).allowPrivateWebhooks).toBe(false);
  });

  it('does not ask for the outbox beside the other roles on the embedded log', () => {
    expect(readConfiguration({ ROLE: 'gateway,processor,projector' }).roles.has('outbox')).toBe(false);
  });

  it('is read from all variables', () => {
    const env = {
      ...KAFKA,
      ...MONGO,
      ROLE: 'gateway, projector',
      PORT: '0',
      HOST: '0.0.0.0',
      AUTH: 'on',
      AUTH_JWT_SECRET: SECRET,
      AUTH_VISITORS: 'on',
      AUTH_ISSUER: 'https://issuer.example',
      AUTH_AUDIENCE: 'counterfoil',
      TRUST_PROXY: '10.0.0.0/8, loopback',
      ALLOWED_ORIGINS: 'https://Shop.example:443, http://localhost:3000',
      BASE_PATH: '/shop/',
      METRICS_PORT: '9100',
      METRICS_TOKEN: 'metrics-for-prometheus',
      INTROSPECTION: 'off',
      GRAPHIQL: 'off',
      PERSISTED_OPERATIONS: 'page, more.json',
      CURRENCY: 'eur',
      LOCALE: 'de-de',
      TIME_ZONE: 'europe/berlin',
      RATE_QUERIES: '100',
      RATE_MUTATIONS: '50',
      RATE_SUBSCRIPTIONS: '20',
      RATE_ADDRESS: '1000',
      MAX_SOCKETS_PER_USER: '3',
      MAX_SOCKETS_PER_ADDRESS: '30',
      MAX_OPERATIONS_PER_SOCKET: '0',
      MAX_WORK_PER_USER: '30',
      MAX_UNFINISHED_TRANSACTIONS: '5',
      MAX_APPENDING_MB: '0',
      MAX_WAITING_TRANSACTIONS: '9',
      RATE_WRITTEN_MB: '7',
      KAFKA_SSL: 'on',
      KAFKA_SASL_MECHANISM: 'scram-sha-256',
      KAFKA_SASL_USERNAME: 'ada',
      KAFKA_SASL_PASSWORD: 'pass',
      TOPIC_REPLICATION: '3',
      PARTITIONS: '12',
      TOPIC_PREFIX: 'shop.',
      MONGODB_DATABASE: 'shop',
      PURCHASE_TIMEOUT: '90s',
      COMMANDS_WITHOUT_ROLES: 'accept',
      LOG_LEVEL: 'warn',
      DATA_DIR: '/var/lib/counterfoil',
      WEBHOOK_ALLOW_PRIVATE: 'on',
      STATE_CACHE_MB: '256',
      STANDBY_EVERY: '10s',
      NODE_ENV: 'production',
    };
    expect(readConfiguration(env)).toEqual({
      roles: new Set(['gateway', 'projector']),
      host: '0.0.0.0',
      port: 0,
      identity: {
        by: 'secret',
        secret: Buffer.from(SECRET),
        expected: { issuer: 'https://issuer.example', audience: 'counterfoil' },
        visitors: true,
      },
      limits: {
        queriesPerMinute: 100,
        mutationsPerMinute: 50,
        subscriptionsPerMinute: 20,
        requestsPerMinuteOfAddress: 1_000,
        socketsPerUser: 3,
        unfinishedTransactions: 5,
        appendingMegabytes: 0,
        waitingTransactions: 9,
        writtenMegabytesPerMinute: 7,
        socketsPerAddress: 30,
        operationsPerSocket: 0,
        workPercentOfUser: 30,
      },
      network: {
        trustedProxies: ['10.0.0.0/8', 'loopback'],
        allowedOrigins: new Set(['https://shop.example', 'http://localhost:3000']),
        basePath: '/shop',
        metricsPort: 9100,
        metricsToken: 'metrics-for-prometheus',
      },
      offered: { introspection: false, graphiql: false, operations: ['page', 'more.json'] },
      writing: { currency: 'EUR', locale: 'de-DE', timeZone: 'Europe/Berlin' },
      allowPrivateWebhooks: true,
      dataDirectory: '/var/lib/counterfoil',
      stateCacheBytes: 256 * 2 ** 20,
      standbyMs: 10_000,
      log: {
        engine: 'kafka',
        brokers: ['one:9092', 'two:9092'],
        ssl: {},
        sasl: { mechanism: 'scram-sha-256', username: 'ada', password: 'pass' },
        replication: 3,
      },
      views: { engine: 'mongo', url: MONGO.MONGODB_URL, database: 'shop' },
      partitions: 12,
      topicPrefix: 'shop.',
      timeouts: { ...TIMEOUTS_BY_DEFAULT, purchases: 90_000 },
      commandsWithoutRoles: 'accept',
      logLevel: 'warn',
      production: true,
      failpoints: [],
    });
  });

  it('takes an empty variable for one that is not set', () => {
    const empty = Object.fromEntries(allVariables.map((name) => [name, '']));
    expect(readConfiguration(empty)).toEqual(readConfiguration({}));
  });

  it.each([
    ['250ms', 250],
    ['15m', 900_000],
    ['2h', 7_200_000],
    ['20d', 1_728_000_000],
  ])('reads the time %s', (PURCHASE_TIMEOUT, ms) => {
    expect(readConfiguration({ PURCHASE_TIMEOUT }).timeouts.purchases).toBe(ms);
  });

  it('takes the number of proxies, their addresses, or nobody for trusted', () => {
    const trusted = (TRUST_PROXY: string) => readConfiguration({ TRUST_PROXY }).network.trustedProxies;
    expect([trusted('off'), trusted('2'), trusted('10.0.0.1, fd00::/8')]).toEqual([0, 2, ['10.0.0.1', 'fd00::/8']]);
  });

  it('reads a size as powers of two', () => {
    expect(readConfiguration({ LMDB_MAP_SIZE: '16GB' }).log).toEqual({ engine: 'embedded', mapSize: 16 * 2 ** 30 });
  });

  it.each([
    ['PORT', '70000'],
    ['PORT', '4000.5'],
    ['HOST', 'http://localhost'],
    ['ROLE', 'gateway,cook'],
    ['AUTH', 'yes'],
    ['AUTH_JWKS_URL', 'keys.json'],
    ['TRUST_PROXY', 'on'],
    ['TRUST_PROXY', '0'],
    ['TRUST_PROXY', '21'],
    ['TRUST_PROXY', '10.0.0.0/33'],
    ['TRUST_PROXY', '0.0.0.0/0'],
    ['TRUST_PROXY', 'proxy.example'],
    ['ALLOWED_ORIGINS', '*'],
    ['ALLOWED_ORIGINS', 'https://*.shop.example'],
    ['ALLOWED_ORIGINS', 'https://shop.example/'],
    ['ALLOWED_ORIGINS', 'https://shop.example/page'],
    ['ALLOWED_ORIGINS', 'shop.example'],
    ['ALLOWED_ORIGINS', 'https://ada:secret@shop.example'],
    ['ALLOWED_ORIGINS', 'null'],
    ['BASE_PATH', 'shop'],
    ['BASE_PATH', '//shop'],
    ['BASE_PATH', '/shop//x'],
    ['BASE_PATH', '/../shop'],
    ['BASE_PATH', '/a<b'],
    ['BASE_PATH', '/graphql'],
    ['BASE_PATH', '/metrics/shop'],
    ['METRICS_PORT', '70000'],
    ['INTROSPECTION', 'no'],
    ['CURRENCY', 'euro'],
    ['CURRENCY', 'ZZZ'],
    ['LOCALE', 'german'],
    ['LOCALE', 'de_DE'],
    ['TIME_ZONE', 'Berlin'],
    ['TIME_ZONE', '+02:00'],
    ['KAFKA_BROKERS', 'broker'],
    ['KAFKA_SSL', 'true'],
    ['MONGODB_DATABASE', 'a b'],
    ['PARTITIONS', '0'],
    ['TOPIC_REPLICATION', '-1'],
    ['TOPIC_PREFIX', 'a b'],
    ['PURCHASE_TIMEOUT', '15 minutes'],
    ['PURCHASE_TIMEOUT', '21d'],
    ['LMDB_MAP_SIZE', '16'],
    ['STATE_CACHE_MB', '0'],
    ['LOG_LEVEL', 'loud'],
  ])('refuses %s=%s in one line that names both', (name, value) => {
    const message = refusalOf({ [name]: value });
    expect(message).toContain(`${name} is "${value}": it must be `);
    expect(message).not.toContain('\n');
  });

  it.each([
    ['one:9092', ['one:9092']],
    ['one:9092, two:9092,', ['one:9092', 'two:9092']],
    ['one:9092,one:9092', ['one:9092']],
    ['[::1]:9092,[fe80::1]:9093,10.0.0.1:9094', ['[::1]:9092', '[fe80::1]:9093', '10.0.0.1:9094']],
  ])('takes the brokers %s', (KAFKA_BROKERS, brokers) => {
    expect(readConfiguration({ KAFKA_BROKERS }).log).toMatchObject({ engine: 'kafka', brokers });
  });

  it.each(['one:0', 'one:65536', 'one:port', '::1:9092', '[::1]', '[::g]:9092', 'kafka://one:9092', 'a b:9092', ','])(
    'refuses the brokers %s',
    (KAFKA_BROKERS) => {
      expect(refusalOf({ KAFKA_BROKERS })).toMatch(/^KAFKA_BROKERS is .* it must be host:port of each broker/);
    },
  );

  it.each([
    'mongodb://one:27017,two:27018,three/?replicaSet=rs0',
    'mongodb://[::1]:27017,[fe80::1],10.0.0.1/shop?replicaSet=rs0',
    'mongodb://ada:p%40ss%2Fw%C3%B6rd@one:27017,two:27017/?authSource=admin',
    'mongodb+srv://ada:p%40ss@cluster.example.com/?retryWrites=true',
    'mongodb://%2Ftmp%2Fmongodb-27017.sock/',
  ])('takes the view store %s as it is', (url) => {
    expect(readConfiguration({ MONGODB_URL: url }).views).toMatchObject({ engine: 'mongo', url });
  });

  it('leaves stray spaces, commas and repeats out of the view store and its credentials as they are', () => {
    const url = 'mongodb://ada:p%40ss@one:27017, two:27017,one:27017,/?replicaSet=rs0';
    const tidy = 'mongodb://ada:p%40ss@one:27017,two:27017/?replicaSet=rs0';
    expect(readConfiguration({ MONGODB_URL: url }).views).toMatchObject({ url: tidy });
  });

  it.each([
    'http://one/',
    'mongodb:///',
    'mongodb://,/',
    'mongodb://one:99999/',
    'mongodb://one:0/',
    'mongodb://::1:27017/',
    'mongodb://ada:p@ss@one/',
    'mongodb+srv://one:27017/',
    'mongodb+srv://one.example.com,two.example.com/',
  ])('refuses the view store %s without showing it', (url) => {
    const message = refusalOf({ MONGODB_URL: url });
    expect(message).toMatch(/^MONGODB_URL is a value of \d+ bytes: it must be a mongodb:\/\/ or/);
    expect(message).not.toContain(url);
  });

  it.each(['::1', '[::1]', '0:0:0:0:0:0:0:1', '::ffff:127.0.0.1', 'localhost', '127.1.2.3'])(
    'knows %s for an address that this machine alone reaches',
    (HOST) => {
      expect(readConfiguration({ HOST }).host).toBe(HOST.replace(/[[\]]/g, ''));
    },
  );

  it.each(['::', '[::]', '::2', 'fe80::1%eth0', '::ffff:10.0.0.1'])('knows %s for one that others reach', (HOST) => {
    expect(refusalOf({ HOST })).toContain('AUTH=off');
  });

  it.each(['AUTH_JWT_SECRET', 'METRICS_TOKEN', 'MONGODB_URL'])('never shows the value of %s', (name) => {
    const message = refusalOf({ [name]: 'hush' });
    expect(message).toMatch(new RegExp(`^${name} is a value of 4 bytes: it must be `));
    expect(message).not.toContain('hush');
  });

  it.each([
    ['a role alone on embedded engines', { ROLE: 'gateway' }, /^ROLE is "gateway".*KAFKA_BROKERS and MONGODB_URL/],
    ['a role alone on the embedded log', { ROLE: 'gateway,projector', ...MONGO }, /^ROLE.*KAFKA_BROKERS/],
    ['a gateway without the projector it shares views with', { ROLE: 'gateway', ...KAFKA }, /^ROLE.*MONGODB_URL/],
    [
      'a projector without the gateway that shows its views',
      { ROLE: 'projector,processor', ...KAFKA },
      /^ROLE.*MONGODB_URL/,
    ],
    ['metrics on the port of the rest', { METRICS_PORT: '4000' }, /^METRICS_PORT is "4000": it must be another port/],
    ['anonymous admins on an address that others reach', { HOST: '0.0.0.0' }, /^HOST is "0.0.0.0".*AUTH=off/],
    ['both ways to check tokens', { AUTH_JWT_SECRET: SECRET, AUTH_JWKS_URL: 'https://i.example/k' }, /^AUTH_JWKS_URL/],
    [
      'sign-in switched off beside a secret',
      { AUTH: 'off', AUTH_JWT_SECRET: SECRET },
      /^AUTH is "off".*AUTH_JWT_SECRET/,
    ],
    ['sign-in switched on without a key', { AUTH: 'on' }, /^AUTH is "on".*AUTH_JWKS_URL/],
    ['an audience that nobody checks', { AUTH_AUDIENCE: 'shop' }, /^AUTH_AUDIENCE is "shop"/],
    ['half of a user for the brokers', { ...KAFKA, KAFKA_SASL_USERNAME: 'ada' }, /^KAFKA_SASL_MECHANISM is not set/],
    ['settings of brokers that are not there', { TOPIC_REPLICATION: '3' }, /^TOPIC_REPLICATION is "3".*KAFKA_BROKERS/],
    [
      'a time without a unit',
      { KAFKA_BROKERS: 'one:9092', STANDBY_EVERY: '10' },
      /^STANDBY_EVERY is "10": it must be a time/,
    ],
    ['copies of others that are not there', { STANDBY_EVERY: '10s' }, /^STANDBY_EVERY is "10s".*KAFKA_BROKERS/],
    [
      'failpoints in production',
      { NODE_ENV: 'production', COUNTERFOIL_FAILPOINTS: 'before-produce' },
      /^COUNTERFOIL_FAILPOINTS is "before-produce".*NODE_ENV/,
    ],
  ])('refuses %s', (_what, env, message) => {
    expect(refusalOf(env)).toMatch(message);
  });

  it.each([
    ['processors that need no views', { ROLE: 'processor', ...KAFKA }],
    ['gateway and projector that share views in memory', { ROLE: 'gateway,projector', ...KAFKA }],
    ['anonymous admins on every address, when asked for', { HOST: '0.0.0.0', AUTH: 'off' }],
    ['probes on every address of a process without a gateway', { HOST: '0.0.0.0', ROLE: 'processor', ...KAFKA }],
    ['signed-in users on every address', { HOST: '0.0.0.0', AUTH_JWT_SECRET: SECRET }],
  ])('allows %s', (_what, env) => {
    expect(readConfiguration(env).host).toBe(Reflect.get(env, 'HOST') ?? '127.0.0.1');
  });
});

describe('.env.example', () => {
  const lines = readFileSync(new URL('../.env.example', import.meta.url), 'utf8').split('\n');
  const entries = lines.filter((line) => /^[A-Z]/.test(line)).map((line) => line.split('='));

  it('lists every variable, and no other', () => {
    expect(entries.map(([name]) => name).sort()).toEqual([...allVariables].sort());
  });

  it('gives the defaults', () => {
    expect(readConfiguration(Object.fromEntries(entries))).toEqual(readConfiguration({}));
  });
});
