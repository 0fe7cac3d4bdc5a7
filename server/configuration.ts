/**
 * Everything that can be set from outside: environment variables alone, read and checked once, at the start. Nothing else
 * reads `process.env`. The first thing wrong stops the start with one line that names the variable.
 */
import { ConnectionString } from 'mongodb-connection-string-url';
import type { AggregateName } from '../domain/index.ts';
import { isLoopback } from './addresses.ts';
import { ConfigurationError } from './configuration-error.ts';
import { checkFilesIn, type TlsFiles, tlsFilesOf, withSecretsFromFiles } from './files.ts';
import { type NetworkConfiguration, type OfferedConfiguration, readNetwork, readOffered } from './network.ts';
import {
  type LimitName,
  ROLES,
  type Role,
  TIMEOUT,
  TIMEOUTS,
  VARIABLES,
  type ValueOf,
  type Variable,
  type VariableName,
} from './variables.ts';

export { isLoopback } from './addresses.ts';
export { ConfigurationError } from './configuration-error.ts';
export type { NetworkConfiguration, OfferedConfiguration } from './network.ts';

export interface KafkaConfiguration {
  readonly engine: 'kafka';
  readonly brokers: readonly string[];
  /** undefined: without TLS. */
  readonly ssl: TlsFiles | undefined;
  readonly sasl:
    | {
        readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
        readonly username: string;
        readonly password: string;
      }
    | undefined;
  /** Copies of each topic that is created; undefined: as the broker sees fit. */
  readonly replication: number | undefined;
}

export interface EmbeddedLogConfiguration {
  readonly engine: 'embedded';
  /** Bytes; undefined: as many as the disk has. */
  readonly mapSize: number | undefined;
}

export type ViewsConfiguration =
  | { readonly engine: 'embedded' }
  | {
      readonly engine: 'mongo';
      readonly url: string;
      /** Who signs in; undefined: whom the URL names. */
      readonly user: { readonly username: string; readonly password: string } | undefined;
      readonly database: string;
    };

/** How a user is known: by nothing (everyone is an anonymous admin), a shared secret, or the keys of an issuer. */
export type IdentityConfiguration =
  | {
      readonly by: 'nothing';
      /** `AUTH=off` says so; else nobody has thought of it. */
      readonly onPurpose?: true;
    }
  | (SignedIn & { readonly by: 'secret'; readonly secret: Uint8Array })
  | (SignedIn & { readonly by: 'keys'; readonly url: URL });

interface SignedIn {
  readonly expected: ExpectedClaims;
  /** Who shows no token is let in as a visitor; default: not. */
  readonly visitors?: true;
}

export interface ExpectedClaims {
  readonly issuer: string | undefined;
  readonly audience: string | undefined;
  /** Whether a token may leave out `exp`, and so be good for ever; default: no. */
  readonly endless?: boolean;
}

/** How much each user and address may ask for; 0: as much as they like. Admins may have 20 times a user's. */
export interface LimitsConfiguration {
  readonly queriesPerMinute: number;
  /** Commands: a mutation may hold several. */
  readonly mutationsPerMinute: number;
  readonly subscriptionsPerMinute: number;
  /** Of what mutations cause to be written to the log, as it is estimated. */
  readonly writtenMegabytesPerMinute: number;
  /** Of every kind, those that are refused included; this machine's own address is not counted. */
  readonly requestsPerMinuteOfAddress: number;
  readonly socketsPerUser: number;
  readonly socketsPerAddress: number;
  readonly operationsPerSocket: number;
  /** Of one processor core, for the work of one user; admins' is not counted. */
  readonly workPercentOfUser: number;
  readonly unfinishedTransactions: number;
  /** Of all users together, in this process: what waits for the log, and what has begun and is not shown yet. 0: no limit. */
  readonly appendingMegabytes: number;
  readonly waitingTransactions: number;
}

