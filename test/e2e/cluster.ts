/** Counterfoil as many processes on Kafka and MongoDB: gateways, processors and projectors, each on its own. */
import { randomUUID } from 'node:crypto';
import { type Server, type ServerOptions, startServer } from './server.ts';

export interface ClusterOptions {
  readonly brokers: readonly string[];
  readonly mongoUrl: string;
  readonly gateways?: number;
  readonly processors?: number;
  readonly projectors?: number;
  readonly env?: Readonly<Record<string, string>>;
}

export class Cluster {
  readonly servers: Server[] = [];
  readonly env: Readonly<Record<string, string>>;

  private constructor(env: Readonly<Record<string, string>>) {
    this.env = env;
  }

  static async start(options: ClusterOptions): Promise<Cluster> {
    const { brokers, mongoUrl, gateways = 1, processors = 2, projectors = 2, env = {} } = options;
    const name = `test-${randomUUID().slice(0, 8)}`;
    const cluster = new Cluster({
      KAFKA_BROKERS: brokers.join(),
      TOPIC_PREFIX: `${name}.`,
      MONGODB_URL: mongoUrl,
      MONGODB_DATABASE: name,
      ...env,
    });
    const roles = [
      ...Array.from({ length: gateways }, () => 'gateway'),
      ...Array.from({ length: processors }, () => 'processor'),
      ...Array.from({ length: projectors }, () => 'projector'),
    ];
    await Promise.all(roles.map((role) => cluster.add(role)));
    return cluster;
  }

  async add(role: string, options: Partial<ServerOptions> = {}): Promise<Server> {
    const server = await startServer({ ...options, env: { ...this.env, ...options.env, ROLE: role } });
    this.servers.push(server);
    return server;
  }

  get gateway(): Server {
    const found = this.servers.find((server) => server.url !== '');
    if (found === undefined) throw new Error('the cluster has no gateway');
    return found;
  }

  async stop(): Promise<void> {
    await Promise.all(this.servers.splice(0).map((server) => server.stop()));
  }
}
