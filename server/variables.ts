/** The environment variables, one by one: how each is read, and what is said of a value that is wrong. */
import { z } from 'zod';
import { allAggregates, entityType } from '../domain/registry.ts';
import { MasterKeys } from '../sealing/master-keys.ts';
import type { Teller } from '../telemetry/metric-table.ts';
import { basePathOf, entriesOf, isHostAndPort, mongoUrlOf, originOf, proxiesOf } from './addresses.ts';
import { currencyOf, localeOf, timeZoneOf } from './writing.ts';

export const ROLES = ['gateway', 'processor', 'projector', 'outbox'] as const satisfies readonly Teller[];
export type Role = (typeof ROLES)[number];

/** How spans are sent; gRPC is not spoken. */
const OTLP_PROTOCOLS = ['http/protobuf', 'http/json'] as const;

/** How the text of a variable is read, and what is said when it cannot be. */
export interface Variable<T> {
  readonly schema: z.ZodType<T, string>;
  /** Continues "it must be …". */
  readonly must: string;
  /** Its value stays out of messages, and may stand in a file that `NAME_FILE` names. */
  readonly secret?: true;
}

/** Units of time, in ms. */
const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const SIZES = { KB: 2 ** 10, MB: 2 ** 20, GB: 2 ** 30, TB: 2 ** 40 } as const;

function variable<T>(schema: z.ZodType<T, string>, must: string, secret?: true): Variable<T> {
  return secret === undefined ? { schema, must } : { schema, must, secret };
}

function number(from: number, to: number): Variable<number> {
  const schema = z
    .string()
    .regex(/^\d{1,9}$/)
    .transform(Number)
    .pipe(z.number().min(from).max(to));
  return variable(schema, `a whole number from ${from} to ${to}`);
}

function measure<U extends Record<string, number>>(units: U, from: number, to: number, must: string): Variable<number> {
  const pattern = new RegExp(`^(\\d{1,9})(${Object.keys(units).join('|')})$`);
  const schema = z
    .string()
    .regex(pattern)
    .transform((text) => {
      const [, amount = '', unit = ''] = pattern.exec(text) ?? [];
      return Number(amount) * (units[unit] ?? 0);
    });
  return variable(schema.pipe(z.number().min(from).max(to)), must);
}

function list(item: z.ZodType<string, string>, must: string): Variable<readonly string[]> {
  const split = z.string().transform(entriesOf);
  return variable(split.pipe(z.array(item).min(1).readonly()), must);
}

const text = z.string().min(1);
const url = (protocols: RegExp) => z.string().refine((value) => URL.canParse(value) && protocols.test(value));

/** What `parse` makes of the text. Its own words stay out of messages: they may hold parts of a password. */
function parsed<T>(parse: (value: string) => T): z.ZodType<T, string> {
  return z.string().transform((value, context) => {
    try {
      return parse(value);
    } catch {
      context.addIssue({ code: 'custom' });
      return z.NEVER;
    }
  });
}

