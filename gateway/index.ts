/** The gateway's door to `main.ts`: the schema with its resolvers, served. */
import type { GraphQLSchema } from 'graphql';
import type { Context, Services } from '../resolvers/context.ts';
import { resolvers } from '../resolvers/index.ts';
import { contextOf } from './gateway-context.ts';
import { executableSchema } from './schema.ts';
import { type HttpOptions, type HttpService, serve } from './server.ts';

export { createFormatError } from './format-error.ts';
export { contextOf } from './gateway-context.ts';
export type { PartReport, ReadinessReport } from './probes.ts';
export { type HttpOptions, type HttpService, serveProbes } from './server.ts';

let built: GraphQLSchema | undefined;

/** The schema with its resolvers, as it is served: built once per process, when it is first asked for. */
export function serviceSchema(): GraphQLSchema {
  built ??= executableSchema(resolvers);
  return built;
}

export interface GatewayOptions extends HttpOptions {
  /** Asked for every operation; undefined only while `awaited` says what is waited for. */
  services(): Services | undefined;
  /** What GraphQL waits for before it answers, in a line; undefined: nothing, it is open. */
  awaited(): string | undefined;
}

/** Serves API, page and probes until it is drained or closed. @throws {ConfigurationError} when it cannot listen there */
export function startGateway({ services, ...options }: GatewayOptions): Promise<HttpService> {
  return serve({
    ...options,
    schema: serviceSchema(),
    context(asker): Context {
      const opened = services();
      if (opened === undefined) throw new Error('an operation came before the services were there');
      return contextOf(opened)(asker);
    },
  });
}
