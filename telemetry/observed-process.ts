/** A partition's process that is watched: what it restores, how long it decides, and how long its steps take to be committed. */
import type { Logger } from 'pino';
import type { LogRecord, NewRecord, PartitionProcess, Step } from '../log/event-log.ts';
import { TRANSACTIONS } from '../records/topics.ts';
import type { Metrics } from './metrics.ts';
import type { PartitionSeen } from './partitions-seen.ts';
import type { Queues } from './queues.ts';
import type { StepTrace } from './step-trace.ts';
import { idsOf } from './trace-context.ts';
import type { Traces } from './traces.ts';

interface ProcessWatch {
  readonly metrics: Metrics;
  readonly queues: Queues;
  readonly logger: Logger;
  readonly traces: Traces | undefined;
  /** What it decides, as metrics have it: `purchases`. */
  readonly processor: string;
  readonly seen: PartitionSeen;
}

/** A step that is not known to be committed. */
interface UnderWay {
  readonly trace: StepTrace | undefined;
  done(): void;
}

export function observedProcess(process: PartitionProcess, watch: ProcessWatch): PartitionProcess {
  const { seen } = watch;
  const underWay = new Set<UnderWay>();
  /** The process's own steps, by those that are handed out. */
  const own = new WeakMap<Step, Step>();
  const observed = (batch: readonly LogRecord[], decide: () => Step): Step => {
    const begun = performance.now();
    seen.oldest = batch[0]?.timestamp;
    const step = decide();
    const one = observedStep(step, batch, begun, watch);
    underWay.add(one.underWay);
    const handedOut: Step = {
      records: one.records,
      committed(written, ends) {
        underWay.delete(one.underWay);
        one.committed();
        step.committed(written, ends);
      },
    };
    own.set(handedOut, step);
    return handedOut;
  };
  seen.opened();
  return {
    // Whatever else the port asks for goes through.
    ...process,
    ...restoreFrom(process, seen),
    restore(record) {
      seen.restore(record);
      process.restore(record);
    },
    restored(position) {
      const more = process.restored(position);
      if (more === undefined || more.length === 0) seen.restoredAll();
      return more;
    },
    step: (batch) => observed(batch, () => process.step(batch)),
    ...stepAhead(process, observed, own),
    close() {
      for (const { done, trace } of underWay) {
        done();
        trace?.fail(new Error('not committed, as far as is known'));
      }
      process.close();
    },
  };
}

function stepAhead(
  process: PartitionProcess,
  observed: (batch: readonly LogRecord[], decide: () => Step) => Step,
  own: WeakMap<Step, Step>,
): Pick<PartitionProcess, 'stepAhead'> {
  const ahead = process.stepAhead?.bind(process);
  if (ahead === undefined) return {};
  return { stepAhead: (batch, before) => observed(batch, () => ahead(batch, before && own.get(before))) };
}

function restoreFrom(process: PartitionProcess, seen: PartitionSeen): Pick<PartitionProcess, 'restoreFrom'> {
  const where = process.restoreFrom?.bind(process);
  if (where === undefined) return {};
  return {
    restoreFrom(start) {
      const from = where(start);
      seen.begins(start, from);
      return from;
    },
  };
}

interface ObservedStep {
  readonly records: readonly NewRecord[];
  readonly underWay: UnderWay;
  committed(): void;
}

function observedStep(
  step: Step,
  batch: readonly LogRecord[],
  begun: number,
  { metrics, queues, logger, traces, processor, seen }: ProcessWatch,
): ObservedStep {
  const decided = performance.now();
  metrics.observe('counterfoil_decide_duration_seconds', { processor }, (decided - begun) / 1000);
  metrics.observe('counterfoil_step_records', { processor }, batch.length);
  const trace = traces?.step(processor, batch, step.records, begun);
  const records = trace?.records ?? step.records;
  const done = queues.hold('decide', batch);
  return {
    records,
    underWay: { trace, done },
    committed() {
      done();
      seen.oldest = undefined;
      metrics.observe('counterfoil_commit_duration_seconds', { processor }, (performance.now() - decided) / 1000);
      trace?.committed();
      if (logger.isLevelEnabled('debug')) tellOf(records, logger);
    },
  };
}

function tellOf(records: readonly NewRecord[], logger: Logger): void {
  for (const { topic, headers } of records) {
    if (topic === TRANSACTIONS)
      logger.debug({ ...idsOf({ headers }), status: headers['ce_id'] }, 'a transaction went on');
  }
}
