/**
 * Makes kafkajs clients that can be got rid of at once. A client of kafkajs ends only when its requests are answered; one
 * whose broker hangs must not keep callers, or the process, waiting. So each keeps its sockets, to destroy them.
 *
 * The group-less reader and the queries need parts of kafkajs that its API does not offer; its version is pinned, its
 * repository at rest, and its package has no export map, so they are imported from its sources, here and nowhere else.
 */
import { createRequire } from 'node:module';
import net from 'node:net';
import tls from 'node:tls';
import { type ISocketFactory, Kafka, type KafkaConfig, type LogEntry, logLevel, type RetryOptions } from 'kafkajs';
import { type Access, AccessCheck } from './access-check.ts';
import { hostOf, seedOf } from './broker-address.ts';
import { type KafkaLogOptions, type Logger, quiet } from './options.ts';

// kafkajs prints a notice about its partitioner otherwise; we name every record's partition.
process.env['KAFKAJS_NO_PARTITIONER_WARNING'] ??= '1';

const KEEP_ALIVE_MS = 60_000;
const CONNECTION_TIMEOUT_MS = 3000;
const METADATA_MAX_AGE_MS = 60_000;
const LONGEST_THRESHOLD_MS = 10_000;

/** A request in kafkajs's terms: how to write it, and how to read its answer. */
export interface ProtocolRequest<T> {
  readonly request: object;
  readonly response: { decode(body: Buffer): Promise<T>; parse(decoded: T): Promise<T> };
}

export interface Broker {
  readonly nodeId: number | string;
  readonly connectionPool: { send<T>(request: ProtocolRequest<T>): Promise<T> };
  listOffsets(request: {
    isolationLevel: number;
    topics: { topic: string; partitions: { partition: number; timestamp: number }[] }[];
  }): Promise<{ responses: { topic: string; partitions: { partition: number; offset: string }[] }[] }>;
  initProducerId(request: {
    transactionalId: string | null;
    transactionTimeout: number;
  }): Promise<{ producerId: string; producerEpoch: number }>;
  addPartitionsToTxn(request: {
    transactionalId: string;
    producerId: string;
    producerEpoch: number;
    topics: { topic: string; partitions: number[] }[];
  }): Promise<unknown>;
  endTxn(request: {
    transactionalId: string;
    producerId: string;
    producerEpoch: number;
    transactionResult: boolean;
  }): Promise<unknown>;
}

export interface Cluster {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  refreshMetadata(): Promise<void>;
  refreshMetadataIfNecessary(): Promise<void>;
  addMultipleTargetTopics(topics: readonly string[]): Promise<void>;
  /** Asks a broker; without topics, about the cluster alone. */
  metadata(about: { topics: readonly string[] }): Promise<{ readonly clusterId?: string | null }>;
  findTopicPartitionMetadata(topic: string): readonly { readonly partitionId: number; readonly leader: number }[];
  findBroker(node: { nodeId: number }): Promise<Broker>;
  /** `coordinatorType` 1: of the transactional id named as `groupId`. */
  findGroupCoordinator(group: { groupId: string; coordinatorType?: 0 | 1 }): Promise<Broker>;
}

export interface Encoder {
  writeBoolean(value: boolean): Encoder;
  writeBuffer(value: Buffer): Encoder;
  writeInt32(value: number): Encoder;
  writeUVarIntString(value: string): Encoder;
  writeUVarIntBytes(): Encoder;
  writeUVarIntArray(items: readonly Encoder[]): Encoder;
}

const require = createRequire(import.meta.url);
const ClusterClass = require('kafkajs/src/cluster') as new (options: object) => Cluster;
const { createLogger } = require('kafkajs/src/loggers') as { createLogger(options: object): object };
const RequestQueue = require('kafkajs/src/network/requestQueue') as { prototype: RequestQueueInside };
const Authenticator = require('kafkajs/src/broker/saslAuthenticator') as { prototype: AuthenticatorInside };
const EncoderClass = require('kafkajs/src/protocol/encoder') as new () => Encoder;

interface RequestQueueInside {
  pending: unknown[];
  scheduleCheckPendingRequests(this: RequestQueueInside): void;
}

// kafkajs #1751: a connection that was used once checks its empty queue every millisecond, for ever.
const schedule = RequestQueue.prototype.scheduleCheckPendingRequests;
RequestQueue.prototype.scheduleCheckPendingRequests = function (this: RequestQueueInside) {
  if (this.pending.length > 0) schedule.call(this);
};

