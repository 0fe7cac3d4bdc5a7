/** Makes spans with times of their own: most of what is told happened before it is known that it is to be told. */
import {
  type Attributes,
  type HrTime,
  type Link,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import type { Position } from '../log/event-log.ts';

/** Milliseconds since 1970, with fractions. */
export function wallClock(): number {
  const precise = performance.timeOrigin + performance.now();
  const now = Date.now();
  // The monotonic clock does not follow corrections of the system's, and a process may run for months.
  return Math.abs(precise - now) > 1 ? now : precise;
}

/** A time of this process's monotonic clock, `performance.now()`, in milliseconds since 1970. */
export function wallTimeOf(monotonic: number): number {
  return wallClock() - (performance.now() - monotonic);
}

export interface Spanned {
  readonly name: string;
  readonly kind?: SpanKind;
  readonly parent?: SpanContext | undefined;
  /** Milliseconds since 1970. */
  readonly begun: number;
  readonly attributes?: Attributes;
  readonly links?: readonly Link[];
}

export class Spans {
  readonly #tracer: Tracer;

  constructor(tracer: Tracer) {
    this.#tracer = tracer;
  }

  begin({ name, kind = SpanKind.INTERNAL, parent, begun, attributes = {}, links = [] }: Spanned): Span {
    const context = parent === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, parent);
    const options = { kind, startTime: hrTime(begun), attributes, links: [...links] };
    return this.#tracer.startSpan(name, options, context);
  }

  /** A span that is over already. */
  over({ ended, ...spanned }: Spanned & { readonly ended: number }): Span {
    const span = this.begin(spanned);
    // The time that a record was written has whole milliseconds, of another process's clock.
    span.end(hrTime(Math.max(ended, spanned.begun)));
    return span;
  }
}

/** Where a record stands, in the words of OpenTelemetry's semantic conventions. */
export function placeOf({ topic, partition, offset }: Position): Attributes {
  return {
    'messaging.destination.name': topic,
    'messaging.destination.partition.id': String(partition),
    'messaging.kafka.offset': offset,
  };
}

export function end(span: Span, at: number = wallClock()): void {
  span.end(hrTime(at));
}

/** The error's kind alone: its message may hold what a user has typed. */
export function fail(span: Span, error: unknown, at?: number): void {
  const kind = error instanceof Error ? error.name : 'Error';
  span.setAttribute('error.type', kind);
  span.setStatus({ code: SpanStatusCode.ERROR, message: kind });
  end(span, at);
}

/** Not as a number: one from before this process was started would be taken for a time since its start. */
function hrTime(ms: number): HrTime {
  const seconds = Math.floor(ms / 1000);
  return [seconds, Math.round((ms - seconds * 1000) * 1e6)];
}
