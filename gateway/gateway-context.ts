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
}

export type CreateContext<C extends Asker> = (asker: Asker) => C;

export function contextOf(services: Services): CreateContext<Context> {
  return ({ viewer, traceparent }) => {
    const loaders = createLoaders(services.views, (dispatch) => turnsOf(context).afterwards(dispatch));
    const context: Context = { ...services, viewer, traceparent, loaders };
    return context;
  };
}

const TRACEPARENT = /^[\da-f]{2}-[\da-f]{32}-[\da-f]{16}-[\da-f]{2}$/;

/** The header, or undefined when there is none or it is malformed: it would be written to the log as it came. */
export function traceparentOf(headers: IncomingHttpHeaders): string | undefined {
  const value = headers['traceparent'];
  return typeof value === 'string' && TRACEPARENT.test(value) ? value : undefined;
}
