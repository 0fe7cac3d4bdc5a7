/**
 * An event log that is watched: every append, every step of a processor and every batch of a follower, at the port that all of
 * them pass. So neither the engines nor those who use them know of metrics and traces.
 */
import type { Logger } from 'pino';
import type { EventLog, FollowBatch, NewRecord, Position } from '../log/event-log.ts';
import { endOf } from '../records/status-record.ts';
import { PROCESSES, TRANSACTIONS } from '../records/topics.ts';
import { commandLabel } from './labels.ts';
import type { Metrics } from './metrics.ts';
import { observedProcess } from './observed-process.ts';
import { followingSeen, PartitionsSeen, runningSeen } from './partitions-seen.ts';
import type { Queues } from './queues.ts';
import { idsOf } from './trace-context.ts';
import type { Traces } from './traces.ts';
import { Unfinished } from './unfinished.ts';

export interface LogWatch {
  readonly metrics: Metrics;
  readonly queues: Queues;
  readonly logger: Logger;
  /** Undefined: no traces are made. */
  readonly traces: Traces | undefined;
}

/** What was written before is read again when views are built anew: it was visible long ago. */
const STARTED_AT = performance.timeOrigin;

/** The follower that fills the views; the others are gateways'. */
const PROJECTOR = 'projector';

/** The index of the log, who reads events through it, and the outbox: no transaction waits for them, so they are no part of its trace. */
const BESIDE = /^(log-index$|events-|outbox-)/;

/** @param log without a prefix, or with it taken off: what is told has the topics' own names */
export function observedLog(log: EventLog, watch: LogWatch): EventLog {
  const unfinished = new Unfinished(watch.metrics);
  return {
    append: (records) => observedAppend(log, records, watch, unfinished),
    async process(options) {
      const seen = new PartitionsSeen();
      const running = await log.process({
        ...options,
        open: (partition) =>
          observedProcess(options.open(partition), {
            ...watch,
            processor: options.name.replace(/-processor$/, ''),
            seen: seen.of({ topic: options.input, partition }),
          }),
      });
      return runningSeen(running, seen);
    },
    async follow(options) {
      if (BESIDE.test(options.name)) return await log.follow(options);
      const seen = new PartitionsSeen();
      const projects = options.name === PROJECTOR;
      const observed = projects ? projectorsBatch : gatewaysBatch;
      const following = await log.follow({
        ...options,
        async onBatch(batch) {
          const partition = seen.of(batch);
          partition.oldest = batch.records[0]?.timestamp;
          const done = watch.queues.hold(projects ? 'project' : 'follow', batch.records);
          try {
            const answer = await observed(batch, watch, unfinished, async () => options.onBatch(batch));
            partition.oldest = undefined;
            return answer;
          } finally {
            done();
          }
        },
      });
      return followingSeen(following, seen);
    },
    read: (partition, from) => log.read(partition, from),
    recordsAt: (positions) => log.recordsAt(positions),
    ends: (topics) => log.ends(topics),
    committed: (processor) => log.committed(processor),
    identity: () => log.identity(),
    missingTopics: (names) => log.missingTopics(names),
    createTopics: (specs) => log.createTopics(specs),
    checkTopics: (specs) => log.checkTopics(specs),
    close: () => log.close(),
  };
}

/** The id of the transaction that a user's command begins; undefined for all other records. */
function begunBy({ headers }: NewRecord): string | undefined {
  const id = headers['ce_id'];
  return id !== undefined && id === headers['ce_transactionid'] ? id : undefined;
}

/** Written by every process every few seconds, whether anyone uses the system or not. */
function isHeartbeat({ topic }: NewRecord): boolean {
  return topic === PROCESSES;
}

async function observedAppend(
  log: EventLog,
  records: readonly NewRecord[],
  { metrics, queues, logger, traces }: LogWatch,
  unfinished: Unfinished,
): Promise<readonly Position[]> {
  const began = performance.now();
  const written = queues.hold('append', records);
  const trace = traces?.append(records);
  for (const record of records) {
    const id = begunBy(record);
    if (id !== undefined) unfinished.begin(id, record);
  }
  try {
    const positions = await log.append(records);
    if (!records.every(isHeartbeat))
      metrics.observe('counterfoil_append_duration_seconds', {}, (performance.now() - began) / 1000);
    for (const record of records) {
      if (begunBy(record) === undefined) continue;
      const command = commandLabel(record.headers['ce_type']);
      metrics.count('counterfoil_transactions_accepted_total', { command });
      if (logger.isLevelEnabled('debug')) logger.debug({ ...idsOf(record), command }, 'a command is on the log');
    }
    trace?.end();
    return positions;
  } catch (error) {
    for (const record of records) {
      const id = begunBy(record);
      if (id === undefined) continue;
      unfinished.forget(id);
      logger.warn({ ...idsOf(record), err: error }, 'the log did not acknowledge a command: it may be there or not');
    }
    trace?.fail(error);
    throw error;
  } finally {
    written();
  }
}

type Answer = void | 'restart';
type OnBatch = () => Promise<Answer>;

async function projectorsBatch(
  batch: FollowBatch,
  { metrics, traces }: LogWatch,
  _unfinished: Unfinished,
  onBatch: OnBatch,
): Promise<Answer> {
  const trace = traces?.project(batch);
  try {
    const answer = await onBatch();
    if (answer === 'restart') {
      trace?.fail(new Error('the views are at another position'));
      return answer;
    }
    trace?.end();
  } catch (error) {
    trace?.fail(error);
    throw error;
  }
  if (batch.topic !== TRANSACTIONS) return undefined;
  const now = Date.now();
  for (const record of batch.records) {
    if (record.timestamp < STARTED_AT || endOf(record) === undefined) continue;
    const seconds = Math.max(0, now - record.timestamp) / 1000;
    metrics.observe('counterfoil_transaction_visible_duration_seconds', {}, seconds);
  }
  return undefined;
}

async function gatewaysBatch(
  batch: FollowBatch,
  { traces }: LogWatch,
  unfinished: Unfinished,
  onBatch: OnBatch,
): Promise<Answer> {
  traces?.arrived(batch);
  if (batch.topic === TRANSACTIONS) for (const record of batch.records) unfinished.status(record);
  return await onBatch();
}