export interface Configuration {
  readonly roles: ReadonlySet<Role>;
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly identity: IdentityConfiguration;
  readonly limits: LimitsConfiguration;
  readonly network: NetworkConfiguration;
  readonly offered: OfferedConfiguration;
  /** Folder of the embedded engines' files. */
  readonly dataDirectory: string;
  readonly log: EmbeddedLogConfiguration | KafkaConfiguration;
  readonly views: ViewsConfiguration;
  /** Partitions of each topic that is created. */
  readonly partitions: number;
  /** Put before the names of topics and consumer groups, for systems that share a cluster. */
  readonly topicPrefix: string;
  /** How long entities of the aggregates that have a deadline may be pending, ms. */
  readonly timeouts: Readonly<Partial<Record<AggregateName, number>>>;
  /** What becomes of users' commands on the log that tell no roles: see `processors/step-writer.ts`. */
  readonly commandsWithoutRoles: 'accept' | 'refuse';
  readonly logLevel: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';
  readonly production: boolean;
  /** Points at which the engines are told to fail, for tests of faults. */
  readonly failpoints: readonly string[];
}

const shownValue = (value: string) => JSON.stringify(value.slice(0, 200));

type Environment = Readonly<Record<string, string | undefined>>;

/** @throws {ConfigurationError} for the first variable that is wrong, or that does not go with the others. */
export function readConfiguration(given: Environment): Configuration {
  const env = withSecretsFromFiles(given);
  // An empty variable counts as not set: that is what `${NAME:-}` in a compose file gives.
  const raw = (name: string) => env[name]?.trim() || undefined;

  function refuse(name: VariableName, must: string): never {
    const value = raw(name);
    if (value === undefined) throw new ConfigurationError(`${name} is not set: ${must}`);
    const entry: Variable<unknown> = VARIABLES[name];
    const shown = entry.secret ? `a value of ${Buffer.byteLength(value)} bytes` : shownValue(value);
    throw new ConfigurationError(`${name} is ${shown}: ${must}`);
  }

  function read<N extends VariableName>(name: N): ValueOf<N> | undefined {
    const value = raw(name);
    if (value === undefined) return undefined;
    const entry: Variable<unknown> = VARIABLES[name];
    const parsed = entry.schema.safeParse(value);
    if (!parsed.success) return refuse(name, `it must be ${entry.must}`);
    return parsed.data as ValueOf<N>;
  }

  function timeouts(): Configuration['timeouts'] {
    const entries = TIMEOUTS.map(({ aggregate, variable, defaultMs }) => {
      const value = raw(variable);
      if (value === undefined) return [aggregate, defaultMs] as const;
      const parsed = TIMEOUT.schema.safeParse(value);
      if (parsed.success) return [aggregate, parsed.data] as const;
      throw new ConfigurationError(`${variable} is ${shownValue(value)}: it must be ${TIMEOUT.must}`);
    });
    return Object.fromEntries(entries);
  }

  const roles: ReadonlySet<Role> = new Set(read('ROLE') ?? ROLES);
  const host = read('HOST') ?? '127.0.0.1';
  const production = read('NODE_ENV') === 'production';
  const failpoints = read('COUNTERFOIL_FAILPOINTS') ?? [];
  if (production && failpoints.length > 0) {
    refuse(
      'COUNTERFOIL_FAILPOINTS',
      'it must not be set with NODE_ENV=production: it makes the engines fail on purpose',
    );
  }

  function identity(): IdentityConfiguration {
    const secret = read('AUTH_JWT_SECRET');
    const keys = read('AUTH_JWKS_URL');
    const auth = read('AUTH');
    const endless = read('AUTH_ENDLESS_TOKENS') === 'on' ? { endless: true } : {};
    const expected = { issuer: read('AUTH_ISSUER'), audience: read('AUTH_AUDIENCE'), ...endless };
    const visitors = read('AUTH_VISITORS') === 'on' ? ({ visitors: true } as const) : {};
    if (secret !== undefined && keys !== undefined) {
      refuse(
        'AUTH_JWKS_URL',
        'it must not be set together with AUTH_JWT_SECRET: tokens are checked by the one or the other',
      );
    }
    if (auth === 'off' && (secret !== undefined || keys !== undefined)) {
      refuse(
        'AUTH',
        `it must not be off while ${keys ? 'AUTH_JWKS_URL' : 'AUTH_JWT_SECRET'} is set: take one of them away`,
      );
    }
    if (secret !== undefined) return { by: 'secret', secret: Buffer.from(secret), expected, ...visitors };
    if (keys !== undefined) return { by: 'keys', url: keys, expected, ...visitors };
    if (auth === 'on')
      refuse('AUTH', 'it must go with AUTH_JWT_SECRET or AUTH_JWKS_URL, which say how tokens are checked');
    for (const name of ['AUTH_VISITORS', 'AUTH_ISSUER', 'AUTH_AUDIENCE'] as const) {
      if ((raw(name) ?? 'off') !== 'off')
        refuse(name, 'it must go with AUTH_JWT_SECRET or AUTH_JWKS_URL: without them nobody signs in');
    }
    if (roles.has('gateway') && auth === undefined && !isLoopback(host)) {
      refuse(
        'HOST',
        'it must be a loopback address while everyone is admin: set AUTH_JWT_SECRET or AUTH_JWKS_URL, or AUTH=off',
      );
    }
    return auth === 'off' ? { by: 'nothing', onPurpose: true } : { by: 'nothing' };
  }

  /** Where everyone is the same anonymous admin, limits would be everyone's together: there are none unless they are set. */
  function limits(signedIn: boolean): LimitsConfiguration {
    const either = (name: LimitName, otherwise: number, anonymous = 0) =>
      read(name) ?? (signedIn ? otherwise : anonymous);
    return {
      queriesPerMinute: either('RATE_QUERIES', 1_200),
      mutationsPerMinute: either('RATE_MUTATIONS', 600),
      subscriptionsPerMinute: either('RATE_SUBSCRIPTIONS', 600),
      writtenMegabytesPerMinute: either('RATE_WRITTEN_MB', 32),
      requestsPerMinuteOfAddress: either('RATE_ADDRESS', 12_000),
      socketsPerUser: either('MAX_SOCKETS_PER_USER', 20),
      socketsPerAddress: either('MAX_SOCKETS_PER_ADDRESS', 500),
      operationsPerSocket: either('MAX_OPERATIONS_PER_SOCKET', 100, 50),
      workPercentOfUser: either('MAX_WORK_PER_USER', 20),
      unfinishedTransactions: either('MAX_UNFINISHED_TRANSACTIONS', 1_000),
      appendingMegabytes: read('MAX_APPENDING_MB') ?? 64,
      waitingTransactions: read('MAX_WAITING_TRANSACTIONS') ?? 200_000,
    };
  }

  function kafkaTls(): TlsFiles | undefined {
    const paths = {
      ca: read('KAFKA_SSL_CA_FILE'),
      cert: read('KAFKA_SSL_CERT_FILE'),
      key: read('KAFKA_SSL_KEY_FILE'),
      passphrase: read('KAFKA_SSL_KEY_PASSPHRASE'),
    };
    if (read('KAFKA_SSL') === 'on') return tlsFilesOf(paths);
    for (const name of ['KAFKA_SSL_CA_FILE', 'KAFKA_SSL_CERT_FILE', 'KAFKA_SSL_KEY_FILE'] as const) {
      if (raw(name) !== undefined) refuse(name, 'it must go with KAFKA_SSL=on: without TLS there are no certificates');
    }
    return undefined;
  }

  function log(): EmbeddedLogConfiguration | KafkaConfiguration {
    const brokers = read('KAFKA_BROKERS');
    const mapSize = read('LMDB_MAP_SIZE');
    const replication = read('TOPIC_REPLICATION');
    const ssl = kafkaTls();
    const mechanism = read('KAFKA_SASL_MECHANISM');
    const username = read('KAFKA_SASL_USERNAME');
    const password = read('KAFKA_SASL_PASSWORD');
    if (brokers === undefined) {
      for (const name of ['TOPIC_REPLICATION', 'KAFKA_SSL', 'KAFKA_SASL_MECHANISM', 'KAFKA_SASL_USERNAME'] as const) {
        if ((raw(name) ?? 'off') !== 'off')
          refuse(name, 'it must go with KAFKA_BROKERS: the embedded log knows no such thing');
      }
      return { engine: 'embedded', mapSize };
    }
    let sasl: KafkaConfiguration['sasl'];
    if (mechanism !== undefined || username !== undefined || password !== undefined) {
      const must =
        'it must be set with KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD: all three, or none';
      if (mechanism === undefined) return refuse('KAFKA_SASL_MECHANISM', must);
      if (username === undefined) return refuse('KAFKA_SASL_USERNAME', must);
      if (password === undefined) return refuse('KAFKA_SASL_PASSWORD', must);
      sasl = { mechanism, username, password };
    }
    return { engine: 'kafka', brokers, ssl, sasl, replication };
  }

  function views(): ViewsConfiguration {
    const mongo = read('MONGODB_URL');
    const database = read('MONGODB_DATABASE');
    const username = read('MONGODB_USERNAME');
    const password = read('MONGODB_PASSWORD');
    if (mongo === undefined) {
      if (username !== undefined)
        refuse('MONGODB_USERNAME', 'it must go with MONGODB_URL: views in memory know no users');
      return { engine: 'embedded' };
    }
    checkFilesIn(mongo);
    if (username === undefined && password !== undefined)
      return refuse('MONGODB_USERNAME', 'it must go with MONGODB_PASSWORD');
    if (username !== undefined && password === undefined)
      return refuse('MONGODB_PASSWORD', 'it must go with MONGODB_USERNAME');
    if (username !== undefined && new ConnectionString(mongo).username !== '') {
      return refuse('MONGODB_USERNAME', 'it must not be set while MONGODB_URL names a user: take one of them away');
    }
    const user = username === undefined || password === undefined ? undefined : { username, password };
    return { engine: 'mongo', url: mongo, user, database: database ?? 'counterfoil' };
  }

  const identified = identity();
  // Where everyone is admin, so is who writes past the gateway. Without the gateway's role nothing tells that everyone is.
  const allAreAdmin = identified.by === 'nothing' && (roles.has('gateway') || read('AUTH') === 'off');
  const configuration: Configuration = {
    roles,
    host,
    port: read('PORT') ?? 4000,
    identity: identified,
    limits: limits(identified.by !== 'nothing'),
    network: readNetwork(read, refuse),
    offered: readOffered(read),
    dataDirectory: read('DATA_DIR') ?? './data',
    log: log(),
    views: views(),
    partitions: read('PARTITIONS') ?? 4,
    topicPrefix: read('TOPIC_PREFIX') ?? '',
    timeouts: timeouts(),
    commandsWithoutRoles: read('COMMANDS_WITHOUT_ROLES') ?? (allAreAdmin ? 'accept' : 'refuse'),
    logLevel: read('LOG_LEVEL') ?? 'info',
    production,
    failpoints,
  };
  // The embedded log belongs to one process, and embedded views to the process that fills them.
  if (configuration.log.engine === 'embedded' && roles.size < ROLES.length) {
    refuse('ROLE', 'it must be left out, for all roles in one process, unless KAFKA_BROKERS and MONGODB_URL are set');
  }
  if (configuration.views.engine === 'embedded' && roles.has('gateway') !== roles.has('projector')) {
    refuse('ROLE', 'it must hold gateway and projector together unless MONGODB_URL is set: they share the views');
  }
  return configuration;
}