/** Every variable there is: `.env.example` lists the same ones. */
export const VARIABLES = {
  NODE_ENV: variable(text, 'a word, such as production'),
  ROLE: variable(
    z
      .string()
      .transform(entriesOf)
      .pipe(z.array(z.enum(ROLES)).min(1).readonly()),
    'some of gateway,processor,projector,outbox, with commas between',
  ),
  PORT: { ...number(0, 65_535), must: 'a whole number from 0 to 65535 (0: any free port)' },
  HOST: variable(
    z
      .string()
      // Brackets are for URLs; as an address of its own, IPv6 has none.
      .transform((value) => value.replace(/^\[(.+)\]$/, '$1'))
      .pipe(z.string().regex(/^[A-Za-z0-9._:%-]+$/)),
    'an address or name of this machine, such as 127.0.0.1 or 0.0.0.0',
  ),
  AUTH: variable(z.enum(['on', 'off']), 'on or off'),
  AUTH_JWT_SECRET: variable(
    z.string().refine((value) => Buffer.byteLength(value) >= 32),
    'at least 32 bytes long',
    true,
  ),
  AUTH_JWKS_URL: variable(
    url(/^https?:/).transform((value) => new URL(value)),
    'an http or https URL of a JSON Web Key Set',
  ),
  AUTH_VISITORS: variable(z.enum(['on', 'off']), 'on or off'),
  AUTH_ISSUER: variable(text, 'the `iss` that tokens carry'),
  AUTH_AUDIENCE: variable(text, 'the `aud` that tokens carry'),
  AUTH_ENDLESS_TOKENS: variable(z.enum(['on', 'off']), 'on or off'),
  TRUST_PROXY: variable(
    parsed(proxiesOf),
    'off, the number of proxies before this server (1 to 20), or their addresses with commas between, such as 10.0.0.0/8 or loopback',
  ),
  ALLOWED_ORIGINS: list(
    parsed(originOf),
    'origins with commas between, such as https://shop.example: scheme and host without a path, and no *',
  ),
  BASE_PATH: variable(
    parsed(basePathOf),
    'a path such as /shop, of A-Z a-z 0-9 . _ ~ - between slashes; not /graphql, /healthz, /readyz, /metrics or /assets',
  ),
  METRICS_PORT: { ...number(0, 65_535), must: 'a whole number from 0 to 65535 (0: any free port)' },
  METRICS_TOKEN: variable(z.string().regex(/^[\w.~+/=-]{16,}$/), 'at least 16 of A-Z a-z 0-9 - . _ ~ + / =', true),
  INTROSPECTION: variable(z.enum(['on', 'off']), 'on or off'),
  GRAPHIQL: variable(z.enum(['on', 'off']), 'on or off'),
  PERSISTED_OPERATIONS: list(text, 'files with commas between, or page for the operations of the page'),
  CURRENCY: variable(parsed(currencyOf), 'a currency of ISO 4217, such as EUR, JPY or KWD'),
  LOCALE: variable(parsed(localeOf), 'a language and region (BCP 47), such as de-DE or en-IN'),
  TIME_ZONE: variable(parsed(timeZoneOf), 'a time zone (IANA), such as Europe/Berlin or UTC'),
  RATE_QUERIES: number(0, 1_000_000),
  RATE_MUTATIONS: number(0, 1_000_000),
  RATE_SUBSCRIPTIONS: number(0, 1_000_000),
  RATE_WRITTEN_MB: number(0, 1_000_000),
  RATE_ADDRESS: number(0, 100_000_000),
  MAX_SOCKETS_PER_USER: number(0, 1_000_000),
  MAX_SOCKETS_PER_ADDRESS: number(0, 1_000_000),
  MAX_OPERATIONS_PER_SOCKET: number(0, 100_000),
  MAX_WORK_PER_USER: number(0, 100),
  MAX_UNFINISHED_TRANSACTIONS: number(0, 1_000_000),
  MAX_APPENDING_MB: number(0, 100_000),
  MAX_WAITING_TRANSACTIONS: number(0, 100_000_000),
  MASTER_KEY: variable(
    parsed((value) => (value === 'off' ? 'off' : new MasterKeys(value))),
    '32 bytes in base64, as `openssl rand -base64 32` makes them; several with commas between, the newest first, next: before one that is not to seal yet; or off',
    true,
  ),
  WEBHOOK_ALLOW_PRIVATE: variable(z.enum(['on', 'off']), 'on or off'),
  DATA_DIR: variable(text, 'a folder'),
  LMDB_MAP_SIZE: measure(SIZES, SIZES.MB, 64 * SIZES.TB, 'a size from 1MB to 64TB, such as 16GB'),
  STATE_CACHE_MB: number(1, 1_000_000),
  STANDBY_EVERY: measure(UNITS, 100, UNITS.h, 'a time from 100ms to 1h, such as 10s'),
  KAFKA_BROKERS: list(
    z.string().refine(isHostAndPort),
    'host:port of each broker, with commas between (an IPv6 address in brackets, as in [::1]:9092; ports up to 65535)',
  ),
  KAFKA_SSL: variable(z.enum(['on', 'off']), 'on or off'),
  KAFKA_SSL_CA_FILE: variable(text, 'the path of a file'),
  KAFKA_SSL_CERT_FILE: variable(text, 'the path of a file'),
  KAFKA_SSL_KEY_FILE: variable(text, 'the path of a file'),
  KAFKA_SSL_KEY_PASSPHRASE: variable(text, 'a passphrase', true),
  KAFKA_SASL_MECHANISM: variable(
    z.enum(['plain', 'scram-sha-256', 'scram-sha-512']),
    'plain, scram-sha-256 or scram-sha-512',
  ),
  KAFKA_SASL_USERNAME: variable(text, 'a user name'),
  KAFKA_SASL_PASSWORD: variable(text, 'a password', true),
  TOPIC_REPLICATION: number(1, 100),
  PARTITIONS: number(1, 1000),
  TOPIC_PREFIX: variable(z.string().regex(/^[A-Za-z0-9._-]{1,100}$/), '1 to 100 of A-Z a-z 0-9 . _ -'),
  MONGODB_URL: variable(
    parsed(mongoUrlOf),
    'a mongodb:// or mongodb+srv:// URL: host:port of each member with commas between (an IPv6 address in brackets, as in ' +
      '[::1]:27017), user and password percent-encoded (@ is %40)',
    true,
  ),
  MONGODB_USERNAME: variable(text, 'the name of a user'),
  MONGODB_PASSWORD: variable(text, 'a password', true),
  MONGODB_DATABASE: variable(z.string().regex(/^[A-Za-z0-9_-]{1,38}$/), '1 to 38 of A-Z a-z 0-9 _ -'),
  COMMANDS_WITHOUT_ROLES: variable(z.enum(['accept', 'refuse']), 'accept or refuse'),
  LOG_LEVEL: variable(
    z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']),
    'trace, debug, info, warn, error, fatal or silent',
  ),
  OTEL_SDK_DISABLED: variable(z.enum(['true', 'false']), 'true or false'),
  OTEL_TRACES_EXPORTER: variable(z.enum(['otlp', 'console', 'none']), 'otlp, console or none'),
  OTEL_EXPORTER_OTLP_ENDPOINT: variable(
    url(/^https?:/),
    'an http or https URL of a collector, such as http://127.0.0.1:4318',
  ),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: variable(
    url(/^https?:/),
    'an http or https URL, such as http://127.0.0.1:4318/v1/traces',
  ),
  OTEL_EXPORTER_OTLP_PROTOCOL: variable(z.enum(OTLP_PROTOCOLS), 'http/protobuf or http/json'),
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: variable(z.enum(OTLP_PROTOCOLS), 'http/protobuf or http/json'),
  OTEL_TRACES_SAMPLER: variable(
    z.enum([
      'always_on',
      'always_off',
      'traceidratio',
      'parentbased_always_on',
      'parentbased_always_off',
      'parentbased_traceidratio',
    ]),
    'always_on, always_off or traceidratio, or one of them with parentbased_ before it',
  ),
  OTEL_TRACES_SAMPLER_ARG: variable(
    z
      .string()
      .regex(/^(0|1|0?\.\d+|[01]\.0*)$/)
      .transform(Number),
    'a share from 0 to 1, such as 0.01',
  ),
  COUNTERFOIL_FAILPOINTS: list(text, 'names of failpoints, with commas between'),
} satisfies Record<string, Variable<unknown>>;

