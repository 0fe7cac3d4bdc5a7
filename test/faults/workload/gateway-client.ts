/** One user's way to the gateways: mutations and queries over HTTP, subscriptions over one WebSocket per gateway. */
import { type Client, createClient } from 'graphql-ws';
import { SignJWT } from 'jose';
import WebSocket from 'ws';
import { VARIABLES } from '../../../server/variables.ts';
import { within } from '../../../waiting/within.ts';

export interface Gateway {
  readonly name: string;
  readonly url: string;
}

/** An answer's errors, or none came: `code` is `NO_ANSWER` then, and nobody knows what became of the request. */
export class RequestFailed extends Error {
  override readonly name = 'RequestFailed';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** The system's answer that it cannot answer now; what is asked is asked again. */
export const COME_AGAIN: ReadonlySet<string> = new Set(['NO_ANSWER', 'UNAVAILABLE']);

export const SECRET = 'the secret of the fault runs, which nobody has to keep';

/** Its users are few, and each does what a shop's customers do together. */
export const NO_LIMITS: Readonly<Record<string, string>> = Object.fromEntries(
  Object.keys(VARIABLES)
    .filter((name) => /^(RATE|MAX)_/.test(name))
    .map((name) => [name, '0']),
);

export function tokenOf(user: string): Promise<string> {
  return (
    new SignJWT({ roles: ['admin'] })
      .setProtectedHeader({ alg: 'HS256' })
      .setSubject(user)
      // Longer than any scenario's clock jumps ahead.
      .setExpirationTime('10y')
      .sign(new TextEncoder().encode(SECRET))
  );
}

interface Answer {
  // biome-ignore lint/suspicious/noExplicitAny: an answer's shape is the query's.
  readonly data?: any;
  readonly errors?: readonly { readonly message: string; readonly extensions?: { readonly code?: string } }[];
}

const ACK_TIMEOUT_MS = 5000;

/** One that is left while it connects emits an error that graphql-ws no longer listens to. */
class QuietSocket extends WebSocket {
  constructor(...args: ConstructorParameters<typeof WebSocket>) {
    super(...args);
    this.on('error', () => undefined);
  }
}

/** What failed, at which gateway. */
export interface Asked {
  readonly way: 'request' | 'subscription';
  readonly gateway: string;
  /** GraphQL. */
  readonly query: string;
}

/** Told of each request and each subscription that failed, whatever the client makes of it. */
export type OnFailure = (failure: RequestFailed, asked: Asked) => void;

interface Socket {
  readonly client: Client;
  /** Whether the gateway has accepted the connection under way, or the last one. */
  open: boolean;
}

export class GatewayClient {
  readonly user: string;
  readonly #token: string;
  readonly #onFailure: OnFailure;
  readonly #sockets = new Map<string, Socket>();

  constructor(user: string, token: string, onFailure: OnFailure = () => undefined) {
    this.user = user;
    this.#token = token;
    this.#onFailure = onFailure;
  }

  /** @throws {RequestFailed} */
  async request(gateway: Gateway, query: string, variables: object, timeoutMs: number): Promise<Answer['data']> {
    try {
      return await this.#request(gateway, query, variables, timeoutMs);
    } catch (error) {
      if (error instanceof RequestFailed) this.#onFailure(error, { way: 'request', gateway: gateway.name, query });
      throw error;
    }
  }

