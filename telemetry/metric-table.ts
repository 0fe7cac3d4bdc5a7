/**
 * Every metric of ours: the one list that `/metrics`, docs/metrics.md (`npm run generate`), the dashboard and the alert rules
 * are held to. Names follow Prometheus' conventions: base units, `_total` for counters. Cardinality: each label's values come
 * from a closed list, such as the registry's commands and codes, or from the configuration, such as partitions; never from input.
 */

/** In seconds. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
/** In seconds, also for what may wait for other processes. */
const LONG_BUCKETS = [...BUCKETS, 30, 60, 300];
/** In records. */
const RECORD_BUCKETS = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1000];

export type MetricKind = 'counter' | 'gauge' | 'histogram';
/** A role, as `server/variables.ts` has it. */
export type Teller = (typeof EVERY_ROLE)[number];
const EVERY_ROLE = ['gateway', 'processor', 'projector', 'outbox'] as const;
/** The roles that decide commands on the log. */
const DECIDERS: readonly Teller[] = ['processor', 'outbox'];

interface MetricSpec {
  readonly kind: MetricKind;
  readonly help: string;
  readonly labels: readonly string[];
  /** The roles whose processes have values of it. */
  readonly toldBy: readonly Teller[];
  /** Upper bounds of a histogram's buckets. */
  readonly buckets?: readonly number[];
}

