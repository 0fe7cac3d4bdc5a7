/**
 * Loads OpenTelemetry's SDK and the exporter, and only then: a process that makes no traces has neither. The SDK itself reads
 * `OTEL_*` for what is not said here: endpoint, headers, sampler, batches, limits, attributes of the resource.
 */
import { hostname } from 'node:os';
import { DiagLogLevel, diag } from '@opentelemetry/api';
import type { SpanExporter } from '@opentelemetry/sdk-trace-base';
import type { Logger } from 'pino';
import { within } from '../waiting/within.ts';
import { Traces } from './traces.ts';
import type { TracingConfiguration } from './tracing-configuration.ts';

export interface OpenedTraces {
  readonly traces: Traces;
  /** Sends what is still here; gives up after a while. */
  close(): Promise<void>;
}

/** A collector that is gone must not keep the process from ending. */
const CLOSE_WITHIN_MS = 3000;

/** @param name of this process, unless `OTEL_SERVICE_NAME` gives another: traces show by it where a hop was */
export async function openTraces(
  configuration: TracingConfiguration,
  name: string,
  logger: Logger,
): Promise<OpenedTraces> {
  const { BasicTracerProvider, BatchSpanProcessor } = await import('@opentelemetry/sdk-trace-base');
  const { defaultResource, detectResources, envDetector, resourceFromAttributes } = await import(
    '@opentelemetry/resources'
  );
  const warn = (message: string, ...more: unknown[]) => logger.warn({ more }, `OpenTelemetry: ${message}`);
  const nothing = () => undefined;
  const told = { error: warn, warn, info: nothing, debug: nothing, verbose: nothing };
  diag.setLogger(told, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
  const own = resourceFromAttributes({
    'service.name': name,
    'service.instance.id': `${hostname()}-${process.pid}`,
  });
  const given = detectResources({ detectors: [envDetector] });
  const provider = new BasicTracerProvider({
    resource: defaultResource().merge(own).merge(given),
    spanProcessors: [new BatchSpanProcessor(await exporterOf(configuration))],
  });
  return {
    traces: new Traces(provider.getTracer('counterfoil')),
    close: () =>
      within(CLOSE_WITHIN_MS, 'sending the last spans', provider.shutdown()).catch((error: unknown) =>
        logger.warn({ err: error }, 'some spans were not sent'),
      ),
  };
}

async function exporterOf({ exporter, protocol }: TracingConfiguration): Promise<SpanExporter> {
  if (exporter === 'console') return new (await import('@opentelemetry/sdk-trace-base')).ConsoleSpanExporter();
  return protocol === 'http/json'
    ? new (await import('@opentelemetry/exporter-trace-otlp-http')).OTLPTraceExporter()
    : new (await import('@opentelemetry/exporter-trace-otlp-proto')).OTLPTraceExporter();
}
