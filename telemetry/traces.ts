/**
 * One trace for each transaction. Its spans are, in order: the mutation at the gateway and its append; for each command the
 * time on the log (`receive`), `decide` and `commit`, those of follow-up commands below what asked for them; then, of the new
 * states and statuses, `receive` and `project` at the projector, `receive` and `push` at the gateway. `traceparent` on the
 * records carries it from one process to the next; only records of sampled transactions get one here.
 */
import { type Span, type SpanContext, SpanKind, TraceFlags, type Tracer } from '@opentelemetry/api';
import type { TransactionRecord } from '../domain/transaction.ts';
import type { FollowBatch, LogRecord, NewRecord } from '../log/event-log.ts';
import { statusId } from '../records/status-record.ts';
import { TRANSACTIONS } from '../records/topics.ts';
import { end, fail, placeOf, Spans, wallClock, wallTimeOf } from './spans.ts';
import { StepTrace } from './step-trace.ts';
import { contextOf, sampledContextOf, traceparentOf } from './trace-context.ts';

/** What is under way, told of when it is over. */
export interface Traced {
  end(): void;
  fail(error: unknown): void;
}

export interface TracedMutation {
  /** For the command's record: what the client sent, where this transaction is not sampled. */
  readonly traceparent: string | undefined;
  end(transactionId: string): void;
  fail(error: unknown): void;
}

/** A record without its value: that would keep the bytes of all that was read with it. */
type Written = Pick<LogRecord, 'topic' | 'partition' | 'offset' | 'timestamp'>;

/** A status that has come to a gateway, until somebody there is told of it. */
interface Arrived {
  readonly context: SpanContext;
  readonly record: Written;
  readonly taken: number;
  received: boolean;
}

/** Statuses of sampled transactions that nobody has been told of; the oldest are forgotten. */
const MOST_ARRIVED = 10_000;

export class Traces {
  readonly #spans: Spans;
  readonly #arrived = new Map<string, Arrived>();

  constructor(tracer: Tracer) {
    this.#spans = new Spans(tracer);
  }

  /** @param since when the request came, as `performance.now()` tells it */
  mutation(command: string, traceparent: string | undefined, since: number | undefined): TracedMutation {
    const span = this.#spans.begin({
      name: `mutation ${command}`,
      kind: SpanKind.SERVER,
      parent: contextOf(traceparent),
      begun: since === undefined ? wallClock() : wallTimeOf(since),
      attributes: { 'counterfoil.command': command },
    });
    const own = span.spanContext();
    return {
      traceparent: (own.traceFlags & TraceFlags.SAMPLED) === 0 ? traceparent : traceparentOf(own),
      end(transactionId) {
        span.setAttribute('counterfoil.transaction_id', transactionId);
        end(span);
      },
      fail: (error) => fail(span, error),
    };
  }

  /** Undefined when none of the records is of a sampled transaction. */
  append(records: readonly NewRecord[]): Traced | undefined {
    const spans: Span[] = [];
    for (const record of records) {
      const parent = sampledContextOf(record);
      if (parent === undefined) continue;
      const attributes = { 'messaging.destination.name': record.topic };
      const name = `append ${record.topic}`;
      spans.push(this.#spans.begin({ name, kind: SpanKind.PRODUCER, parent, begun: wallClock(), attributes }));
    }
    return spans.length === 0 ? undefined : together(spans);
  }

  /**
   * A step that has been decided. Undefined when none of its commands is of a sampled transaction.
   * @param begun when deciding began, as `performance.now()` tells it
   */
  step(
    processor: string,
    batch: readonly LogRecord[],
    records: readonly NewRecord[],
    begun: number,
  ): StepTrace | undefined {
    if (!batch.some((record) => sampledContextOf(record) !== undefined)) return undefined;
    return new StepTrace(this.#spans, processor, batch, records, wallTimeOf(begun));
  }

  /** A batch that the projector has been given. */
  project({ records }: FollowBatch): Traced | undefined {
    const taken = wallClock();
    const spans: Span[] = [];
    for (const record of records) {
      const parent = sampledContextOf(record);
      if (parent === undefined) continue;
      this.#receive(record, parent, taken);
      const kind = SpanKind.CONSUMER;
      const attributes = placeOf(record);
      spans.push(this.#spans.begin({ name: `project ${record.topic}`, kind, parent, begun: taken, attributes }));
    }
    return spans.length === 0 ? undefined : together(spans);
  }

  /** A batch that a gateway has been given. */
  arrived({ topic, records }: FollowBatch): void {
    if (topic !== TRANSACTIONS) return;
    for (const record of records) {
      const context = sampledContextOf(record);
      const id = record.headers['ce_id'];
      if (context === undefined || id === undefined) continue;
      const { partition, offset, timestamp } = record;
      const written = { topic, partition, offset, timestamp };
      this.#arrived.set(id, { context, record: written, taken: wallClock(), received: false });
      if (this.#arrived.size <= MOST_ARRIVED) continue;
      for (const oldest of this.#arrived.keys()) {
        this.#arrived.delete(oldest);
        break;
      }
    }
  }

  /** A subscriber has been sent a status. @param since when it was there to be sent, as `performance.now()` tells it */
  pushed(transaction: TransactionRecord, since: number): void {
    const arrived = this.#arrived.get(statusId(transaction));
    if (arrived === undefined) return;
    const { context: parent, record, taken } = arrived;
    // Here alone, and once: every gateway reads every status, and all but one tell nobody.
    if (!arrived.received) this.#receive(record, parent, taken);
    arrived.received = true;
    this.#spans.over({
      name: `push ${transaction.status}`,
      kind: SpanKind.PRODUCER,
      parent,
      begun: wallTimeOf(since),
      ended: wallClock(),
      attributes: { 'counterfoil.transaction_id': transaction.id },
    });
  }

  #receive(record: Written, parent: SpanContext, ended: number): void {
    const name = `receive ${record.topic}`;
    const kind = SpanKind.CONSUMER;
    this.#spans.over({ name, kind, parent, begun: record.timestamp, ended, attributes: placeOf(record) });
  }
}

function together(spans: readonly Span[]): Traced {
  return {
    end() {
      const at = wallClock();
      for (const span of spans) end(span, at);
    },
    fail(error) {
      const at = wallClock();
      for (const span of spans) fail(span, error, at);
    },
  };
}