/** How long entities of an aggregate may be pending: one variable for each aggregate with a deadline, `PURCHASE_TIMEOUT`. */
export const TIMEOUT = measure(UNITS, 1, 20 * UNITS.d, 'a time from 1ms to 20d, such as 90s, 15m or 2h');
export const TIMEOUTS = allAggregates.flatMap(({ name: aggregate, idField, progress }) => {
  if (progress?.deadline === undefined) return [];
  const variable = `${entityType({ idField }).toUpperCase()}_TIMEOUT`;
  return [{ aggregate, variable, defaultMs: progress.deadline.afterMs }];
});

export type VariableName = keyof typeof VARIABLES;
/** Those that limit how much each may ask for. */
export type LimitName = Extract<VariableName, `RATE_${string}` | `MAX_${string}`>;
/** What the variable's text is read as. */
export type ValueOf<N extends VariableName> = z.output<(typeof VARIABLES)[N]['schema']>;
/** Reads one variable; undefined when it is not set. */
export type Read = <N extends VariableName>(name: N) => ValueOf<N> | undefined;
/** The variable's text; undefined when it is not set. */
type Text = (name: VariableName) => string | undefined;
/** Ends the start with one line: `must` continues the variable's name and value. */
export type Refuse = (name: VariableName, must: string) => never;
/** What the sections of the configuration are read with. */
export interface Settings {
  readonly text: Text;
  readonly read: Read;
  readonly refuse: Refuse;
}
