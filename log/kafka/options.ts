/** What the Kafka engine can be told. */
import type { KafkaConfig } from 'kafkajs';

/** The part of pino's logger that the engine uses. */
export interface Logger {
  debug(details: object, message: string): void;
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
  error(details: object, message: string): void;
}

/** Points of a processing step at which a fault test may interfere, in their order. */
export type Failpoint = 'before-add-partitions' | 'before-produce' | 'after-produce' | 'before-commit' | 'after-commit';

export interface KafkaLogOptions {
  /** `host:port` of some of the brokers; an IPv6 address stands in brackets: `[::1]:9092`. */
  readonly brokers: readonly string[];
  /** Names this client in the brokers' logs and metrics. Default `counterfoil`. */
  readonly clientId?: string;
  /** How many partitions keys are spread over: `partitionOf`'s, the same for every topic that is appended to by key. */
  readonly partitions: number;
  /** How long an append waits for its acknowledgement. Default 10,000 ms. */
  readonly appendTimeoutMs?: number;
  /** After how long without a sign of life a member's partitions are given to another. Default 10,000 ms. */
  readonly sessionTimeoutMs?: number;
  /** Replicas of the topics created. Default: the broker's `default.replication.factor`. */
  readonly topicReplication?: number;
  readonly ssl?: KafkaConfig['ssl'];
  readonly sasl?: KafkaConfig['sasl'];
  /** Default: quiet. What kafkajs itself says comes at level debug. */
  readonly logger?: Logger;
  /** For fault tests: called at each of these points of each step; a throw fails the step there. */
  readonly failpoint?: (point: Failpoint, partition: number) => Promise<void> | void;
}

export const quiet: Logger = { debug() {}, info() {}, warn() {}, error() {} };
