/** The brokers' error codes that we meet, by what to do about them: the names are those of Kafka's protocol guide. */

export const UNKNOWN_TOPIC_OR_PARTITION = 3;
export const CONCURRENT_TRANSACTIONS = 51;

/** The partition or its coordinator is elsewhere now, or not quite ready: ask the cluster where, and send the same again. */
const PASSING: Readonly<Record<number, string>> = {
  3: 'UNKNOWN_TOPIC_OR_PARTITION',
  5: 'LEADER_NOT_AVAILABLE',
  6: 'NOT_LEADER_OR_FOLLOWER',
  7: 'REQUEST_TIMED_OUT',
  8: 'BROKER_NOT_AVAILABLE',
  9: 'REPLICA_NOT_AVAILABLE',
  13: 'NETWORK_EXCEPTION',
  14: 'COORDINATOR_LOAD_IN_PROGRESS',
  15: 'COORDINATOR_NOT_AVAILABLE',
  16: 'NOT_COORDINATOR',
  19: 'NOT_ENOUGH_REPLICAS',
  20: 'NOT_ENOUGH_REPLICAS_AFTER_APPEND',
  51: 'CONCURRENT_TRANSACTIONS',
  56: 'KAFKA_STORAGE_ERROR',
  74: 'FENCED_LEADER_EPOCH',
  75: 'UNKNOWN_LEADER_EPOCH',
};

/** Nothing that is sent again would go better. */
const FINAL: Readonly<Record<number, string>> = {
  10: 'MESSAGE_TOO_LARGE',
  18: 'RECORD_LIST_TOO_LARGE',
  22: 'ILLEGAL_GENERATION',
  29: 'TOPIC_AUTHORIZATION_FAILED',
  31: 'CLUSTER_AUTHORIZATION_FAILED',
  45: 'OUT_OF_ORDER_SEQUENCE_NUMBER',
  46: 'DUPLICATE_SEQUENCE_NUMBER',
  47: 'INVALID_PRODUCER_EPOCH',
  48: 'INVALID_TXN_STATE',
  49: 'INVALID_PRODUCER_ID_MAPPING',
  50: 'INVALID_TRANSACTION_TIMEOUT',
  53: 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED',
  59: 'UNKNOWN_PRODUCER_ID',
  87: 'INVALID_RECORD',
  90: 'PRODUCER_FENCED',
  120: 'TRANSACTION_ABORTABLE',
};

/** A broker's answer that says no. */
export class BrokerError extends Error {
  override readonly name = 'BrokerError';
  readonly code: number;

  constructor(code: number, what: string) {
    super(`${what}: a broker answers ${PASSING[code] ?? FINAL[code] ?? `error ${code}`}`);
    this.code = code;
  }
}

/** The code of a broker's answer, ours or kafkajs's; undefined for an error of the connection. */
export function answerOf(error: unknown): number | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'number' ? error.code : undefined;
}

/** Whether it is a broker's answer to a request that may go well later, or at another broker. */
export function isPassing(error: unknown): boolean {
  return Object.hasOwn(PASSING, answerOf(error) ?? '');
}
