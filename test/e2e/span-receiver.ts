/** A collector on loopback: takes spans over OTLP/HTTP as JSON, and keeps them by trace. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  /** Milliseconds since 1970, with fractions. */
  readonly begun: number;
  readonly ended: number;
  /** `service.name` of the process that made it. */
  readonly service: string;
  readonly process: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
}

export interface SpanReceiver extends AsyncDisposable {
  /** For `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  readonly url: string;
  readonly spans: readonly ReceivedSpan[];
  /** What came that is no JSON: type and length of each request's body. */
  readonly others: readonly { readonly type: string; readonly bytes: number }[];
}

export async function receiveSpans(): Promise<SpanReceiver> {
  const spans: ReceivedSpan[] = [];
  const others: { type: string; bytes: number }[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const type = request.headers['content-type'] ?? '';
    if (type === 'application/json') spans.push(...spansIn(JSON.parse(body.toString())));
    else others.push({ type, bytes: body.length });
    response.setHeader('content-type', type).end(type === 'application/json' ? '{}' : '');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    others,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

// biome-ignore lint/suspicious/noExplicitAny: OTLP's JSON, of which a test reads a part.
function* spansIn({ resourceSpans }: any): Iterable<ReceivedSpan> {
  for (const { resource, scopeSpans } of resourceSpans) {
    const of = attributesOf(resource.attributes);
    for (const { spans } of scopeSpans) {
      for (const { startTimeUnixNano, endTimeUnixNano, attributes, links = [], ...span } of spans) {
        yield {
          ...span,
          links,
          begun: Number(BigInt(startTimeUnixNano) / 1000n) / 1000,
          ended: Number(BigInt(endTimeUnixNano) / 1000n) / 1000,
          service: String(of['service.name']),
          process: String(of['service.instance.id']),
          attributes: attributesOf(attributes),
        };
      }
    }
  }
}

interface Attribute {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

function attributesOf(attributes: readonly Attribute[] = []): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));
}