interface AuthenticatorInside {
  readonly connection: { reauthenticationThreshold: number };
  /** In ms, as the broker told it; 0: for ever. */
  readonly sessionLifetime: string | number;
  authenticate(): Promise<void>;
}

// Sessions (KIP-368): kafkajs signs in again 10 s before one ends, which for a session of 10 s is at every request; a broker
// takes that for an error if it happens twice in a second. A quarter of the session's time leaves room for slow requests.
const signIn = Authenticator.prototype.authenticate;
Authenticator.prototype.authenticate = async function (this: AuthenticatorInside) {
  await signIn.call(this);
  const sessionMs = Number(this.sessionLifetime);
  this.connection.reauthenticationThreshold = Math.min(LONGEST_THRESHOLD_MS, Math.floor(sessionMs / 4));
};

export const READ_UNCOMMITTED = 0;
export const READ_COMMITTED = 1;

export function newEncoder(): Encoder {
  return new EncoderClass();
}

/** A client that can be ended at once, whatever it is waiting for. */
export interface Leashed<T> {
  readonly client: T;
  /** Ends every connection; what waits for an answer is rejected, and nothing connects again. */
  kill(): void;
}

export class Connections {
  readonly logger: Logger;
  /** Whoever has been answered says so to it; whoever fails before anybody was asks it whether to go on. */
  readonly access: AccessCheck;
  readonly #options: KafkaLogOptions;

  constructor(options: KafkaLogOptions) {
    this.#options = options;
    this.logger = options.logger ?? quiet;
    this.access = new AccessCheck(options, async (access) => {
      const { client, kill } = this.cluster(CONNECTION_TIMEOUT_MS, access);
      await client.connect().finally(kill);
    });
  }

  kafka(retry: RetryOptions, requestTimeout: number): Leashed<Kafka> {
    const leash = this.#leash();
    const client = new Kafka({
      ...this.#config(leash.socketFactory, requestTimeout),
      retry,
      logLevel: logLevel.WARN,
      logCreator: () => leash.log,
    });
    return { client, kill: leash.kill };
  }

  /** @param access how to connect, if not as the options say */
  cluster(requestTimeout: number, access?: Access): Leashed<Cluster> {
    const leash = this.#leash();
    const client = new ClusterClass({
      ...this.#config(leash.socketFactory, requestTimeout, access),
      logger: createLogger({ level: logLevel.WARN, logCreator: () => leash.log }),
      // One retry in kafkajs: callers retry themselves, on a new client.
      retry: { initialRetryTime: 30, retries: 1 },
      metadataMaxAge: METADATA_MAX_AGE_MS,
      allowAutoTopicCreation: false,
      isolationLevel: READ_COMMITTED,
    });
    return { client, kill: leash.kill };
  }

  #config(socketFactory: ISocketFactory, requestTimeout: number, { ssl, sasl }: Access = this.#options) {
    const { brokers, clientId = 'counterfoil' } = this.#options;
    return {
      brokers: brokers.map(seedOf),
      clientId,
      ...(ssl === undefined ? {} : { ssl }),
      ...(sasl === undefined ? {} : { sasl }),
      socketFactory,
      connectionTimeout: CONNECTION_TIMEOUT_MS,
      requestTimeout,
      enforceRequestTimeout: true,
    } satisfies KafkaConfig;
  }

  #leash() {
    const sockets = new Set<net.Socket>();
    let killed = false;
    const socketFactory: ISocketFactory = ({ host: named, port, ssl, onConnect }) => {
      if (killed) throw new Error('this client was ended');
      const host = hostOf(named);
      const socket = ssl
        ? tls.connect({ host, port, ...(net.isIP(host) === 0 ? { servername: host } : {}), ...ssl }, onConnect)
        : net.connect({ host, port }, onConnect);
      socket.setKeepAlive(true, KEEP_ALIVE_MS);
      socket.setNoDelay(true);
      // kafkajs lets go of a socket several times while it connects, and Node counts listeners for each.
      socket.setMaxListeners(0);
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      return socket;
    };
    return {
      socketFactory,
      // kafkajs logs errors also of retries that succeed, so its log goes to debug; callers report what matters.
      log: ({ namespace, log: { message, timestamp: _, ...details } }: LogEntry) => {
        if (!killed) this.logger.debug({ kafkajs: namespace, ...details }, message);
      },
      kill: () => {
        killed = true;
        // With an error, since kafkajs does not listen for 'close' and would wait for its answers.
        for (const socket of sockets) socket.destroy(new Error('this client was ended'));
        sockets.clear();
      },
    };
  }
}
