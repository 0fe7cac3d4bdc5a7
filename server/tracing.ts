/** Whether traces are made, and how they are sent: the standard variables of OpenTelemetry, as far as this is decided here. */
import type { TracingConfiguration } from '../telemetry/tracing-configuration.ts';
import type { Read } from './variables.ts';

/** Undefined unless an exporter or an endpoint is named. */
export function readTracing(read: Read): TracingConfiguration | undefined {
  // The SDK reads them itself, and would take another sampler for one that is wrong: so they are checked here.
  read('OTEL_TRACES_SAMPLER');
  read('OTEL_TRACES_SAMPLER_ARG');
  const exporter = read('OTEL_TRACES_EXPORTER');
  const endpoint = read('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT') ?? read('OTEL_EXPORTER_OTLP_ENDPOINT');
  const protocol = read('OTEL_EXPORTER_OTLP_TRACES_PROTOCOL') ?? read('OTEL_EXPORTER_OTLP_PROTOCOL') ?? 'http/protobuf';
  if (read('OTEL_SDK_DISABLED') === 'true' || exporter === 'none') return undefined;
  if (exporter === undefined && endpoint === undefined) return undefined;
  return { exporter: exporter ?? 'otlp', protocol };
}
