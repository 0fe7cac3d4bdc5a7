/** What an operation's resolvers are given, made anew for each: both ways into the schema build it here. */
import type { IncomingHttpHeaders } from 'node:http';
import type { Context, Services, ViewerIdentity } from '../resolvers/context.ts';
import { createLoaders } from '../resolvers/loaders.ts';
import { turnsOf } from '../waiting/turns.ts';

/** What the gateway itself knows of an operation. */
export interface Asker {
  readonly viewer: ViewerIdentity;
  /** W3C trace context of the request, if it had one. */
  readonly traceparent: string | undefined;
  /** When the request came, `performance.now()`; undefined: with the operation. */
  readonly since?: number | undefined;
  /** Stands for the operation. Its context does not: Apollo executes with a copy of it. */
  readonly operation: object;
}

export type CreateContext<C extends Asker> = (asker: Asker) => C;

export function contextOf(services: Services): CreateContext<Context> {
  return (asker) => {
    const loaders = createLoaders(services.views, (dispatch) => turnsOf(asker.operation).afterwards(dispatch));
    return { ...services, ...asker, loaders };
  };
}

/** What stands for the operation in its context; a context that was not made by the gateway stands for itself. */
export function operationIn(context: unknown): object {
  if (typeof context !== 'object' || context === null) return {};
  const operation = 'operation' in context ? context.operation : undefined;
  return typeof operation === 'object' && operation !== null ? operation : context;
}

const TRACEPARENT = /^[\da-f]{2}-[\da-f]{32}-[\da-f]{16}-[\da-f]{2}$/;

/** The header, or undefined when there is none or it is malformed: it would be written to the log as it came. */
export function traceparentOf(headers: IncomingHttpHeaders): string | undefined {
  const value = headers['traceparent'];
  return typeof value === 'string' && TRACEPARENT.test(value) ? value : undefined;
}