export const METRICS = {
  counterfoil_http_request_duration_seconds: {
    kind: 'histogram',
    help: 'HTTP requests by route, method and status',
    labels: ['route', 'method', 'status'],
    toldBy: EVERY_ROLE,
    buckets: BUCKETS,
  },
  counterfoil_graphql_operations_total: {
    kind: 'counter',
    help: 'GraphQL operations by type, transport and whether the answer held errors',
    labels: ['type', 'transport', 'outcome'],
    toldBy: ['gateway'],
  },
  counterfoil_graphql_operation_duration_seconds: {
    kind: 'histogram',
    help: 'GraphQL queries and mutations until answered, subscriptions until ended',
    labels: ['type'],
    toldBy: ['gateway'],
    buckets: BUCKETS,
  },
  counterfoil_websocket_connections: {
    kind: 'gauge',
    help: 'WebSockets that are open',
    labels: [],
    toldBy: ['gateway'],
  },
  counterfoil_subscriptions: { kind: 'gauge', help: 'Subscriptions under way', labels: [], toldBy: ['gateway'] },
  counterfoil_transactions_accepted_total: {
    kind: 'counter',
    help: "Users' commands that the log has acknowledged, by command",
    labels: ['command'],
    toldBy: ['gateway'],
  },
  counterfoil_transactions_completed_total: {
    kind: 'counter',
    help: 'Transactions that ended COMPLETED, by the command that began them, counted once committed',
    labels: ['command'],
    toldBy: ['processor'],
  },
  counterfoil_transactions_rejected_total: {
    kind: 'counter',
    help: 'Transactions that ended REJECTED, by the command that began them and the code of the rejection, counted once committed',
    labels: ['command', 'code'],
    toldBy: ['processor'],
  },
  counterfoil_transaction_duration_seconds: {
    kind: 'histogram',
    help: 'From giving a command to the log until its final status was read at the gateway that took it, by command and outcome',
    labels: ['command', 'outcome'],
    toldBy: ['gateway'],
    buckets: LONG_BUCKETS,
  },
  counterfoil_transaction_visible_duration_seconds: {
    kind: 'histogram',
    help: "From when a transaction's final status was written until the views show it, of those written since this process was started (by the clocks of two processes)",
    labels: [],
    toldBy: ['projector'],
    buckets: LONG_BUCKETS,
  },
  counterfoil_append_duration_seconds: {
    kind: 'histogram',
    help: 'Appends to the log until acknowledged; what processes tell each other of themselves is left out',
    labels: [],
    toldBy: ['gateway', ...DECIDERS],
    buckets: BUCKETS,
  },
  counterfoil_decide_duration_seconds: {
    kind: 'histogram',
    help: 'Deciding the commands of one step, by processor',
    labels: ['processor'],
    toldBy: DECIDERS,
    buckets: BUCKETS,
  },
  counterfoil_commit_duration_seconds: {
    kind: 'histogram',
    help: 'From when a step was decided until it was known to be committed, by processor',
    labels: ['processor'],
    toldBy: DECIDERS,
    buckets: BUCKETS,
  },
  counterfoil_step_records: {
    kind: 'histogram',
    help: 'Commands in one step, by processor',
    labels: ['processor'],
    toldBy: DECIDERS,
    buckets: RECORD_BUCKETS,
  },
  counterfoil_project_duration_seconds: {
    kind: 'histogram',
    help: 'One step of the projector: making documents of its records and storing them',
    labels: [],
    toldBy: ['projector'],
    buckets: BUCKETS,
  },
  counterfoil_push_duration_seconds: {
    kind: 'histogram',
    help: 'From when news was there for a subscriber until it had been sent',
    labels: [],
    toldBy: ['gateway'],
    buckets: BUCKETS,
  },
  counterfoil_commands_decided_total: {
    kind: 'counter',
    help: 'Commands decided, by aggregate, command and outcome (a step that is tried again counts again)',
    labels: ['aggregate', 'command', 'outcome'],
    toldBy: ['processor'],
  },
  counterfoil_commands_repeated_total: {
    kind: 'counter',
    help: 'Commands that had been decided before and had no second effect',
    labels: ['aggregate'],
    toldBy: ['processor'],
  },
  counterfoil_idempotency_keys_reused_total: {
    kind: 'counter',
    help: 'Commands refused because their idempotency key stands for another one',
    labels: [],
    toldBy: ['processor'],
  },
  counterfoil_dead_letters_total: {
    kind: 'counter',
    help: 'Records that could not be read and went to the dead letters, by the topic that they stood on',
    labels: ['topic'],
    toldBy: DECIDERS,
  },
  counterfoil_webhook_deliveries_total: {
    kind: 'counter',
    help: 'What came of deliveries to webhooks: an attempt was taken (delivered), was not and comes again (retried), was the last (failed); an admin dropped it (dropped)',
    labels: ['result'],
    toldBy: ['outbox'],
  },
  counterfoil_webhook_oldest_undelivered_seconds: {
    kind: 'gauge',
    help: 'Age of the oldest event that was taken up for a webhook and is not delivered, in the partitions of this process; 0: all are',
    labels: [],
    toldBy: ['outbox'],
  },
  counterfoil_records_projected_total: {
    kind: 'counter',
    help: 'Records applied to the views',
    labels: [],
    toldBy: ['projector'],
  },
  counterfoil_updates_dropped_total: {
    kind: 'counter',
    help: 'Updates that a slow subscriber did not get: a newer one took its place (replaced), or its subscription was ended (missed)',
    labels: ['reason'],
    toldBy: ['gateway'],
  },
  counterfoil_partition_lag_records: {
    kind: 'gauge',
    help: 'Records not yet handled, by part, topic and partition',
    labels: ['part', 'topic', 'partition'],
    toldBy: EVERY_ROLE,
  },
  counterfoil_partition_lag_seconds: {
    kind: 'gauge',
    help: 'Age of the oldest record that is being handled; while none is and some wait, for how long that has been seen',
    labels: ['part', 'topic', 'partition'],
    toldBy: EVERY_ROLE,
  },
  counterfoil_part_ready: {
    kind: 'gauge',
    help: '1 when the part is ready, as /readyz tells',
    labels: ['part'],
    toldBy: EVERY_ROLE,
  },
  counterfoil_restore_progress_ratio: {
    kind: 'gauge',
    help: 'How much a partition of a processor has read of what it restores, from 0 to 1 (then it decides)',
    labels: ['part', 'partition'],
    toldBy: DECIDERS,
  },
  counterfoil_rebuild_progress_ratio: {
    kind: 'gauge',
    help: 'How far the rebuild of the views has come, from 0 to 1; 1 while there is none',
    labels: [],
    toldBy: ['projector'],
  },
  counterfoil_queue_items: {
    kind: 'gauge',
    help: 'What waits in memory, by queue: records, transactions or updates',
    labels: ['queue'],
    toldBy: EVERY_ROLE,
  },
  counterfoil_queue_bytes: {
    kind: 'gauge',
    help: "Bytes that wait in memory, by queue: of records their values', without what objects take",
    labels: ['queue'],
    toldBy: EVERY_ROLE,
  },
  counterfoil_unread_answer_bytes: {
    kind: 'gauge',
    help: 'Bytes of answers that are being made or wait to be read',
    labels: [],
    toldBy: ['gateway'],
  },
} as const satisfies Readonly<Record<string, MetricSpec>>;

/** The values of the label `queue`, with what waits there. */
export const QUEUES = {
  append: 'records given to the log and not acknowledged yet',
  decide: 'commands of steps that are not committed yet',
  project: 'records that the projector has been given and has not stored yet',
  follow: "records of other followers, such as the gateway's memory of transactions, that are being taken in",
  transactions: 'transactions in the memory of a gateway: under way, or not shown by the views yet',
  subscriptions: 'updates that wait for subscribers to take them',
  requests: 'requests and messages that wait for the turn of who asks',
  bodies: 'bodies of requests that are on their way (bytes alone)',
} as const;
export type Queue = keyof typeof QUEUES;

type Table = typeof METRICS;
export type MetricName = keyof Table;
type Named<K extends MetricKind> = { [N in MetricName]: Table[N]['kind'] extends K ? N : never }[MetricName];
export type CounterName = Named<'counter'>;
export type GaugeName = Named<'gauge'>;
export type HistogramName = Named<'histogram'>;
export type LabelsOf<N extends MetricName> = Readonly<Record<Table[N]['labels'][number], string>>;
