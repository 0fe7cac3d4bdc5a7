/** Whether traces are made and where they go: the standard variables of OpenTelemetry, of which the SDK reads the rest itself. */

export interface TracingConfiguration {
  readonly exporter: 'otlp' | 'console';
  readonly protocol: 'http/protobuf' | 'http/json';
}
