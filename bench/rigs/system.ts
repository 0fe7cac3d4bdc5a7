/** Counterfoil as it runs: one process on embedded engines, or a process per role on Kafka and MongoDB. The built server. */
import { randomUUID } from 'node:crypto';
import { type Server, startServer } from '../../test/e2e/server.ts';
import type { Bench, Scope } from '../suite/row.ts';

export type Role = 'gateway' | 'processor' | 'projector';

export interface System {
  readonly gateway: Server;
  readonly servers: ReadonlyMap<Role, readonly Server[]>;
  readonly env: Readonly<Record<string, string>>;
}

const QUIET = { LOG_LEVEL: 'info' };

/** One process with all roles; `folder` holds its data. */
export async function startEmbedded(bench: Scope, folder: string): Promise<Server> {
  const server = await startServer({ built: true, env: { ...QUIET, DATA_DIR: folder } });
  bench.defer(() => server.stop());
  return server;
}

/** Names of its own on engines that rows share. */
export async function kafkaEnv(bench: Scope): Promise<Readonly<Record<string, string>>> {
  const [kafka, mongo] = [await bench.kafka(), await bench.mongo()];
  const name = `bench-${randomUUID().slice(0, 8)}`;
  return {
    ...QUIET,
    KAFKA_BROKERS: kafka.brokers.join(),
    TOPIC_PREFIX: `${name}.`,
    MONGODB_URL: mongo.url,
    MONGODB_DATABASE: name,
  };
}

export async function startRole(bench: Scope, role: Role, env: Readonly<Record<string, string>>): Promise<Server> {
  const own = role === 'processor' ? { DATA_DIR: await bench.folder() } : {};
  const server = await startServer({ built: true, env: { ...own, ...env, ROLE: role } });
  bench.defer(() => server.stop());
  return server;
}

/** Those of the smoke run, whose rows share them: as many as any row asks for. */
const OF_ALL_ROWS: readonly Role[] = ['gateway', 'gateway', 'processor', 'projector'];

export async function startOnKafka(bench: Bench, roles: readonly Role[]): Promise<System> {
  if (!bench.quick) return await start(bench, roles);
  return await bench.shared('system', (scope) => start(scope, OF_ALL_ROWS));
}

async function start(bench: Scope, roles: readonly Role[]): Promise<System> {
  const env = await kafkaEnv(bench);
  const servers = new Map<Role, Server[]>();
  for (const role of roles) {
    servers.set(role, [...(servers.get(role) ?? []), await startRole(bench, role, env)]);
  }
  const gateway = servers.get('gateway')?.[0];
  if (gateway === undefined) throw new Error('no gateway among the roles');
  return { gateway, servers, env };
}
