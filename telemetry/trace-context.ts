/** W3C trace context, as it stands on records: `traceparent`, version 00. `tracestate` is not carried on. */
import { isSpanContextValid, type SpanContext, TraceFlags } from '@opentelemetry/api';
import type { LogRecord } from '../log/event-log.ts';

const TRACEPARENT = /^00-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})$/;

/** Undefined for none, and for what is malformed. */
export function contextOf(traceparent: string | undefined): SpanContext | undefined {
  const [, traceId, spanId, flags] = TRACEPARENT.exec(traceparent ?? '') ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  const context = { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true };
  return isSpanContextValid(context) ? context : undefined;
}

export function traceparentOf({ traceId, spanId, traceFlags }: SpanContext): string {
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
}

/** Only when sampled: then spans of it are wanted. */
export function sampledContextOf({ headers }: Pick<LogRecord, 'headers'>): SpanContext | undefined {
  const traceparent = headers['traceparent'];
  if (traceparent === undefined) return undefined;
  const context = contextOf(traceparent);
  return context !== undefined && (context.traceFlags & TraceFlags.SAMPLED) !== 0 ? context : undefined;
}

/** What a line of the log tells of the transaction that a record belongs to. */
export function idsOf({ headers }: Pick<LogRecord, 'headers'>): { transactionId?: string; traceId?: string } {
  const transactionId = headers['ce_transactionid'];
  const traceId = contextOf(headers['traceparent'])?.traceId;
  return {
    ...(transactionId === undefined ? {} : { transactionId }),
    ...(traceId === undefined ? {} : { traceId }),
  };
}
