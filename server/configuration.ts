/**
 * Everything that can be set from outside: environment variables alone, read and checked once, at the start. Nothing else
 * reads `process.env`, but OpenTelemetry's SDK its own `OTEL_*`. The first thing wrong stops the start with one line that names the variable.
 */
import { ConnectionString } from 'mongodb-connection-string-url';
import type { AggregateName } from '../domain/index.ts';
import type { MasterKeys } from '../sealing/master-keys.ts';
import type { TracingConfiguration } from '../telemetry/tracing-configuration.ts';
import { isLoopback } from './addresses.ts';
import { ConfigurationError } from './configuration-error.ts';
import { checkFilesIn, type TlsFiles, tlsFilesOf, withSecretsFromFiles } from './files.ts';
import { type IdentityConfiguration, readIdentity } from './identity.ts';
import { type LimitsConfiguration, readLimits } from './limits.ts';
import { type NetworkConfiguration, type OfferedConfiguration, readNetwork, readOffered } from './network.ts';
import { readTracing } from './tracing.ts';
import {
  ROLES,
  type Role,
  TIMEOUT,
  TIMEOUTS,
  VARIABLES,
  type ValueOf,
  type Variable,
  type VariableName,
} from './variables.ts';
import type { WritingConfiguration } from './writing.ts';

export { isLoopback } from './addresses.ts';
export { ConfigurationError } from './configuration-error.ts';
export type { IdentityConfiguration } from './identity.ts';
export type { LimitsConfiguration } from './limits.ts';
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

export interface Configuration {
  readonly roles: ReadonlySet<Role>;
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly identity: IdentityConfiguration;
  readonly limits: LimitsConfiguration;
  readonly network: NetworkConfiguration;
  readonly offered: OfferedConfiguration;
  readonly writing: WritingConfiguration;
  /** Folder of the embedded log's files, and of the states that processors keep. */
  readonly dataDirectory: string;
  /** What wraps the keys of personal fields; off: these are not sealed; undefined: as the log's engine has it. */
  readonly masterKeys: MasterKeys | 'off' | undefined;
  /** Whether webhooks may be on this machine, or in a private network. */
  readonly allowPrivateWebhooks: boolean;
  readonly log: EmbeddedLogConfiguration | KafkaConfiguration;
  readonly views: ViewsConfiguration;
  /** About how many bytes of states the processors hold in memory. */
  readonly stateCacheBytes: number;
  /** How long processors wait between two readings of what the partitions of others hold; undefined: they read none. */
  readonly standbyMs: number | undefined;
  /** Partitions of each topic that is created. */
  readonly partitions: number;
  /** Put before the names of topics and consumer groups, for systems that share a cluster. */
  readonly topicPrefix: string;
  /** How long entities of the aggregates that have a deadline may be pending, ms. */
  readonly timeouts: Readonly<Partial<Record<AggregateName, number>>>;
  /** What becomes of users' commands on the log that tell no roles: see `processors/step-writer.ts`. */
  readonly commandsWithoutRoles: 'accept' | 'refuse';
  readonly logLevel: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';
  /** Undefined: no traces are made. */
  readonly tracing: TracingConfiguration | undefined;
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
      const ofKafka = ['TOPIC_REPLICATION', 'KAFKA_SSL', 'KAFKA_SASL_MECHANISM', 'KAFKA_SASL_USERNAME'] as const;
      for (const name of [...ofKafka, 'STANDBY_EVERY'] as const) {
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
        refuse('MONGODB_USERNAME', 'it must go with MONGODB_URL: embedded views know no users');
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

  const identified = readIdentity({ text: raw, read, refuse }, roles, host);
  // Where everyone is admin, so is who writes past the gateway. Without the gateway's role nothing tells that everyone is.
  const allAreAdmin = identified.by === 'nothing' && (roles.has('gateway') || read('AUTH') === 'off');
  const onlyHere = identified.by === 'nothing' && roles.has('gateway') && isLoopback(host);
  const configuration: Configuration = {
    roles,
    host,
    port: read('PORT') ?? 4000,
    identity: identified,
    limits: readLimits(read, identified.by !== 'nothing'),
    network: readNetwork(read, refuse),
    offered: readOffered(read),
    writing: { currency: read('CURRENCY'), locale: read('LOCALE'), timeZone: read('TIME_ZONE') },
    dataDirectory: read('DATA_DIR') ?? './data',
    masterKeys: read('MASTER_KEY'),
    // Who tries it out has its receiver beside it. Not where others could use it to reach what they cannot.
    allowPrivateWebhooks: (read('WEBHOOK_ALLOW_PRIVATE') ?? (onlyHere ? 'on' : 'off')) === 'on',
    log: log(),
    views: views(),
    stateCacheBytes: (read('STATE_CACHE_MB') ?? 64) * 2 ** 20,
    standbyMs: read('STANDBY_EVERY'),
    partitions: read('PARTITIONS') ?? 4,
    topicPrefix: read('TOPIC_PREFIX') ?? '',
    timeouts: timeouts(),
    commandsWithoutRoles: read('COMMANDS_WITHOUT_ROLES') ?? (allAreAdmin ? 'accept' : 'refuse'),
    logLevel: read('LOG_LEVEL') ?? 'info',
    tracing: readTracing(read),
    production,
    failpoints,
  };
  // The embedded log belongs to one process, and embedded views to the process that fills them.
  if (configuration.log.engine === 'embedded' && ROLES.some((role) => role !== 'outbox' && !roles.has(role))) {
    refuse('ROLE', 'it must be left out, for all roles in one process, unless KAFKA_BROKERS and MONGODB_URL are set');
  }
  if (configuration.views.engine === 'embedded' && roles.has('gateway') !== roles.has('projector')) {
    refuse('ROLE', 'it must hold gateway and projector together unless MONGODB_URL is set: they share the views');
  }
  return configuration;
}
