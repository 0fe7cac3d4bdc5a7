/** A GraphQL server over the network: queries and mutations by fetch, subscriptions by graphql-transport-ws. */
import { setMaxListeners } from 'node:events';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { z } from 'zod';
import {
  dataOfResult,
  type Executor,
  type Operation,
  OperationFailed,
  Unreachable,
  type Variables,
} from '../import/executor.ts';
import { jitterAround } from '../waiting/back-off.ts';
import { pause } from '../waiting/pause.ts';
import { CommandFailed } from './failure.ts';

export interface RemoteOptions {
  /** `http://host:port`, with or without `/graphql`; below a path with a slash at its end, `https://shop.example/shop/`. */
  readonly url: string;
  readonly token?: string | undefined;
  /** How long one request may take. Default 30,000 ms. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
}

export interface RemoteExecutor extends Executor {
  close(): Promise<void>;
}

const TIMEOUT_MS = 30_000;
/** Between attempts to connect again, before jitter. graphql-ws's own pauses double without end: a server is back long before. */
const [FIRST_RETRY_MS, LONGEST_RETRY_MS] = [100, 2000];
/** `Date` has whole seconds: a clock that is off by less than this is taken for ours. */
const SKEW_MS = 2000;

const answer = z.object({
  // Without data: what is wrong with the request itself, or with who sends it.
  data: z.unknown().optional(),
  errors: z
    .array(
      z.object({
        message: z.string(),
        path: z.array(z.union([z.string(), z.number()])).optional(),
        extensions: z.record(z.string(), z.unknown()).nullish(),
      }),
    )
    .nonempty()
    .optional(),
});

export function createRemoteExecutor({ url, token, timeoutMs = TIMEOUT_MS, signal }: RemoteOptions): RemoteExecutor {
  const endpoint = endpointOf(url);
  const authorization = token === undefined ? undefined : `Bearer ${token}`;
  let skewMs = 0;
  // Each request under way listens to it.
  if (signal !== undefined) setMaxListeners(0, signal);

  const sockets = createClient({
    url: endpoint.href.replace(/^http/, 'ws'),
    webSocketImpl: WebSocket,
    retryAttempts: Number.POSITIVE_INFINITY,
    retryWait: (retries) => pause(jitterAround(Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** retries))),
    shouldRetry: () => true,
    keepAlive: 10_000,
    ...(authorization === undefined ? {} : { connectionParams: { authorization } }),
  });

  async function execute<T>(operation: Operation<T>, variables: Variables = {}): Promise<T> {
    const { limit, done } = limited(timeoutMs, signal);
    let body: string;
    let response: Response;
    try {
      response = await fetch(endpoint, {
        method: 'POST',
        headers: {
          accept: 'application/json',
          'content-type': 'application/json',
          ...(authorization === undefined ? {} : { authorization }),
        },
        body: JSON.stringify({ query: operation.document, variables }),
        signal: limit,
      });
      body = await response.text();
    } catch (error) {
      throw new Unreachable(`${endpoint.origin} cannot be reached: ${reasonOf(error)}`, { cause: error });
    } finally {
      done();
    }
    const date = Date.parse(response.headers.get('date') ?? '');
    if (Math.abs(date - Date.now()) > SKEW_MS) skewMs = date - Date.now();
    return dataOfResult(operation, readAnswer(endpoint, response.status, body));
  }

  async function* subscribe<T>(operation: Operation<T>, variables: Variables, until: AbortSignal): AsyncIterable<T> {
    if (until.aborted) return;
    const results = sockets.iterate({ query: operation.document, variables });
    const end = () => void results.return?.();
    until.addEventListener('abort', end, { once: true });
    try {
      for await (const result of results) yield dataOfResult(operation, result);
    } catch (error) {
      if (until.aborted) return;
      if (Array.isArray(error)) dataOfResult(operation, readAnswer(endpoint, 200, JSON.stringify({ errors: error })));
      throw error instanceof OperationFailed
        ? error
        : new OperationFailed(`the subscription ended: ${reasonOf(error)}`);
    } finally {
      until.removeEventListener('abort', end);
    }
  }

  return {
    execute,
    subscribe,
    now: () => Date.now() + skewMs,
    // It rejects with what ends an attempt to connect that is under way: nobody waits for that any more.
    close: () => Promise.resolve(sockets.dispose()).catch(() => undefined),
  };
}

/**
 * A signal for one request, aborted after so many ms or with the caller's. `done` takes it off the caller's again:
 * `AbortSignal.any` would leave something of each request behind for as long as that signal lives.
 */
function limited(timeoutMs: number, signal: AbortSignal | undefined): { limit: AbortSignal; done(): void } {
  const controller = new AbortController();
  const abort = () => controller.abort(signal?.reason);
  const timer = setTimeout(() => controller.abort(new DOMException('', 'TimeoutError')), timeoutMs);
  if (signal?.aborted) abort();
  signal?.addEventListener('abort', abort, { once: true });
  return {
    limit: controller.signal,
    done: () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    },
  };
}

function endpointOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new CommandFailed(`--url is ${JSON.stringify(text)}: it must be the server's, such as http://127.0.0.1:4000`);
  }
  // Below BASE_PATH: `https://shop.example/shop/`.
  if (url.pathname.endsWith('/')) url.pathname += 'graphql';
  return url;
}

function readAnswer(endpoint: URL, status: number, body: string): z.infer<typeof answer> {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    json = undefined;
  }
  const parsed = answer.safeParse(json);
  if (parsed.success) return parsed.data;
  if (status >= 500) throw new Unreachable(`${endpoint.origin} answers with status ${status}`);
  throw new OperationFailed(`${endpoint.href} does not speak GraphQL (status ${status}): check --url`);
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) {
    const reason: unknown = Reflect.get(Object(error), 'reason') ?? Reflect.get(Object(error), 'message');
    return typeof reason === 'string' && reason !== '' ? reason : 'the connection was closed';
  }
  if (error.name === 'TimeoutError') return 'it did not answer in time';
  // What fetch throws says only "fetch failed"; its cause says why, and may be one error for each address tried.
  const { cause } = error;
  const inner: unknown = cause instanceof AggregateError ? cause.errors[0] : cause;
  return inner instanceof Error && inner.message !== '' ? inner.message : error.message;
}