  async #request(gateway: Gateway, query: string, variables: object, timeoutMs: number): Promise<Answer['data']> {
    let answer: Answer;
    try {
      const response = await fetch(`${gateway.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${this.#token}` },
        body: JSON.stringify({ query, variables }),
        signal: AbortSignal.timeout(timeoutMs),
      });
      answer = (await response.json()) as Answer;
    } catch (error) {
      throw new RequestFailed('NO_ANSWER', whyNone(error, timeoutMs));
    }
    throwErrors(answer);
    // Such as Node's own to a connection that took too long: nobody knows what became of the request.
    if (answer.data === undefined) throw new RequestFailed('NO_ANSWER', JSON.stringify(answer));
    return answer.data;
  }

  /** What a subscription sends, until it completes. @throws {RequestFailed} also when nothing came for `silenceMs` */
  async *subscribe(
    gateway: Gateway,
    query: string,
    variables: Record<string, unknown>,
    silenceMs: number,
  ): AsyncGenerator<Answer['data']> {
    const socket = this.#socket(gateway);
    const stream = socket.client.iterate({ query, variables });
    const silent = () => new RequestFailed('NO_ANSWER', `nothing came for ${silenceMs} ms`);
    try {
      for (;;) {
        const next = await within(silenceMs, silent, stream.next());
        if (next.done) return;
        const answer = next.value as Answer;
        throwErrors(answer);
        yield answer.data;
      }
    } catch (error) {
      const failure = error instanceof RequestFailed ? error : failureOf(error, socket.open);
      this.#onFailure(failure, { way: 'subscription', gateway: gateway.name, query });
      // A gateway that stands still does not notice that it is left: nor do those who share the socket with it.
      if (failure === error && failure.code === 'NO_ANSWER') this.#hangUp(gateway);
      throw failure;
    } finally {
      void stream.return?.()?.catch(() => undefined);
    }
  }

  close(): void {
    for (const { client } of this.#sockets.values()) client.terminate();
    this.#sockets.clear();
  }

  #socket(gateway: Gateway): Socket {
    const known = this.#sockets.get(gateway.name);
    if (known !== undefined) return known;
    const client = createClient({
      url: `${gateway.url.replace('http', 'ws')}/graphql`,
      webSocketImpl: QuietSocket,
      connectionParams: { authorization: `Bearer ${this.#token}` },
      connectionAckWaitTimeout: ACK_TIMEOUT_MS,
      retryAttempts: 0,
      onNonLazyError: () => undefined,
      on: {
        connecting: () => {
          socket.open = false;
        },
        connected: () => {
          socket.open = true;
        },
      },
    });
    const socket: Socket = { client, open: false };
    this.#sockets.set(gateway.name, socket);
    return socket;
  }

  #hangUp(gateway: Gateway): void {
    this.#sockets.get(gateway.name)?.client.terminate();
    this.#sockets.delete(gateway.name);
  }
}

function throwErrors({ errors }: Answer): void {
  const [error] = errors ?? [];
  if (error !== undefined) throw new RequestFailed(error.extensions?.code ?? 'NO_CODE', error.message);
}

/** As `answers.ts` of the rolling run knows them apart. */
export const NO_CONNECTION = 'no connection';
export const GIVEN_UP = 'given up after';

/** Why there is no answer: it was given up, nobody took the connection, or it broke with the request on its way. */
function whyNone(error: unknown, timeoutMs: number): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return `${GIVEN_UP} ${timeoutMs} ms`;
  const { cause } = error;
  const of = (name: string): unknown =>
    typeof cause === 'object' && cause !== null ? Reflect.get(cause, name) : undefined;
  // Refused; or reset before anything was sent, in the queue of a gateway that ended.
  if (of('syscall') === 'connect') return NO_CONNECTION;
  const code = of('code');
  return code === undefined ? error.message : `${error.message}: ${String(code)}`;
}

/** graphql-ws throws a list of errors for what was refused, and the socket's close event for what broke. */
function failureOf(error: unknown, wasOpen: boolean): RequestFailed {
  if (Array.isArray(error)) {
    try {
      throwErrors({ errors: error });
    } catch (refused) {
      if (refused instanceof RequestFailed) return refused;
    }
  }
  if (!wasOpen) return new RequestFailed('NO_ANSWER', NO_CONNECTION);
  const code: unknown = Reflect.get(Object(error), 'code');
  const why = code === undefined && error instanceof Error ? error.message : String(code);
  return new RequestFailed('NO_ANSWER', `the connection broke: ${why}`);
}
