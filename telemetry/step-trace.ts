/**
 * The spans of one processor's step: for each of its commands whose transaction is sampled, how long it stood on the log, when
 * it was decided, and when that was committed. A step of several commands has a span of its own, with a link to each of
 * them, and they to it: what each waited for was the whole step.
 */
import { type Attributes, type Span, SpanKind } from '@opentelemetry/api';
import type { LogRecord, NewRecord } from '../log/event-log.ts';
import { PART, STATE } from '../records/state-record.ts';
import { TRANSACTIONS } from '../records/topics.ts';
import { end, fail, placeOf, type Spans, wallClock } from './spans.ts';
import { sampledContextOf, traceparentOf } from './trace-context.ts';

interface Command {
  readonly record: LogRecord;
  readonly commit: Span;
  /** The context of its `decide`, for the records that follow from it. */
  readonly traceparent: string;
}

export class StepTrace {
  /** The step's records; those that follow from a sampled command carry its trace on. */
  readonly records: readonly NewRecord[];
  readonly #commands: readonly Command[];
  readonly #step: Span | undefined;

  /** @param begun when deciding began, in ms since 1970; it is over now */
  constructor(
    spans: Spans,
    processor: string,
    batch: readonly LogRecord[],
    records: readonly NewRecord[],
    begun: number,
  ) {
    const decided = wallClock();
    const sampled = batch.flatMap((record) => {
      const context = sampledContextOf(record);
      return context === undefined ? [] : [{ record, context }];
    });
    if (batch.length > 1) {
      const attributes = { 'messaging.batch.message_count': batch.length, 'counterfoil.processor': processor };
      const links = sampled.map(({ context }) => ({ context }));
      this.#step = spans.begin({ name: `step ${processor}`, kind: SpanKind.CONSUMER, begun, attributes, links });
    }
    const links = this.#step?.isRecording() === true ? [{ context: this.#step.spanContext() }] : [];
    this.#commands = sampled.map(({ record, context: parent }) => {
      const type = record.headers['ce_type'] ?? '';
      const attributes = attributesOf(record);
      const kind = SpanKind.CONSUMER;
      const written = record.timestamp;
      spans.over({ name: `receive ${record.topic}`, kind, parent, begun: written, ended: begun, attributes });
      const decide = spans.over({ name: `decide ${type}`, kind, parent, begun, ended: decided, attributes, links });
      const commit = spans.begin({ name: `commit ${type}`, kind: SpanKind.PRODUCER, parent, begun: decided, links });
      return { record, commit, traceparent: traceparentOf(decide.spanContext()) };
    });
    this.records = carriedOn(records, this.#commands);
  }

  committed(): void {
    const at = wallClock();
    for (const { commit } of this.#commands) end(commit, at);
    if (this.#step !== undefined) end(this.#step, at);
  }

  fail(error: unknown): void {
    const at = wallClock();
    for (const { commit } of this.#commands) fail(commit, error, at);
    if (this.#step !== undefined) fail(this.#step, error, at);
  }
}

function attributesOf(record: LogRecord): Attributes {
  return { ...placeOf(record), 'counterfoil.transaction_id': record.headers['ce_transactionid'] ?? '' };
}

/** Events and follow-ups carry the trace of the command that caused them, statuses that of their transaction's last command. */
function carriedOn(records: readonly NewRecord[], commands: readonly Command[]): readonly NewRecord[] {
  const traces = new Traceparents(commands);
  return records.map((record) => {
    const traceparent = traces.of(record);
    return traceparent === undefined ? record : { ...record, headers: { ...record.headers, traceparent } };
  });
}

class Traceparents {
  readonly #byCommand = new Map<string | undefined, string>();
  readonly #byTransaction = new Map<string | undefined, string>();
  readonly #byEntity = new Map<string | undefined, string>();

  constructor(commands: readonly Command[]) {
    for (const { record, traceparent } of commands) {
      this.#byCommand.set(record.headers['ce_id'], traceparent);
      this.#byTransaction.set(record.headers['ce_transactionid'], traceparent);
      this.#byEntity.set(record.headers['ce_subject'], traceparent);
    }
  }

  of({ topic, headers }: NewRecord): string | undefined {
    const { ce_type: type, ce_causationid: cause } = headers;
    if (cause !== undefined) return this.#byCommand.get(cause);
    if (topic === TRANSACTIONS) return this.#byTransaction.get(headers['ce_transactionid']);
    // A state is of all commands that changed it in this step: it carries the trace of the last one.
    return type === STATE || type === PART ? this.#byEntity.get(headers['ce_subject']) : undefined;
  }
}
